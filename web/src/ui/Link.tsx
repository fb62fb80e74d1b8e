/** Links. `Link` goes to a page of the app, typed by the route table; `ExternalLink` leaves it. */
import { createLink, type LinkComponent } from '@tanstack/react-router'
import type { AnchorHTMLAttributes, ReactNode, Ref } from 'react'
import { t } from '../i18n.tsx'
import { type ButtonSize, type ButtonVariant, buttonClass } from './Button.tsx'
import { cx } from './cx.ts'
import { Icon, type IconName } from './icons.tsx'

type AnchorProps = AnchorHTMLAttributes<HTMLAnchorElement> & { ref?: Ref<HTMLAnchorElement> }

export const linkClass =
  'rounded-sm font-medium text-accent-ink underline decoration-accent/40 underline-offset-3 hover:decoration-accent'

function TextAnchor({ className, ...props }: AnchorProps): ReactNode {
  return <a {...props} className={cx(linkClass, className)} />
}

type ButtonAnchorProps = AnchorProps & { variant?: ButtonVariant; size?: ButtonSize; icon?: IconName }

function ButtonAnchor({ variant, size, icon, children, className, ...props }: ButtonAnchorProps): ReactNode {
  return (
    <a {...props} className={cx(buttonClass(variant, size), className)}>
      {icon && <Icon name={icon} size={18} />}
      {children}
    </a>
  )
}

/** `<Link to="/posts/$postId" params={{ postId }}>` */
export const Link: LinkComponent<typeof TextAnchor> = createLink(TextAnchor)
/** A link that looks like a button. */
export const ButtonLink: LinkComponent<typeof ButtonAnchor> = createLink(ButtonAnchor)

export function ExternalLink({ href, children }: { href: string; children: ReactNode }): ReactNode {
  return (
    <a
      href={href}
      target="_blank"
      rel="noreferrer"
      className={cx(linkClass, 'inline-flex items-center gap-1')}
    >
      {children}
      <Icon name="external" size={14} />
      <span className="sr-only">{t('ui.opensNewTab')}</span>
    </a>
  )
}
