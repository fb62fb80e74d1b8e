/**
 * The calendar's grid: days of a month, or hours of a week.
 *
 * Arrow keys go from cell to cell, also beyond what is shown; Enter begins a new post there, Tab leads to the entries of
 * the cell. Cells take what is dropped on them.
 */
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { createFormat } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { cx } from '../../ui/cx.ts'
import type { Post } from '../posts/states.tsx'
import { Cell, DayCost, DayNumber } from './Cell.tsx'
import { cellAfter, dayOf, type Hours, type Row, timeIn } from './cells.ts'
import { instantOf } from './days.ts'
import { byCell, type Entry } from './entries.ts'

type Props = {
  view: 'month' | 'week'
  rows: readonly Row[]
  hours: Hours
  /** The one that is looked at. */
  day: string
  /** Wall time of now. */
  now: string
  entries: readonly Entry[]
  /** What days to come will cost. */
  costs: ReadonlyMap<string, string>
  networksOf: (post: Post) => readonly string[]
  mayWrite: boolean
  isBusy: boolean
  /** Another day is looked at, which is not shown yet. */
  onGo: (day: string) => void
  /** A new post is begun in a cell. */
  onBegin: (cell: string) => void
  onMove: (post: Post) => void
  onDrop: (post: Post, at: string) => void
}

export function Grid({
  view,
  rows,
  hours,
  day,
  now,
  entries,
  costs,
  onGo,
  onBegin,
  onDrop,
  ...rest
}: Props): ReactNode {
  const table = useRef<HTMLTableElement>(null)
  const { active, setActive, walk } = useWalk(table, rows, preferredCell(view, day, now, hours))
  const cellLength = view === 'month' ? 10 : 13
  const inCells = byCell(entries, cellLength)
  const format = createFormat('UTC')
  const press = (event: KeyboardEvent) => {
    const cell = (event.target as Element).closest<HTMLElement>('[data-cell]')
    if (!cell || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return
    const at = cell.dataset['cell'] ?? ''
    if (event.key === 'Enter' && event.target === cell) return onBegin(at)
    const next = cellAfter(at, event.key, hours)
    if (next === null) return
    event.preventDefault()
    walk(next)
    if (!rows.some(({ cells }) => cells.includes(next))) onGo(dayOf(next))
  }
  const drop = (cell: string, postId: string) => {
    const entry = entries.find(({ post }) => post.id === postId)
    if (!entry || entry.wall.startsWith(cell)) return
    onDrop(entry.post, timeIn(cell, entry.wall.slice(11)))
  }
  return (
    <div className="overflow-clip rounded-xl border border-line bg-surface shadow-low">
      <table
        ref={table}
        role="grid"
        aria-label={t('calendar.caption')}
        aria-busy={rest.isBusy}
        onKeyDown={press}
        className="w-full table-fixed border-separate border-spacing-0"
      >
        <thead>
          <tr>
            {view === 'week' && <td className="sticky top-14 z-10 w-14 border-b border-line bg-surface" />}
            {rows[0]?.cells.map((cell) => (
              <th
                key={dayOf(cell)}
                scope="col"
                className={cx(
                  'sticky top-14 z-10 border-b border-line bg-surface px-2 py-2 text-left text-xs font-medium text-muted',
                  view === 'week' && 'border-l',
                )}
              >
                <span className="flex items-center gap-1.5">
                  {format.weekday(instantOf(dayOf(cell)))}
                  {view === 'week' && <DayNumber day={dayOf(cell)} now={now} isQuiet={false} />}
                </span>
                {view === 'week' && <DayCost cost={costs.get(dayOf(cell))} />}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ hour, cells }) => (
            <tr key={cells[0]}>
              {hour !== null && (
                <th
                  scope="row"
                  className="border-b border-line px-2 py-1.5 text-right align-top text-xs font-normal text-muted tabular-nums [tr:last-child>&]:border-b-0"
                >
                  {hour}:00
                </th>
              )}
              {cells.map((cell) => (
                <Cell
                  key={cell}
                  cell={cell}
                  now={now}
                  month={view === 'month' ? day.slice(0, 7) : null}
                  entries={inCells.get(cell) ?? []}
                  cost={view === 'month' ? costs.get(cell) : undefined}
                  isActive={cell === active}
                  onFocus={setActive}
                  onBegin={onBegin}
                  onDrop={drop}
                  {...rest}
                />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** Where the Tab key enters the grid first. */
function preferredCell(view: Props['view'], day: string, now: string, { first, last }: Hours): string {
  if (view === 'month') return day
  const hour = day === now.slice(0, 10) ? Number(now.slice(11, 13)) : 9
  return `${day}T${String(Math.min(last, Math.max(first, hour))).padStart(2, '0')}`
}

/** The one cell in the order of the Tab key, and moving the focus to another, which may have to be shown first. */
function useWalk(table: { current: HTMLTableElement | null }, rows: readonly Row[], preferred: string) {
  const [walkedTo, setActive] = useState(preferred)
  const target = useRef<string | null>(null)
  const isShown = (cell: string) => rows.some(({ cells }) => cells.includes(cell))
  useEffect(() => {
    if (target.current === null) return
    const cell = table.current?.querySelector<HTMLElement>(`[data-cell="${target.current}"]`)
    if (!cell) return
    target.current = null
    cell.focus()
  })
  return {
    active: isShown(walkedTo) ? walkedTo : preferred,
    setActive,
    walk: (cell: string) => {
      target.current = cell
      setActive(cell)
    },
  }
}
