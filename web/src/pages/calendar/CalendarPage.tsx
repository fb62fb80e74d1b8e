/** Posts by day, on the workspace's clock: a month or a week on a wide screen, a list of days on a phone. */
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactNode, useMemo, useState } from 'react'
import { api } from '../../api.ts'
import { useFormat } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { useMay } from '../../session.ts'
import { Banner } from '../../ui/Banner.tsx'
import { Button } from '../../ui/Button.tsx'
import { IconButton } from '../../ui/IconButton.tsx'
import { PageHeader } from '../../ui/PageHeader.tsx'
import { ProblemBanner } from '../../ui/ProblemBanner.tsx'
import { asProblem } from '../../problems.ts'
import { wallTime } from '../../wall-time.ts'
import type { Post } from '../posts/states.tsx'
import { addDays, addMonths, monthOf, weekOf } from './days.ts'
import { DayList } from './DayList.tsx'
import { entriesOf } from './entries.ts'
import { Grid } from './Grid.tsx'
import { MoveDialog } from './MoveDialog.tsx'
import { useMove } from './move.ts'

/** As many as one view shows; a fuller month says so. */
const most = 200

export function CalendarPage(): ReactNode {
  const { view = 'month', day: chosen } = useSearch({ from: '/shell/calendar' })
  const navigate = useNavigate({ from: '/calendar' })
  const { timeZone, month: monthTitle, date } = useFormat()
  const mayWrite = useMay('editor')
  const today = wallTime(new Date(), timeZone).slice(0, 10)
  const day = chosen ?? today
  const weeks = useMemo(() => (view === 'week' ? [weekOf(day)] : monthOf(day)), [view, day])
  const days = weeks.flat()
  const [first = day, last = day] = [days[0], days.at(-1)]
  const query = useQuery(
    api.posts.list.queryOptions({
      // A day more on both sides, since the zone's day is not the server's.
      input: { from: `${addDays(first, -1)}T00:00:00Z`, to: `${addDays(last, 2)}T00:00:00Z`, limit: most },
      refetchInterval: 30_000,
      placeholderData: (before) => before,
    }),
  )
  const [moving, setMoving] = useState<Post | null>(null)
  const move = useMove()
  const entries = useMemo(
    () => entriesOf(query.data?.items ?? [], timeZone, move.pending),
    [query.data, timeZone, move.pending],
  )
  const go = (to: string) => void navigate({ search: (before) => ({ ...before, day: to }), replace: true })
  const turn = (step: number) => go(view === 'week' ? addDays(day, 7 * step) : addMonths(day, step))
  const title =
    view === 'week'
      ? t('calendar.week', { from: date(`${first}T12:00Z`), to: date(`${last}T12:00Z`) })
      : monthTitle(`${day}T12:00Z`)
  const actions = { mayWrite, onMove: setMoving, onDrop: (post: Post, to: string) => move.to(post, to) }
  return (
    <>
      <PageHeader
        title={title}
        description={t('calendar.zone', { zone: timeZone.replaceAll('_', ' ') })}
        actions={
          <>
            <div role="group" aria-label={t('calendar.view')} className="hidden gap-1 md:flex">
              {(['month', 'week'] as const).map((id) => (
                <Button
                  key={id}
                  variant={view === id ? 'secondary' : 'quiet'}
                  aria-pressed={view === id}
                  onPress={() =>
                    void navigate({ search: (before) => ({ ...before, view: id }), replace: true })
                  }
                >
                  {t(`calendar.view.${id}`)}
                </Button>
              ))}
            </div>
            <IconButton icon="chevronLeft" label={t(`calendar.before.${view}`)} onPress={() => turn(-1)} />
            <Button onPress={() => go(today)} isDisabled={day === today}>
              {t('calendar.today')}
            </Button>
            <IconButton icon="chevronRight" label={t(`calendar.after.${view}`)} onPress={() => turn(1)} />
          </>
        }
      />
      <div className="flex flex-col gap-4">
        {query.error && <ProblemBanner problem={asProblem(query.error)} />}
        {(query.data?.items.length ?? 0) >= most && <Banner>{t('calendar.tooMany', { count: most })}</Banner>}
        <div className="hidden md:block">
          <Grid
            weeks={weeks}
            month={view === 'month' ? day.slice(0, 7) : null}
            today={today}
            entries={entries}
            {...actions}
          />
        </div>
        <div className="md:hidden">
          <DayList days={days} today={today} entries={entries} isLoading={query.isPending} {...actions} />
        </div>
      </div>
      {moving && (
        <MoveDialog post={moving} onClose={() => setMoving(null)} onMove={(at) => move.to(moving, at)} />
      )}
    </>
  )
}
