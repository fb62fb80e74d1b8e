/** The frame of the pages before signing in: the form at one side, the column at the other. */
import { Outlet } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { language, languages, speak, t } from '../../i18n.tsx'
import { Logo } from '../../ui/Logo.tsx'
import { ColumnArt } from './ColumnArt.tsx'

export function StartLayout(): ReactNode {
  return (
    <div className="min-h-dvh bg-surface lg:grid lg:grid-cols-[minmax(0,1fr)_minmax(0,0.8fr)]">
      <div className="flex min-h-dvh flex-col bg-surface">
        <header className="flex items-center justify-between px-5 py-5 sm:px-8">
          <Logo />
          <LanguageSwitch />
        </header>
        <main className="mx-auto flex w-full max-w-md flex-1 flex-col justify-center px-5 py-8 sm:px-0">
          <Outlet />
        </main>
      </div>
      <aside className="relative hidden overflow-hidden bg-[#07423d] text-white lg:block">
        <div className="sticky top-0 flex h-dvh flex-col justify-between p-12 pb-0">
          <p className="max-w-sm text-2xl leading-snug font-semibold text-balance">{t('start.claim')}</p>
          <ColumnArt />
        </div>
      </aside>
    </div>
  )
}

function LanguageSwitch(): ReactNode {
  return (
    <div role="group" aria-label={t('shell.language')} className="flex gap-1 text-sm">
      {languages.map(({ id, name }) => (
        <button
          key={id}
          type="button"
          lang={id}
          aria-pressed={language() === id}
          onClick={() => void speak(id)}
          className="min-h-9 rounded-lg px-2.5 text-muted hover:bg-sunken hover:text-ink aria-pressed:font-medium aria-pressed:text-ink aria-pressed:underline aria-pressed:underline-offset-4 pointer-coarse:min-h-11"
        >
          {name}
        </button>
      ))}
    </div>
  )
}
