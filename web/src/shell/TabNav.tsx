/** Pages of one area, as tabs that are links. */
import { Link as RouterLink, type LinkProps, useLocation } from '@tanstack/react-router'
import { type ReactNode, useEffect, useRef } from 'react'
import { tabClass } from '../ui/tabClass.ts'

type Props = {
  label: string
  pages: ReadonlyArray<{ to: NonNullable<LinkProps['to']>; text: string; isExact?: boolean }>
}

export function TabNav({ label, pages }: Props): ReactNode {
  const list = useRef<HTMLUListElement>(null)
  const path = useLocation({ select: ({ pathname }) => pathname })
  // On a phone the tabs do not fit; the one that is open must be among those that show.
  useEffect(() => {
    list.current?.querySelector('[aria-current=page]')?.scrollIntoView({ block: 'nearest', inline: 'center' })
  }, [path])
  return (
    <nav aria-label={label} className="mb-6 border-b border-line">
      <ul ref={list} className="-mb-px flex gap-5 overflow-x-auto lg:gap-4">
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
