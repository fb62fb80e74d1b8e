/** The initials of a person. Decorative: the name always stands beside it. */
import type { ReactNode } from 'react'
import { cx } from './cx.ts'

export function Avatar({ name, size = 'medium' }: { name: string; size?: 'small' | 'medium' }): ReactNode {
  return (
    <span
      aria-hidden="true"
      className={cx(
        'inline-grid shrink-0 place-items-center rounded-full bg-accent-soft font-semibold text-accent-ink',
        size === 'small' ? 'size-7 text-xs' : 'size-9 text-sm',
      )}
    >
      {initials(name)}
    </span>
  )
}

function initials(name: string): string {
  const words = name.trim().split(/\s+/)
  const first = [...(words[0] ?? '')][0] ?? '?'
  const last = words.length > 1 ? ([...(words.at(-1) ?? '')][0] ?? '') : ''
  return (first + last).toUpperCase()
}
