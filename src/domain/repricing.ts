/** Re-pricing: what calls of the past would have cost by another book, plan or day. */
import { fromMicros, type Money, toMicros } from './money.ts'
import { bundlesFor, type CallKind, type EffectiveBook, priceAfter, windowOf } from './prices.ts'

/** Past calls of one kind and day that were answered, and what they were charged then. */
export type PastCalls = {
  kind: CallKind
  requests: number
  items: number
  freshItems: number | null
  was: Money | null
}

export type Repriced = {
  was: Money
  would: Money
  requests: number
  /** Those of them whose price is not known in the other book; they are in no sum. */
  unknownRequests: number
}

/**
 * What past calls would have cost by another book, or by another plan or day where their kinds say so.
 *
 * Bundles fill up in the order of the calls, so hand them in by day.
 */
export function reprice(book: EffectiveBook, calls: readonly PastCalls[]): Repriced {
  const used = new Map<string, number>()
  const total = { was: 0n, would: 0n, requests: 0, unknownRequests: 0 }
  for (const past of calls) {
    const { kind, requests, items, was } = past
    const price = priceAfter(book, kind, past, (bundle, on) => used.get(windowOf(bundle, on)) ?? 0)
    for (const bundle of bundlesFor(book, kind)) {
      const window = windowOf(bundle, kind.on)
      used.set(window, (used.get(window) ?? 0) + (bundle.counts === 'request' ? requests : items))
    }
    total.requests += requests
    if (was !== null) total.was += toMicros(was.amount)
    if (price.amount === null) total.unknownRequests += requests
    else total.would += toMicros(price.amount.amount)
  }
  const money = (micros: bigint): Money => ({ amount: fromMicros(micros), currency: book.currency })
  return { ...total, was: money(total.was), would: money(total.would) }
}
