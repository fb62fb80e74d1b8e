/** Answered calls of a time as the ledger has them, in sums that can be priced by another book. */
import { sql } from 'kysely'
import type { Money } from '#domain/money.ts'
import type { PastCalls, PricedAnew } from '#domain/repricing.ts'
import type { Actor, System } from './system.ts'

/** Calls of one kind, day, account and purpose. */
export type CallRow = {
  network: string
  endpointClass: string
  /** UTC day, YYYY-MM-DD. */
  day: string
  plan: string | null
  connectionId: string | null
  purpose: string
  hasLink: boolean | null
  isOwned: boolean | null
  isSummoned: boolean | null
  requests: number
  items: number
  freshItems: number | null
  amount: string | null
}

/**
 * In days up to `to`, from the start of the month of `from`: what was made earlier in it fills bundles.
 * Prices of single calls are straight lines, so sums are priced as well as each.
 */
export async function answeredCalls(
  { db }: System,
  { workspaceId }: Actor,
  { from, to, network }: { from: string; to: string; network?: string | undefined },
): Promise<CallRow[]> {
  const monthStart = `${from.slice(0, 7)}-01`
  const { rows } = await sql<CallRow>`
    select network, endpoint_class as "endpointClass", to_char(at at time zone 'UTC', 'YYYY-MM-DD') as day, plan,
      connection_id as "connectionId", purpose, has_link as "hasLink", is_owned as "isOwned",
      is_summoned as "isSummoned", count(*)::int as requests, coalesce(sum(items), 0)::int as items,
      case when count(fresh_items) = 0 then null else sum(coalesce(fresh_items, items))::int end as "freshItems",
      sum(amount)::text as amount
    from access_record
    where workspace_id = ${workspaceId} and kind = 'settle' and status < 400 and purpose <> 'ai'
      and at >= ${monthStart}::timestamp at time zone 'UTC' and at < ${to}::timestamp at time zone 'UTC'
      ${network === undefined ? sql`` : sql`and network = ${network}`}
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9
    order by 3, 1, 2, 5, 6`.execute(db)
  return rows
}

/** The row with what pricing it takes. */
export type PastRow = PastCalls & Pick<CallRow, 'network' | 'connectionId' | 'purpose'>
export type RowPricedAnew = PastRow & PricedAnew

export function pastOf(
  row: CallRow,
  { currency, plan, asOf }: { currency: string; plan: string; asOf: string | undefined },
): PastRow {
  const { network, connectionId, purpose, day, requests, items, freshItems } = row
  const { endpointClass, hasLink, isOwned, isSummoned, amount } = row
  const was: Money | null = amount === null ? null : { amount, currency }
  const conditions = {
    hasLink: hasLink ?? false,
    isOwned: isOwned ?? false,
    isSummoned: isSummoned ?? false,
  }
  return {
    kind: { plan, endpointClass, on: asOf ?? day, ...conditions },
    network,
    connectionId,
    purpose,
    day,
    requests,
    items,
    freshItems,
    was,
  }
}
