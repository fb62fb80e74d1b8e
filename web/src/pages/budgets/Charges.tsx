/** What calls did cost this month, by network, purpose or day. */
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { api, type Client, type Output } from '../../api.ts'
import { formatNumber, useFormat } from '../../format.ts'
import { hasText, t } from '../../i18n.tsx'
import { Card } from '../../ui/Card.tsx'
import { Segments } from '../../ui/Segments.tsx'
import { type Names, utcDay } from './words.ts'

type By = 'network' | 'purpose' | 'day'
type Sum = Output<Client['charges']['sums']>['items'][number]

export function Charges({ names }: { names: Names }): ReactNode {
  const [by, setBy] = useState<By>('purpose')
  const from = `${new Date().toISOString().slice(0, 7)}-01`
  const { data } = useQuery(api.charges.sums.queryOptions({ input: { by, from } }))
  const items = data?.items ?? []
  return (
    <Card
      title={t('budgets.charges')}
      description={t('budgets.charges.text')}
      isFlush={items.length > 0}
      actions={
        <Segments
          label={t('budgets.charges.by')}
          value={by}
          onChange={setBy}
          choices={(['purpose', 'network', 'day'] as const).map((id) => ({
            id,
            text: t(`budgets.charges.by.${id}`),
          }))}
        />
      }
    >
      {items.length === 0 ? (
        <p className="text-sm text-muted">{data ? t('budgets.charges.none') : t('ui.loading')}</p>
      ) : (
        <ul className="divide-y divide-line text-sm">
          {items.map((sum) => (
            <Row key={`${sum.of} ${sum.amount.currency}`} sum={sum} name={nameOf(by, sum.of, names)} />
          ))}
        </ul>
      )}
    </Card>
  )
}

function Row({ sum, name }: { sum: Sum; name: string }): ReactNode {
  const { money } = useFormat()
  const notes = [
    t('budgets.charges.count', { count: sum.charges, shown: formatNumber(sum.charges) }),
    ...(Number(sum.assumed.amount) > 0 ? [t('budgets.charges.assumed', { amount: money(sum.assumed) })] : []),
    ...(Number(sum.sandbox.amount) > 0 ? [t('budgets.charges.sandbox', { amount: money(sum.sandbox) })] : []),
  ]
  return (
    <li className="flex flex-wrap items-baseline gap-x-4 gap-y-0.5 px-5 py-3">
      <span className="block min-w-32 flex-1 font-medium wrap-anywhere first-letter:uppercase">{name}</span>
      <span className="font-medium tabular-nums">{money(sum.amount)}</span>
      <span className="basis-full text-muted">{notes.join(' · ')}</span>
    </li>
  )
}

function nameOf(by: By, of: string, names: Names): string {
  if (by === 'network') return names.network(of)
  if (by === 'day') return utcDay(`${of}T00:00Z`)
  return hasText(`budgets.purpose.${of}`) ? t(`budgets.purpose.${of}`) : of
}
