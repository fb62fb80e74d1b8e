/** Views over time in the space of a word. */
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { api } from '../../api.ts'
import { useFormat } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { seriesOf, totalOf } from '../posts/series.ts'

const width = 84
const height = 28

export function Sparkline({ postId }: { postId: string }): ReactNode {
  const { number, dateTime } = useFormat()
  const { data } = useQuery(
    api.posts.readings.queryOptions({ input: { id: postId, metric: 'views' }, staleTime: 60_000 }),
  )
  const readings = data?.items ?? []
  const ids = [...new Set(readings.map(({ deliveryId }) => deliveryId))]
  const points = totalOf(
    seriesOf(
      readings,
      'views',
      ids.map((id) => ({ id, channelName: id, network: '' })),
    ),
  )
  const [first, last] = [points[0], points.at(-1)]
  if (!first || !last || points.length < 2) return null
  const top = Math.max(1, ...points.map(({ value }) => value))
  const x = (at: number) => ((at - first.at) / Math.max(1, last.at - first.at)) * (width - 4) + 2
  const y = (value: number) => height - 3 - (value / top) * (height - 6)
  const line = points.map(({ at, value }) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(' ')
  return (
    <svg
      width={width}
      height={height}
      role="img"
      aria-label={t('overview.recent.trend', {
        from: number(first.value),
        to: number(last.value),
        since: dateTime(new Date(first.at)),
      })}
      className="hidden shrink-0 text-accent sm:block"
    >
      <polyline
        points={line}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.75"
        strokeLinejoin="round"
        strokeLinecap="round"
      />
      <circle cx={x(last.at)} cy={y(last.value)} r="2.5" fill="currentColor" />
    </svg>
  )
}
