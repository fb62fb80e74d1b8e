/** A framed part of a page, with a heading where it has one. */
import type { ReactNode } from 'react'
import { cx } from './cx.ts'

type Props = {
  title?: ReactNode
  description?: ReactNode
  /** Buttons at the right of the heading. */
  actions?: ReactNode
  children?: ReactNode
  /** For lists and tables that reach to the frame. */
  isFlush?: boolean
}

export function Card({ title, description, actions, children, isFlush = false }: Props): ReactNode {
  return (
    <section className="overflow-hidden rounded-xl border border-line bg-surface shadow-low">
      {title && (
        <header
          className={cx(
            'flex flex-wrap items-start justify-between gap-x-4 gap-y-3 px-5 pt-4',
            children ? 'pb-1' : 'pb-4',
          )}
        >
          <div className="min-w-48 flex-1">
            <h2 className="text-base font-semibold">{title}</h2>
            {description && <p className="mt-0.5 max-w-prose text-sm text-muted">{description}</p>}
          </div>
          {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
        </header>
      )}
      {children && (
        <div
          className={cx(
            isFlush ? (title ? 'mt-3 border-t border-line' : '') : 'p-5',
            !isFlush && !!title && 'pt-4',
          )}
        >
          {children}
        </div>
      )}
    </section>
  )
}
