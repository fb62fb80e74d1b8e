/** Connections: the grants we hold, shown with their channels and their ends, and given up again. */
import { sql } from 'kysely'
import { LitfassError } from '#domain/errors.ts'
import type { Grant, LoginMethod } from '#networks/contract.ts'
import { type ChannelView, channelsOf, type ConnectionState } from './channels.ts'
import { orderForConnection } from './order-deletion.ts'
import { type OutageView, readOutages } from './outages.ts'
import { requireRole } from './permissions.ts'
import { takingBack } from './revoking.ts'
import type { Actor, System } from './system.ts'

type Row = {
  id: string
  network: string
  login: string
  name: string
  sandbox: boolean
  state: ConnectionState
  stateReason: string | null
  scopes: string[]
  createdAt: Date
  accessExpiresAt: Date | null
  refreshExpiresAt: Date | null
  dataAccessExpiresAt: Date | null
}
export type ConnectionView = Row & {
  endsAt: Date | null
  versionEndsOn: string | null
  outages: OutageView[]
  channels: ChannelView[]
}

export async function listConnections(system: System, actor: Actor): Promise<ConnectionView[]> {
  return viewsOf(system, system.db, actor, null)
}

/** Throws `not_found`. `db` may be a transaction that just wrote the connection. */
export async function showConnection(
  system: System,
  actor: Actor,
  id: string,
  db: System['db'] = system.db,
): Promise<ConnectionView> {
  const [view] = await viewsOf(system, db, actor, id)
  if (view) return view
  throw new LitfassError('not_found', `There is no connection ${id}`, {
    remedy: 'List them with `litfass connection list`.',
  })
}

async function viewsOf(
  system: System,
  db: System['db'],
  actor: Actor,
  id: string | null,
): Promise<ConnectionView[]> {
  const { rows } = await sql<
    Row & { server: string; sealedGrant: string }
  >`select id, server, network, login, name, sandbox, state, state_reason as "stateReason", scopes, created_at as "createdAt",
      access_expires_at as "accessExpiresAt", refresh_expires_at as "refreshExpiresAt",
      data_access_expires_at as "dataAccessExpiresAt", sealed_grant as "sealedGrant"
    from connection where workspace_id = ${actor.workspaceId} and (${id}::text is null or id = ${id}) order by id`.execute(
    db,
  )
  const channels = await channelsOf(db, actor, id)
  const outagesOf = await readOutages(db)
  return rows.map(({ server, sealedGrant, ...row }) => {
    const known = system.loginById(row.login)
    return {
      ...row,
      endsAt: known && row.state !== 'disconnected' ? endOf(system, known.login, row, sealedGrant) : null,
      versionEndsOn: known?.network.definition.version?.value.endsOn ?? null,
      outages: row.state === 'disconnected' ? [] : outagesOf({ login: row.login, server }),
      channels: channels.filter((channel) => channel.connectionId === row.id),
    }
  })
}

/** The earliest end that nothing renews by itself; null where none is known. */
export function endOf(
  system: System,
  login: LoginMethod,
  row: Pick<Row, 'id' | 'accessExpiresAt' | 'refreshExpiresAt' | 'dataAccessExpiresAt'>,
  sealedGrant: string,
): Date | null {
  const ends = [row.dataAccessExpiresAt, row.refreshExpiresAt]
  if (login.renewal === 'refresh-token' && !hasRefreshToken(system, row.id, sealedGrant))
    ends.push(row.accessExpiresAt)
  const instants = ends.flatMap((end) => (end === null ? [] : [end.getTime()]))
  return instants.length === 0 ? null : new Date(Math.min(...instants))
}

function hasRefreshToken(system: System, id: string, sealedGrant: string): boolean {
  const grant = JSON.parse(system.sealer.open(`connection/${id}/grant`, sealedGrant)) as Grant
  return grant.refreshToken !== undefined
}

export type Impact = {
  connectionId: string
  channels: ChannelView[]
  deliveries: Array<{ id: string; postId: string; channelId: string; text: string; dueAt: Date }>
  deliveryCount: number
}

/** What a disconnect would touch: the channels in use and what is scheduled on them. Changes nothing. */
export async function impactOf(system: System, actor: Actor, id: string): Promise<Impact> {
  const { channels } = await showConnection(system, actor, id)
  const used = channels.filter((channel) => channel.state === 'active')
  const { rows } = await sql<
    Impact['deliveries'][number] & { total: number }
  >`select id, post_id as "postId", channel_id as "channelId", payload->>'text' as text, due_at as "dueAt",
      (count(*) over ())::int as total
    from delivery where workspace_id = ${actor.workspaceId} and state = 'waiting' and parent_id is null
      and channel_id = any(${channels.map((channel) => channel.id)}::text[]) order by due_at, id limit 200`.execute(
    system.db,
  )
  return {
    connectionId: id,
    channels: used,
    deliveries: rows.map(({ total: _, ...delivery }) => delivery),
    deliveryCount: rows[0]?.total ?? 0,
  }
}

export type Removal = { connectionId: string; channels: number; heldDeliveries: number }

/**
 * Disconnects: forgets the tokens, keeps every post, and holds what is scheduled. Says what it touched. What was
 * read of the account goes as its network's rules say.
 */
export async function removeConnection(system: System, actor: Actor, id: string): Promise<Removal> {
  requireRole(actor, 'admin')
  const now = system.now()
  const takeBack = await takingBack(system, actor, id)
  const done = await system.db.transaction().execute(async (transaction) => {
    const { network } = await showConnection(system, actor, id, transaction)
    const removal = await disconnect(transaction, actor, id, 'Disconnected by a person', now)
    await orderForConnection(
      system,
      transaction,
      { workspaceId: actor.workspaceId, network, id },
      { reason: 'disconnected', askedBy: actor.memberId, receivedAt: now },
      now,
    )
    return removal
  })
  await takeBack()
  return done
}

/** The grant of a connection ends, whoever ended it. */
export async function disconnect(
  db: System['db'],
  actor: Pick<Actor, 'workspaceId'>,
  id: string,
  why: string,
  now: Date,
): Promise<Removal> {
  await sql`update connection set state = 'disconnected', sealed_grant = '', state_reason = ${why}, updated_at = ${now}
    where workspace_id = ${actor.workspaceId} and id = ${id}`.execute(db)
  await sql`update channel set sealed_token = null where workspace_id = ${actor.workspaceId} and connection_id = ${id}`.execute(
    db,
  )
  const { rows } = await sql<{
    id: string
  }>`update channel set state = 'removed' where workspace_id = ${actor.workspaceId} and connection_id = ${id}
    and state = 'active' returning id`.execute(db)
  const held = await holdScheduled(db, actor, id, now)
  return { connectionId: id, channels: rows.length, heldDeliveries: held }
}

/** Keeps back what is scheduled on a connection's removed channels; says how much. A comment that waits for its post goes on waiting. */
export async function holdScheduled(
  db: System['db'],
  actor: Pick<Actor, 'workspaceId'>,
  connectionId: string,
  now: Date,
): Promise<number> {
  const held = await sql`update delivery set state = 'held', hold_reason = 'connection', next_at = null,
      reason = case when hold_reason is distinct from 'breaker' then reason end, updated_at = ${now}
    where workspace_id = ${actor.workspaceId} and state = 'waiting' and (next_at is not null or hold_reason = 'breaker')
      and channel_id in (select id from channel where workspace_id = ${actor.workspaceId} and connection_id = ${connectionId} and state = 'removed')`.execute(
    db,
  )
  return Number(held.numAffectedRows ?? 0n)
}
