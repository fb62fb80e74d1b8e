/** A day of the month or an hour of the week: what stands in it, and what can be done with it. */
import { type DragEvent, type MouseEvent, type ReactNode, useState } from 'react'
import { createFormat } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { cx } from '../../ui/cx.ts'
import { Icon } from '../../ui/icons.tsx'
import type { Post } from '../posts/states.tsx'
import { dayOf } from './cells.ts'
import { instantOf } from './days.ts'
import type { Entry } from './entries.ts'
import { dragType, EntryCard } from './EntryCard.tsx'

type Props = {
  cell: string
  now: string
  /** `2026-12` in a month's view, where days of other months stand back; null in a week's. */
  month: string | null
  entries: readonly Entry[]
  /** What the day will cost; undefined where nothing does. */
  cost: string | undefined
  networksOf: (post: Post) => readonly string[]
  mayWrite: boolean
  /** The one that is in the order of the Tab key, with all that is in it. */
  isActive: boolean
  onFocus: (cell: string) => void
  onBegin: (cell: string) => void
  onMove: (post: Post) => void
  onDrop: (cell: string, postId: string) => void
}

/** In a month's view a fuller day can be opened. */
const fewest = 3

export function Cell(props: Props): ReactNode {
  const {
    cell,
    now,
    month,
    entries,
    cost,
    networksOf,
    mayWrite,
    isActive,
    onFocus,
    onBegin,
    onMove,
    onDrop,
  } = props
  const [isOver, setOver] = useState(false)
  const [isOpen, setOpen] = useState(false)
  const isDay = month !== null
  const day = dayOf(cell)
  // Up to and including the hour that runs, or the day.
  const isPast = cell < now.slice(0, cell.length)
  const takes = mayWrite && !isPast
  // A cut of one would take as much room as the one it hides.
  const isCut = isDay && !isOpen && entries.length > fewest + 1
  const shown = isCut ? entries.slice(0, fewest) : entries
  const over = (event: DragEvent) => {
    if (!takes || !event.dataTransfer.types.includes(dragType)) return
    event.preventDefault()
    setOver(true)
  }
  const click = (event: MouseEvent) => {
    if (takes && !(event.target as Element).closest('a, button, [data-post]')) onBegin(cell)
  }
  const name = createFormat('UTC').day(instantOf(day))
  return (
    <td
      role="gridcell"
      data-cell={cell}
      tabIndex={isActive ? 0 : -1}
      aria-current={cell === now.slice(0, cell.length) ? (isDay ? 'date' : 'time') : undefined}
      onFocus={() => onFocus(cell)}
      onClick={click}
      onDragOver={over}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        setOver(false)
        onDrop(cell, event.dataTransfer.getData(dragType))
      }}
      className={cx(
        'group/cell relative border-b border-l border-line p-1 align-top transition-colors first:border-l-0 focus-visible:z-1 focus-visible:-outline-offset-2 [tr:last-child>&]:border-b-0',
        isDay ? 'h-30' : 'h-11',
        takes && 'cursor-pointer',
        isOver
          ? 'bg-accent-soft'
          : isPast || (isDay && !day.startsWith(month))
            ? 'bg-canvas'
            : takes && 'hover:bg-sunken/60',
        !isDay && !isOver && cell === now.slice(0, 13) && 'bg-accent-soft/60',
      )}
    >
      <span className="sr-only">
        {t('calendar.cell', {
          name: isDay ? name : t('calendar.hour', { day: name, hour: cell.slice(11) }),
          count: entries.length,
        })}
        {cost !== undefined && ` ${t('calendar.cost.of', { cost })}`}
      </span>
      {isDay && (
        <div aria-hidden="true" className="mb-1 flex min-h-6 items-center justify-between">
          <DayNumber day={day} now={now} isQuiet={isPast || !day.startsWith(month)} />
          {cost !== undefined && <span className="mr-1 ml-auto text-xs text-muted tabular-nums">{cost}</span>}
          {takes && <BeginMark />}
        </div>
      )}
      {!isDay && takes && entries.length === 0 && (
        <span className="absolute inset-0 grid place-items-center">
          <BeginMark />
        </span>
      )}
      {shown.length > 0 && (
        <ul className="flex flex-col gap-1">
          {shown.map((entry) => (
            <li key={entry.post.id}>
              <EntryCard
                entry={entry}
                networks={networksOf(entry.post)}
                mayWrite={mayWrite}
                onMove={onMove}
                lines={isDay ? 'one' : 'few'}
                isInTabOrder={isActive}
              />
            </li>
          ))}
        </ul>
      )}
      {isCut && (
        <button
          type="button"
          tabIndex={isActive ? 0 : -1}
          onClick={() => setOpen(true)}
          className="mt-1 w-full rounded-md px-2 py-1 text-left text-xs font-medium text-accent-ink hover:bg-sunken focus-visible:-outline-offset-2"
        >
          {t('calendar.more', { count: entries.length - shown.length })}
        </button>
      )}
    </td>
  )
}

/** A click anywhere on the free place begins a post; this only says so. */
function BeginMark(): ReactNode {
  return (
    <span
      aria-hidden="true"
      className="text-muted opacity-0 group-hover/cell:opacity-100 group-focus-visible/cell:opacity-100"
    >
      <Icon name="plus" size={16} />
    </span>
  )
}

export function DayNumber({ day, now, isQuiet }: { day: string; now: string; isQuiet: boolean }): ReactNode {
  const isToday = now.startsWith(day)
  return (
    <span
      className={cx(
        'grid size-6 place-items-center rounded-full text-xs tabular-nums',
        isToday ? 'bg-accent font-semibold text-on-accent' : isQuiet ? 'text-muted' : 'font-medium text-ink',
      )}
    >
      {Number(day.slice(8))}
      {isToday && <span className="sr-only"> ({t('calendar.today')})</span>}
    </span>
  )
}

/** What a day will cost, below its name. */
export function DayCost({ cost }: { cost: string | undefined }): ReactNode {
  if (cost === undefined) return null
  return (
    <span className="block font-normal tabular-nums">
      <span className="sr-only">{t('calendar.cost.of', { cost })}</span>
      <span aria-hidden="true">{cost}</span>
    </span>
  )
}
