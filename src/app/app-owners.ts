/**
 * Whose account owns the app: where a network charges less for reading what is the owner's, somebody has to say so. No
 * network tells it, and what they count is calls and items, not money, so it does not show in a drift either.
 */
import { sql } from 'kysely'
import { LitfassError } from '#domain/errors.ts'
import { fromMicros, type Money, timesMoney, toMicros } from '#domain/money.ts'
import { isInForce, priceBefore } from '#domain/prices.ts'
import type { NetworkPrices } from '#engine/price-books.ts'
import { markOwner } from '#storage/app-owners.ts'
import { requireRole } from './permissions.ts'
import type { Actor, System } from './system.ts'

/** Kinds of calls that cost the same, each item. */
type OwnerPrice = { calls: string[]; owned: Money; otherwise: Money }

export type OwnerView = {
  connectionId: string
  network: string
  name: string
  sandbox: boolean
  isOwner: boolean
  /** What reading its own costs as owner, and otherwise; the most common first. */
  prices: OwnerPrice[]
  days: number
  /** Such items read in these days. */
  items: number
  /** What they cost less where the account owns the app. */
  difference: Money
}

const days = 30
type Row = { id: string; network: string; name: string; sandbox: boolean }

/** Accounts at networks whose prices, by the plan in use, depend on whose the app is. */
export async function listAppOwners(system: System, actor: Actor): Promise<OwnerView[]> {
  const { workspaceId } = actor
  const prices = await system.prices.of(workspaceId)
  const now = system.now()
  const today = now.toISOString().slice(0, 10)
  const cheaper = new Map(
    system.networks.flatMap(({ definition: { id } }): Array<[string, OwnerPrice[]]> => {
      const found = ownerPrices(prices.of(id), today)
      return found.length === 0 ? [] : [[id, found]]
    }),
  )
  const { rows } = await sql<Row>`select id, network, name, sandbox from connection
    where workspace_id = ${workspaceId} and state <> 'disconnected' and network = any(${[...cheaper.keys()]}::text[])
    order by created_at, id`.execute(system.db)
  const since = new Date(now.getTime() - days * 86_400_000)
  const read = await itemsRead(system, workspaceId, [...cheaper.values()].flat(), since)
  return rows.map(({ id, network, name, sandbox }) => {
    const groups = cheaper.get(network) ?? []
    const counts = groups.map(({ calls }) =>
      calls.reduce((sum, call) => sum + (read.get(`${id} ${call}`) ?? 0), 0),
    )
    return {
      connectionId: id,
      network,
      name,
      sandbox,
      isOwner: prices.of(network).owners.includes(id),
      prices: groups,
      days,
      items: counts.reduce((sum, count) => sum + count, 0),
      difference: differenceOf(groups, counts),
    }
  })
}

function ownerPrices({ book, plan }: NetworkPrices, on: string): OwnerPrice[] {
  const calls = book.entries.flatMap((entry) =>
    'when' in entry && entry.when?.isOwned === true && entry.plan === plan && isInForce(entry, on)
      ? entry.calls
      : [],
  )
  const groups = new Map<string, OwnerPrice>()
  for (const endpointClass of new Set(calls)) {
    const most = (isOwned: boolean) =>
      priceBefore(book, { plan, endpointClass, on, isOwned }, { mostItems: 1 }).amount
    const [owned, otherwise] = [most(true), most(false)]
    if (owned === null || otherwise === null || owned.amount === otherwise.amount) continue
    const key = `${owned.amount} ${otherwise.amount}`
    const group = groups.get(key) ?? { calls: [], owned, otherwise }
    groups.set(key, group)
    group.calls.push(endpointClass)
  }
  return [...groups.values()].sort((a, b) => b.calls.length - a.calls.length)
}

/** By account and kind of call, each item once where it is charged once. */
async function itemsRead(
  { db }: System,
  workspaceId: string,
  groups: readonly OwnerPrice[],
  since: Date,
): Promise<ReadonlyMap<string, number>> {
  const calls = groups.flatMap((group) => group.calls)
  const { rows } = await sql<{ connectionId: string; call: string; items: number }>`
    select connection_id as "connectionId", endpoint_class as call, sum(coalesce(fresh_items, items))::int as items
    from access_record
    where workspace_id = ${workspaceId} and kind = 'settle' and status < 300 and connection_id is not null
      and endpoint_class = any(${calls}::text[]) and at >= ${since} and coalesce(fresh_items, items) > 0
    group by 1, 2`.execute(db)
  return new Map(rows.map(({ connectionId, call, items }) => [`${connectionId} ${call}`, items]))
}

function differenceOf(groups: readonly OwnerPrice[], counts: readonly number[]): Money {
  const currency = groups[0]?.owned.currency ?? ''
  const micros = groups.reduce((sum, { owned, otherwise }, index) => {
    const of = (price: Money) => toMicros(timesMoney(price, counts[index] ?? 0).amount)
    return sum + of(otherwise) - of(owned)
  }, 0n)
  return { amount: fromMicros(micros), currency }
}

/** Counts from the next call on; what was charged stays as it was. */
export async function setAppOwner(
  system: System,
  actor: Actor,
  { connectionId, isOwner }: { connectionId: string; isOwner: boolean },
): Promise<OwnerView> {
  requireRole(actor, 'admin')
  const { workspaceId, memberId } = actor
  const before = (await listAppOwners(system, actor)).find((one) => one.connectionId === connectionId)
  if (!before) {
    throw new LitfassError(
      'not_found',
      `There is no connection ${connectionId} whose prices depend on that`,
      {
        remedy: 'List them with `litfass prices owners`.',
      },
    )
  }
  const { network } = before
  const { plan } = (await system.prices.of(workspaceId)).of(network)
  await markOwner(
    system.db,
    { workspaceId, by: memberId, at: system.now() },
    { network, plan, connectionId, isOwner },
  )
  system.prices.forget(workspaceId)
  return { ...before, isOwner }
}
