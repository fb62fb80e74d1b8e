/** The entry: a language first, then the app; all of it anew when the language changes. */
import './styles.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './App.tsx'
import { language, onLanguageChange, preferredLanguage, speak } from './i18n.tsx'

const root = createRoot(document.getElementById('app') ?? document.body)

function render(): void {
  root.render(
    <StrictMode>
      <App key={language()} />
    </StrictMode>,
  )
}

await speak(preferredLanguage())
onLanguageChange(render)
render()
