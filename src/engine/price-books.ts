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

/** What one workspace pays at one network. */
export type NetworkPrices = {
  book: EffectiveBook
  plan: string
  /** Connections whose account owns the app. */
  owners: readonly string[]
}

export type WorkspacePrices = {
  /** Throws where no such network is shipped. */
  of: (network: string) => NetworkPrices
  budgets: readonly Budget[]
}

export type PriceBooks = {
  of: (workspaceId: string) => Promise<WorkspacePrices>
  /** Prices of this workspace were changed here. */
  forget: (workspaceId: string) => void
  /** Looks now whether other processes changed any. */
  check: () => Promise<void>
}

const checkMs = 2_000
/** So many workspaces are kept at most; the one first loaded goes first. */
const keptAtMost = 5_000

export function createPriceBooks(
  db: Handle,
  definitions: ReadonlyArray<Pick<NetworkDefinition, 'id' | 'priceBook'>>,
): PriceBooks {
  const shipped = new Map(
    definitions.map(({ id, priceBook }): [string, NetworkPrices] => [
      id,
      { book: effectiveBook(priceBook), plan: priceBook.defaultPlan, owners: [] },
    ]),
  )
  const kept = new Map<string, { revision: number; prices: Promise<WorkspacePrices> }>()
  let checkedAt = Number.NEGATIVE_INFINITY

  function load(workspaceId: string): Promise<WorkspacePrices> {
    const entry = { revision: -1, prices: read() }
    async function read(): Promise<WorkspacePrices> {
      const own = await readOwnPrices(db, workspaceId)
      entry.revision = own.revision
      return pricesOf(shipped, own)
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
      const isStale = entry.revision >= 0 && entry.revision !== (present.get(workspaceId) ?? -1)
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
function pricesOf(shipped: ReadonlyMap<string, NetworkPrices>, own: OwnPrices): WorkspacePrices {
  const changed = new Map(
    [...shipped].map(([network, prices]) => {
      const entries = own.overrides.filter((one) => one.network === network).map(({ entry }) => entry)
      const chosen = own.plans.find((one) => one.network === network)
      return [network, laidOver(prices, entries, chosen)]
    }),
  )
  return {
    of: (network) => {
      const prices = changed.get(network)
      if (!prices) throw new Error(`no price book of ${network}`)
      return prices
    },
    budgets: own.budgets,
  }
}

function laidOver(
  shipped: NetworkPrices,
  entries: readonly PriceEntry[],
  chosen: { plan: string; owners: readonly string[] } | undefined,
): NetworkPrices {
  if (entries.length === 0 && chosen === undefined) return shipped
  const book = entries.length === 0 ? shipped.book : effectiveBook(shipped.book, entries)
  return { book, plan: chosen?.plan ?? shipped.plan, owners: chosen?.owners ?? [] }
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
