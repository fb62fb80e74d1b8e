/** What a time priced anew does to the API budgets: what of it lies beyond them, and which calls that would be. */
import { type Budget, concerns } from '#domain/budget.ts'
import { fromMicros, type Money, toMicros } from '#domain/money.ts'
import { dayAfter, daysOfMonth } from '#domain/repricing.ts'
import type { RowPricedAnew } from './replay-calls.ts'

/** What a network's plan costs over days, `to` left out; null where it is not known. */
export type FeePayer = { network: string; currency: string; feeOver: (span: Span) => Money | null }

export type ReplayedBudget = Pick<
  Budget,
  'id' | 'network' | 'connectionId' | 'purpose' | 'period' | 'isHard'
> & {
  /** What it allows in the time; of a month that is not whole its share. */
  allowed: Money
  would: Money
  outside: Money
  /** What lies beyond it, where publishing comes first. `fee`: the monthly fee. */
  outsideBy: Array<{ purpose: string; amount: Money }>
}

/** Who may use a budget first; what is not named comes after them. */
const order = ['fee', 'publish', 'reconcile', 'remove', 'connect', 'converse', 'measure']

type Span = { from: string; to: string }

/** `feePayers` are the networks that are priced anew; fees count where a budget is for all of a network. */
export function replayBudgets(
  budgets: readonly Budget[],
  rows: readonly RowPricedAnew[],
  span: Span,
  feePayers: readonly FeePayer[],
): ReplayedBudget[] {
  return budgets.flatMap((budget) => {
    const { currency } = budget.amount
    const own = rows.filter((row) => concerns(budget, { ...row, currency }))
    const payers = feePayers.filter((payer) => bearsFee(budget, payer))
    if (own.length === 0 && payers.length === 0) return []
    const parts = periodsOf(budget, span).map((part) => {
      const fee = payers.reduce((sum, { feeOver }) => sum + microsOf(feeOver(part)), 0n)
      return partOf(budget, own, part, fee)
    })
    return [viewOf(budget, parts)]
  })
}

function bearsFee(budget: Budget, { network, currency }: FeePayer): boolean {
  const isForAll = budget.connectionId === null && budget.purpose === null
  return isForAll && budget.amount.currency === currency && (budget.network ?? network) === network
}

const microsOf = (money: Money | null) => (money === null ? 0n : toMicros(money.amount))

/** The days or months of the time, those at its ends as far as they reach into it. */
function periodsOf({ period }: Pick<Budget, 'period'>, { from, to }: Span): Array<Span & { days: number }> {
  const parts: Array<Span & { days: number }> = []
  for (let day = from; day < to; day = dayAfter(day)) {
    const last = parts.at(-1)
    const isSame = last !== undefined && period === 'month' && last.from.slice(0, 7) === day.slice(0, 7)
    if (isSame) Object.assign(last, { to: dayAfter(day), days: last.days + 1 })
    else parts.push({ from: day, to: dayAfter(day), days: 1 })
  }
  return parts
}

type Part = { allowed: bigint; would: bigint; outside: Map<string, bigint> }

function partOf(
  budget: Budget,
  rows: readonly RowPricedAnew[],
  { from, to, days }: Span & { days: number },
  fee: bigint,
): Part {
  const whole = toMicros(budget.amount.amount)
  const allowed = budget.period === 'day' ? whole : (whole * BigInt(days)) / BigInt(daysOfMonth(from))
  const sums = new Map<string, bigint>(fee === 0n ? [] : [['fee', fee]])
  for (const { day, purpose, would } of rows)
    if (from <= day && day < to) sums.set(purpose, (sums.get(purpose) ?? 0n) + microsOf(would))
  const outside = new Map<string, bigint>()
  let total = 0n
  for (const [purpose, sum] of [...sums].sort(([a], [b]) => placeOf(a) - placeOf(b))) {
    const left = total < allowed ? allowed - total : 0n
    if (sum > left) outside.set(purpose, sum - left)
    total += sum
  }
  return { allowed, would: total, outside }
}

function placeOf(purpose: string): number {
  const place = order.indexOf(purpose)
  return place === -1 ? order.length : place
}

function viewOf(budget: Budget, parts: readonly Part[]): ReplayedBudget {
  const money = (micros: bigint): Money => ({ amount: fromMicros(micros), currency: budget.amount.currency })
  const sum = (of: (part: Part) => bigint) => parts.reduce((total, part) => total + of(part), 0n)
  const purposes = [...new Set(parts.flatMap(({ outside }) => [...outside.keys()]))].sort(
    (a, b) => placeOf(a) - placeOf(b),
  )
  const by = purposes.map((purpose) => ({
    purpose,
    amount: sum(({ outside }) => outside.get(purpose) ?? 0n),
  }))
  const { id, network, connectionId, purpose, period, isHard } = budget
  return {
    id,
    network,
    connectionId,
    purpose,
    period,
    isHard,
    allowed: money(sum(({ allowed }) => allowed)),
    would: money(sum(({ would }) => would)),
    outside: money(by.reduce((total, { amount }) => total + amount, 0n)),
    outsideBy: by.map((one) => ({ purpose: one.purpose, amount: money(one.amount) })),
  }
}
