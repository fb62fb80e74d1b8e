/** What could be dropped or moved: what the calls are for, figures of older posts, and where posts also went. */
import type { ReactNode } from 'react'
import { formatNumber } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { Card } from '../../ui/Card.tsx'
import { listText, purposeText } from '../ledger/words.ts'
import { moneyText, numberOf, type Replay, type Replayed, sumOf } from './words.ts'

type NameOf = (network: string) => string

export function Savings({ replay, nameOf }: { replay: Replay; nameOf: NameOf }): ReactNode {
  const items = replay.items.filter(({ would }) => numberOf(would) > 0)
  if (items.length === 0) return null
  return (
    <Card title={t('whatIf.savings')} description={t('whatIf.savings.text')}>
      <div className="flex flex-col gap-6">
        {items.map((item) => (
          <section key={item.network} className="flex flex-col gap-3 text-sm">
            <h3 className="font-semibold">{nameOf(item.network)}</h3>
            <Purposes item={item} />
            <Advice item={item} others={replay.items} nameOf={nameOf} />
          </section>
        ))}
      </div>
    </Card>
  )
}

function Purposes({ item: { purposes } }: { item: Replayed }): ReactNode {
  const all = numberOf(sumOf(purposes.map(({ would }) => would)))
  if (all === 0) return <p className="text-muted">{t('whatIf.savings.onlyFee')}</p>
  return (
    <ul className="flex flex-col gap-2.5">
      {purposes
        .filter(({ would }) => numberOf(would) > 0)
        .map(({ purpose, would }) => {
          const share = numberOf(would) / all
          return (
            <li key={purpose}>
              <div className="flex flex-wrap justify-between gap-x-4">
                <span className="inline-block first-letter:uppercase">{purposeText(purpose)}</span>
                <span className="text-muted tabular-nums">
                  {t('whatIf.savings.share', {
                    share: formatNumber(share, { style: 'percent' }),
                    cost: moneyText(would),
                  })}
                </span>
              </div>
              {/* The figures stand beside it. */}
              <span aria-hidden="true" className="mt-1 block h-2 overflow-hidden rounded-full bg-sunken">
                <span className="block h-full rounded-full bg-accent" style={{ width: `${share * 100}%` }} />
              </span>
            </li>
          )
        })}
    </ul>
  )
}

function Advice({
  item,
  others,
  nameOf,
}: {
  item: Replayed
  others: readonly Replayed[]
  nameOf: NameOf
}): ReactNode {
  const { olderReads, alsoOn, purposes } = item
  const isRead = purposes.some(({ purpose, would }) => purpose === 'measure' && numberOf(would) > 0)
  const isFree = (network: string) => {
    const other = others.find((one) => one.network === network)
    return other !== undefined && numberOf(other.would) === 0 && other.unknownRequests === 0
  }
  const advice = [
    ...(isRead && olderReads !== null && olderReads.percent > 0
      ? [t('whatIf.savings.older', { percent: olderReads.percent, days: olderReads.afterDays })]
      : []),
    ...(alsoOn.posts > 0 ? [movedText(item, nameOf, isFree)] : []),
  ]
  return (
    <ul className="list-disc pl-4 text-muted">
      {advice.map((text) => (
        <li key={text}>{text}</li>
      ))}
    </ul>
  )
}

/** Whether readers follow there as well is nothing anybody can know; that the posts did is. */
function movedText(
  { network, alsoOn: { posts, networks } }: Replayed,
  nameOf: NameOf,
  isFree: (network: string) => boolean,
): string {
  const name = nameOf(network)
  if (networks.length === 0) return t('whatIf.savings.nowhere', { posts, network: name })
  const places = (some: typeof networks) =>
    listText(some.map((one) => t('whatIf.savings.place', { count: one.posts, network: nameOf(one.network) })))
  const free = networks.filter((one) => isFree(one.network))
  const shown = free.length > 0 ? free : networks
  return t(free.length > 0 ? 'whatIf.savings.free' : 'whatIf.savings.also', {
    posts,
    network: name,
    places: places(shown),
  })
}
