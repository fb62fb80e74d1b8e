/** A list of things with actions in each row, with keyboard navigation; selectable where asked for. */
import type { ReactNode } from 'react'
import {
  GridList as AriaGridList,
  GridListItem as AriaGridListItem,
  type GridListItemProps,
  type GridListProps,
} from 'react-aria-components'

export function GridList<Item extends object>(
  props: Omit<GridListProps<Item>, 'className' | 'style'>,
): ReactNode {
  return (
    <AriaGridList
      {...props}
      className="divide-y divide-line overflow-hidden rounded-xl border border-line bg-surface outline-none"
    />
  )
}

export function GridListItem<Item extends object>(
  props: Omit<GridListItemProps<Item>, 'className' | 'style'>,
): ReactNode {
  return (
    <AriaGridListItem
      {...props}
      className="flex items-center gap-3 px-4 py-3 transition-colors data-focus-visible:-outline-offset-2 data-hovered:bg-sunken/50 data-selected:bg-accent-soft data-href:cursor-pointer"
    />
  )
}
