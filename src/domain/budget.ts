/**
 * API budgets: how much calls to networks may cost in a UTC day or month, and who comes first when it runs short.
 *
 * Publishing, and finding out what became of it, may use a budget to its end; reads only up to the share that is not
 * protected, so that they never starve it. Amounts are exact decimals (money.ts).
 */
import { fromMicros, type Money, toMicros } from './money.ts'

export const budgetPeriods = ['day', 'month'] as const
export type BudgetPeriod = (typeof budgetPeriods)[number]

/** What calls are made for. */
export const spendingPurposes = ['connect', 'publish', 'reconcile', 'measure', 'remove', 'converse'] as const
export type SpendingPurpose = (typeof spendingPurposes)[number]

/** A field of null holds for every value. */
export type Budget = {
  id: string
  network: string | null
  connectionId: string | null
  purpose: string | null
  period: BudgetPeriod
  amount: Money
  /** Percent of the amount at which people are told, ascending. */
  alerts: readonly number[]
  /** Whether calls stop at its end; else people are only told. */
  isHard: boolean
  /** Percent kept from reads. */
  protectedPercent: number
}

export type Spender = { network: string; connectionId: string | null; purpose: string; currency: string }

/** Purposes that may use a budget to its end. */
const firstInLine: ReadonlySet<string> = new Set(['publish', 'reconcile', 'remove'])

export const isFirstInLine = (purpose: string): boolean => firstInLine.has(purpose)

export function concerns(budget: Budget, spender: Spender): boolean {
  return (
    budget.amount.currency === spender.currency &&
    (budget.network === null || budget.network === spender.network) &&
    (budget.connectionId === null || budget.connectionId === spender.connectionId) &&
    (budget.purpose === null || budget.purpose === spender.purpose)
  )
}

/** First day of the period `at` lies in, YYYY-MM-DD. */
export function periodStart(period: BudgetPeriod, at: Date): string {
  const day = at.toISOString().slice(0, 10)
  return period === 'day' ? day : `${day.slice(0, 7)}-01`
}

/** First day of the next period, as the instant it begins. */
export function periodEnd(period: BudgetPeriod, at: Date): Date {
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()]
  return new Date(period === 'day' ? Date.UTC(year, month, day + 1) : Date.UTC(year, month + 1, 1))
}

/** What was used in a period: spent, and reserved by calls under way. Micro-units. */
export type Used = { spent: bigint; reserved: bigint }

/** The most that calls of a purpose may bring it to. Micro-units. */
export function ceilingFor({ amount, protectedPercent, purpose: own }: Budget, purpose: string): bigint {
  const whole = toMicros(amount.amount)
  // A budget for one purpose is all that purpose's.
  if (own !== null || firstInLine.has(purpose)) return whole
  return (whole * BigInt(100 - protectedPercent)) / 100n
}

/** Whether a call that costs at most so much may leave. */
export function hasRoom(budget: Budget, { spent, reserved }: Used, purpose: string, most: bigint): boolean {
  return !budget.isHard || most === 0n || spent + reserved + most <= ceilingFor(budget, purpose)
}

/** What is left for a purpose, never below nothing. */
export function leftOf(budget: Budget, { spent, reserved }: Used, purpose: string): Money {
  const left = ceilingFor(budget, purpose) - spent - reserved
  return { amount: fromMicros(left > 0n ? left : 0n), currency: budget.amount.currency }
}

/**
 * What will be spent by the end of a period if it goes on as it did since its start; null while too little of it has
 * passed to tell.
 */
export function atPace(period: BudgetPeriod, spent: bigint, now: Date): bigint | null {
  const start = Date.parse(`${periodStart(period, now)}T00:00Z`)
  const passed = now.getTime() - start
  const whole = periodEnd(period, now).getTime() - start
  return passed * 24 < whole ? null : (spent * BigInt(whole)) / BigInt(passed)
}

/** Whether a change lets more calls leave. */
export function givesMoreRoom(before: Budget, after: Budget): boolean {
  return (
    toMicros(after.amount.amount) > toMicros(before.amount.amount) ||
    (before.isHard && !after.isHard) ||
    after.protectedPercent < before.protectedPercent
  )
}

/** The highest alert that has been reached, or 0. */
export function alertReached({ amount, alerts }: Budget, { spent, reserved }: Used): number {
  const whole = toMicros(amount.amount)
  const used = spent + reserved
  return alerts.reduce((highest, step) => (used * 100n >= whole * BigInt(step) ? step : highest), 0)
}
