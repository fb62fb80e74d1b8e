/** Pages of one area, as tabs that are links. */
import { Link as RouterLink, type LinkProps } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { tabClass } from '../ui/tabClass.ts'

type Props = {
  label: string
  pages: ReadonlyArray<{ to: NonNullable<LinkProps['to']>; text: string; isExact?: boolean }>
}

export function TabNav({ label, pages }: Props): ReactNode {
  return (
    <nav aria-label={label} className="mb-6 border-b border-line">
      <ul className="-mb-px flex gap-5 overflow-x-auto">
        {pages.map(({ to, text, isExact }) => (
          <li key={to}>
            <RouterLink to={to} activeOptions={{ exact: isExact ?? false }} className={tabClass}>
              {text}
            </RouterLink>
          </li>
        ))}
      </ul>
    </nav>
  )
}
