/** The same days one below the other, for narrow screens; days without posts are left out. */
import type { ReactNode } from 'react'
import { useFormat } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { EmptyState } from '../../ui/EmptyState.tsx'
import { Skeleton } from '../../ui/Skeleton.tsx'
import type { Post } from '../posts/states.tsx'
import type { Entry } from './entries.ts'
import { EntryCard } from './EntryCard.tsx'

type Props = {
  days: readonly string[]
  today: string
  entries: ReadonlyMap<string, readonly Entry[]>
  isLoading: boolean
  mayWrite: boolean
  onMove: (post: Post) => void
}

export function DayList({ days, today, entries, isLoading, mayWrite, onMove }: Props): ReactNode {
  const { day: dayName } = useFormat()
  const filled = days.filter((day) => (entries.get(day)?.length ?? 0) > 0)
  if (isLoading) return <Skeleton className="h-40" />
  if (filled.length === 0)
    return (
      <EmptyState icon="calendar" title={t('calendar.empty.title')}>
        {t('calendar.empty.text')}
      </EmptyState>
    )
  return (
    <div className="flex flex-col gap-5">
      {filled.map((day) => (
        <section key={day} aria-label={dayName(`${day}T12:00Z`)}>
          <h2 className="mb-2 text-sm font-semibold">
            {dayName(`${day}T12:00Z`)}
            {day === today && <span className="ml-2 font-normal text-accent-ink">{t('calendar.today')}</span>}
          </h2>
          <ul className="flex flex-col gap-2">
            {entries.get(day)?.map((entry) => (
              <li key={entry.post.id}>
                <EntryCard entry={entry} mayWrite={mayWrite} onMove={onMove} isRoomy />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  )
}
