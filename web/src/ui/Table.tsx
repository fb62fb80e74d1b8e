/**
 * A table with keyboard navigation, sorting and selection.
 *
 * `<Table aria-label="…"><TableHeader><Column isRowHeader>…</Column></TableHeader><TableBody items={…}>{(item) =>
 * <Row><Cell>…</Cell></Row>}</TableBody></Table>`
 */
import type { ReactNode } from 'react'
import {
  Cell as AriaCell,
  type CellProps,
  Column as AriaColumn,
  type ColumnProps,
  Row as AriaRow,
  type RowProps,
  Table as AriaTable,
  TableBody as AriaTableBody,
  TableHeader as AriaTableHeader,
  type TableBodyProps,
  type TableProps,
} from 'react-aria-components'
import { cx } from './cx.ts'
import { Icon } from './icons.tsx'

export const TableHeader = AriaTableHeader

/** Scrolls inside its frame where the page is narrower. */
export function Table(props: Omit<TableProps, 'className' | 'style'>): ReactNode {
  return (
    <div className="overflow-x-auto rounded-xl border border-line bg-surface">
      <AriaTable {...props} className="w-full border-collapse text-left text-sm outline-none" />
    </div>
  )
}

export function Column({
  children,
  ...props
}: Omit<ColumnProps, 'className' | 'style' | 'children'> & { children: ReactNode }): ReactNode {
  return (
    <AriaColumn
      {...props}
      className="border-b border-line bg-sunken/60 px-4 py-2.5 text-xs font-medium whitespace-nowrap text-muted data-allows-sorting:cursor-pointer data-focus-visible:-outline-offset-2"
    >
      {({ allowsSorting, sortDirection }) => (
        <span className="inline-flex items-center gap-1">
          {children}
          {allowsSorting && sortDirection && (
            <Icon name={sortDirection === 'ascending' ? 'chevronUp' : 'chevronDown'} size={14} />
          )}
        </span>
      )}
    </AriaColumn>
  )
}

export function TableBody<Item extends object>(props: TableBodyProps<Item>): ReactNode {
  return <AriaTableBody {...props} className="divide-y divide-line" />
}

export function Row<Item extends object>(props: Omit<RowProps<Item>, 'className' | 'style'>): ReactNode {
  return (
    <AriaRow
      {...props}
      className="group transition-colors data-focus-visible:-outline-offset-2 data-hovered:bg-sunken/50 data-selected:bg-accent-soft data-href:cursor-pointer"
    />
  )
}

export function Cell({
  align = 'start',
  ...props
}: Omit<CellProps, 'className' | 'style'> & { align?: 'start' | 'end' }): ReactNode {
  return (
    <AriaCell
      {...props}
      className={cx(
        'px-4 py-3 align-middle data-focus-visible:-outline-offset-2',
        align === 'end' && 'text-right tabular-nums',
      )}
    />
  )
}
