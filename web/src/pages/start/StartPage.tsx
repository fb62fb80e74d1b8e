/** What every page before signing in has: a heading, a sentence, and a form or what to do instead. */
import type { ReactNode } from 'react'
import { useHeading } from '../../heading.ts'
import { Icon, type IconName } from '../../ui/icons.tsx'

type Props = {
  title: string
  text?: ReactNode
  children?: ReactNode
  /** Marks a page that ends here: done, or not possible. */
  icon?: IconName
  tone?: 'good' | 'bad'
}

export function StartPage({ title, text, children, icon, tone = 'good' }: Props): ReactNode {
  const heading = useHeading(title)
  return (
    <div className="flex flex-col gap-6">
      <div>
        {icon && (
          <span
            className={`mb-4 grid size-12 place-items-center rounded-full ${tone === 'good' ? 'bg-accent-soft text-accent-ink' : 'bg-warning-soft text-warning'}`}
          >
            <Icon name={icon} size={24} />
          </span>
        )}
        <h1 ref={heading} tabIndex={-1} className="text-2xl">
          {title}
        </h1>
        {text && <div className="mt-2 flex flex-col gap-2 text-muted">{text}</div>}
      </div>
      {children}
    </div>
  )
}

/** A command to be typed on the server's machine. */
export function Command({ children }: { children: string }): ReactNode {
  return (
    <code
      tabIndex={0}
      className="block rounded-lg bg-sunken px-3 py-2.5 font-mono text-sm wrap-anywhere text-ink ring-1 ring-line ring-inset"
    >
      {children}
    </code>
  )
}
