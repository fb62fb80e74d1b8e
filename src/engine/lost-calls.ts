/**
 * Calls that a dead process left open: what they had reserved is taken as spent, since nobody will ever know whether
 * the network answered, and a budget must not be passed because of that.
 */
import { sql } from 'kysely'
import { newId } from '#domain/id.ts'
import { fromMicros, toMicros } from '#domain/money.ts'
import type { AccessRecord } from '#storage/access-records.ts'
import type { Handle } from '#storage/deliveries.ts'
import type { Entry } from './meter.ts'

/** No call takes so long; whoever made it is gone. */
const lostAfterMs = 15 * 60_000
/** More wait for the next time. */
const atOnce = 500

type Row = Omit<AccessRecord, 'amount' | 'currency'> & {
  deliveryId: string | null
  isSandbox: boolean
  amount: string
  currency: string
}

/** The settling entries they lack. Whoever writes them first takes the reservation; others' are dropped. */
export async function readLost(db: Handle, now: Date): Promise<Entry[]> {
  const { rows } = await sql<Row>`
    select r.delivery_id as "deliveryId", coalesce((r.uses->0->>'isSandbox')::boolean, false) as "isSandbox", a.workspace_id as "workspaceId", a.call_id as "callId",
      a.connection_id as "connectionId", a.network, a.login, a.endpoint_class as "endpointClass",
      a.data_class as "dataClass", a.purpose, a.actor, a.amount::text as amount, a.currency,
      a.terms_version as "termsVersion", a.plan, a.has_link as "hasLink", a.is_owned as "isOwned",
      a.is_summoned as "isSummoned"
    from reservation r join access_record a on a.workspace_id = r.workspace_id and a.at = r.reserved_at
      and a.call_id = r.call_id and a.kind = 'open'
    where r.reserved_at <= ${new Date(now.getTime() - lostAfterMs)}
    order by r.reserved_at, r.call_id limit ${atOnce}`.execute(db)
  return rows.map((row) => settlingOf(row, now))
}

function settlingOf({ deliveryId, isSandbox, ...opening }: Row, at: Date): Entry {
  const { callId, workspaceId, currency } = opening
  const price = { amount: fromMicros(toMicros(opening.amount)), currency }
  return {
    record: {
      ...opening,
      kind: 'settle',
      at,
      outcome: 'lost',
      status: null,
      items: null,
      waitedMs: null,
      freshItems: null,
    },
    ended: { callId, workspaceId, spent: price, isSandbox, hasReserved: true, budgets: [], at },
    charge: { id: newId('chg', at), deliveryId, price, isAssumed: true, isSandbox },
  }
}
