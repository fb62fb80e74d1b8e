/** Posts by day, on the workspace's clock: a month or a week on a wide screen, a list of days on a phone. */
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import { createFormat, useFormat } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { asProblem } from '../../problems.ts'
import { useMay } from '../../session.ts'
import { Banner } from '../../ui/Banner.tsx'
import { Button } from '../../ui/Button.tsx'
import { IconButton } from '../../ui/IconButton.tsx'
import { PageHeader } from '../../ui/PageHeader.tsx'
import { ProblemBanner } from '../../ui/ProblemBanner.tsx'
import { Segments } from '../../ui/Segments.tsx'
import { useIsWide } from '../../ui/useIsWide.ts'
import { nextFullHour, wallTime } from '../../wall-time.ts'
import { useNetworksOf } from '../posts/networks.ts'
import type { Post } from '../posts/states.tsx'
import { beginningIn, hoursOf, rowsOfMonth, rowsOfWeek } from './cells.ts'
import { useCosts } from './costs.ts'
import { DayList } from './DayList.tsx'
import { addDays, addMonths, instantOf, monthOf, weekOf } from './days.ts'
import { entriesOf, mostPosts, usePostsBetween } from './entries.ts'
import { Grid } from './Grid.tsx'
import { useMove } from './move.ts'
import { MoveDialog } from './MoveDialog.tsx'

type View = 'month' | 'week'

export function CalendarPage(): ReactNode {
  const { view = 'month', day: chosen } = useSearch({ from: '/shell/calendar' })
  const navigate = useNavigate({ from: '/calendar' })
  const { timeZone } = useFormat()
  const mayWrite = useMay('editor')
  const networksOf = useNetworksOf()
  const isWide = useIsWide()
  const now = wallTime(new Date(), timeZone)
  const today = now.slice(0, 10)
  const soonest = nextFullHour(new Date(), timeZone)
  const day = chosen ?? today
  const weeks = useMemo(() => (view === 'week' ? [weekOf(day)] : monthOf(day)), [view, day])
  const days = weeks.flat()
  const [first = day, last = day] = [days[0], days.at(-1)]
  const query = usePostsBetween(first, last)
  const costs = useCosts(first, last)
  const [moving, setMoving] = useState<Post | null>(null)
  const keepFocus = useFocusOnEntry()
  const move = useMove(keepFocus)
  const entries = useMemo(
    () =>
      entriesOf(query.data ?? [], timeZone, move.pending).filter(
        ({ wall }) => wall >= first && wall.slice(0, 10) <= last,
      ),
    [query.data, timeZone, move.pending, first, last],
  )
  const hours = hoursOf(entries.map(({ wall }) => wall))
  const go = (to: string) => void navigate({ search: (before) => ({ ...before, day: to }), replace: true })
  const show = (id: View) => void navigate({ search: (before) => ({ ...before, view: id }), replace: true })
  const begin = (cell: string) => {
    if (!mayWrite || cell < now.slice(0, cell.length)) return
    const at = beginningIn(cell, soonest)
    void navigate({ to: '/compose/{-$postId}', params: { postId: undefined }, search: { at } })
  }
  const shared = { entries, networksOf, mayWrite, onMove: setMoving, costs: costs.byDay }
  return (
    <>
      <PageHeader
        title={titleOf(view, day, first, last)}
        description={[
          t('calendar.zone', { zone: timeZone.replaceAll('_', ' ') }),
          ...(costs.total === null ? [] : [t('calendar.cost', { cost: costs.total })]),
        ].join(' · ')}
        actions={<Controls view={view} day={day} today={today} onGo={go} onShow={show} />}
      />
      <div className="flex flex-col gap-4">
        {query.error && <ProblemBanner problem={asProblem(query.error)} />}
        {(query.data?.length ?? 0) >= mostPosts && (
          <Banner>{t('calendar.tooMany', { count: mostPosts })}</Banner>
        )}
        {isWide ? (
          <Grid
            view={view}
            rows={view === 'week' ? rowsOfWeek(days, hours) : rowsOfMonth(weeks)}
            hours={hours}
            day={day}
            now={now}
            isBusy={query.isPlaceholderData || query.isPending}
            onGo={go}
            onBegin={begin}
            onDrop={move.to}
            {...shared}
          />
        ) : (
          <DayList
            key={first}
            days={days}
            today={today}
            soonest={soonest}
            isLoading={query.isPending}
            {...shared}
          />
        )}
      </div>
      {moving && (
        <MoveDialog
          post={moving}
          onClose={() => {
            keepFocus(moving.id)
            setMoving(null)
          }}
          onMove={(at) => move.to(moving, at)}
        />
      )}
    </>
  )
}

function titleOf(view: View, day: string, first: string, last: string): string {
  const format = createFormat('UTC')
  return view === 'week' ? format.dateRange(instantOf(first), instantOf(last)) : format.month(instantOf(day))
}

type ControlsProps = {
  view: View
  day: string
  today: string
  onGo: (day: string) => void
  onShow: (view: View) => void
}

function Controls({ view, day, today, onGo, onShow }: ControlsProps): ReactNode {
  const turn = (step: number) => onGo(view === 'week' ? addDays(day, 7 * step) : addMonths(day, step))
  return (
    <>
      <Segments
        label={t('calendar.view')}
        value={view}
        onChange={onShow}
        choices={[
          { id: 'month', text: t('calendar.view.month') },
          { id: 'week', text: t('calendar.view.week') },
        ]}
      />
      <div className="flex gap-1">
        <IconButton icon="chevronLeft" label={t(`calendar.before.${view}`)} onPress={() => turn(-1)} />
        <Button onPress={() => onGo(today)} isDisabled={day === today}>
          {t('calendar.today')}
        </Button>
        <IconButton icon="chevronRight" label={t(`calendar.after.${view}`)} onPress={() => turn(1)} />
      </div>
    </>
  )
}

/**
 * After a dialog or a way back the focus belongs to the entry it was about, which may stand elsewhere by then: the
 * button that was pressed is gone. Taken only while nothing else has it, until what moved has settled.
 */
function useFocusOnEntry(): (postId: string) => void {
  const timer = useRef(0)
  useEffect(() => () => clearInterval(timer.current), [])
  return (postId) => {
    clearInterval(timer.current)
    let rounds = 20
    timer.current = window.setInterval(() => {
      rounds -= 1
      if (rounds === 0) clearInterval(timer.current)
      if (document.activeElement !== document.body) return
      const entry = document.querySelector<HTMLElement>(`[data-post="${postId}"] a`)
      const target = entry ?? document.querySelector<HTMLElement>('h1')
      target?.focus()
    }, 100)
  }
}
