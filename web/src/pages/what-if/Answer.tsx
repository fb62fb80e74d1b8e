/** What it would have cost: in one sentence, by network, against the budgets, and what could be dropped or moved. */
import type { ReactNode } from 'react'
import { t } from '../../i18n.tsx'
import { shiftDay } from '../../period.ts'
import { Banner } from '../../ui/Banner.tsx'
import { Card } from '../../ui/Card.tsx'
import { dayText } from '../ledger/words.ts'
import type { NetworkPlan } from '../prices/words.ts'
import { BudgetsAnswer } from './BudgetsAnswer.tsx'
import { NetworksAnswer } from './NetworksAnswer.tsx'
import { Savings } from './Savings.tsx'
import { hasCost, moneyText, numberOf, type Replay, sumOf } from './words.ts'

type Props = { replay: Replay; networks: readonly NetworkPlan[] }

export function Answer({ replay, networks }: Props): ReactNode {
  const items = replay.items.filter(hasCost)
  const free = replay.items.length - items.length
  const nameOf = (id: string) => networks.find(({ network }) => network === id)?.name ?? id
  return (
    <>
      <Headline replay={replay} />
      {items.length > 0 && (
        <Card title={t('whatIf.byNetwork')} isFlush>
          <NetworksAnswer items={items} budgets={replay.budgets} nameOf={nameOf} />
          {free > 0 && (
            <p className="border-t border-line px-5 py-3 text-sm text-muted">
              {t('whatIf.free', { count: free })}
            </p>
          )}
        </Card>
      )}
      {items.length > 0 && <BudgetsAnswer budgets={replay.budgets} />}
      <Savings replay={replay} nameOf={nameOf} />
    </>
  )
}

function Headline({ replay: { from, to, items } }: { replay: Replay }): ReactNode {
  const span = t('whatIf.span', { from: dayText(from), to: dayText(shiftDay(to, -1)) })
  if (items.length === 0)
    return (
      <Banner isLive title={t('whatIf.nothing')}>
        {span}
      </Banner>
    )
  const was = sumOf(items.map((item) => item.was))
  const would = sumOf(items.map((item) => item.would))
  const difference = sumOf(items.map((item) => item.difference))
  const sign = Math.sign(numberOf(difference))
  const title =
    sign === 0
      ? t('whatIf.headline.same', { would: moneyText(would) })
      : t(sign > 0 ? 'whatIf.headline.more' : 'whatIf.headline.less', {
          was: moneyText(was),
          would: moneyText(would),
          difference: moneyText({ ...difference, amount: difference.amount.replace('-', '') }),
        })
  return (
    <Banner isLive tone={sign > 0 ? 'warning' : sign < 0 ? 'success' : 'info'} title={title}>
      {span}
    </Banner>
  )
}
