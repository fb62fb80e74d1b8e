/** Re-pricing: what calls of the past would have cost by another book, plan or day, and what plans' fees come to. */
import { fromMicros, type Money, toMicros } from './money.ts'
import {
  type BundleEntry,
  bundlesFor,
  type CallKind,
  type EffectiveBook,
  monthlyFee,
  priceAfter,
  type UsedOf,
  windowOf,
} from './prices.ts'

/** Past calls of one kind and day that were answered, and what they were charged then. */
export type PastCalls = {
  /** Its day is the one whose prices count. */
  kind: CallKind
  /** The UTC day they were made on, by which bundles fill up. */
  day: string
  requests: number
  items: number
  freshItems: number | null
  was: Money | null
}

/** What calls of one kind and day would have cost. */
export type PricedAnew = {
  /** Null where the price is not known. */
  would: Money | null
  /** Those of them that a used-up bundle would have kept from being answered; they cost nothing. */
  refusedRequests: number
}

export type Repriced = {
  was: Money
  would: Money
  requests: number
  /** Those of them whose price is not known in the other book; they are in no sum. */
  unknownRequests: number
  refusedRequests: number
}

/** Each of the calls by another book. Bundles fill up in the order of the calls, so hand them in by day. */
export function repriceEach<Past extends PastCalls>(
  book: EffectiveBook,
  calls: readonly Past[],
): Array<Past & PricedAnew> {
  const used = new Map<string, number>()
  return calls.map((past) => {
    const usedOf: UsedOf = (bundle) => used.get(windowOf(bundle, past.day)) ?? 0
    const bundles = bundlesFor(book, past.kind)
    const refusedRequests = refusedOf(bundles, past, usedOf)
    const answered = withoutRefused(past, refusedRequests)
    const { amount } = priceAfter(book, past.kind, answered, usedOf)
    for (const bundle of bundles)
      used.set(windowOf(bundle, past.day), usedOf(bundle, past.day) + countOf(bundle, answered))
    const isAllRefused = refusedRequests > 0 && refusedRequests === past.requests
    return { ...past, would: isAllRefused ? nothing(book) : amount, refusedRequests }
  })
}

type Counts = Pick<PastCalls, 'requests' | 'items' | 'freshItems'>

const nothing = ({ currency }: EffectiveBook): Money => ({ amount: fromMicros(0n), currency })

function countOf({ counts }: BundleEntry, { requests, items }: Counts): number {
  return counts === 'request' ? requests : items
}

/** Of several bundles that are used up the one that refuses most decides. */
function refusedOf(bundles: readonly BundleEntry[], past: PastCalls, usedOf: UsedOf): number {
  return bundles.reduce((most, bundle) => {
    const count = countOf(bundle, past)
    if (bundle.size === null || bundle.beyond !== undefined || count === 0) return most
    const over = Math.min(count, Math.max(0, usedOf(bundle, past.day) + count - bundle.size))
    return Math.max(most, Math.ceil((past.requests * over) / count))
  }, 0)
}

/** Refused calls bring nothing; how many items each brought is told by the average alone. */
function withoutRefused({ requests, items, freshItems }: PastCalls, refused: number): Counts {
  const share = (count: number) =>
    refused === 0 ? count : Math.floor((count * (requests - refused)) / requests)
  return {
    requests: requests - refused,
    items: share(items),
    freshItems: freshItems === null ? null : share(freshItems),
  }
}

/** All of the calls by another book. */
export function reprice(book: EffectiveBook, calls: readonly PastCalls[]): Repriced {
  return sumOf(book.currency, repriceEach(book, calls))
}

export function sumOf(
  currency: string,
  priced: ReadonlyArray<Pick<PastCalls, 'requests' | 'was'> & PricedAnew>,
): Repriced {
  const total = { requests: 0, unknownRequests: 0, refusedRequests: 0 }
  let was = 0n
  let would = 0n
  for (const one of priced) {
    total.requests += one.requests
    total.refusedRequests += one.refusedRequests
    if (one.was !== null) was += toMicros(one.was.amount)
    if (one.would === null) total.unknownRequests += one.requests - one.refusedRequests
    else would += toMicros(one.would.amount)
  }
  const money = (micros: bigint): Money => ({ amount: fromMicros(micros), currency })
  return { ...total, was: money(was), would: money(would) }
}

/**
 * What a plan's monthly fee comes to over days, each of which bears its share of its month; `to` is the first that is
 * left out. Null where the fee of one of them is not known. `asOf`: the day whose fee counts for all.
 */
export function feesOver(
  book: EffectiveBook,
  plan: string,
  { from, to, asOf }: { from: string; to: string; asOf?: string | undefined },
): Money | null {
  // Days of one month and fee together, so that a whole month bears the whole fee.
  const shares = new Map<string, { fee: bigint; days: bigint; of: bigint }>()
  for (let day = from; day < to; day = dayAfter(day)) {
    const fee = monthlyFee(book, plan, asOf ?? day)
    if (fee === null) return null
    const name = `${day.slice(0, 7)} ${fee.amount}`
    const share = shares.get(name) ?? { fee: toMicros(fee.amount), days: 0n, of: BigInt(daysOfMonth(day)) }
    shares.set(name, { ...share, days: share.days + 1n })
  }
  const micros = [...shares.values()].reduce((sum, { fee, days, of }) => sum + (fee * days) / of, 0n)
  return { amount: fromMicros(micros), currency: book.currency }
}

export function dayAfter(day: string): string {
  return new Date(Date.parse(`${day}T00:00Z`) + 86_400_000).toISOString().slice(0, 10)
}

export function daysOfMonth(day: string): number {
  return new Date(Date.UTC(Number(day.slice(0, 4)), Number(day.slice(5, 7)), 0)).getUTCDate()
}
