/**
 * Reads how posts and channels do: posts ever more rarely as they age, channels a few times a day. Each
 * reading keeps source, name, version and time, and dies by the network's terms.
 */
import { type RawBuilder, sql } from 'kysely'
import type { Deployment } from '#domain/breaker.ts'
import { newId } from '#domain/id.ts'
import type { MeasureOutcome, ReadingValue, VerbContext } from '#networks/contract.ts'
import type { Handle } from '#storage/deliveries.ts'
import type { Provenance } from '#storage/provenance.ts'
import { storable } from '#storage/storable.ts'
import type { Breakers, OpenOutage } from './breakers.ts'
import type { OpenedChannel } from './deliver.ts'
import { nextChannelReadAt, nextReadAt } from './read-times.ts'
import { orderRemoved } from './removed.ts'
import { provenanceOf } from './rule-books.ts'
import { PutOff } from './pacing.ts'
import { OverBudget } from './spending.ts'

/** What is read next: a post where `deliveryId` is set, else the channel itself. */
export type Poll = {
  deliveryId: string | null
  workspaceId: string
  channelId: string
  remoteId: string
  token: number
  /** When the post was published, or the channel added. */
  since: Date
  sandbox: boolean
  /** It was read before on this UTC day, in which some networks charge the same item once. */
  isRepeat: boolean
  failures: number
  /** Since when the post is not found; null while it is, and for channels. */
  missingSince: Date | null
}

export type MeasureOptions = {
  db: Handle
  now: () => Date
  openChannel: (poll: Poll) => Promise<OpenedChannel>
  breakers: Breakers
  /** Logins whose permissions give no figures: nothing is asked for them. */
  unmeasurableLogins: readonly string[]
  onError: (cause: unknown, poll?: Poll) => void
  leaseMs?: number
}

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** Gives every channel in use a poll, and wakes those that were out of use. */
export async function pollNewChannels(options: MeasureOptions): Promise<void> {
  const now = options.now()
  await sql`insert into channel_poll (channel_id, workspace_id, next_at)
    select c.id, c.workspace_id, ${now} from channel c join connection k on k.id = c.connection_id
    where c.state = 'active' and k.state = 'active' and k.login <> all(${[...options.unmeasurableLogins]}::text[])
      and not exists (select 1 from channel_poll p where p.channel_id = c.id and p.next_at is not null)
    on conflict (channel_id) do update set next_at = excluded.next_at, failures = 0`.execute(options.db)
}

/** Claims and reads what is due once; returns how many polls ran. What is behind an outage waits, but for one that tries. */
export async function measureDue(options: MeasureOptions, limit = 20): Promise<number> {
  const { breakers } = options
  await breakers.refresh()
  const outages = breakers.openFor('read')
  const tries: Array<{ poll: Poll; outage: OpenOutage }> = []
  for (const outage of outages)
    if (await breakers.mayTry(outage, 'read', null))
      for (const poll of await claimOne(options, outage)) tries.push({ poll, outage })
  const out = (channelId: RawBuilder<unknown>) => sql`not ${isAt(channelId, outages)}`
  const among = outages.length === 0 ? () => sql`true` : out
  const polls = [
    ...(await claimPosts(options, limit, among)),
    ...(await claimChannels(options, limit, among)),
  ]
  const run = (poll: Poll, outage: OpenOutage | null) =>
    measureOne(options, poll, outage).catch((cause: unknown) => options.onError(cause, poll))
  await Promise.all([
    ...tries.map(({ poll, outage }) => run(poll, outage)),
    ...polls.map((poll) => run(poll, null)),
  ])
  return tries.length + polls.length
}

async function claimOne(options: MeasureOptions, outage: Deployment): Promise<Poll[]> {
  const among: Among = (channelId) => isAt(channelId, [outage])
  const posts = await claimPosts(options, 1, among)
  return posts.length > 0 ? posts : claimChannels(options, 1, among)
}

/** Which polls may be claimed, by their channel's id. */
type Among = (channelId: RawBuilder<unknown>) => RawBuilder<unknown>

function isAt(channelId: RawBuilder<unknown>, deployments: readonly Deployment[]): RawBuilder<unknown> {
  return sql`exists (select 1 from channel c join connection k on k.id = c.connection_id
    join unnest(${deployments.map((one) => one.login)}::text[], ${deployments.map((one) => one.server)}::text[])
      as o (login, server) on o.login = k.login and o.server = k.server where c.id = ${channelId})`
}

async function claimPosts(options: MeasureOptions, limit: number, among: Among): Promise<Poll[]> {
  const now = options.now()
  const leaseUntil = new Date(now.getTime() + (options.leaseMs ?? 60_000))
  const { rows } = await sql<Poll>`
    with due as (select p.delivery_id from poll p where p.next_at <= ${now}
      and ${among(sql`(select d.channel_id from delivery d where d.id = p.delivery_id)`)}
      order by p.next_at limit ${limit} for update skip locked),
    taken as (update poll p set token = p.token + 1, lease_until = ${leaseUntil}, next_at = ${leaseUntil} from due
      where p.delivery_id = due.delivery_id returning p.*)
    select t.delivery_id as "deliveryId", t.workspace_id as "workspaceId", d.channel_id as "channelId", d.remote_id as "remoteId",
      t.token::int as token, d.published_at as since, c.sandbox, t.failures, t.missing_since as "missingSince",
      exists (select 1 from reading r where r.workspace_id = t.workspace_id and r.delivery_id = t.delivery_id
        and r.read_at >= ${new Date(now.toISOString().slice(0, 10))}) as "isRepeat"
    from taken t join delivery d on d.id = t.delivery_id join channel c on c.id = d.channel_id`.execute(
    options.db,
  )
  return rows
}

/** A channel out of use loses its next time. */
async function claimChannels(options: MeasureOptions, limit: number, among: Among): Promise<Poll[]> {
  const now = options.now()
  const leaseUntil = new Date(now.getTime() + (options.leaseMs ?? 60_000))
  const { rows } = await sql<Poll & { isUsed: boolean }>`
    with due as (select p.channel_id from channel_poll p where p.next_at <= ${now} and ${among(sql`p.channel_id`)}
      order by p.next_at limit ${limit} for update skip locked),
    taken as (update channel_poll p set token = p.token + 1,
        lease_until = case when c.state = 'active' and k.state = 'active' then ${leaseUntil}::timestamptz end,
        next_at = case when c.state = 'active' and k.state = 'active' then ${leaseUntil}::timestamptz end
      from due, channel c, connection k
      where p.channel_id = due.channel_id and c.id = p.channel_id and k.id = c.connection_id
      returning p.*, c.state = 'active' and k.state = 'active' as is_used)
    select null as "deliveryId", t.workspace_id as "workspaceId", c.id as "channelId", c.remote_id as "remoteId",
      t.token::int as token, c.created_at as since, c.sandbox, t.failures,
      null::timestamptz as "missingSince",
      exists (select 1 from reading r where r.workspace_id = t.workspace_id and r.channel_id = c.id and r.delivery_id is null
        and r.read_at >= ${new Date(now.toISOString().slice(0, 10))}) as "isRepeat", t.is_used as "isUsed"
    from taken t join channel c on c.id = t.channel_id`.execute(options.db)
  return rows.filter((row) => row.isUsed)
}

/** `outage`: it tries whether that is over. */
async function measureOne(options: MeasureOptions, poll: Poll, outage: OpenOutage | null): Promise<void> {
  const { db } = options
  const opened = await options.openChannel(poll).catch(async (cause: unknown) => {
    const message = cause instanceof Error ? cause.message : String(cause)
    const until = cause instanceof PutOff ? cause.until : later(options.now(), poll.failures)
    await reschedule(db, poll, until, poll.failures + 1, message)
    if (outage !== null) await options.breakers.ended(outage, null, true)
    return null
  })
  if (opened === null) return
  const { network, context, access } = opened
  if (options.unmeasurableLogins.includes(context.login.id)) return reschedule(db, poll, null, 0, null)
  const outcome = await read(options, poll, opened)
  if (outcome.kind === 'measured' || outcome.kind === 'gone')
    await options.breakers.report(opened.source, 'read', 'works')
  else if (outage !== null) await options.breakers.ended(outage, null, true)
  const now = options.now()
  switch (outcome.kind) {
    case 'measured':
      await saveReadings(db, poll, outcome.readings, {
        ...provenanceOf(network.definition, 'reading', access.kind, now),
        version: context.version,
        network: network.definition.id,
      })
      return reschedule(db, poll, nextAfter(poll, now), 0, null, null)
    case 'gone':
      if (isBelieved(poll, now))
        await orderRemoved(
          db,
          network.definition,
          {
            workspaceId: poll.workspaceId,
            deliveryId: poll.deliveryId,
            askedBy: 'job:measure',
            since: poll.missingSince,
          },
          now,
        )
      return reschedule(db, poll, gone(poll, now), poll.failures, missing, poll.missingSince ?? now)
    case 'later':
      return reschedule(db, poll, outcome.until, poll.failures + 1, outcome.message)
    case 'unauthorised':
      return reschedule(db, poll, later(now, poll.failures), poll.failures + 1, outcome.message)
  }
}

async function read(
  options: MeasureOptions,
  poll: Poll,
  { network, context: whole, access }: OpenedChannel,
): Promise<MeasureOutcome> {
  const context: VerbContext = poll.isRepeat
    ? { ...whole, fetch: (call) => whole.fetch({ ...call, isRepeat: true }) }
    : whole
  try {
    return poll.deliveryId === null
      ? await network.measureChannel(context, access)
      : await network.measurePost(context, access, poll.remoteId, poll.since)
  } catch (cause) {
    if (cause instanceof OverBudget || cause instanceof PutOff)
      return { kind: 'later', until: cause.until, message: cause.message }
    options.onError(cause, poll)
    return {
      kind: 'later',
      until: later(options.now(), poll.failures),
      message: cause instanceof Error ? cause.message : String(cause),
    }
  }
}

function nextAfter(poll: Poll, now: Date): Date | null {
  return poll.deliveryId === null
    ? nextChannelReadAt(poll.since, now, poll.sandbox)
    : nextReadAt(poll.since, now, poll.sandbox)
}

const missing = 'It is no longer on the network'

/** A post is looked for once more: networks in trouble have answered 404 for hours, and what is deleted stays so. */
const believedAfter = { real: 12 * hour, sandbox: minute }

function isBelieved({ deliveryId, missingSince, sandbox }: Poll, now: Date): boolean {
  const wait = sandbox ? believedAfter.sandbox : believedAfter.real
  return deliveryId !== null && missingSince !== null && now.getTime() - missingSince.getTime() >= wait
}

/** A post that is believed gone is read no more; a channel is asked for again now and then while it is in use. */
function gone(poll: Poll, now: Date): Date | null {
  if (poll.deliveryId === null) return new Date(now.getTime() + day)
  if (isBelieved(poll, now)) return null
  const since = poll.missingSince ?? now
  return new Date(since.getTime() + (poll.sandbox ? believedAfter.sandbox : believedAfter.real))
}

function later(now: Date, failures: number): Date {
  return new Date(now.getTime() + Math.min(day, minute * 2 ** Math.min(failures, 10)))
}

async function reschedule(
  db: Handle,
  poll: Poll,
  nextAt: Date | null,
  failures: number,
  message: string | null,
  missingSince: Date | null = poll.missingSince,
): Promise<void> {
  const row =
    poll.deliveryId === null
      ? { table: sql`channel_poll`, key: sql`channel_id = ${poll.channelId}`, more: sql`` }
      : {
          table: sql`poll`,
          key: sql`delivery_id = ${poll.deliveryId}`,
          more: sql`, missing_since = ${missingSince}`,
        }
  await sql`update ${row.table} set next_at = ${nextAt}, lease_until = null, failures = ${failures}, message = ${message === null ? null : storable(message)} ${row.more}
    where ${row.key} and token = ${poll.token}`.execute(db)
}

type ReadingProvenance = Provenance & { network: string; version: string }

/**
 * Nothing is kept of a connection that was given up, or of a post that was deleted, while it was read: both rows
 * are held until the readings are in, so that a deletion finds them.
 */
async function saveReadings(
  db: Handle,
  poll: Poll,
  readings: readonly ReadingValue[],
  { network, dataClass, termsVersion, readAt, expiresAt, version }: ReadingProvenance,
): Promise<void> {
  if (readings.length === 0) return
  const rows = readings.map((reading) => ({
    id: newId('rdg', readAt),
    metric: reading.metric,
    remote_name: reading.remoteName,
    value: reading.value,
    day: reading.day ?? null,
  }))
  await sql`with source as materialized (
      select k.id from channel c join connection k on k.id = c.connection_id
      where c.id = ${poll.channelId} and k.state <> 'disconnected' for share of k
    ), post as materialized (
      select d.id from delivery d where d.id = ${poll.deliveryId} and d.removed_at is null and d.remote_id is not null for share
    )
    insert into reading (id, workspace_id, network, channel_id, delivery_id, metric, remote_name, value, day, version, read_at,
      data_class, purpose, terms_version, expires_at)
    select r.id, ${poll.workspaceId}, ${network}, ${poll.channelId}, ${poll.deliveryId}, r.metric, r.remote_name, r.value, r.day,
      ${version}, ${readAt}, ${dataClass}, 'measure', ${termsVersion}, ${expiresAt}
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r (id text, metric text, remote_name text, value double precision, day text)
    where exists (select 1 from source) and (${poll.deliveryId}::text is null or exists (select 1 from post))`.execute(
    db,
  )
}
