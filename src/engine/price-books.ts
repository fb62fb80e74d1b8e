/**
 * The price book each workspace is charged by, in memory, so that pricing a call asks no database.
 *
 * A change made in this process counts at once (`forget`); one made in another is noticed within `checkMs`, by one
 * query about all workspaces in use.
 */
import {
  type CallKind,
  type Conditions,
  type EffectiveBook,
  effectiveBook,
  type PriceEntry,
} from '#domain/prices.ts'
import type { Budget } from '#domain/budget.ts'
import type { NetworkDefinition } from '#networks/contract.ts'
import type { Handle } from '#storage/deliveries.ts'
import { type OwnPrices, readOwnPrices, readPriceRevisions } from '#storage/prices.ts'
import { readLatestTerms, type TermsReading } from '#storage/terms.ts'
import { type BundleUse, needsBundleUse, noBundleUse, readBundleUse } from './bundle-use.ts'

/** What one workspace pays at one network. */
export type NetworkPrices = {
  book: EffectiveBook
  plan: string
  /** Connections whose account owns the app. */
  owners: readonly string[]
  /** Tells of calls that were answered, where what others cost depends on how many there were. */
  count: BundleUse['count']
}

export type WorkspacePrices = {
  /** Throws where no such network is shipped. */
  of: (network: string) => NetworkPrices
  budgets: readonly Budget[]
  /** The last reading of each network's terms by people of the workspace. */
  termsRead: readonly TermsReading[]
}

export type PriceBooks = {
  of: (workspaceId: string) => Promise<WorkspacePrices>
  /** Prices of this workspace were changed here. */
  forget: (workspaceId: string) => void
  /** Looks now whether other processes changed any. */
  check: () => Promise<void>
}

export type PriceBooksOptions = {
  now?: () => Date
  /** Milliseconds after which changes of other processes are looked for. Default 2,000. */
  checkMs?: number
}

/** Bundles are counted anew so often. Milliseconds. */
const countMs = 60_000
/** So many workspaces are kept at most; the one first loaded goes first. */
const keptAtMost = 5_000

type Kept = {
  /** -1 while it is loaded. */
  revision: number
  isCounting: boolean
  loadedAt: number
  prices: Promise<WorkspacePrices>
}

export function createPriceBooks(
  db: Handle,
  definitions: ReadonlyArray<Pick<NetworkDefinition, 'id' | 'priceBook'>>,
  { now = () => new Date(), checkMs = 2_000 }: PriceBooksOptions = {},
): PriceBooks {
  const shipped = new Map(
    definitions.map(({ id, priceBook }): [string, NetworkPrices] => [
      id,
      { book: effectiveBook(priceBook), plan: priceBook.defaultPlan, owners: [], count: noBundleUse.count },
    ]),
  )
  const kept = new Map<string, Kept>()
  let checkedAt = Number.NEGATIVE_INFINITY

  function load(workspaceId: string): Promise<WorkspacePrices> {
    const entry: Kept = { revision: -1, isCounting: false, loadedAt: performance.now(), prices: read() }
    async function read(): Promise<WorkspacePrices> {
      const own = await readOwnPrices(db, workspaceId)
      entry.revision = own.revision
      const termsRead = await readLatestTerms(db, workspaceId)
      const prices = withOwn(shipped, own)
      entry.isCounting = await countBundles(db, workspaceId, prices, dayOf(now()))
      return pricesOf(prices, own, termsRead)
    }
    kept.set(workspaceId, entry)
    const [oldest] = kept.keys()
    if (kept.size > keptAtMost && oldest !== undefined) kept.delete(oldest)
    entry.prices.catch(() => {
      if (kept.get(workspaceId) === entry) kept.delete(workspaceId)
    })
    return entry.prices
  }

  async function check(): Promise<void> {
    checkedAt = performance.now()
    const before = [...kept]
    if (before.length === 0) return
    const present = await readPriceRevisions(
      db,
      before.map(([workspaceId]) => workspaceId),
    )
    for (const [workspaceId, entry] of before) {
      const isChanged = entry.revision >= 0 && entry.revision !== (present.get(workspaceId) ?? -1)
      const isStale = isChanged || (entry.isCounting && performance.now() - entry.loadedAt > countMs)
      if (isStale && kept.get(workspaceId) === entry) kept.delete(workspaceId)
    }
  }

  return {
    of: (workspaceId) => {
      // What the database does not answer now is asked again later; until then the known prices hold.
      if (performance.now() - checkedAt > checkMs) check().catch(() => {})
      return kept.get(workspaceId)?.prices ?? load(workspaceId)
    },
    forget: (workspaceId) => void kept.delete(workspaceId),
    check,
  }
}

/** Networks without prices or plans of the workspace's own share the shipped book. */
function withOwn(shipped: ReadonlyMap<string, NetworkPrices>, own: OwnPrices): Map<string, NetworkPrices> {
  return new Map(
    [...shipped].map(([network, prices]) => {
      const entries = own.overrides.filter((one) => one.network === network).map(({ entry }) => entry)
      const chosen = own.plans.find((one) => one.network === network)
      return [network, laidOver(prices, entries, chosen)]
    }),
  )
}

function pricesOf(
  prices: ReadonlyMap<string, NetworkPrices>,
  own: OwnPrices,
  termsRead: readonly TermsReading[],
): WorkspacePrices {
  return {
    of: (network) => {
      const found = prices.get(network)
      if (!found) throw new Error(`no price book of ${network}`)
      return found
    },
    budgets: own.budgets,
    termsRead,
  }
}

/** Whether any network's prices depend on how many calls were made. */
async function countBundles(
  db: Handle,
  workspaceId: string,
  prices: Map<string, NetworkPrices>,
  on: string,
): Promise<boolean> {
  let isCounting = false
  for (const [network, one] of prices) {
    if (!needsBundleUse(one.book, one.plan)) continue
    isCounting = true
    const { usedOf, count } = await readBundleUse(db, { workspaceId, network, plan: one.plan }, one.book, on)
    prices.set(network, { ...one, book: { ...one.book, usedOf }, count })
  }
  return isCounting
}

const dayOf = (instant: Date) => instant.toISOString().slice(0, 10)

function laidOver(
  shipped: NetworkPrices,
  entries: readonly PriceEntry[],
  chosen: { plan: string; owners: readonly string[] } | undefined,
): NetworkPrices {
  if (entries.length === 0 && chosen === undefined) return shipped
  const book = entries.length === 0 ? shipped.book : effectiveBook(shipped.book, entries)
  return { ...shipped, book, plan: chosen?.plan ?? shipped.plan, owners: chosen?.owners ?? [] }
}

/** The kind of a call as the prices see it: its plan, its day, and whether its account owns the app. */
export function kindOf(
  { plan, owners }: NetworkPrices,
  call: { endpointClass: string; connectionId: string | null; on: string } & Conditions,
): CallKind {
  const { endpointClass, connectionId, on, hasLink, isSummoned } = call
  return {
    plan,
    endpointClass,
    on,
    isOwned: connectionId !== null && owners.includes(connectionId),
    ...(hasLink === undefined ? {} : { hasLink }),
    ...(isSummoned === undefined ? {} : { isSummoned }),
  }
}
