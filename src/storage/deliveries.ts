/**
 * The queue is the delivery table itself: claim, intent, memory and settlement, each fenced by token.
 *
 * A claim moves `next_at` to the lease's end, so a row whose worker died is simply due again. Instants
 * come from the caller, never from the database.
 */
import { type Kysely, sql } from 'kysely'
import type { DeliveryChange } from '#domain/delivery.ts'
import { newId } from '#domain/id.ts'
import { type ParentDelivery, parentRow, wokenBy } from './first-comments.ts'
import { deliveryParams, noticeKindOf, severities } from './notices.ts'
import { jsonbText } from './storable.ts'

/** A claimed row, as the engine needs it. */
export type ClaimedDelivery = {
  id: string
  workspaceId: string
  channelId: string
  network: string
  /** `unsure`: a visible request may be live; look before anything else. */
  state: 'claimed' | 'unsure'
  token: number
  attempts: number
  dueAt: Date
  payload: unknown
  memory: Record<string, unknown>
  sentAt: Date | null
  deadlineAt: Date | null
  emptyReads: number
  /** As it was at the claim, so that a disconnect counts. */
  channel: ChannelRow
  /** Of a first comment: its post; null for a post. */
  parent: ParentDelivery | null
}

/** A channel and the connection it is reached through. */
export type ChannelRow = {
  state: string
  remoteId: string
  kind: 'page' | 'profile' | 'organisation' | 'member'
  sealedToken: string | null
  connection: {
    id: string
    login: string
    sandbox: boolean
    /** Host of the account's own server, for networks of many. */
    server: string
    state: string
    stateReason: string | null
    sealedGrant: string
  }
}

/** A `ChannelRow` out of `channel c` and its `connection k`. */
const channelRow = sql`json_build_object('state', c.state, 'remoteId', c.remote_id, 'kind', c.kind, 'sealedToken', c.sealed_token,
  'connection', json_build_object('id', k.id, 'login', k.login, 'sandbox', k.sandbox, 'server', k.server, 'state', k.state,
    'stateReason', k.state_reason, 'sealedGrant', k.sealed_grant))`

/** Undefined where the workspace has no such channel. */
export async function readChannel(
  db: Handle,
  workspaceId: string,
  channelId: string,
): Promise<ChannelRow | undefined> {
  const { rows } = await sql<{ row: ChannelRow }>`select ${channelRow} as row from channel c
    join connection k on k.id = c.connection_id where c.workspace_id = ${workspaceId} and c.id = ${channelId}`.execute(
    db,
  )
  return rows[0]?.row
}

/** Any Kysely handle: these statements are written in SQL and need no table types. */
// oxlint-disable-next-line typescript/no-explicit-any -- Kysely's table types are invariant; raw SQL does not use them.
export type Handle = Kysely<any>

/** States in which something is still done by itself. */
const open = sql`state in ('waiting', 'claimed', 'sending', 'unsure')`

/**
 * Named once more as a list of known length: of an unnested one PostgreSQL expects a hundred rows, and would
 * rather read the whole table than look eight up.
 */
function among(deliveries: ReadonlyArray<{ id: string }>) {
  return sql`d.id = any(${deliveries.map(({ id }) => id)}::text[])`
}

/** A channel with deliveries that are due: how many, and since when. */
export type DueChannel = {
  channelId: string
  workspaceId: string
  network: string
  count: number
  dueAt: Date
}

/** So many due rows are counted for one plan. A backlog beyond this might hide somebody's; then each channel is asked. */
const planRows = 20_000
/** As many of one channel as a plan uses up before the next is made. */
const channelRows = 1_000

/** Which channels have something due, the longest due first. */
export async function dueChannels(db: Handle, now: Date): Promise<DueChannel[]> {
  const rows = await dueRows(db, now)
  const seen = rows.reduce((sum, { count }) => sum + count, 0)
  return seen < planRows ? rows : dueByChannel(db, now)
}

async function dueRows(db: Handle, now: Date): Promise<DueChannel[]> {
  const { rows } = await sql<DueChannel>`
    select channel_id as "channelId", workspace_id as "workspaceId", network, count(*)::int as count, min(next_at) as "dueAt"
    from (select channel_id, workspace_id, network, next_at from delivery where next_at <= ${now} and ${open} order by next_at limit ${planRows}) due
    group by channel_id, workspace_id, network order by min(next_at), channel_id`.execute(db)
  return rows
}

/** Steps from channel to channel along the index, so a backlog costs no more than its channel does. */
async function dueByChannel(db: Handle, now: Date): Promise<DueChannel[]> {
  const { rows } = await sql<DueChannel>`
    with recursive channels (id) as (
      select (select channel_id from delivery where next_at is not null order by channel_id limit 1)
      union all
      select (select channel_id from delivery where next_at is not null and channel_id > c.id order by channel_id limit 1)
      from channels c where c.id is not null
    )
    select c.id as "channelId", due."workspaceId", due.network, due.count, due."dueAt" from channels c, lateral (
      select workspace_id as "workspaceId", network, count(*)::int as count, min(next_at) as "dueAt"
      from (select workspace_id, network, next_at from delivery
        where channel_id = c.id and next_at <= ${now} and ${open} order by next_at limit ${channelRows}) of_channel
      group by workspace_id, network) due
    where c.id is not null order by due."dueAt", c.id`.execute(db)
  return rows
}

export type Claim = { workerId: string; now: Date; leaseMs: number; channelIds: readonly string[] }

/**
 * Claims the longest due delivery of each channel, and opens an attempt for each in the same statement.
 *
 * A channel with a delivery in flight is left alone, so that its posts go out one after the other. A row
 * with an operation had a visible request whose answer is not known, in whatever state it was found: it
 * becomes `unsure` and is looked for.
 *
 * The first of a channel is chosen before it is locked: who locks while choosing would be given the second one where
 * another worker was just quicker.
 */
export async function claimDeliveries(db: Handle, claim: Claim): Promise<ClaimedDelivery[]> {
  const leaseUntil = new Date(claim.now.getTime() + claim.leaseMs)
  const { rows } = await sql<ClaimedDelivery>`
    with due as (
      select locked.id from unnest(${[...claim.channelIds]}::text[]) as wanted (channel_id), lateral (
        select id from delivery where channel_id = wanted.channel_id and next_at <= ${claim.now}
        order by next_at, id limit 1) head, lateral (
        select id from delivery where id = head.id and next_at <= ${claim.now} and ${open} for update skip locked) locked
      where not exists (select 1 from delivery b where b.channel_id = wanted.channel_id and b.lease_until > ${claim.now}
        and b.next_at > ${claim.now} and b.next_at <= ${leaseUntil})
    ), taken as (
      update delivery d set
        state = case when d.state in ('waiting', 'claimed') and d.operation_id is null then 'claimed' else 'unsure' end,
        token = d.token + 1, worker_id = ${claim.workerId}, lease_until = ${leaseUntil}, next_at = ${leaseUntil},
        attempts = d.attempts + case when d.state in ('waiting', 'claimed') and d.operation_id is null then 1 else 0 end,
        started_at = coalesce(d.started_at, ${claim.now}), updated_at = ${claim.now}
      from due where d.id = due.id returning d.*
    ), opened as (
      insert into attempt (id, workspace_id, delivery_id, number, worker_id, started_at)
      select 'att_' || substr(id, 5) || '_' || token, workspace_id, id, token, ${claim.workerId}, ${claim.now} from taken
    )
    select t.id, t.workspace_id as "workspaceId", t.channel_id as "channelId", t.network, t.state, t.token::int as token, t.attempts,
      t.due_at as "dueAt", t.payload, t.memory, t.sent_at as "sentAt", t.deadline_at as "deadlineAt", t.empty_reads as "emptyReads",
      ${channelRow} as channel, ${parentRow} as parent
    from taken t join channel c on c.workspace_id = t.workspace_id and c.id = t.channel_id
    join connection k on k.id = c.connection_id order by t.due_at, t.id`.execute(db)
  return rows
}

/** When something becomes due after `now`, or null. The dispatcher arms its timer on it. */
export async function nextDueAt(db: Handle, now: Date): Promise<Date | null> {
  const { rows } = await sql<{ at: Date | null }>`
    select min(next_at) as at from delivery where next_at > ${now} and ${open}`.execute(db)
  return rows[0]?.at ?? null
}

/** Prolongs leases in one statement; ids that were taken over are left alone. */
export async function renewLeases(
  db: Handle,
  held: ReadonlyArray<{ id: string; token: number }>,
  now: Date,
  leaseMs: number,
): Promise<void> {
  if (held.length === 0) return
  const until = new Date(now.getTime() + leaseMs)
  await sql`with mine as (
      select d.id from delivery d
      join unnest(${held.map((row) => row.id)}::text[], ${held.map((row) => row.token)}::bigint[]) as held (id, token)
        on d.id = held.id and d.token = held.token
      where d.lease_until is not null and ${among(held)} for update of d skip locked
    )
    update delivery d set lease_until = ${until}, next_at = ${until} from mine where d.id = mine.id`.execute(
    db,
  )
}

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

/** Commits intents before their requests leave. Returns the ids that still held their claim; others were fenced. */
export async function commitIntents(db: Handle, intents: readonly Intent[]): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`
    update delivery d set state = 'sending', operation_id = i.operation_id, fingerprint = i.fingerprint,
      sent_at = i.sent_at, deadline_at = i.deadline_at, updated_at = i.sent_at, memory = d.memory || i.memory
    from unnest(
      ${intents.map((intent) => intent.id)}::text[], ${intents.map((intent) => intent.token)}::bigint[],
      ${intents.map((intent) => intent.operationId)}::text[], ${intents.map((intent) => intent.fingerprint)}::text[],
      ${intents.map((intent) => intent.sentAt)}::timestamptz[], ${intents.map((intent) => intent.deadlineAt)}::timestamptz[],
      ${intents.map((intent) => jsonbText(intent.memory ?? {}))}::jsonb[]
    ) as i (id, token, operation_id, fingerprint, sent_at, deadline_at, memory)
    where d.id = i.id and d.token = i.token and d.state = 'claimed' and ${among(intents)} returning d.id`.execute(
    db,
  )
  return new Set(rows.map((row) => row.id))
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
 * Settles claimed deliveries and closes their attempts. Rows that were taken over stay as they are.
 *
 * What stops here for a person gets its notice in the same statement, and what goes on loses it. A post that is
 * published wakes its first comment.
 */
export async function settleDeliveries(
  db: Handle,
  settled: readonly SettledDelivery[],
): Promise<Set<string>> {
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
  const { rows } = await sql<{ id: string }>`
    with s as (
      select * from jsonb_to_recordset(${jsonbText(rowsIn)}::jsonb) as s (
        id text, token bigint, outcome text, detail text, at timestamptz, empty_reads integer, uncount integer, state text,
        next_at timestamptz, remote_id text, url text, reason jsonb, hold_reason text, is_open boolean,
        notice_id text, notice_kind text, severity text)
    ), done as (
      update delivery d set state = s.state, next_at = s.next_at, lease_until = null, worker_id = null,
        remote_id = coalesce(s.remote_id, d.remote_id), url = coalesce(s.url, d.url), reason = s.reason,
        hold_reason = s.hold_reason, empty_reads = s.empty_reads, attempts = d.attempts - s.uncount,
        operation_id = case when s.is_open then d.operation_id end,
        -- Stays while no answer is known: a person may let go what is still in flight.
        deadline_at = case when s.is_open or d.operation_id is null then d.deadline_at end,
        published_at = case when s.state = 'published' then coalesce(d.sent_at, s.at) else d.published_at end, updated_at = s.at
      from s where d.id = s.id and d.token = s.token and d.lease_until is not null and ${among(settled)}
      returning d.id, d.workspace_id, d.parent_id, d.state, d.remote_id, d.token, d.published_at
    ), woken as (${wokenBy(published)}
    ), closed as (
      update attempt a set finished_at = s.at, outcome = s.outcome, detail = s.detail
      from s join done on done.id = s.id where a.delivery_id = s.id and a.number = s.token
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
    )
    select id from done`.execute(db)
  return new Set(rows.map((row) => row.id))
}

function noticeOf(change: DeliveryChange, at: Date) {
  const kind = noticeKindOf(change)
  return kind === null
    ? { notice_id: null, notice_kind: null, severity: null }
    : { notice_id: newId('ntc', at), notice_kind: kind, severity: severities[kind] }
}

/** Whether another delivery of this channel owns the remote post already. */
export async function isOwnRemotePost(
  db: Handle,
  channelId: string,
  deliveryId: string,
  remoteId: string,
): Promise<boolean> {
  const { rows } =
    await sql`select 1 from delivery where channel_id = ${channelId} and remote_id = ${remoteId} and id <> ${deliveryId}`.execute(
      db,
    )
  return rows.length > 0
}

export type Overdue = { count: number; oldestSeconds: number }

/** Deliveries due but not started. `/readyz` turns red beyond 30 s. */
export async function overdue(db: Handle, now: Date): Promise<Overdue> {
  const { rows } = await sql<{ count: number; oldest: Date | null }>`
    select count(*)::int as count, min(next_at) as oldest from delivery where state = 'waiting' and next_at < ${now}`.execute(
    db,
  )
  const oldest = rows[0]?.oldest
  return {
    count: rows[0]?.count ?? 0,
    oldestSeconds: oldest ? (now.getTime() - oldest.getTime()) / 1_000 : 0,
  }
}

/**
 * After a restore: what the backup says is still to go out may have gone out since. It is held until a
 * person looks, also what an account that comes back would release. Returns how many.
 */
export async function holdAfterRestore(db: Handle, now: Date): Promise<number> {
  const { numAffectedRows } =
    await sql`update delivery set state = 'held', hold_reason = 'restore', next_at = null,
      token = token + 1, lease_until = null, updated_at = ${now}
    where state in ('waiting', 'claimed', 'sending', 'unsure', 'held')`.execute(db)
  return Number(numAffectedRows ?? 0n)
}
