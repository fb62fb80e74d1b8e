/** What follows a claim: intent, memory and settlement, each fenced by token. */
import { sql } from 'kysely'
import type { DeliveryChange } from '#domain/delivery.ts'
import { newId } from '#domain/id.ts'
import { among, attemptIdOf, type Handle } from './deliveries.ts'
import { wokenBy } from './first-comments.ts'
import { deliveryParams, noticeKindOf, severities } from './notices.ts'
import { idsOf, type Piece } from './pieces.ts'
import { jsonbText } from './storable.ts'

export type Intent = {
  id: string
  token: number
  operationId: string
  fingerprint: string
  sentAt: Date
  deadlineAt: Date
  /** Remembered with it, where there is anything to. */
  memory?: Record<string, unknown>
}

/** Commits intents before their requests leave. Answers the ids that still held their claim; others were fenced. */
export function intentPiece(intents: readonly Intent[]): Piece {
  const ctes = sql`intended as (
    update delivery d set state = 'sending', operation_id = i.operation_id, fingerprint = i.fingerprint,
      sent_at = i.sent_at, deadline_at = i.deadline_at, updated_at = i.sent_at, memory = d.memory || i.memory
    from unnest(
      ${intents.map((intent) => intent.id)}::text[], ${intents.map((intent) => intent.token)}::bigint[],
      ${intents.map((intent) => intent.operationId)}::text[], ${intents.map((intent) => intent.fingerprint)}::text[],
      ${intents.map((intent) => intent.sentAt)}::timestamptz[], ${intents.map((intent) => intent.deadlineAt)}::timestamptz[],
      ${intents.map((intent) => jsonbText(intent.memory ?? {}))}::jsonb[]
    ) as i (id, token, operation_id, fingerprint, sent_at, deadline_at, memory)
    where d.id = i.id and d.token = i.token and d.state = 'claimed' and ${among(intents)} returning d.id)`
  return { ctes, answer: idsOf('intended') }
}

/** One step's result to remember, or to forget where `value` is undefined. */
export type MemoryWrite = { id: string; token: number; name: string; value: unknown }

/** Writes in the order given. Returns the ids that still held their claim; others were fenced. */
export async function writeMemories(db: Handle, writes: readonly MemoryWrite[]): Promise<Set<string>> {
  const changes = new Map<
    string,
    { id: string; token: number; kept: Map<string, unknown>; dropped: Set<string> }
  >()
  for (const { id, token, name, value } of writes) {
    const key = `${id} ${token}`
    const change = changes.get(key) ?? { id, token, kept: new Map(), dropped: new Set() }
    changes.set(key, change)
    change.kept.delete(name)
    if (value === undefined) change.dropped.add(name)
    else change.kept.set(name, value)
  }
  const rowsIn = [...changes.values()].map(({ id, token, kept, dropped }) => ({
    id,
    token,
    kept: Object.fromEntries(kept),
    dropped: [...dropped],
  }))
  const { rows } = await sql<{ id: string }>`
    update delivery d set memory = (d.memory - w.dropped) || w.kept
    from jsonb_to_recordset(${jsonbText(rowsIn)}::jsonb) as w (id text, token bigint, kept jsonb, dropped text[])
    where d.id = w.id and d.token = w.token and ${among(rowsIn)} returning d.id`.execute(db)
  return new Set(rows.map((row) => row.id))
}

export type SettledDelivery = {
  id: string
  token: number
  change: DeliveryChange
  /** The attempt's outcome, for the receipt. */
  outcome: string
  detail: string | null
  at: Date
  emptyReads: number
  /** A wait for the network to finish invisible work is not a failed attempt. */
  countsAsAttempt: boolean
}

/**
 * Settles claimed deliveries and writes their attempts down. Rows that were taken over stay as they are;
 * the others' ids are its answer.
 *
 * What stops here for a person gets its notice in the same statement, and what goes on loses it. A post that is
 * published wakes its first comment.
 */
export function settlePiece(settled: readonly SettledDelivery[]): Piece {
  const rowsIn = settled.map(({ id, token, change, outcome, detail, at, emptyReads, countsAsAttempt }) => ({
    id,
    token,
    ...noticeOf(change, at),
    outcome,
    detail,
    at,
    empty_reads: emptyReads,
    uncount: countsAsAttempt ? 0 : 1,
    state: change.state,
    next_at: change.nextAt,
    remote_id: change.remoteId ?? null,
    url: change.url ?? null,
    reason: change.reason ?? null,
    hold_reason: change.holdReason ?? null,
    // The answer to a visible request is still not known: whoever takes the row up next looks first.
    is_open: change.isInDoubt ?? change.state === 'unsure',
  }))
  const published = settled.flatMap(({ id, change }) => (change.state === 'published' ? [id] : []))
  const ctes = sql`s as (
      select * from jsonb_to_recordset(${jsonbText(rowsIn)}::jsonb) as s (
        id text, token bigint, outcome text, detail text, at timestamptz, empty_reads integer, uncount integer, state text,
        next_at timestamptz, remote_id text, url text, reason jsonb, hold_reason text, is_open boolean,
        notice_id text, notice_kind text, severity text)
    ), done as (
      update delivery d set state = s.state, next_at = s.next_at, lease_until = null,
        remote_id = coalesce(s.remote_id, d.remote_id), url = coalesce(s.url, d.url), reason = s.reason,
        hold_reason = s.hold_reason, empty_reads = s.empty_reads, attempts = d.attempts - s.uncount,
        operation_id = case when s.is_open then d.operation_id end,
        -- Stays while no answer is known: a person may let go what is still in flight.
        deadline_at = case when s.is_open or d.operation_id is null then d.deadline_at end,
        published_at = case when s.state = 'published' then coalesce(d.sent_at, s.at) else d.published_at end, updated_at = s.at
      from s where d.id = s.id and d.token = s.token and d.lease_until is not null and ${among(settled)}
      returning d.id, d.workspace_id, d.parent_id, d.state, d.remote_id, d.token, d.published_at, d.worker_id, d.claimed_at
    ), woken as (${wokenBy(published)}
    ), closed as (
      insert into attempt (id, workspace_id, delivery_id, number, worker_id, started_at, finished_at, outcome, detail)
      select ${attemptIdOf('done')}, done.workspace_id, done.id, done.token, done.worker_id,
        done.claimed_at, s.at, s.outcome, s.detail
      from s join done on done.id = s.id where done.claimed_at is not null
    ), polled as (
      insert into poll (delivery_id, workspace_id, next_at)
      select id, workspace_id, published_at + interval '15 seconds' from done
      where state = 'published' and remote_id is not null and parent_id is null
      on conflict (delivery_id) do nothing
    ), ended as (
      update notice n set resolved_at = s.at from s join done on done.id = s.id
      where n.workspace_id = done.workspace_id and n.subject_id = done.id and n.resolved_at is null
        and n.kind is distinct from s.notice_kind
    ), noticed as (
      insert into notice (id, workspace_id, kind, severity, subject_kind, subject_id, post_id, params, created_at)
      select s.notice_id, done.workspace_id, s.notice_kind, s.severity, 'delivery', d.id, d.post_id,
        ${deliveryParams} || jsonb_strip_nulls(jsonb_build_object('reason', s.reason->>'message', 'reasonCode', s.reason->>'code',
          'fix', s.reason->>'fix', 'holdReason', s.hold_reason)), s.at
      from s join done on done.id = s.id join delivery d on d.id = s.id join channel c on c.id = d.channel_id
      where s.notice_kind is not null
      on conflict (workspace_id, kind, subject_id) do update set params = excluded.params, severity = excluded.severity,
        created_at = excluded.created_at, read_at = null, resolved_at = null
    )`
  return { ctes, answer: idsOf('done') }
}

/** Those that the same statement settles, for what else it does. */
export const settledIds = sql`select id from done`

function noticeOf(change: DeliveryChange, at: Date) {
  const kind = noticeKindOf(change)
  return kind === null
    ? { notice_id: null, notice_kind: null, severity: null }
    : { notice_id: newId('ntc', at), notice_kind: kind, severity: severities[kind] }
}
