/** Weeks as rows of days. A day takes what is dropped on it, and begins a new post. */
import { Link as RouterLink } from '@tanstack/react-router'
import { type DragEvent, type ReactNode, useState } from 'react'
import { useFormat } from '../../format.ts'
import { language, t } from '../../i18n.tsx'
import { cx } from '../../ui/cx.ts'
import { Icon } from '../../ui/icons.tsx'
import type { Post } from '../posts/states.tsx'
import type { Entry } from './entries.ts'
import { dragType, EntryCard } from './EntryCard.tsx'

type Props = {
  weeks: readonly string[][]
  /** `2026-12` in a month's view, where days of other months stand back; null in a week's. */
  month: string | null
  today: string
  entries: ReadonlyMap<string, readonly Entry[]>
  mayWrite: boolean
  onMove: (post: Post) => void
  onDrop: (post: Post, at: string) => void
}

export function Grid({ weeks, month, today, entries, mayWrite, onMove, onDrop }: Props): ReactNode {
  const names = new Intl.DateTimeFormat(language() === 'de' ? 'de-DE' : 'en-GB', {
    weekday: 'short',
    timeZone: 'UTC',
  })
  const find = (id: string) => [...entries.values()].flat().find(({ post }) => post.id === id)
  return (
    <table className="w-full table-fixed border-separate border-spacing-0 overflow-hidden rounded-xl border border-line bg-surface shadow-low">
      <caption className="sr-only">{t('calendar.caption')}</caption>
      <thead>
        <tr>
          {weeks[0]?.map((day) => (
            <th
              key={day}
              scope="col"
              className="border-b border-line px-2 py-2 text-left text-xs font-medium text-muted"
            >
              {names.format(new Date(`${day}T00:00Z`))}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {weeks.map((week) => (
          <tr key={week[0]}>
            {week.map((day) => (
              <Day
                key={day}
                day={day}
                entries={entries.get(day) ?? []}
                isToday={day === today}
                isPast={day < today}
                isOutside={month !== null && !day.startsWith(month)}
                isRoomy={month === null}
                mayWrite={mayWrite}
                onMove={onMove}
                onDrop={(id) => {
                  const entry = find(id)
                  if (entry && entry.day !== day) onDrop(entry.post, `${day}T${entry.time}`)
                }}
              />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

type DayProps = {
  day: string
  entries: readonly Entry[]
  isToday: boolean
  isPast: boolean
  isOutside: boolean
  isRoomy: boolean
  mayWrite: boolean
  onMove: (post: Post) => void
  onDrop: (postId: string) => void
}

/** In a month's view a fuller day can be opened. */
const fewest = 3

function Day({
  day,
  entries,
  isToday,
  isPast,
  isOutside,
  isRoomy,
  mayWrite,
  onMove,
  onDrop,
}: DayProps): ReactNode {
  const { day: dayName } = useFormat()
  const [isOver, setOver] = useState(false)
  const [isOpen, setOpen] = useState(isRoomy)
  const shown = isOpen || isRoomy ? entries : entries.slice(0, fewest)
  const takes = mayWrite && !isPast
  const over = (event: DragEvent) => {
    if (!takes || !event.dataTransfer.types.includes(dragType)) return
    event.preventDefault()
    setOver(true)
  }
  return (
    <td
      onDragOver={over}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        setOver(false)
        onDrop(event.dataTransfer.getData(dragType))
      }}
      className={cx(
        'group/day h-32 border-b border-l border-line p-1.5 align-top first:border-l-0 [tr:last-child>&]:border-b-0',
        isRoomy && 'h-[26rem]',
        isOutside && 'bg-canvas',
        isOver && 'bg-accent-soft',
      )}
    >
      <div className="mb-1.5 flex min-h-6 items-center justify-between">
        <span
          className={cx(
            'grid size-6 place-items-center rounded-full text-xs tabular-nums',
            isToday
              ? 'bg-accent font-semibold text-on-accent'
              : isOutside || isPast
                ? 'text-muted'
                : 'font-medium',
          )}
        >
          <span aria-hidden="true">{Number(day.slice(8))}</span>
          <span className="sr-only">
            {dayName(`${day}T12:00Z`)}
            {isToday && ` (${t('calendar.today')})`}
          </span>
        </span>
        {takes && (
          <RouterLink
            to="/compose/{-$postId}"
            params={{ postId: undefined }}
            search={{ at: `${day}T09:00` }}
            aria-label={t('calendar.newOn', { day: dayName(`${day}T12:00Z`) })}
            className="grid size-6 place-items-center rounded-md text-muted opacity-0 group-hover/day:opacity-100 hover:bg-sunken hover:text-ink focus-visible:opacity-100 pointer-coarse:opacity-100"
          >
            <Icon name="plus" size={16} />
          </RouterLink>
        )}
      </div>
      <ul className="flex flex-col gap-1">
        {shown.map((entry) => (
          <li key={entry.post.id}>
            <EntryCard entry={entry} mayWrite={mayWrite} onMove={onMove} isRoomy={isRoomy} />
          </li>
        ))}
      </ul>
      {entries.length > shown.length && (
        <button
          type="button"
          onClick={() => setOpen(true)}
          className="mt-1 w-full rounded-md px-2 py-1 text-left text-xs font-medium text-accent-ink hover:bg-sunken"
        >
          {t('calendar.more', { count: entries.length - shown.length })}
        </button>
      )}
    </td>
  )
}
