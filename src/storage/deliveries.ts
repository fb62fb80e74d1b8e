/**
 * The queue is the delivery table itself: what is due, and its claim. What follows a claim is in `settlements.ts`.
 *
 * A claim moves `next_at` to the lease's end, so a row whose worker died is simply due again. Instants
 * come from the caller, never from the database.
 */
import { type Kysely, sql } from 'kysely'
import { type ParentDelivery, parentRow } from './first-comments.ts'
import { type Piece, prepared, runPieces } from './pieces.ts'

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

/** The id of the attempt that a delivery's token stands for; `rows` are deliveries. */
export function attemptIdOf(rows: 'due' | 'done') {
  const [id, token] = [sql.ref(`${rows}.id`), sql.ref(`${rows}.token`)]
  return sql`'att_' || substr(${id}, 5) || '_' || ${token}`
}

/** States in which something is still done by itself. */
const open = sql`state in ('waiting', 'claimed', 'sending', 'unsure')`

/**
 * Named once more as a list of known length: of an unnested one PostgreSQL expects a hundred rows, and would
 * rather read the whole table than look eight up.
 */
export function among(deliveries: ReadonlyArray<{ id: string }>) {
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
    group by channel_id, workspace_id, network order by min(next_at), channel_id ${prepared}`.execute(db)
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
 * Claims the longest due delivery of each channel. An attempt is written down when it ends, by who settles it; that
 * of a worker that died, by the next claim.
 *
 * A channel with a delivery in flight is left alone, so that its posts go out one after the other. A row
 * with an operation had a visible request whose answer is not known, in whatever state it was found: it
 * becomes `unsure` and is looked for.
 *
 * The first of a channel is chosen before it is locked: who locks while choosing would be given the second one where
 * another worker was just quicker.
 */
export async function claimDeliveries(db: Handle, claim: Claim): Promise<ClaimedDelivery[]> {
  const [answer] = await runPieces(db, [claimPiece(claim)])
  return claimedOf(answer)
}

/** `left`: ids of deliveries that the same statement takes out of their channel. */
export function claimPiece(claim: Claim, left = sql`select ''`): Piece {
  const leaseUntil = new Date(claim.now.getTime() + claim.leaseMs)
  const ctes = sql`due as (
      select locked.* from unnest(${[...claim.channelIds]}::text[]) as wanted (channel_id), lateral (
        select id from delivery where channel_id = wanted.channel_id and next_at <= ${claim.now}
          and id not in (${left})
        order by next_at, id limit 1) head, lateral (
        select id, workspace_id, token, worker_id, claimed_at, lease_until from delivery
        where id = head.id and next_at <= ${claim.now} and ${open} for update skip locked) locked
      where not exists (select 1 from delivery b where b.channel_id = wanted.channel_id and b.lease_until > ${claim.now}
        and b.next_at > ${claim.now} and b.next_at <= ${leaseUntil} and b.id not in (${left}))
    ), taken as (
      update delivery d set
        state = case when d.state in ('waiting', 'claimed') and d.operation_id is null then 'claimed' else 'unsure' end,
        token = d.token + 1, worker_id = ${claim.workerId}, lease_until = ${leaseUntil}, next_at = ${leaseUntil},
        attempts = d.attempts + case when d.state in ('waiting', 'claimed') and d.operation_id is null then 1 else 0 end,
        started_at = coalesce(d.started_at, ${claim.now}), claimed_at = ${claim.now}, updated_at = ${claim.now}
      from due where d.id = due.id returning d.*
    ), abandoned as (
      insert into attempt (id, workspace_id, delivery_id, number, worker_id, started_at)
      select ${attemptIdOf('due')}, workspace_id, id, token, worker_id, claimed_at from due
      where lease_until is not null and claimed_at is not null and worker_id is not null
    )`
  const answer = sql`(select coalesce(json_agg(c order by c."dueAt", c.id), '[]') from (
    select t.id, t.workspace_id as "workspaceId", t.channel_id as "channelId", t.network, t.state, t.token, t.attempts,
      t.due_at as "dueAt", t.payload, t.memory, t.sent_at as "sentAt", t.deadline_at as "deadlineAt", t.empty_reads as "emptyReads",
      ${channelRow} as channel, ${parentRow} as parent
    from taken t join channel c on c.workspace_id = t.workspace_id and c.id = t.channel_id
    join connection k on k.id = c.connection_id) c)`
  return { ctes, answer }
}

type InJson = Omit<ClaimedDelivery, 'dueAt' | 'sentAt' | 'deadlineAt'> & {
  dueAt: string
  sentAt: string | null
  deadlineAt: string | null
}

/** Of a `claimPiece`'s answer. */
export function claimedOf(answer: unknown): ClaimedDelivery[] {
  const instant = (text: string | null) => (text === null ? null : new Date(text))
  return (answer as InJson[]).map((row) => ({
    ...row,
    dueAt: new Date(row.dueAt),
    sentAt: instant(row.sentAt),
    deadlineAt: instant(row.deadlineAt),
  }))
}

/** When something becomes due after `now`, or null. The dispatcher arms its timer on it. */
export async function nextDueAt(db: Handle, now: Date): Promise<Date | null> {
  const { rows } = await sql<{ at: Date | null }>`
    select min(next_at) as at from delivery where next_at > ${now} and ${open} ${prepared}`.execute(db)
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
