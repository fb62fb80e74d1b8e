/**
 * Lines over time, to be read by pointer and by keyboard.
 *
 * The chart is one stop of the keyboard: left and right walk through the readings, and what stands there is read out.
 */
import { AxisBottom, AxisLeft } from '@visx/axis'
import { GridRows } from '@visx/grid'
import { Group } from '@visx/group'
import { ParentSize } from '@visx/responsive'
import { scaleLinear, scaleTime } from '@visx/scale'
import { LinePath } from '@visx/shape'
import { type KeyboardEvent, type PointerEvent, type ReactNode, useMemo, useState } from 'react'
import { useFormat } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { type Series, timesOf, valueAt } from './series.ts'

type Props = { label: string; series: readonly Series[] }

/** At least 3:1 on both themes' grounds, and told apart by their dashes too. */
const palette = ['#0f8f83', '#c2571a', '#5b6ee0', '#b0439b', '#2b87c8', '#7c8a1f', '#c24152', '#8a6d3b']
const dashes = ['', '7 4', '2 4', '10 4 2 4', '', '7 4', '2 4', '10 4 2 4']
const margin = { top: 12, right: 16, bottom: 32, left: 52 }
const height = 280

export function LineChart({ label, series }: Props): ReactNode {
  return (
    <div className="flex flex-col gap-3">
      <Legend series={series} />
      <div style={{ height }}>
        <ParentSize debounceTime={30}>
          {({ width }) => width > 0 && <Plot label={label} series={series} width={width} />}
        </ParentSize>
      </div>
    </div>
  )
}

function look(
  series: Series,
  index: number,
): { stroke: string; strokeWidth: number; strokeDasharray: string } {
  if (series.id === 'total') return { stroke: 'var(--ink)', strokeWidth: 2.5, strokeDasharray: '' }
  return {
    stroke: palette[index % palette.length] ?? '',
    strokeWidth: 2,
    strokeDasharray: dashes[index % dashes.length] ?? '',
  }
}

function Legend({ series }: { series: readonly Series[] }): ReactNode {
  return (
    <ul className="flex flex-wrap gap-x-5 gap-y-1.5 text-sm">
      {series.map((line, index) => (
        <li key={line.id} className="inline-flex items-center gap-2">
          <svg width="24" height="8" aria-hidden="true">
            <line x1="0" x2="24" y1="4" y2="4" {...look(line, index)} />
          </svg>
          {line.name}
        </li>
      ))}
    </ul>
  )
}

function Plot({ label, series, width }: Props & { width: number }): ReactNode {
  const { number, shortDateTime, time, date } = useFormat()
  const [cursor, setCursor] = useState<number | null>(null)
  const times = useMemo(() => timesOf(series, 400), [series])
  const [first = 0, last = 1] = [times[0], times.at(-1)]
  const innerWidth = Math.max(40, width - margin.left - margin.right)
  const innerHeight = height - margin.top - margin.bottom
  const x = useMemo(
    () =>
      scaleTime({
        domain: [new Date(first), new Date(last === first ? first + 60_000 : last)],
        range: [0, innerWidth],
      }),
    [first, last, innerWidth],
  )
  const y = useMemo(() => {
    const top = Math.max(1, ...series.flatMap(({ points }) => points.map(({ value }) => value)))
    return scaleLinear({ domain: [0, top], range: [innerHeight, 0], nice: true })
  }, [series, innerHeight])
  const at = cursor === null ? null : (times[cursor] ?? null)
  const isOneDay = last - first < 36 * 3_600_000

  const follow = (event: PointerEvent<SVGSVGElement>) => {
    const position = event.clientX - event.currentTarget.getBoundingClientRect().left - margin.left
    setCursor(nearest(times, x.invert(position).getTime()))
  }
  const walk = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: -times.length, End: times.length }[event.key]
    if (event.key === 'Escape') setCursor(null)
    if (step === undefined) return
    event.preventDefault()
    setCursor(Math.min(times.length - 1, Math.max(0, (cursor ?? times.length) + step)))
  }
  const tick = { fill: 'var(--muted)', fontSize: 12, fontFamily: 'inherit' }
  return (
    <div className="relative">
      <svg
        width={width}
        height={height}
        role="application"
        aria-roledescription={t('posts.chart.role')}
        aria-label={`${label}. ${t('posts.chart.keys')}`}
        tabIndex={0}
        onPointerMove={follow}
        onPointerLeave={() => setCursor(null)}
        onKeyDown={walk}
        className="touch-pan-y rounded-md"
      >
        <Group left={margin.left} top={margin.top}>
          <GridRows scale={y} width={innerWidth} numTicks={4} stroke="var(--line)" />
          <AxisLeft
            scale={y}
            numTicks={4}
            hideAxisLine
            hideTicks
            tickFormat={(value) =>
              Number.isInteger(Number(value)) ? number(Number(value), { notation: 'compact' }) : ''
            }
            tickLabelProps={() => ({ ...tick, textAnchor: 'end', dx: -6, dy: 4 })}
          />
          <AxisBottom
            scale={x}
            top={innerHeight}
            numTicks={Math.max(2, Math.floor(innerWidth / 130))}
            stroke="var(--line-strong)"
            hideTicks
            tickFormat={(value) => (isOneDay ? time(value as Date) : date(value as Date))}
            tickLabelProps={() => ({ ...tick, textAnchor: 'middle', dy: 6 })}
          />
          {series.map((line, index) => (
            <Group key={line.id}>
              <LinePath
                data={[...line.points]}
                x={(point) => x(point.at)}
                y={(point) => y(point.value)}
                strokeLinejoin="round"
                fill="none"
                {...look(line, index)}
              />
              {/* A single reading is no line yet. */}
              {line.points.length === 1 && (
                <circle
                  cx={x(line.points[0]?.at ?? 0)}
                  cy={y(line.points[0]?.value ?? 0)}
                  r={3.5}
                  fill={look(line, index).stroke}
                />
              )}
            </Group>
          ))}
          {at !== null && (
            <>
              <line x1={x(at)} x2={x(at)} y1={0} y2={innerHeight} stroke="var(--line-strong)" />
              {series.map((line, index) => {
                const value = valueAt(line.points, at)
                return value === undefined ? null : (
                  <circle
                    key={line.id}
                    cx={x(at)}
                    cy={y(value)}
                    r={4}
                    fill={look(line, index).stroke}
                    stroke="var(--surface)"
                    strokeWidth={2}
                  />
                )
              })}
            </>
          )}
        </Group>
      </svg>
      {at !== null && (
        <Values
          at={at}
          series={series}
          left={margin.left + x(at)}
          width={width}
          title={shortDateTime(new Date(at))}
        />
      )}
    </div>
  )
}

type ValuesProps = { at: number; series: readonly Series[]; left: number; width: number; title: string }

function Values({ at, series, left, width, title }: ValuesProps): ReactNode {
  const { number } = useFormat()
  const isRight = left > width / 2
  return (
    <div
      role="status"
      className="pointer-events-none absolute top-2 max-w-64 rounded-lg bg-raised px-3 py-2 text-sm shadow-high"
      style={isRight ? { right: width - left + 10 } : { left: left + 10 }}
    >
      <p className="mb-1 text-xs text-muted">{title}</p>
      <ul className="flex flex-col gap-0.5">
        {series.map((line, index) => (
          <li key={line.id} className="flex items-center gap-2">
            <span className="size-2 shrink-0 rounded-full" style={{ background: look(line, index).stroke }} />
            <span className="min-w-0 flex-1 truncate">{line.name}</span>
            <span className="font-medium tabular-nums">{valueText(valueAt(line.points, at), number)}</span>
          </li>
        ))}
      </ul>
    </div>
  )
}

function valueText(value: number | undefined, number: (value: number) => string): string {
  return value === undefined ? '–' : number(value)
}

function nearest(times: readonly number[], at: number): number {
  let best = 0
  for (const [index, time] of times.entries()) {
    if (Math.abs(time - at) < Math.abs((times[best] ?? 0) - at)) best = index
  }
  return best
}
