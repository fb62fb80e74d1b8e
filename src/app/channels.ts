/** Channels: the pages, profiles and handles a connection reaches, and which of them are used. */
import { sql } from 'kysely'
import { LitfassError } from '#domain/errors.ts'
import type { OwnLimits } from '#domain/limits.ts'
import type { RemoteChannel } from '#networks/contract.ts'
import { requireRole } from './permissions.ts'
import type { Actor, System } from './system.ts'

export type ConnectionState = 'active' | 'needs-reauthorisation' | 'disconnected'
export type ChannelView = {
  id: string
  connectionId: string
  network: string
  kind: RemoteChannel['kind']
  name: string
  handle: string | null
  url: string | null
  sandbox: boolean
  state: 'offered' | 'active' | 'removed'
  connectionState: ConnectionState
  /** Of the account's own server, in networks of many; null where it said nothing. */
  ownLimits: OwnLimits | null
}

/** Every channel, or those of one connection, the oldest first. */
export async function channelsOf(
  db: System['db'],
  actor: Actor,
  connectionId: string | null = null,
): Promise<ChannelView[]> {
  const { rows } =
    await sql<ChannelView>`select c.id, c.connection_id as "connectionId", c.network, c.kind, c.name, c.handle, c.url, c.sandbox,
      c.state, k.state as "connectionState", k.own_limits as "ownLimits"
    from channel c join connection k on k.id = c.connection_id
    where c.workspace_id = ${actor.workspaceId} and (${connectionId}::text is null or c.connection_id = ${connectionId})
    order by c.created_at, c.name, c.id`.execute(db)
  return rows
}

/** The channels one can publish to. */
export async function listChannels(system: System, actor: Actor): Promise<ChannelView[]> {
  return (await channelsOf(system.db, actor)).filter((channel) => channel.state === 'active')
}

/** Sets which channels of a connection are used. Throws `conflict` naming what is scheduled on one left out. */
export async function chooseChannels(
  system: System,
  actor: Actor,
  connectionId: string,
  channelIds: readonly string[],
): Promise<void> {
  requireRole(actor, 'admin')
  await system.db.transaction().execute(async (transaction) => {
    // Locked against a post that is being scheduled on one of them at this moment.
    await sql`select id from channel where workspace_id = ${actor.workspaceId} and connection_id = ${connectionId}
      order by id for update`.execute(transaction)
    const channels = await channelsOf(transaction, actor, connectionId)
    const unknown = channelIds.find(
      (id) => !channels.some((channel) => channel.id === id && channel.state !== 'removed'),
    )
    if (unknown !== undefined)
      throw new LitfassError('unknown_channel', `This connection does not reach a channel ${unknown}`, {
        remedy: 'Choose among its channels; connect the account again if one is missing.',
      })
    const leftOut = channels.filter(
      (channel) => channel.state === 'active' && !channelIds.includes(channel.id),
    )
    await refuseScheduled(transaction, actor, leftOut)
    await sql`update channel set state = case when id = any(${[...channelIds]}::text[]) then 'active' else 'offered' end
      where workspace_id = ${actor.workspaceId} and connection_id = ${connectionId} and state <> 'removed'`.execute(
      transaction,
    )
  })
}

async function refuseScheduled(
  db: System['db'],
  actor: Actor,
  channels: readonly ChannelView[],
): Promise<void> {
  const { rows } = await sql<{
    channelId: string
    text: string
    dueAt: Date
  }>`select channel_id as "channelId", payload->>'text' as text, due_at as "dueAt" from delivery
    where workspace_id = ${actor.workspaceId} and state in ('waiting', 'claimed', 'sending', 'held')
      and (parent_id is null or state <> 'waiting' or next_at is not null)
      and channel_id = any(${channels.map((channel) => channel.id)}::text[]) order by due_at, id`.execute(db)
  if (rows.length === 0) return
  const named = rows.slice(0, 3).map(({ channelId, text, dueAt }) => {
    const name = channels.find((channel) => channel.id === channelId)?.name ?? channelId
    return `“${excerpt(text)}” on ${name} at ${dueAt.toISOString()}`
  })
  const more = rows.length > named.length ? ` and ${rows.length - named.length} more` : ''
  throw new LitfassError('conflict', `Something is scheduled there: ${named.join(', ')}${more}`, {
    remedy: 'Cancel or move these posts first, or keep the channel.',
  })
}

/** The beginning of a text, for a list. */
export function excerpt(text: string): string {
  const characters = [...text.replace(/\s+/g, ' ').trim()]
  return characters.length <= 60 ? characters.join('') : `${characters.slice(0, 59).join('')}…`
}

export type ChannelReading = { metric: string; value: number; day: string | null; readAt: Date }

/** The newest reading of each metric for each day, of the last 90 days. */
export async function channelReadings(
  system: System,
  actor: Actor,
  channelId: string,
): Promise<ChannelReading[]> {
  await requireChannel(system, actor, channelId)
  const since = new Date(system.now().getTime() - 90 * 86_400_000)
  const { rows } =
    await sql<ChannelReading>`select distinct on (metric, coalesce(day, (read_at at time zone 'UTC')::date::text))
      metric, value, day, read_at as "readAt" from reading
    where workspace_id = ${actor.workspaceId} and channel_id = ${channelId} and delivery_id is null and read_at >= ${since}
      and (expires_at is null or expires_at > ${system.now()})
    order by metric, coalesce(day, (read_at at time zone 'UTC')::date::text), read_at desc`.execute(system.db)
  return rows
}

/** Throws `not_found` for one that is not there or is another workspace's. */
export async function requireChannel(system: System, actor: Actor, id: string): Promise<ChannelView> {
  const channel = (await channelsOf(system.db, actor)).find((candidate) => candidate.id === id)
  if (channel) return channel
  throw new LitfassError('not_found', `There is no channel ${id}`, {
    remedy: 'List them with `litfass channel list`.',
  })
}
