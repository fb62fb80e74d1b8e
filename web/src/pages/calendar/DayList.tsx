/** The same days one below the other, for narrow screens; it begins with today, and leaves out days without posts. */
import { Link as RouterLink } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { createFormat } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { Button } from '../../ui/Button.tsx'
import { EmptyState } from '../../ui/EmptyState.tsx'
import { Icon } from '../../ui/icons.tsx'
import { Skeleton } from '../../ui/Skeleton.tsx'
import type { Post } from '../posts/states.tsx'
import { DayCost } from './Cell.tsx'
import { beginningIn } from './cells.ts'
import { instantOf } from './days.ts'
import { byCell, type Entry } from './entries.ts'
import { EntryRow } from './EntryCard.tsx'

type Props = {
  days: readonly string[]
  today: string
  /** The earliest a new post begins. */
  soonest: string
  entries: readonly Entry[]
  /** What days to come will cost. */
  costs: ReadonlyMap<string, string>
  networksOf: (post: Post) => readonly string[]
  isLoading: boolean
  mayWrite: boolean
  onMove: (post: Post) => void
}

export function DayList({
  days,
  today,
  soonest,
  entries,
  costs,
  isLoading,
  networksOf,
  mayWrite,
  onMove,
}: Props): ReactNode {
  const [isAll, setAll] = useState(false)
  const byDay = byCell(entries, 10)
  const filled = days.filter((day) => byDay.has(day))
  const hidden = isAll || !days.includes(today) ? [] : filled.filter((day) => day < today)
  if (isLoading) return <Skeleton className="h-40" />
  return (
    <div className="flex flex-col gap-5">
      {hidden.length > 0 && (
        <Button icon="chevronUp" onPress={() => setAll(true)} className="self-start">
          {t('calendar.earlier', { count: hidden.length })}
        </Button>
      )}
      {filled.length === hidden.length && (
        <EmptyState icon="calendar" title={t('calendar.empty.title')}>
          {t('calendar.empty.text')}
        </EmptyState>
      )}
      {filled.slice(hidden.length).map((day) => {
        const name = createFormat('UTC').day(instantOf(day))
        return (
          <section key={day} aria-label={name}>
            <div className="mb-1.5 flex min-h-11 items-center gap-2">
              <h2 className="text-sm font-semibold">{name}</h2>
              {day === today && <span className="text-sm text-accent-ink">{t('calendar.today')}</span>}
              <span className="text-sm text-muted">
                <DayCost cost={costs.get(day)} />
              </span>
              {mayWrite && day >= today && (
                <RouterLink
                  to="/compose/{-$postId}"
                  params={{ postId: undefined }}
                  search={{ at: beginningIn(day, soonest) }}
                  aria-label={t('calendar.newOn', { day: name })}
                  className="ml-auto grid size-11 place-items-center rounded-lg text-muted hover:bg-sunken hover:text-ink"
                >
                  <Icon name="plus" />
                </RouterLink>
              )}
            </div>
            <ul className="flex flex-col gap-2">
              {byDay.get(day)?.map((entry) => (
                <li key={entry.post.id}>
                  <EntryRow
                    entry={entry}
                    networks={networksOf(entry.post)}
                    mayWrite={mayWrite}
                    onMove={onMove}
                  />
                </li>
              ))}
            </ul>
          </section>
        )
      })}
    </div>
  )
}
