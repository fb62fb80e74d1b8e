/**
 * The access ledger for people: its entries, whether it is whole, and the report that answers for a period what was
 * asked of a network, by whom, what for, under which terms, and what became of it.
 */
import { sql } from 'kysely'
import { type Anchor, anchorOf, checkLedger, type LedgerCheck } from '#storage/ledger-check.ts'
import { cursorOf, noCursor } from './cursor.ts'
import { requireRole } from './permissions.ts'
import type { Actor, System } from './system.ts'

export type AccessRecordView = {
  id: string
  callId: string
  kind: 'open' | 'settle'
  at: Date
  network: string
  login: string | null
  connectionId: string | null
  endpointClass: string
  dataClass: string
  purpose: string
  actor: string
  outcome: string | null
  status: number | null
  items: number | null
  amount: string | null
  currency: string | null
  termsVersion: string | null
  waitedMs: number | null
  chainId: string | null
  number: number | null
  hash: string | null
}

export type RecordFilter = {
  from?: string | undefined
  to?: string | undefined
  network?: string | undefined
  purpose?: string | undefined
  limit: number
  cursor?: string | undefined
}

/** The newest first. */
export async function listAccessRecords(
  { db }: System,
  actor: Actor,
  { from, to, network, purpose, limit, cursor }: RecordFilter,
): Promise<{ items: AccessRecordView[]; next: string | null }> {
  requireRole(actor, 'admin')
  const before = cursor === undefined ? null : placeOf(cursor)
  const { rows } = await sql<AccessRecordView>`
    select id::text as id, call_id as "callId", kind, at, network, login, connection_id as "connectionId",
      endpoint_class as "endpointClass", data_class as "dataClass", purpose, actor, outcome, status, items,
      trim_scale(amount)::text as amount, currency, terms_version as "termsVersion", waited_ms as "waitedMs",
      chain_id as "chainId", number::int as number, hash
    from access_record
    where workspace_id = ${actor.workspaceId}
      and (${before}::bigint is null or id < ${before}::bigint)
      and (${from ?? null}::text is null or at >= ${from ?? null}::timestamp at time zone 'UTC')
      and (${to ?? null}::text is null or at < ${to ?? null}::timestamp at time zone 'UTC')
      and (${network ?? null}::text is null or network = ${network ?? null})
      and (${purpose ?? null}::text is null or purpose = ${purpose ?? null})
    order by access_record.id desc limit ${limit + 1}`.execute(db)
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return { items, next: rows.length > limit && last ? cursorOf(`acc_${last.id}`) : null }
}

function placeOf(cursor: string): string {
  const match = /^acc_(\d{1,18})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'))
  if (!match?.[1]) throw noCursor()
  return match[1]
}

/** `anchor`: taken before and kept elsewhere; with it also an end that was cut off is found. */
export function verifyLedger(system: System, actor: Actor, anchor: Anchor | null): Promise<LedgerCheck> {
  requireRole(actor, 'admin')
  return checkLedger(system.db, actor.workspaceId, anchor)
}

export function takeAnchor(system: System, actor: Actor): Promise<Anchor> {
  requireRole(actor, 'admin')
  return anchorOf(system.db, actor.workspaceId, system.now())
}
