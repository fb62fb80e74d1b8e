/** Reads how published posts do, ever more rarely as they age. Each reading keeps source, name, version and time. */
import { sql } from 'kysely'
import { newId } from '#domain/id.ts'
import type { ReadingValue } from '#networks/contract.ts'
import type { Handle } from '#storage/deliveries.ts'
import type { OpenedChannel } from './deliver.ts'

export type Poll = {
  deliveryId: string
  workspaceId: string
  channelId: string
  remoteId: string
  token: number
  publishedAt: Date
  sandbox: boolean
  failures: number
}

export type MeasureOptions = {
  db: Handle
  now: () => Date
  openChannel: (poll: Poll) => Promise<OpenedChannel>
  onError: (cause: unknown, poll?: Poll) => void
  leaseMs?: number
}

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** Age below which a post is read every so often; older than the last it is left alone. Milliseconds. */
const tiers: ReadonlyArray<{ below: number; every: number }> = [
  { below: hour, every: 15 * minute },
  { below: day, every: hour },
  { below: 7 * day, every: 6 * hour },
  { below: 30 * day, every: day },
]
/** Simulators cost nothing, so a newcomer sees figures move. */
const sandboxTiers = [{ below: 10 * minute, every: 10_000 }, ...tiers]

/** When a post of this age is read next, or null when no more. */
export function nextReadAt(publishedAt: Date, now: Date, isSandbox: boolean): Date | null {
  const age = now.getTime() - publishedAt.getTime()
  const tier = (isSandbox ? sandboxTiers : tiers).find((candidate) => age < candidate.below)
  return tier ? new Date(now.getTime() + tier.every) : null
}

/** Claims and reads what is due once; returns how many polls ran. */
export async function measureDue(options: MeasureOptions, limit = 20): Promise<number> {
  const polls = await claim(options, limit)
  await Promise.all(
    polls.map((poll) => measureOne(options, poll).catch((cause: unknown) => options.onError(cause, poll))),
  )
  return polls.length
}

async function claim(options: MeasureOptions, limit: number): Promise<Poll[]> {
  const now = options.now()
  const leaseUntil = new Date(now.getTime() + (options.leaseMs ?? 60_000))
  const { rows } = await sql<Poll>`
    with due as (select delivery_id from poll where next_at <= ${now} order by next_at limit ${limit} for update skip locked),
    taken as (update poll p set token = p.token + 1, lease_until = ${leaseUntil}, next_at = ${leaseUntil} from due
      where p.delivery_id = due.delivery_id returning p.*)
    select t.delivery_id as "deliveryId", t.workspace_id as "workspaceId", d.channel_id as "channelId", d.remote_id as "remoteId",
      t.token::int as token, d.published_at as "publishedAt", c.sandbox, t.failures
    from taken t join delivery d on d.id = t.delivery_id join channel c on c.id = d.channel_id`.execute(
    options.db,
  )
  return rows
}

async function measureOne(options: MeasureOptions, poll: Poll): Promise<void> {
  const { network, context, access } = await options.openChannel(poll).catch(async (cause: unknown) => {
    await reschedule(options.db, poll, later(options.now(), poll.failures), poll.failures + 1, String(cause))
    throw cause
  })
  const outcome = await network
    .measurePost(context, access, poll.remoteId, poll.publishedAt)
    .catch((cause: unknown) => ({
      kind: 'later' as const,
      until: later(options.now(), poll.failures),
      message: cause instanceof Error ? cause.message : String(cause),
    }))
  const now = options.now()
  switch (outcome.kind) {
    case 'measured':
      await saveReadings(options.db, poll, outcome.readings, context.version, now)
      return reschedule(options.db, poll, nextReadAt(poll.publishedAt, now, poll.sandbox), 0, null)
    case 'gone':
      return reschedule(options.db, poll, null, poll.failures, 'The post is no longer on the network')
    case 'later':
      return reschedule(options.db, poll, outcome.until, poll.failures + 1, outcome.message)
    case 'unauthorised':
      return reschedule(options.db, poll, later(now, poll.failures), poll.failures + 1, outcome.message)
  }
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
): Promise<void> {
  await sql`update poll set next_at = ${nextAt}, lease_until = null, failures = ${failures}, message = ${message}
    where delivery_id = ${poll.deliveryId} and token = ${poll.token}`.execute(db)
}

async function saveReadings(
  db: Handle,
  poll: Poll,
  readings: readonly ReadingValue[],
  version: string,
  now: Date,
): Promise<void> {
  if (readings.length === 0) return
  const rows = readings.map((reading) => ({
    id: newId('rdg', now),
    metric: reading.metric,
    remote_name: reading.remoteName,
    value: reading.value,
    day: reading.day ?? null,
  }))
  await sql`insert into reading (id, workspace_id, channel_id, delivery_id, metric, remote_name, value, day, version, read_at)
    select r.id, ${poll.workspaceId}, ${poll.channelId}, ${poll.deliveryId}, r.metric, r.remote_name, r.value, r.day, ${version}, ${now}
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r (id text, metric text, remote_name text, value double precision, day text)`.execute(
    db,
  )
}
