/** Buttons. One primary action per view; `quiet` for what stands beside content; `danger` for what cannot be undone. */
import type { ReactNode } from 'react'
import { Button as AriaButton, type ButtonProps as AriaButtonProps, ProgressBar } from 'react-aria-components'
import { t } from '../i18n.tsx'
import { cx } from './cx.ts'
import { Icon, type IconName } from './icons.tsx'

export type ButtonVariant = 'primary' | 'secondary' | 'quiet' | 'danger'
export type ButtonSize = 'medium' | 'small'

export type ButtonProps = Omit<AriaButtonProps, 'className' | 'style' | 'children'> & {
  variant?: ButtonVariant
  size?: ButtonSize
  icon?: IconName
  children: ReactNode
  className?: string
}

const variants: Record<ButtonVariant, string> = {
  primary: 'bg-accent text-on-accent hover:bg-accent-strong data-pressed:bg-accent-strong',
  secondary:
    'border border-line-strong/60 bg-surface text-ink shadow-low hover:border-line-strong hover:bg-sunken',
  quiet: 'text-ink hover:bg-sunken data-pressed:bg-sunken',
  danger: 'bg-danger text-surface hover:bg-danger-strong data-pressed:bg-danger-strong',
}
const sizes: Record<ButtonSize, string> = {
  medium: 'min-h-10 px-4 text-sm pointer-coarse:min-h-11',
  small: 'min-h-8 px-2.5 text-sm pointer-coarse:min-h-11',
}

/** Also for links that look like buttons, see `ButtonLink`. */
export function buttonClass(variant: ButtonVariant = 'secondary', size: ButtonSize = 'medium'): string {
  return cx(
    'relative inline-flex shrink-0 items-center justify-center gap-2 rounded-lg font-medium whitespace-nowrap transition-colors select-none data-disabled:opacity-50 data-disabled:cursor-not-allowed',
    variants[variant],
    sizes[size],
  )
}

/** While `isPending` it keeps its size and focus, shows that it works, and cannot be pressed. */
export function Button({ variant, size, icon, children, className, ...props }: ButtonProps): ReactNode {
  return (
    <AriaButton {...props} className={cx(buttonClass(variant, size), className)}>
      {({ isPending }) => (
        <>
          <span className={cx('inline-flex items-center gap-2', isPending && 'invisible')}>
            {icon && <Icon name={icon} size={18} />}
            {children}
          </span>
          {isPending && <Spinner />}
        </>
      )}
    </AriaButton>
  )
}

function Spinner(): ReactNode {
  return (
    <ProgressBar
      isIndeterminate
      aria-label={t('ui.working')}
      className="absolute inset-0 grid place-items-center"
    >
      <svg viewBox="0 0 20 20" width="18" height="18" className="animate-spin" aria-hidden="true">
        <circle cx="10" cy="10" r="7.500" fill="none" stroke="currentColor" strokeWidth="2" opacity=".3" />
        <path
          d="M10 2.500a7.500 7.500 0 0 1 7.500 7.500"
          fill="none"
          stroke="currentColor"
          strokeWidth="2"
          strokeLinecap="round"
        />
      </svg>
    </ProgressBar>
  )
}
