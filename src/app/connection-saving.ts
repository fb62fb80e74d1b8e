/**
 * Saving what a network granted: one connection per account and login.
 *
 * Connecting again renews the grant and keeps what is scheduled. What waited for the connection goes on,
 * unless its time has passed: a late post by surprise is worse than none, so a person decides on that.
 */
import { sql } from 'kysely'
import { newId } from '#domain/id.ts'
import { provenanceOf } from '#engine/rule-books.ts'
import type { Connected, LoginMethod, Network, RemoteChannel } from '#networks/contract.ts'
import { storable } from '#storage/storable.ts'
import type { ChannelView } from './channels.ts'
import { type ConnectionView, holdScheduled, showConnection } from './connections.ts'
import { keepOwnLimits } from './own-limits.ts'
import { serverOf } from './outages.ts'
import type { Actor, System } from './system.ts'

export type ConnectedView = { connection: ConnectionView; channels: ChannelView[] }
export type Granted = {
  network: Network
  login: LoginMethod
  isSandbox: boolean
  connected: Connected
  /** `offered`: a person chooses among several; a single one is used at once. */
  newChannels: 'offered' | 'active'
}

/** Something held for its connection still goes out by itself when it is at most this late. */
export const graceMinutes = 15

export async function saveConnection(system: System, actor: Actor, given: Granted): Promise<ConnectedView> {
  const now = system.now()
  const granted = { ...given, connected: named(given.connected) }
  const saved = await system.db.transaction().execute(async (transaction) => {
    const id = await saveGrant(system, transaction, actor, granted, now)
    await keepOwnLimits(transaction, actor.workspaceId, id, granted.connected.ownLimits ?? null)
    for (const remote of granted.connected.channels)
      await saveChannel(system, transaction, actor, { ...granted, connectionId: id }, remote, now)
    if (granted.connected.isComplete) await dropUnreached(transaction, actor, id, granted.connected.channels)
    await holdScheduled(transaction, actor, id, now)
    await releaseHeld(transaction, actor, id, now)
    const connection = await showConnection(system, actor, id, transaction)
    return { connection, channels: connection.channels.filter((channel) => channel.state !== 'removed') }
  })
  const { id, login } = saved.connection
  const server = serverOf(given.isSandbox, given.connected.grant)
  await system.breakers.report({ login, server, connectionId: id }, 'connect', 'works')
  system.wake()
  return saved
}

/** As the database can keep it; tokens are sealed and stay as they are. */
function named(connected: Connected): Connected {
  const { account, channels } = connected
  return {
    ...connected,
    account: {
      remoteId: storable(account.remoteId),
      name: storable(account.name),
      ...(account.callbackId === undefined ? {} : { callbackId: storable(account.callbackId) }),
    },
    channels: channels.map(({ remoteId, name, handle, url, ...channel }) => ({
      ...channel,
      remoteId: storable(remoteId),
      name: storable(name),
      ...(handle === undefined ? {} : { handle: storable(handle) }),
      ...(url === undefined ? {} : { url: storable(url) }),
    })),
  }
}

async function saveGrant(
  system: System,
  db: System['db'],
  actor: Actor,
  { network, login, isSandbox, connected: { grant, account } }: Granted,
  now: Date,
): Promise<string> {
  const existing = await sql<{
    id: string
  }>`select id from connection where workspace_id = ${actor.workspaceId} and login = ${login.id}
    and sandbox = ${isSandbox} and remote_account_id = ${account.remoteId} for update`.execute(db)
  const id = existing.rows[0]?.id ?? newId('con', now)
  const sealed = system.sealer.seal(`connection/${id}/grant`, JSON.stringify(grant))
  const { dataClass, termsVersion, expiresAt } = provenanceOf(network.definition, 'account', 'profile', now)
  await sql`insert into connection (id, workspace_id, network, login, sandbox, server, remote_account_id, name, scopes, sealed_grant,
      access_expires_at, refresh_expires_at, data_access_expires_at, created_at, updated_at,
      callback_id, data_class, terms_version, read_at, expires_at)
    values (${id}, ${actor.workspaceId}, ${network.definition.id}, ${login.id}, ${isSandbox}, ${serverOf(isSandbox, grant)}, ${account.remoteId},
      ${account.name}, ${[...grant.scopes]}, ${sealed}, ${grant.accessExpiresAt ?? null}, ${grant.refreshExpiresAt ?? null},
      ${grant.dataAccessExpiresAt ?? null}, ${now}, ${now},
      ${account.callbackId ?? null}, ${dataClass}, ${termsVersion}, ${now}, ${expiresAt})
    on conflict (id) do update set callback_id = excluded.callback_id, data_class = excluded.data_class,
      terms_version = excluded.terms_version, read_at = excluded.read_at, expires_at = excluded.expires_at,
      name = excluded.name, server = excluded.server, scopes = excluded.scopes, sealed_grant = excluded.sealed_grant,
      access_expires_at = excluded.access_expires_at, refresh_expires_at = excluded.refresh_expires_at,
      data_access_expires_at = excluded.data_access_expires_at, state = 'active', state_reason = null, refused_at = null,
      updated_at = excluded.updated_at`.execute(db)
  return id
}

/** One that was in use before, also before a disconnect, is in use again; one that was left out stays so. */
async function saveChannel(
  system: System,
  db: System['db'],
  actor: Actor,
  granted: Granted & { connectionId: string },
  remote: RemoteChannel,
  now: Date,
): Promise<void> {
  const { connectionId, network, isSandbox, connected, newChannels } = granted
  const first = connected.channels.length === 1 ? 'active' : newChannels
  const { dataClass, termsVersion, expiresAt } = provenanceOf(network.definition, 'channel', remote.kind, now)
  const { rows } = await sql<{
    id: string
  }>`insert into channel (id, workspace_id, connection_id, network, remote_id, kind, name, handle, url, sandbox, state, created_at,
      data_class, terms_version, read_at, expires_at)
    values (${newId('chn', now)}, ${actor.workspaceId}, ${connectionId}, ${network.definition.id}, ${remote.remoteId}, ${remote.kind},
      ${remote.name}, ${remote.handle ?? null}, ${remote.url ?? null}, ${isSandbox}, ${first}, ${now},
      ${dataClass}, ${termsVersion}, ${now}, ${expiresAt})
    on conflict (connection_id, remote_id) do update set data_class = excluded.data_class,
      terms_version = excluded.terms_version, read_at = excluded.read_at, expires_at = excluded.expires_at,
      name = excluded.name, handle = excluded.handle, url = excluded.url,
      state = case when channel.state = 'offered' then excluded.state else 'active' end
    returning id`.execute(db)
  const id = rows[0]?.id
  if (id === undefined) throw new Error('the channel just saved is not there')
  const token =
    remote.accessToken === undefined ? null : system.sealer.seal(`channel/${id}/token`, remote.accessToken)
  await sql`update channel set sealed_token = ${token} where workspace_id = ${actor.workspaceId} and id = ${id}`.execute(
    db,
  )
}

/** What the grant no longer reaches keeps its history; what nobody ever used is forgotten. */
async function dropUnreached(
  db: System['db'],
  actor: Actor,
  connectionId: string,
  reached: readonly RemoteChannel[],
): Promise<void> {
  const remoteIds = reached.map((channel) => channel.remoteId)
  await sql`delete from channel c where c.workspace_id = ${actor.workspaceId} and c.connection_id = ${connectionId}
    and c.state = 'offered' and not c.remote_id = any(${remoteIds}::text[])
    and not exists (select 1 from variant v where v.channel_id = c.id)
    and not exists (select 1 from delivery d where d.channel_id = c.id)`.execute(db)
  await sql`update channel set state = 'removed', sealed_token = null where workspace_id = ${actor.workspaceId}
    and connection_id = ${connectionId} and not remote_id = any(${remoteIds}::text[])`.execute(db)
}

/** What waited goes on, and what may be live is looked for; what is too late stays held and says why. */
async function releaseHeld(db: System['db'], actor: Actor, connectionId: string, now: Date): Promise<void> {
  const since = new Date(now.getTime() - graceMinutes * 60_000)
  await sql`update delivery set state = 'waiting', hold_reason = null, next_at = greatest(due_at, ${now}), updated_at = ${now}
    where workspace_id = ${actor.workspaceId} and state = 'held' and hold_reason = 'connection'
      and (due_at >= ${since} or operation_id is not null)
      and channel_id in (select id from channel where workspace_id = ${actor.workspaceId} and connection_id = ${connectionId} and state = 'active')`.execute(
    db,
  )
  // What nobody could look for with the old grant is looked for again.
  await sql`update delivery set next_at = ${now}, updated_at = ${now}
    where workspace_id = ${actor.workspaceId} and state = 'unsure' and next_at is null and operation_id is not null
      and channel_id in (select id from channel where workspace_id = ${actor.workspaceId} and connection_id = ${connectionId} and state = 'active')`.execute(
    db,
  )
  const reason = JSON.stringify({
    code: 'due_while_not_connected',
    message: 'It was due while the account was not connected, and nothing is sent late by itself.',
  })
  await sql`update delivery set reason = ${reason}::jsonb, updated_at = ${now}
    where workspace_id = ${actor.workspaceId} and state = 'held' and hold_reason = 'connection' and due_at < ${since}
      and operation_id is null
      and channel_id in (select id from channel where workspace_id = ${actor.workspaceId} and connection_id = ${connectionId} and state = 'active')`.execute(
    db,
  )
}
