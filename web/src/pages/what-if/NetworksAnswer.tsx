/** Each network: was, would be, difference, against its budget. A table where there is room, cards on a phone. */
import type { ReactNode } from 'react'
import { type Format, type Money, useFormat } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { NetworkLogo } from '../../ui/NetworkBadge.tsx'
import { useIsWide } from '../../ui/useIsWide.ts'
import { moneyText, numberOf, outsideOf, type Replayed, type ReplayedBudget } from './words.ts'

type Props = {
  items: readonly Replayed[]
  budgets: readonly ReplayedBudget[]
  nameOf: (network: string) => string
}

export function NetworksAnswer(props: Props): ReactNode {
  const isWide = useIsWide()
  return isWide ? <Table {...props} /> : <Cards {...props} />
}

const columns = ['was', 'would', 'difference', 'budget'] as const

function Table({ items, budgets, nameOf }: Props): ReactNode {
  const format = useFormat()
  // Where no budget is for one of these networks the column would be empty.
  const shown = columns.filter(
    (name) => name !== 'budget' || items.some((item) => outsideOf(item.network, budgets)),
  )
  return (
    <table className="w-full border-collapse text-left text-sm">
      <thead className="border-b border-line bg-sunken/60 text-xs text-muted">
        <tr>
          <th scope="col" className="px-5 py-2.5 font-medium">
            {t('prices.network')}
          </th>
          {shown.map((name) => (
            <th key={name} scope="col" className="px-3 py-2.5 text-right font-medium last:pr-5">
              {t(`whatIf.column.${name}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody className="divide-y divide-line">
        {items.map((item) => (
          <tr key={item.network}>
            <th scope="row" className="px-5 py-3 align-top font-normal">
              <Name item={item} nameOf={nameOf} />
              <Notes item={item} format={format} />
            </th>
            {shown.map((name) => (
              <td key={name} className="px-3 py-3 text-right align-top tabular-nums last:pr-5">
                {valueOf(name, item, budgets)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Cards({ items, budgets, nameOf }: Props): ReactNode {
  const format = useFormat()
  return (
    <ul className="divide-y divide-line text-sm">
      {items.map((item) => (
        <li key={item.network} className="flex flex-col gap-2 px-5 py-3.5">
          <Name item={item} nameOf={nameOf} />
          <dl className="grid grid-cols-[1fr_auto] gap-x-4 gap-y-1">
            {columns
              .filter((name) => name !== 'budget' || outsideOf(item.network, budgets))
              .map((name) => (
                <div key={name} className="contents">
                  <dt className="text-muted">{t(`whatIf.column.${name}`)}</dt>
                  <dd className="text-right tabular-nums">{valueOf(name, item, budgets)}</dd>
                </div>
              ))}
          </dl>
          <Notes item={item} format={format} />
        </li>
      ))}
    </ul>
  )
}

function Name({ item, nameOf }: { item: Replayed; nameOf: Props['nameOf'] }): ReactNode {
  return (
    <span className="flex items-center gap-2.5 font-medium">
      <NetworkLogo network={item.network} size={24} />
      {nameOf(item.network)}
    </span>
  )
}

function valueOf(
  name: (typeof columns)[number],
  item: Replayed,
  budgets: readonly ReplayedBudget[],
): ReactNode {
  if (name === 'budget') {
    const budget = outsideOf(item.network, budgets)
    if (budget === null) return '–'
    return numberOf(budget.outside) === 0
      ? t('whatIf.within')
      : t('whatIf.outside', { amount: moneyText(budget.outside) })
  }
  return name === 'difference' ? signed(item.difference) : moneyText(item[name])
}

function signed(value: Money): string {
  return numberOf(value) > 0 ? `+${moneyText(value)}` : moneyText(value)
}

/** What stands in the sums, and what does not. */
function Notes({ item, format }: { item: Replayed; format: Format }): ReactNode {
  const { requests, unknownRequests, refusedRequests, fees } = item
  const { number } = format
  const notes = [
    t('whatIf.note.requests', { count: requests, shown: number(requests) }),
    ...(fees.would === null
      ? [t('whatIf.note.fee.unknown')]
      : numberOf(fees.would) > 0
        ? [t('whatIf.note.fee', { fee: moneyText(fees.would) })]
        : []),
    ...(fees.was === null && fees.would !== null ? [t('whatIf.note.fee.before')] : []),
    ...(unknownRequests > 0 ? [t('whatIf.note.unknown', { count: unknownRequests })] : []),
    ...(refusedRequests > 0 ? [t('whatIf.note.refused', { count: refusedRequests })] : []),
  ]
  return <p className="mt-1 max-w-prose text-xs text-muted">{notes.join(' ')}</p>
}
