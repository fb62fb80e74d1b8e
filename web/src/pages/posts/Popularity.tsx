/** How popular a post is, over time, by channel and in all; as a chart and as a table. */
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useMemo, useState } from 'react'
import { api } from '../../api.ts'
import { useFormat } from '../../format.ts'
import { hasText, t } from '../../i18n.tsx'
import { Card } from '../../ui/Card.tsx'
import { ErrorState } from '../../ui/ErrorState.tsx'
import { NetworkLogo } from '../../ui/NetworkBadge.tsx'
import { Select } from '../../ui/Select.tsx'
import { Skeleton } from '../../ui/Skeleton.tsx'
import { Tab, TabList, TabPanel, Tabs } from '../../ui/Tabs.tsx'
import { LineChart } from './LineChart.tsx'
import { metricsIn, type Reading, type Series, seriesOf, timesOf, totalOf, valueAt } from './series.ts'
import type { Post } from './states.tsx'

/** What people look at first. */
const order = [
  'views',
  'reach',
  'reactions',
  'likes',
  'comments',
  'shares',
  'reposts',
  'quotes',
  'saves',
  'bookmarks',
  'clicks',
  'interactions',
]

export function metricName(metric: string): string {
  return hasText(`metric.${metric}`) ? t(`metric.${metric}`) : metric
}

export function Popularity({ post }: { post: Post }): ReactNode {
  const isSandbox = post.deliveries.some((delivery) => delivery.sandbox)
  const query = useQuery({
    ...api.posts.readings.queryOptions({ input: { id: post.id } }),
    refetchInterval: isSandbox ? 5_000 : 60_000,
  })
  const published = useMemo(() => post.deliveries.filter(({ state }) => state === 'published'), [post])
  const readings = query.data?.items ?? []
  return (
    <Card title={t('posts.popularity.title')} description={t('posts.popularity.text')}>
      {query.isPending ? (
        <Skeleton className="h-64" />
      ) : query.isError && readings.length === 0 ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : readings.length === 0 ? (
        <p className="py-8 text-center text-muted">{t('posts.popularity.none')}</p>
      ) : (
        <Figures readings={readings} deliveries={published} />
      )}
    </Card>
  )
}

type FiguresProps = { readings: readonly Reading[]; deliveries: Post['deliveries'] }

function Figures({ readings, deliveries }: FiguresProps): ReactNode {
  const metrics = useMemo(() => metricsIn(readings, order), [readings])
  const [chosen, setChosen] = useState('')
  const metric = metrics.includes(chosen) ? chosen : (metrics[0] ?? '')
  const series = useMemo(() => seriesOf(readings, metric, deliveries), [readings, metric, deliveries])
  const total = useMemo(() => totalOf(series), [series])
  return (
    <div className="flex flex-col gap-6">
      <LatestTable metrics={metrics} readings={readings} deliveries={deliveries} />
      <Tabs first="chart">
        <div className="flex flex-wrap items-end justify-between gap-3">
          <Select
            label={t('posts.popularity.metric')}
            isCompact
            value={metric}
            onChange={setChosen}
            choices={metrics.map((id) => ({ id, text: metricName(id) }))}
          />
          <TabList label={t('posts.popularity.view')}>
            <Tab id="chart">{t('posts.popularity.chart')}</Tab>
            <Tab id="table">{t('posts.popularity.table')}</Tab>
          </TabList>
        </div>
        <TabPanel id="chart">
          <LineChart
            label={t('posts.popularity.chartLabel', { metric: metricName(metric) })}
            series={withTotal(series, total)}
          />
        </TabPanel>
        <TabPanel id="table">
          <HistoryTable metric={metric} series={withTotal(series, total)} />
        </TabPanel>
      </Tabs>
    </div>
  )
}

/** The sum is a line of its own where there is more than one to sum up. */
function withTotal(series: readonly Series[], total: Series['points']): Series[] {
  if (series.length < 2 || total.length === 0) return [...series]
  return [...series, { id: 'total', name: t('posts.popularity.total'), network: '', points: total }]
}

const cell = 'px-3 py-2 text-right tabular-nums'
const head = 'px-3 py-2 text-xs font-medium whitespace-nowrap text-muted'

/** The latest value of every metric by channel. A metric a channel did not give is shown as missing. */
function LatestTable({
  metrics,
  readings,
  deliveries,
}: FiguresProps & { metrics: readonly string[] }): ReactNode {
  const { number } = useFormat()
  const rows = deliveries.map((delivery) => ({
    delivery,
    values: metrics.map(
      (metric) =>
        readings.findLast((reading) => reading.deliveryId === delivery.id && reading.metric === metric)
          ?.value,
    ),
  }))
  const sums = metrics.map((_, index) => {
    const given = rows.flatMap(({ values }) => values[index] ?? [])
    return { value: given.reduce((sum, value) => sum + value, 0), count: given.length }
  })
  return (
    <div
      className="relative -mx-2 overflow-x-auto"
      tabIndex={0}
      role="group"
      aria-label={t('posts.popularity.latest')}
    >
      <table className="w-full min-w-max border-collapse text-sm">
        <caption className="sr-only">{t('posts.popularity.latest')}</caption>
        <thead className="border-b border-line">
          <tr>
            <th scope="col" className={`${head} text-left`}>
              {t('posts.popularity.channel')}
            </th>
            {metrics.map((metric) => (
              <th key={metric} scope="col" className={`${head} text-right`}>
                {metricName(metric)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {rows.map(({ delivery, values }) => (
            <tr key={delivery.id}>
              <th scope="row" className="px-3 py-2 text-left font-normal">
                <span className="flex items-center gap-2">
                  <NetworkLogo network={delivery.network} size={20} />
                  {delivery.channelName}
                </span>
              </th>
              {values.map((value, index) => (
                <td key={metrics[index]} className={cell}>
                  {value === undefined ? <Missing /> : number(value)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
        {rows.length > 1 && (
          <tfoot className="border-t border-line-strong/60 font-semibold">
            <tr>
              <th scope="row" className="px-3 py-2 text-left">
                {t('posts.popularity.total')}
              </th>
              {sums.map(({ value, count }, index) => (
                <td key={metrics[index]} className={cell}>
                  {number(value)}
                  {count < rows.length && (
                    <span className="block text-xs font-normal text-muted">
                      {t('posts.popularity.of', { count, all: rows.length })}
                    </span>
                  )}
                </td>
              ))}
            </tr>
          </tfoot>
        )}
      </table>
    </div>
  )
}

function Missing(): ReactNode {
  return (
    <span className="text-muted" title={t('posts.popularity.missing')}>
      <span aria-hidden="true">–</span>
      <span className="sr-only">{t('posts.popularity.missing')}</span>
    </span>
  )
}

const mostRows = 60

function HistoryTable({ metric, series }: { metric: string; series: readonly Series[] }): ReactNode {
  const { number, dateTime } = useFormat()
  const times = timesOf(series, mostRows).toReversed()
  return (
    <div
      className="relative max-h-96 overflow-auto rounded-lg border border-line"
      tabIndex={0}
      role="group"
      aria-label={metricName(metric)}
    >
      <table className="w-full min-w-max border-collapse text-sm">
        <caption className="sr-only">
          {t('posts.popularity.chartLabel', { metric: metricName(metric) })}
        </caption>
        <thead className="sticky top-0 bg-surface shadow-[0_1px_0_var(--line)]">
          <tr>
            <th scope="col" className={`${head} text-left`}>
              {t('posts.popularity.readAt')}
            </th>
            {series.map(({ id, name }) => (
              <th key={id} scope="col" className={`${head} text-right`}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {times.map((at) => (
            <tr key={at}>
              <th scope="row" className="px-3 py-2 text-left font-normal whitespace-nowrap text-muted">
                {dateTime(new Date(at))}
              </th>
              {series.map(({ id, points }) => {
                const value = valueAt(points, at)
                return (
                  <td key={id} className={cell}>
                    {value === undefined ? <Missing /> : number(value)}
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
