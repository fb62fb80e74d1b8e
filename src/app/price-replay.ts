/** Re-pricing the ledger: what the calls of a time would have cost by another day's book or another plan. */
import { sql } from 'kysely'
import { LitfassError } from '#domain/errors.ts'
import type { Money } from '#domain/money.ts'
import { type PastCalls, reprice, type Repriced } from '#domain/repricing.ts'
import { findDefinition } from './prices.ts'
import type { Actor, System } from './system.ts'

export type ReplayInput = {
  from: string
  to: string
  network?: string | undefined
  asOf?: string | undefined
  plans?: Readonly<Record<string, string>> | undefined
}

export type Replayed = Repriced & { network: string }

type Row = {
  network: string
  endpointClass: string
  day: string
  plan: string | null
  hasLink: boolean | null
  isOwned: boolean | null
  isSummoned: boolean | null
  requests: number
  items: number
  freshItems: number | null
  amount: string | null
}

/** By the present book of the workspace. Networks without calls in the time are left out. */
export async function replayPrices(system: System, actor: Actor, input: ReplayInput): Promise<Replayed[]> {
  const { network, asOf, plans = {} } = input
  if (network !== undefined) findDefinition(system, network)
  if (input.to <= input.from) {
    throw new LitfassError('invalid_input', 'The time ends before it begins', {
      remedy: 'Choose a day after the first one.',
      issues: [{ path: 'to', message: 'is not after the first day' }],
    })
  }
  const rows = await answeredCalls(system, actor, input)
  const prices = await system.prices.of(actor.workspaceId)
  const known = system.networks.map(({ definition }) => definition.id)
  return known.flatMap((id) => {
    const own = rows.filter((row) => row.network === id)
    if (own.length === 0) return []
    const { book, plan } = prices.of(id)
    const past = own.map((row) => pastOf(row, book.currency, plans[id] ?? row.plan ?? plan, asOf))
    return [{ network: id, ...reprice(book, past) }]
  })
}

function pastOf(row: Row, currency: string, plan: string, asOf: string | undefined): PastCalls {
  const { endpointClass, hasLink, isOwned, isSummoned, requests, items, freshItems, amount } = row
  const was: Money | null = amount === null ? null : { amount, currency }
  const conditions = {
    hasLink: hasLink ?? false,
    isOwned: isOwned ?? false,
    isSummoned: isSummoned ?? false,
  }
  return {
    kind: { plan, endpointClass, on: asOf ?? row.day, ...conditions },
    requests,
    items,
    freshItems,
    was,
  }
}

/** Sums of a kind and day: prices of single calls are straight lines, so sums are priced as well as each. */
async function answeredCalls(
  { db }: System,
  { workspaceId }: Actor,
  { from, to, network }: ReplayInput,
): Promise<Row[]> {
  const { rows } = await sql<Row>`
    select network, endpoint_class as "endpointClass", to_char(at at time zone 'UTC', 'YYYY-MM-DD') as day, plan,
      has_link as "hasLink", is_owned as "isOwned", is_summoned as "isSummoned", count(*)::int as requests,
      coalesce(sum(items), 0)::int as items,
      case when count(fresh_items) = 0 then null else sum(coalesce(fresh_items, items))::int end as "freshItems",
      sum(amount)::text as amount
    from access_record
    where workspace_id = ${workspaceId} and kind = 'settle' and status < 400
      and at >= ${from}::timestamp at time zone 'UTC' and at < ${to}::timestamp at time zone 'UTC'
      ${network === undefined ? sql`` : sql`and network = ${network}`}
    group by 1, 2, 3, 4, 5, 6, 7
    order by 3`.execute(db)
  return rows
}
