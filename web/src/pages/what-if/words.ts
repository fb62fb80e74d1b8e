/** Answers in words and sums. */
import type { Client, Output } from '../../api.ts'
import { formatMoney, type Money } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { amountOf } from './question.ts'

export type Replay = Output<Client['prices']['replay']>
export type Replayed = Replay['items'][number]
export type ReplayedBudget = Replay['budgets'][number]

export const numberOf = ({ amount }: Money): number => Number(amount)

/** Fractions of a cent only where they matter. */
export function moneyText(value: Money): string {
  const amount = numberOf(value)
  return formatMoney(Math.abs(amount) < 10 ? value : { ...value, amount: amount.toFixed(2) })
}

/** Of one currency, as the price book keeps them. */
export function sumOf(parts: readonly Money[]): Money {
  const micros = parts.reduce((sum, part) => sum + Math.round(numberOf(part) * 1e6), 0)
  return { amount: (micros / 1e6).toFixed(6), currency: parts[0]?.currency ?? 'USD' }
}

/** Whether there is anything to say about it. */
export function hasCost({ was, would, unknownRequests, refusedRequests, fees }: Replayed): boolean {
  return (
    numberOf(was) !== 0 ||
    numberOf(would) !== 0 ||
    unknownRequests > 0 ||
    refusedRequests > 0 ||
    fees.would === null
  )
}

/** What lies beyond the API budgets of a network; of several the one that is missed by most. Null where none is. */
export function outsideOf(network: string, budgets: readonly ReplayedBudget[]): ReplayedBudget | null {
  const own = budgets.filter((budget) => budget.network === network && budget.connectionId === null)
  return own.toSorted((a, b) => numberOf(b.outside) - numberOf(a.outside))[0] ?? null
}

/** What a field for an amount says of one that is none. */
export function wrongAmount(typed: string): string | null {
  return amountOf(typed) === null ? t('whatIf.amount.wrong') : null
}
