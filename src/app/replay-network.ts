/** One network's calls and fees of a time, by another book. */
import { fromMicros, type Money, toMicros } from '#domain/money.ts'
import type { EffectiveBook } from '#domain/prices.ts'
import { feesOver, type Repriced, repriceEach, sumOf } from '#domain/repricing.ts'
import type { NetworkPrices } from '#engine/price-books.ts'
import { type CallRow, pastOf, type RowPricedAnew } from './replay-calls.ts'

/** UTC days; `to` is the first that is left out. `asOf`: the day whose prices count for all. */
export type Wanted = { from: string; to: string; asOf: string | undefined }

export type Books = {
  /** As the workspace has it. */
  own: NetworkPrices
  /** The other book. */
  book: EffectiveBook
  plan: string
  /** The plan was asked for, and counts for calls that were made by another, too. */
  isOther: boolean
}

export type NetworkSums = Repriced & {
  /** Parts of `was` and `would`; null where not known, and then in neither. */
  fees: { was: Money | null; would: Money | null }
  difference: Money
  /** Of the calls alone; the dearest by the other book first. */
  purposes: Array<{ purpose: string; requests: number; was: Money; would: Money }>
}

const microsOf = (money: Money | null) => (money === null ? 0n : toMicros(money.amount))

/** `rows` from the start of the month, so that bundles are as full as they were. Null where nothing could cost. */
export function replayNetwork(
  { own, book, plan, isOther }: Books,
  rows: readonly CallRow[],
  { from, to, asOf }: Wanted,
): { sums: NetworkSums; rows: RowPricedAnew[] } | null {
  const { currency } = book
  const past = rows.map((row) => pastOf(row, { currency, plan: isOther ? plan : (row.plan ?? plan), asOf }))
  const inTime = repriceEach(book, past).filter(({ day }) => day >= from)
  const fees = {
    was: feesOver(own.book, own.plan, { from, to }),
    would: feesOver(book, plan, { from, to, asOf }),
  }
  if (inTime.length === 0 && microsOf(fees.was) === 0n && microsOf(fees.would) === 0n) return null
  const calls = sumOf(currency, inTime)
  const money = (micros: bigint): Money => ({ amount: fromMicros(micros), currency })
  const was = microsOf(calls.was) + microsOf(fees.was)
  const would = microsOf(calls.would) + microsOf(fees.would)
  const total = { was: money(was), would: money(would), difference: money(would - was) }
  return { sums: { ...calls, ...total, fees, purposes: purposesOf(inTime, currency) }, rows: inTime }
}

function purposesOf(rows: readonly RowPricedAnew[], currency: string): NetworkSums['purposes'] {
  const sums = [...Map.groupBy(rows, ({ purpose }) => purpose)].map(([purpose, own]) => {
    const { requests, was, would } = sumOf(currency, own)
    return { purpose, requests, was, would }
  })
  return sums.sort((a, b) => Number(microsOf(b.would) - microsOf(a.would)) || b.requests - a.requests)
}
