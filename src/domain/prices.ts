/**
 * The price book: what networks charge, as dated entries, and what a call costs by them.
 *
 * Three rules hold everywhere. What is not known stays unknown and is never taken for nothing. Where several entries
 * speak of a call, a workspace's own wins, then the one with the most conditions, then the dearest, so that no bill
 * is higher than was said. Days are UTC days, written YYYY-MM-DD; `to` is the first day that is not covered any more.
 */
import { fromMicros, type Money, toMicros } from './money.ts'

/** What tells calls of one class apart where that decides the price. */
export type Conditions = {
  /** The content carries a link. */
  hasLink?: boolean
  /** What is read belongs to the account that owns the app. */
  isOwned?: boolean
  /** The account was mentioned or quoted by whom it answers. */
  isSummoned?: boolean
}
export const conditionNames = ['hasLink', 'isOwned', 'isSummoned'] as const

/** An exact decimal, for example `0.015`; null where it is not known. */
export type Amount = string | null

/** How an entry charges. `calls` are endpoint classes; classes in one bundle are counted together. */
export type Tariff =
  | {
      /** `item`: for each item that comes back; `request`: for each that is answered; `event`: for each pushed to us. */
      unit: 'request' | 'item' | 'event'
      calls: readonly string[]
      when?: Conditions
      price: Amount
      /** The same item is charged once within the window. */
      dedupe?: 'utc-day'
    }
  | { unit: 'month'; price: Amount }
  | {
      /**
       * So many in a window, at what other entries charge for each, or at nothing where none does. Beyond it each
       * costs `beyond` besides; without that the network refuses. A size of null is known to the network alone.
       */
      unit: 'bundle'
      calls: readonly string[]
      counts: 'request' | 'item'
      size: number | null
      window: 'day' | 'month'
      beyond?: string
    }
  | {
      /** How much is allowed follows from figures that only the network knows; it tells so with its answers. */
      unit: 'formula'
      calls: readonly string[]
      formula: string
      toldBy: string
    }

export type PriceEntry = Tariff & {
  /** Names it within its network's book. An entry of a workspace's own with the same key takes its place. */
  key: string
  plan: string
  /** Absent where no first day is known. */
  from?: string
  to?: string
  /** Where it stands written, and the day it was read. */
  source: string
  readOn: string
  confidence?: 'high' | 'medium' | 'low'
  note?: string
}
export type UnitEntry = Extract<PriceEntry, { unit: 'request' | 'item' | 'event' }>
export type BundleEntry = Extract<PriceEntry, { unit: 'bundle' }>

export type PricePlan = { id: string; name: string }

/** What one network charges, in one currency. */
export type PriceBook = {
  currency: string
  plans: readonly PricePlan[]
  /** The plan of a workspace that has chosen none. */
  defaultPlan: string
  entries: readonly PriceEntry[]
  /** The calls by which a post's and a channel's figures are read; absent where that costs nothing. */
  figures?: { post: string; channel: string }
}

/** A book with a workspace's own entries laid over the shipped ones, indexed for look-ups. */
export type EffectiveBook = PriceBook & {
  ownKeys: ReadonlySet<string>
  /** What a caller that counts nothing by itself goes by. */
  usedOf: UsedOf
  byCall: ReadonlyMap<string, { units: readonly UnitEntry[]; bundles: readonly BundleEntry[] }>
}

export type CallKind = { plan: string; endpointClass: string; on: string } & Conditions

export type Price = {
  /** Null where it is not known. */
  amount: Money | null
  /** Key of the entry it follows from; null where none speaks of the call. */
  key: string | null
  /** Whether a bundle without a price beyond it is used up, so that the network will refuse. */
  isOverCap: boolean
}

/** How many of a bundle were used in its window of that day, before this call. */
export type UsedOf = (bundle: BundleEntry, on: string) => number

export function effectiveBook(shipped: PriceBook, own: readonly PriceEntry[] = []): EffectiveBook {
  const ownKeys = new Set(own.map(({ key }) => key))
  const entries = [...own, ...shipped.entries.filter(({ key }) => !ownKeys.has(key))]
  const known = new Set(shipped.plans.map(({ id }) => id))
  const ownPlans = [...new Set(own.map(({ plan }) => plan))].filter((plan) => !known.has(plan))
  return {
    ...shipped,
    plans: [...shipped.plans, ...ownPlans.map((id) => ({ id, name: id }))],
    entries,
    ownKeys,
    usedOf: () => 0,
    byCall: indexOf(entries, ownKeys),
  }
}

function indexOf(entries: readonly PriceEntry[], ownKeys: ReadonlySet<string>): EffectiveBook['byCall'] {
  const index = new Map<string, { units: UnitEntry[]; bundles: BundleEntry[] }>()
  for (const entry of entries) {
    if (entry.unit === 'month' || entry.unit === 'formula') continue
    for (const call of entry.calls) {
      const name = placeOf(entry.plan, call)
      const place = index.get(name) ?? { units: [], bundles: [] }
      index.set(name, place)
      if (entry.unit === 'bundle') place.bundles.push(entry)
      else place.units.push(entry)
    }
  }
  for (const { units } of index.values())
    units.sort((a, b) => rankOf(b, ownKeys) - rankOf(a, ownKeys) || byPrice(a, b))
  return index
}

const placeOf = (plan: string, endpointClass: string) => `${plan} ${endpointClass}`

/** Own entries first, then those with more conditions. */
function rankOf({ key, when }: UnitEntry, ownKeys: ReadonlySet<string>): number {
  return (ownKeys.has(key) ? 10 : 0) + Object.keys(when ?? {}).length
}

/** The dearest first; what is not known might be dearer than all. */
function byPrice(a: UnitEntry, b: UnitEntry): number {
  if (a.price === null || b.price === null) return a.price === b.price ? 0 : a.price === null ? -1 : 1
  return Number(toMicros(b.price) - toMicros(a.price))
}

export function isInForce({ from, to }: Pick<PriceEntry, 'from' | 'to'>, on: string): boolean {
  return (from === undefined || from <= on) && (to === undefined || on < to)
}

/** The entry that prices each single call of this kind. A condition that is not told does not hold. */
export function entryFor(book: EffectiveBook, call: CallKind): UnitEntry | null {
  const place = book.byCall.get(placeOf(call.plan, call.endpointClass))
  return place?.units.find((entry) => isInForce(entry, call.on) && holds(entry.when, call)) ?? null
}

function holds(when: Conditions | undefined, call: Conditions): boolean {
  return conditionNames.every((name) => when?.[name] === undefined || when[name] === (call[name] ?? false))
}

/** The bundles in force that a call counts towards. */
export function bundlesFor(book: EffectiveBook, call: CallKind): BundleEntry[] {
  const place = book.byCall.get(placeOf(call.plan, call.endpointClass))
  return place?.bundles.filter((entry) => isInForce(entry, call.on)) ?? []
}

/** Names a bundle's window that a day falls into. */
export function windowOf({ key, window }: BundleEntry, on: string): string {
  return `${key} ${window === 'month' ? on.slice(0, 7) : on}`
}

/** What came back: `freshItems` were not read before within the window of the entry; without it all are taken as new. */
export type Counted = { requests?: number; items: number; freshItems?: number | null }

/** What answered calls of one kind cost. Failed ones are the caller's to leave out. */
export function priceAfter(
  book: EffectiveBook,
  call: CallKind,
  counted: Counted,
  usedOf: UsedOf = book.usedOf,
): Price {
  const entry = entryFor(book, call)
  const overs = bundlesFor(book, call).map((bundle) => ({
    bundle,
    over: overOf(bundle, counted, usedOf(bundle, call.on)),
  }))
  // A bundle covers what no entry prices.
  const price = entry === null && overs.length > 0 ? '0' : (entry?.price ?? null)
  const parts = [
    moneyOf(book, price, entry === null ? 0 : unitsOf(entry, counted)),
    ...overs.map(({ bundle, over }) => moneyOf(book, bundle.beyond ?? '0', over)),
  ]
  return {
    amount: sumOf(book, parts),
    key: entry?.key ?? overs[0]?.bundle.key ?? null,
    isOverCap: overs.some(({ bundle, over }) => over > 0 && bundle.beyond === undefined),
  }
}

/** How many of these are beyond the bundle. */
function overOf(bundle: BundleEntry, { requests = 1, items }: Counted, used: number): number {
  if (bundle.size === null) return 0
  const count = bundle.counts === 'request' ? requests : items
  return Math.min(count, Math.max(0, used + count - bundle.size))
}

function unitsOf({ unit, dedupe }: UnitEntry, { requests = 1, items, freshItems }: Counted): number {
  if (unit === 'request') return requests
  return dedupe === undefined ? items : Math.min(items, freshItems ?? items)
}

function moneyOf({ currency }: PriceBook, price: Amount, count: number): Money | null {
  if (price === null) return null
  return { amount: fromMicros(toMicros(price) * BigInt(count)), currency }
}

function sumOf({ currency }: PriceBook, parts: ReadonlyArray<Money | null>): Money | null {
  let total = 0n
  for (const part of parts) {
    if (part === null) return null
    total += toMicros(part.amount)
  }
  return { amount: fromMicros(total), currency }
}

/** What is known before a call is made. */
export type Estimated = { requests?: number; mostItems?: number }

/**
 * The most that calls of one kind can cost, told before they are made.
 *
 * A condition that is not told counts as what is dearer, and every item as new. The amount is null where a price is
 * not known, or where items cost and nobody says how many may come back at most.
 */
export function priceBefore(
  book: EffectiveBook,
  call: CallKind,
  { requests = 1, mostItems }: Estimated = {},
  usedOf?: UsedOf,
): Price {
  const prices = kindsOf(book, call).map((kind) => {
    const price = priceAfter(book, kind, { requests, items: mostItems ?? 0 }, usedOf)
    return mostItems === undefined && dependsOnItems(book, kind) ? { ...price, amount: null } : price
  })
  const [first = unknownPrice, ...others] = prices
  return others.reduce(dearer, first)
}

function dependsOnItems(book: EffectiveBook, kind: CallKind): boolean {
  const entry = entryFor(book, kind)
  return (
    (entry !== null && entry.unit !== 'request' && toMicros(entry.price ?? '0') > 0n) ||
    bundlesFor(book, kind).some(({ counts, beyond }) => counts === 'item' && beyond !== undefined)
  )
}

const unknownPrice: Price = { amount: null, key: null, isOverCap: false }

function dearer(a: Price, b: Price): Price {
  const isOverCap = a.isOverCap || b.isOverCap
  if (a.amount === null || b.amount === null) return { ...(a.amount === null ? a : b), isOverCap }
  return { ...(toMicros(b.amount.amount) > toMicros(a.amount.amount) ? b : a), isOverCap }
}

/** The call under every combination of the conditions that decide its price and are not told. */
function kindsOf(book: EffectiveBook, call: CallKind): CallKind[] {
  const units = book.byCall.get(placeOf(call.plan, call.endpointClass))?.units ?? []
  const open = conditionNames.filter(
    (name) => call[name] === undefined && units.some(({ when }) => when?.[name] !== undefined),
  )
  return open.reduce<CallKind[]>(
    (kinds, name) =>
      kinds.flatMap((kind) => [
        { ...kind, [name]: false },
        { ...kind, [name]: true },
      ]),
    [call],
  )
}

/** The fee of a plan for a month, by the day it is asked for; null where no entry says one. */
export function monthlyFee(book: EffectiveBook, plan: string, on: string): Money | null {
  const entries = book.entries.filter(
    (entry) => entry.unit === 'month' && entry.plan === plan && isInForce(entry, on),
  )
  const entry = entries.find(({ key }) => book.ownKeys.has(key)) ?? entries[0]
  return entry?.unit === 'month' ? moneyOf(book, entry.price, 1) : null
}
