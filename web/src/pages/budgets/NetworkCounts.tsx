/** What networks counted of our use, beside what Litfass counted in the same time. */
import { useMutation, useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { api, type Client, client, type Output, queryClient } from '../../api.ts'
import { useFormat } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { useMay } from '../../session.ts'
import { Badge } from '../../ui/Badge.tsx'
import { Button } from '../../ui/Button.tsx'
import { Card } from '../../ui/Card.tsx'
import { toast } from '../../ui/toast.ts'
import { callText } from '../prices/words.ts'
import type { Names } from './words.ts'

type Count = Output<Client['usage']['list']>['items'][number]

/** Accounts have many; those that say most come first. */
const shownAtFirst = 6

export function NetworkCounts({ names }: { names: Names }): ReactNode {
  const { data } = useQuery(api.usage.list.queryOptions())
  const isAdmin = useMay('admin')
  const [showsAll, setShowsAll] = useState(false)
  const ask = useMutation({
    mutationFn: () => client.usage.ask({}),
    onSuccess: async ({ notTold }) => {
      await queryClient.invalidateQueries({ queryKey: api.usage.key() })
      const [first] = notTold
      if (first) toast.failed(new Error(`${names.network(first.network)}: ${first.message}`))
      else toast.done(t('usage.asked'))
    },
    onError: toast.failed,
  })
  const items = (data?.items ?? []).toSorted((a, b) => weightOf(b) - weightOf(a))
  const shown = showsAll ? items : items.slice(0, shownAtFirst)
  return (
    <Card
      title={t('usage.title')}
      description={t('usage.text')}
      isFlush={items.length > 0}
      actions={
        isAdmin && (
          <Button size="small" onPress={() => ask.mutate()} isPending={ask.isPending}>
            {t('usage.ask')}
          </Button>
        )
      }
    >
      {items.length === 0 ? (
        <p className="text-sm text-muted">{data ? t('usage.none') : t('ui.loading')}</p>
      ) : (
        <ul className="divide-y divide-line text-sm">
          {shown.map((item) => (
            <Row key={keyOf(item)} item={item} names={names} />
          ))}
          {shown.length < items.length && (
            <li className="px-5 py-2">
              <Button size="small" variant="quiet" onPress={() => setShowsAll(true)}>
                {t('usage.all', { count: items.length })}
              </Button>
            </li>
          )}
        </ul>
      )}
    </Card>
  )
}

function Row({ item, names }: { item: Count; names: Names }): ReactNode {
  const { number, relative, shortDateTime } = useFormat()
  const network = names.network(item.network)
  const what = t(`usage.what.${item.what}`)
  const used =
    item.unit === 'percent'
      ? t('usage.says.percent', { network, percent: number(item.used) })
      : item.limit === null
        ? t('usage.says', { network, used: number(item.used) })
        : t('usage.says.limit', { network, used: number(item.used), limit: number(item.limit) })
  const notes = [
    ...(item.from === null ? [] : [t('usage.since', { at: shortDateTime(item.from) })]),
    t('usage.toldBy', { by: item.toldBy, when: relative(item.toldAt) }),
    ...(item.sandbox ? [t('usage.sandbox')] : []),
  ]
  return (
    <li className="flex flex-wrap items-baseline gap-x-4 gap-y-0.5 px-5 py-3">
      <span className="min-w-40 flex-1 font-medium wrap-anywhere">
        {[item.channelName ?? item.connectionName ?? t('usage.app', { network }), what].join(': ')}
        {item.endpointClass !== null && ` (${callText(item.endpointClass)})`}
      </span>
      <span className="flex flex-wrap items-baseline gap-x-3 gap-y-1 tabular-nums">
        <span>{used}</span>
        {item.ours !== null && <span>{t('usage.ours', { ours: number(item.ours) })}</span>}
        {item.drift !== null && <Drift drift={item.drift} />}
      </span>
      <span className="basis-full text-muted">{notes.join(' · ')}</span>
    </li>
  )
}

function Drift({ drift }: { drift: number }): ReactNode {
  const { number } = useFormat()
  if (drift === 0) return <Badge tone="success">{t('usage.same')}</Badge>
  const shown = number(Math.abs(drift))
  return <Badge tone="warning">{drift > 0 ? t('usage.more', { shown }) : t('usage.less', { shown })}</Badge>
}

/** What drifts apart, then what was asked for, then what can be compared. */
function weightOf({ drift, isWithAnswers, ours }: Count): number {
  return (drift !== null && drift !== 0 ? 4 : 0) + (isWithAnswers ? 0 : 2) + (ours === null ? 0 : 1)
}

const keyOf = ({ network, counter, connectionId, channelId, endpointClass, sandbox }: Count) =>
  [network, counter, connectionId, channelId, endpointClass, sandbox].join(' ')
