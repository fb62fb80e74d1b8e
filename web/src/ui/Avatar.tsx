/** The initials of a person. Decorative: the name always stands beside it. */
import type { ReactNode } from 'react'
import { cx } from './cx.ts'

export function Avatar({ name, size = 'medium' }: { name: string; size?: 'small' | 'medium' }): ReactNode {
  return (
    <span
      aria-hidden="true"
      // Painted by the style sheet, so that they are no part of the name of a button they stand in.
      data-initials={initials(name)}
      className={cx(
        'inline-grid shrink-0 place-items-center rounded-full bg-accent-soft font-semibold text-accent-ink before:content-[attr(data-initials)]',
        size === 'small' ? 'size-7 text-xs' : 'size-9 text-sm',
      )}
    />
  )
}

function initials(name: string): string {
  const words = name.trim().split(/\s+/)
  const first = [...(words[0] ?? '')][0] ?? '?'
  const last = words.length > 1 ? ([...(words.at(-1) ?? '')][0] ?? '') : ''
  return (first + last).toUpperCase()
}
