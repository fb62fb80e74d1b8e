/**
 * Breakers as rows, shared by all workers, and the deliveries that wait for one to close.
 *
 * Such a delivery keeps its state and loses its next time; `hold_reason` and the outage in `reason` say what
 * for. A row of a breaker is written when it opens, closes or tries, never for a call. What was parked by a
 * worker that had not heard of the end yet is freed by `freeStranded`.
 */
import { sql } from 'kysely'
import {
  type Ability,
  type Deployment,
  forgottenAfterMs,
  type Outage,
  type OutageReason,
} from '#domain/breaker.ts'
import { lateByItselfMs, letGoName } from '#domain/delivery.ts'
import type { Handle } from './deliveries.ts'
import { type NewNotice, noticeHeld, putNotices, resolveEnded } from './notices.ts'

export type BreakerKey = Deployment & { ability: Ability }

export type OpenBreaker = Outage & {
  failedAt: Date
  failedProbes: number
  nextProbeAt: Date
  probeDeliveryId: string | null
}

/** How notices and reasons speak of an open breaker. */
export type OutageWords = { outage: Outage; networkId: string; reason: OutageReason }

/** The memory of a delivery that is looked for: since when reading failed. No network's step is called so. */
export const unreadName = '#unread-since'

const isKey = ({ login, server, ability }: BreakerKey) =>
  sql`b.login = ${login} and b.server = ${server} and b.ability = ${ability}`

/** What waits for this outage to end; with `d` a delivery. */
const isParked = (reason: OutageReason) =>
  sql`d.hold_reason = 'breaker' and d.next_at is null and d.state in ('waiting', 'unsure') and ${isOf(reason)}`
const isOf = ({ outage, ability }: OutageReason) =>
  sql`d.reason->>'outage' = ${outage} and d.reason->>'ability' = ${ability}`

/** A visible request may be live, so it is looked for before anything else; with `d` a delivery. */
const isInDoubt = sql`(d.operation_id is not null or d.state not in ('waiting', 'claimed', 'held'))`

export async function openBreakers(db: Handle): Promise<OpenBreaker[]> {
  const { rows } = await sql<OpenBreaker>`
    select login, server, ability, cause, opened_at as "openedAt", failed_at as "failedAt", failed_probes as "failedProbes",
      next_probe_at as "nextProbeAt", probe_delivery_id as "probeDeliveryId"
    from breaker where closed_at is null`.execute(db)
  return rows
}

export type Opening = {
  words: OutageWords
  nextProbeAt: Date
  /** Accounts blamed since then are not to blame; null where the trouble blames nobody. */
  blamedSince: Date | null
}

/** Opens a breaker, unless it is open. What its trouble was taken for meanwhile is taken back. */
export async function openBreaker(db: Handle, { words, nextProbeAt, blamedSince }: Opening): Promise<void> {
  const { login, server, ability, cause, openedAt: now } = words.outage
  await db.transaction().execute(async (transaction) => {
    const { rows } = await sql`
      insert into breaker as b (login, server, ability, cause, opened_at, failed_at, next_probe_at)
      values (${login}, ${server}, ${ability}, ${cause}, ${now}, ${now}, ${nextProbeAt})
      on conflict (login, server, ability) do update set cause = excluded.cause, opened_at = excluded.opened_at,
        failed_at = excluded.failed_at, next_probe_at = excluded.next_probe_at, closed_at = null, failed_probes = 0,
        probe_delivery_id = null
      where b.closed_at is not null returning 1`.execute(transaction)
    if (rows.length > 0 && blamedSince !== null) await takeBack(transaction, words, blamedSince, now)
  })
}

/** Connections and deliveries that were told of as having lost their access since then wait like all others. */
export async function takeBack(db: Handle, words: OutageWords, since: Date, now: Date): Promise<void> {
  const { login, server } = words.outage
  const connections = await sql`
    update connection set state = 'active', state_reason = null, refused_at = null, updated_at = ${now}
    where login = ${login} and server = ${server} and state = 'needs-reauthorisation' and refused_at >= ${since}`.execute(
    db,
  )
  const deliveries = await sql`
    update delivery d set state = case when ${isInDoubt} then 'unsure' else 'waiting' end, hold_reason = 'breaker',
      reason = ${JSON.stringify(words.reason)}::jsonb, updated_at = ${now}
    from channel c join connection k on k.id = c.connection_id
    where c.id = d.channel_id and k.login = ${login} and k.server = ${server} and k.state = 'active' and c.state = 'active'
      and d.state = 'held' and d.hold_reason = 'connection' and d.updated_at >= ${since}
      and (d.reason->>'fix' = 'reauthorise' or d.operation_id is not null)`.execute(db)
  if (connections.numAffectedRows || deliveries.numAffectedRows) await resolveEnded(db, null, now)
}

/** Those of the connections whose people were told before `since` that access has ended: their trouble is old. */
export async function knownLost(
  db: Handle,
  connectionIds: readonly string[],
  since: Date,
): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`
    select distinct c.connection_id as id from delivery d join channel c on c.id = d.channel_id
    where d.hold_reason = 'connection' and d.state = 'held' and d.updated_at < ${since}
      and c.connection_id = any(${[...connectionIds]}::text[])`.execute(db)
  return new Set(rows.map((row) => row.id))
}

/** Closes one and lets everything go that waited for it, by its due time. False where it was closed already. */
export async function closeBreaker(db: Handle, words: OutageWords, now: Date): Promise<boolean> {
  return db.transaction().execute(async (transaction) => {
    const { rows } = await sql`update breaker b set closed_at = ${now}, probe_delivery_id = null
      where ${isKey(words.outage)} and b.closed_at is null returning 1`.execute(transaction)
    if (rows.length === 0) return false
    await release(transaction, isParked(words.reason), now)
    // The one that tries waits no longer either.
    await sql`update delivery d set hold_reason = null, reason = null where d.hold_reason = 'breaker'
      and d.next_at is not null and ${isOf(words.reason)}`.execute(transaction)
    await resolveEnded(transaction, null, now)
    return true
  })
}

const tooLate = {
  code: 'late',
  message: 'Its network was out of order when it was due, and nothing goes out late by itself.',
}

/**
 * What waited so long for an outage that it would go out late by surprise is a person's to send; not what may be live,
 * which is looked for, nor a first comment, which nobody expects at a time.
 */
export async function holdLate(db: Handle, now: Date): Promise<void> {
  const since = new Date(now.getTime() - lateByItselfMs)
  const { numAffectedRows } = await sql`update delivery d set state = 'held', hold_reason = 'late',
      reason = ${JSON.stringify(tooLate)}::jsonb, updated_at = ${now}
    where d.hold_reason = 'breaker' and d.next_at is null and d.state = 'waiting' and d.operation_id is null
      and d.parent_id is null and greatest(d.due_at, (d.memory->>${letGoName}::text)::timestamptz) < ${since}`.execute(
    db,
  )
  if (numAffectedRows) await noticeHeld(db, now)
}

async function release(db: Handle, which: ReturnType<typeof isParked>, now: Date): Promise<void> {
  await holdLate(db, now)
  await sql`update delivery d set hold_reason = null, reason = null, memory = d.memory - ${unreadName}::text,
      next_at = case when ${isInDoubt} then ${now}::timestamptz else d.due_at end, updated_at = ${now}
    where ${which}`.execute(db)
}

/** Lets go what waits for a breaker that is not open. */
export async function freeStranded(db: Handle, now: Date): Promise<void> {
  await release(
    db,
    sql`d.hold_reason = 'breaker' and d.next_at is null and d.state in ('waiting', 'unsure') and not exists (
      select 1 from breaker b where b.closed_at is null and b.ability = d.reason->>'ability' and ${isSubject})`,
    now,
  )
}

/** Closes what nothing waits for and nobody has met since: nobody can say that it lasts. */
export async function closeForgotten(db: Handle, now: Date): Promise<void> {
  const metAfter = new Date(now.getTime() - forgottenAfterMs)
  await sql`update breaker b set closed_at = ${now}, probe_delivery_id = null
    where b.closed_at is null and b.failed_at < ${metAfter} and not exists (
      select 1 from delivery d where d.hold_reason = 'breaker' and d.state in ('waiting', 'claimed', 'sending', 'unsure')
        and d.reason->>'ability' = b.ability and ${isSubject})`.execute(db)
}

/** The breaker `b` is of the outage that the delivery `d` waits for; as `outageSubject` says it. */
const isSubject = sql`b.login || case when b.server = '' then '' else '@' || b.server end = d.reason->>'outage'`

/**
 * Parks what is due behind open breakers, but for the one that tries. A row whose worker died is due again,
 * and a stalled worker is fenced.
 */
export async function parkDue(db: Handle, now: Date, open: readonly OutageWords[]): Promise<void> {
  const rowsIn = open.map(({ outage: { login, server, ability }, reason }) => ({
    login,
    server,
    ability,
    reason,
  }))
  await sql`
    with o as (
      select o.*, b.probe_delivery_id from jsonb_to_recordset(${JSON.stringify(rowsIn)}::jsonb)
        as o (login text, server text, ability text, reason jsonb)
      join breaker b on b.login = o.login and b.server = o.server and b.ability = o.ability and b.closed_at is null
    ), due as (
      select d.id, o.reason, ${isInDoubt} as in_doubt
      from delivery d join channel c on c.id = d.channel_id join connection k on k.id = c.connection_id
        join o on o.login = k.login and o.server = k.server
          and o.ability = case when ${isInDoubt} then 'read' else 'publish' end
      where d.next_at <= ${now} and d.state in ('waiting', 'claimed', 'sending', 'unsure')
        and d.id is distinct from o.probe_delivery_id
      for update of d skip locked
    )
    update delivery d set state = case when due.in_doubt then 'unsure' else 'waiting' end, token = d.token + 1,
      lease_until = null, worker_id = null, next_at = null, hold_reason = 'breaker', reason = due.reason, updated_at = ${now}
    from due where d.id = due.id`.execute(db)
}

/** One notice for each workspace that has something waiting, however much and for whatever ability. */
export async function tellWaiting(
  db: Handle,
  { networkId, outage, reason }: OutageWords,
  now: Date,
): Promise<void> {
  const { rows } = await sql<{ workspaceId: string }>`
    select distinct d.workspace_id as "workspaceId" from delivery d where ${isParked(reason)} and not exists (
      select 1 from notice n where n.workspace_id = d.workspace_id and n.kind = 'network-outage'
        and n.subject_id = ${reason.outage} and n.resolved_at is null)`.execute(db)
  const notices = rows.map(({ workspaceId }): NewNotice => ({
    workspaceId,
    kind: 'network-outage',
    subjectKind: 'network',
    subjectId: reason.outage,
    params: { networkId, server: outage.server, cause: outage.cause, since: reason.since },
  }))
  await putNotices(db, notices, now)
}

/**
 * Lets one parked delivery try, where it is time and nothing else does. Channels take turns, so that trouble
 * of one account does not hide that the network works. Returns its id.
 */
export async function takeProbe(
  db: Handle,
  reason: OutageReason,
  key: BreakerKey,
  times: { now: Date; giveUpAt: Date },
): Promise<string | null> {
  const { now, giveUpAt } = times
  const { rows } = await sql<{ id: string }>`
    with turn as (
      select d.channel_id from delivery d where ${isParked(reason)}
      group by d.channel_id order by max(d.updated_at), min(d.due_at), d.channel_id limit 1
    ), head as (
      select d.id from delivery d join turn on turn.channel_id = d.channel_id where ${isParked(reason)}
      order by d.due_at, d.id limit 1
    ), slot as (
      update breaker b set probe_delivery_id = head.id, next_probe_at = ${giveUpAt} from head
      where ${isKey(key)} and b.closed_at is null and b.next_probe_at <= ${now} returning b.probe_delivery_id as id
    )
    update delivery d set next_at = ${now}, updated_at = ${now} from slot where d.id = slot.id and ${isParked(reason)}
    returning d.id`.execute(db)
  return rows[0]?.id ?? null
}

/** The same for a call that no parked delivery can make. False where it is not time, or one can. */
export async function takeTurn(
  db: Handle,
  reason: OutageReason,
  key: BreakerKey,
  times: { now: Date; giveUpAt: Date },
): Promise<boolean> {
  const { rows } = await sql`update breaker b set next_probe_at = ${times.giveUpAt}, probe_delivery_id = null
    where ${isKey(key)} and b.closed_at is null and b.next_probe_at <= ${times.now}
      and not exists (select 1 from delivery d where ${isParked(reason)}) returning 1`.execute(db)
  return rows.length > 0
}

/** After a try that failed, or (without `failed`) that told nothing. */
export async function endProbe(
  db: Handle,
  key: BreakerKey,
  probe: { deliveryId: string | null; nextProbeAt: Date; failed: boolean },
  now: Date,
): Promise<void> {
  await sql`update breaker b set next_probe_at = ${probe.nextProbeAt}, probe_delivery_id = null,
      failed_probes = b.failed_probes + ${probe.failed ? 1 : 0},
      failed_at = case when ${probe.failed}::boolean then ${now}::timestamptz else b.failed_at end
    where ${isKey(key)} and b.closed_at is null and b.probe_delivery_id is not distinct from ${probe.deliveryId}`.execute(
    db,
  )
}
