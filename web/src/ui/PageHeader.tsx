/** The heading of a page; it gets the focus on navigation and names the browser's tab. */
import type { ReactNode } from 'react'
import { useHeading } from '../heading.ts'

type Props = {
  title: string
  description?: ReactNode
  actions?: ReactNode
  /** A link back to the page above. */
  back?: ReactNode
}

export function PageHeader({ title, description, actions, back }: Props): ReactNode {
  const heading = useHeading(title)
  return (
    <header className="mb-6 flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
      <div className="min-w-0 flex-1 basis-64">
        {back && <div className="mb-1.5 text-sm">{back}</div>}
        <h1 ref={heading} tabIndex={-1} className="text-2xl wrap-anywhere">
          {title}
        </h1>
        {description && <p className="mt-1 max-w-prose text-muted">{description}</p>}
      </div>
      {actions && <div className="flex flex-wrap gap-2.5">{actions}</div>}
    </header>
  )
}
