/** The place where toasts appear; a root of its own, made with the first of them. */
import { createRoot } from 'react-dom/client'
import { Toaster, toast } from 'sonner'
import { t } from '../i18n.tsx'

const place = document.body.appendChild(document.createElement('div'))
// A dialog hides the rest of the page from screen readers; what happened must still be read out.
place.dataset['reactAriaTopLayer'] = 'true'
createRoot(place).render(
  <Toaster
    position="bottom-right"
    containerAriaLabel={t('ui.toasts')}
    mobileOffset={{ bottom: '5rem' }}
    toastOptions={{
      style: {
        background: 'var(--raised)',
        color: 'var(--ink)',
        border: '1px solid var(--line)',
        borderRadius: '0.75rem',
        boxShadow: 'var(--shadow-high)',
        fontFamily: 'inherit',
        fontSize: '0.875rem',
      },
      classNames: { description: 'text-muted!', actionButton: 'bg-accent! text-on-accent!' },
    }}
  />,
)
// Its first render must have happened before the first toast, which would be lost otherwise.
await new Promise((resolve) => setTimeout(resolve, 0))

export const sonner = toast
