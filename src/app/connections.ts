/** Connecting accounts: consent in a browser, a grant that exists already, or a sandbox at once. */
import { createHash, randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { LitfassError } from '#domain/errors.ts'
import { newId } from '#domain/id.ts'
import type {
  AppCredentials,
  Connected,
  Grant,
  LoginMethod,
  Network,
  VerbContext,
} from '#networks/contract.ts'
import { createMeteredFetch } from '#networks/metered-fetch.ts'
import { requireRole } from './permissions.ts'
import type { Actor, System } from './system.ts'

export type ConnectionRow = {
  id: string
  network: string
  login: string
  name: string
  sandbox: boolean
  state: 'active' | 'needs-reauthorisation' | 'disconnected'
  stateReason: string | null
  accessExpiresAt: Date | null
  refreshExpiresAt: Date | null
  dataAccessExpiresAt: Date | null
}
export type ChannelRow = {
  id: string
  connectionId: string
  network: string
  kind: string
  name: string
  handle: string | null
  url: string | null
  sandbox: boolean
}

/** How long a consent may take. */
const loginMinutes = 30

/** Any non-empty pair will do at a simulator. */
const sandboxApp: AppCredentials = { clientId: 'sandbox', clientSecret: 'sandbox' }

export function findLogin(system: System, id: string): { network: Network; login: LoginMethod } {
  const found = system.loginById(id)
  if (found) return found
  const known = system.networks.flatMap((network) => network.definition.logins.map((login) => login.id))
  throw new LitfassError('network_unknown', `There is no network ${id}`, {
    remedy: `Use one of: ${known.join(', ')}.`,
  })
}

export async function appOf(
  system: System,
  actor: Actor,
  login: LoginMethod,
  isSandbox: boolean,
): Promise<AppCredentials> {
  if (isSandbox) return sandboxApp
  const { rows } = await sql<{
    clientId: string
    sealed: string
  }>`select client_id as "clientId", sealed_secret as sealed from network_app
    where workspace_id = ${actor.workspaceId} and login = ${login.id}`.execute(system.db)
  const stored = rows[0]
  if (stored)
    return {
      clientId: stored.clientId,
      clientSecret: system.sealer.open(appIdentity(actor.workspaceId, login.id), stored.sealed),
    }
  const fromEnvironment = system.appFromEnvironment(login)
  if (fromEnvironment) return fromEnvironment
  throw new LitfassError('network_not_configured', `No app of yours is set up for ${login.name}`, {
    remedy: `Set LITFASS_${login.settings}_CLIENT_ID and LITFASS_${login.settings}_CLIENT_SECRET, or add a sandbox connection.`,
  })
}

const appIdentity = (workspaceId: string, login: string) => `network_app/${workspaceId}/${login}`

function contextFor(
  system: System,
  actor: Actor,
  network: Network,
  login: LoginMethod,
  isSandbox: boolean,
): VerbContext {
  const meter = system.ledger.scoped({
    workspaceId: actor.workspaceId,
    connectionId: null,
    deliveryId: null,
    actor: actor.memberId,
    definition: network.definition,
    now: system.now,
  })
  return {
    login,
    hosts: system.hostsOf(network, login, isSandbox),
    version: network.definition.version?.value.name ?? '',
    fetch: createMeteredFetch(meter),
    now: system.now,
  }
}

/** Starts a consent. Returns the network's page to send the person to. */
export async function startLogin(
  system: System,
  actor: Actor,
  loginId: string,
  isSandbox: boolean,
): Promise<{ url: string; state: string }> {
  requireRole(actor, 'admin')
  if (isSandbox) requireSandbox(system)
  const { network, login } = findLogin(system, loginId)
  const app = await appOf(system, actor, login, isSandbox)
  const state = randomBytes(24).toString('base64url')
  const verifier = login.usesPkce ? randomBytes(48).toString('base64url') : null
  const redirectUri = `${system.origin}/api/v1/connections/callback`
  const expiresAt = new Date(system.now().getTime() + loginMinutes * 60_000)
  await sql`insert into pending_login (state, workspace_id, member_id, login, sandbox, redirect_uri, sealed_verifier, expires_at) values
    (${state}, ${actor.workspaceId}, ${actor.memberId}, ${login.id}, ${isSandbox}, ${redirectUri},
     ${verifier === null ? null : system.sealer.seal(`pending_login/${state}`, verifier)}, ${expiresAt})`.execute(
    system.db,
  )
  const url = network.authorizeUrl(
    login,
    system.hostsOf(network, login, isSandbox),
    network.definition.version?.value.name ?? '',
    {
      app,
      redirectUri,
      state,
      ...(verifier === null
        ? {}
        : { codeChallenge: createHash('sha256').update(verifier).digest('base64url') }),
    },
  )
  return { url, state }
}

type Pending = {
  workspaceId: string
  memberId: string
  role: Actor['role']
  login: string
  sandbox: boolean
  redirectUri: string
  sealedVerifier: string | null
  expiresAt: Date
}

/** Finishes a consent with what the redirect carried. The state works once. */
export async function finishLogin(
  system: System,
  query: { state?: string; code?: string; error?: string },
): Promise<{ connection: ConnectionRow; channels: ChannelRow[] }> {
  const { rows } =
    await sql<Pending>`delete from pending_login p using member m where p.state = ${query.state ?? ''} and m.id = p.member_id
    returning p.workspace_id as "workspaceId", p.member_id as "memberId", m.role, p.login, p.sandbox, p.redirect_uri as "redirectUri",
      p.sealed_verifier as "sealedVerifier", p.expires_at as "expiresAt"`.execute(system.db)
  const pending = rows[0]
  if (!pending || pending.expiresAt <= system.now()) {
    throw new LitfassError(
      'oauth_state_invalid',
      'This sign-in was started elsewhere, was used already or took too long',
      { remedy: 'Start connecting the account again.' },
    )
  }
  if (!query.code) {
    throw new LitfassError(
      'oauth_declined',
      `The network did not grant access (${query.error ?? 'no code came back'})`,
      { remedy: 'Start again and allow what is asked for; nothing was changed.' },
    )
  }
  const actor: Actor = { workspaceId: pending.workspaceId, memberId: pending.memberId, role: pending.role }
  const { network, login } = findLogin(system, pending.login)
  const app = await appOf(system, actor, login, pending.sandbox)
  const verifier =
    pending.sealedVerifier === null
      ? null
      : system.sealer.open(`pending_login/${query.state}`, pending.sealedVerifier)
  const connected = await network.connect(contextFor(system, actor, network, login, pending.sandbox), {
    app,
    redirectUri: pending.redirectUri,
    code: query.code,
    ...(verifier === null ? {} : { codeVerifier: verifier }),
  })
  return saveConnection(system, actor, network, login, pending.sandbox, connected)
}

/** Takes a grant that exists already. Throws `grant_invalid` or what the network said. */
export async function adoptGrant(
  system: System,
  actor: Actor,
  loginId: string,
  grant: Grant,
): Promise<{ connection: ConnectionRow; channels: ChannelRow[] }> {
  requireRole(actor, 'admin')
  const { network, login } = findLogin(system, loginId)
  const app = await appOf(system, actor, login, false).catch(() => null)
  const connected = await network.adopt(contextFor(system, actor, network, login, false), grant, app)
  return saveConnection(system, actor, network, login, false, connected)
}

/** Adds a sandbox connection at once by walking its consent page. */
export async function addSandbox(
  system: System,
  actor: Actor,
  loginId: string,
  visit: (url: string) => Promise<{ code?: string; error?: string }>,
): Promise<{ connection: ConnectionRow; channels: ChannelRow[] }> {
  const { url, state } = await startLogin(system, actor, loginId, true)
  return finishLogin(system, { state, ...(await visit(url)) })
}

function requireSandbox(system: System): void {
  if (system.hasSandbox) return
  throw new LitfassError('network_not_configured', 'The sandbox is switched off here', {
    remedy: 'Start with LITFASS_SANDBOX=on.',
  })
}

/** One connection per account and login: connecting again renews the grant and keeps what is scheduled. */
async function saveConnection(
  system: System,
  actor: Actor,
  network: Network,
  login: LoginMethod,
  isSandbox: boolean,
  connected: Connected,
): Promise<{ connection: ConnectionRow; channels: ChannelRow[] }> {
  const now = system.now()
  return system.db.transaction().execute(async (transaction) => {
    const existing = await sql<{
      id: string
    }>`select id from connection where workspace_id = ${actor.workspaceId} and login = ${login.id}
      and sandbox = ${isSandbox} and remote_account_id = ${connected.account.remoteId} for update`.execute(
      transaction,
    )
    const id = existing.rows[0]?.id ?? newId('con', now)
    const { grant } = connected
    const sealed = system.sealer.seal(`connection/${id}/grant`, JSON.stringify(grant))
    await sql`insert into connection (id, workspace_id, network, login, sandbox, remote_account_id, name, scopes, sealed_grant,
        access_expires_at, refresh_expires_at, data_access_expires_at, created_at, updated_at)
      values (${id}, ${actor.workspaceId}, ${network.definition.id}, ${login.id}, ${isSandbox}, ${connected.account.remoteId},
        ${connected.account.name}, ${[...grant.scopes]}, ${sealed}, ${grant.accessExpiresAt ?? null}, ${grant.refreshExpiresAt ?? null},
        ${grant.dataAccessExpiresAt ?? null}, ${now}, ${now})
      on conflict (id) do update set name = excluded.name, scopes = excluded.scopes, sealed_grant = excluded.sealed_grant,
        access_expires_at = excluded.access_expires_at, refresh_expires_at = excluded.refresh_expires_at,
        data_access_expires_at = excluded.data_access_expires_at, state = 'active', state_reason = null, updated_at = excluded.updated_at`.execute(
      transaction,
    )
    for (const remote of connected.channels) {
      const channelId = newId('chn', now)
      const known = await sql<{
        id: string
      }>`insert into channel (id, workspace_id, connection_id, network, remote_id, kind, name, handle, url, sandbox, created_at)
        values (${channelId}, ${actor.workspaceId}, ${id}, ${network.definition.id}, ${remote.remoteId}, ${remote.kind}, ${remote.name},
          ${remote.handle ?? null}, ${remote.url ?? null}, ${isSandbox}, ${now})
        on conflict (connection_id, remote_id) do update set name = excluded.name, handle = excluded.handle, url = excluded.url, state = 'active'
        returning id`.execute(transaction)
      const keptId = known.rows[0]?.id ?? channelId
      const token =
        remote.accessToken === undefined
          ? null
          : system.sealer.seal(`channel/${keptId}/token`, remote.accessToken)
      await sql`update channel set sealed_token = ${token} where id = ${keptId}`.execute(transaction)
    }
    // What waited for this connection goes on by rule.
    await sql`update delivery set state = 'waiting', hold_reason = null, next_at = greatest(due_at, ${now}), updated_at = ${now}
      where workspace_id = ${actor.workspaceId} and state = 'held' and hold_reason = 'connection'
        and channel_id in (select id from channel where connection_id = ${id})`.execute(transaction)
    const [connection] = await connectionRows(transaction, actor, id)
    if (!connection) throw new Error('the connection just saved is not there')
    return { connection, channels: await listChannels(transaction, actor, id) }
  })
}

async function connectionRows(db: System['db'], actor: Actor, id: string | null): Promise<ConnectionRow[]> {
  const { rows } =
    await sql<ConnectionRow>`select id, network, login, name, sandbox, state, state_reason as "stateReason",
      access_expires_at as "accessExpiresAt", refresh_expires_at as "refreshExpiresAt", data_access_expires_at as "dataAccessExpiresAt"
    from connection where workspace_id = ${actor.workspaceId} and (${id}::text is null or id = ${id}) order by id`.execute(
      db,
    )
  return rows
}

export function listConnections(system: System, actor: Actor): Promise<ConnectionRow[]> {
  return connectionRows(system.db, actor, null)
}

export async function listChannels(
  db: System['db'],
  actor: Actor,
  connectionId: string | null = null,
): Promise<ChannelRow[]> {
  const { rows } =
    await sql<ChannelRow>`select id, connection_id as "connectionId", network, kind, name, handle, url, sandbox from channel
    where workspace_id = ${actor.workspaceId} and state = 'active' and (${connectionId}::text is null or connection_id = ${connectionId}) order by id`.execute(
      db,
    )
  return rows
}

export type Removal = { connectionId: string; channels: number; heldDeliveries: number }

/** Disconnects: forgets the tokens, keeps every post, and holds what is scheduled. Says what it touched. */
export async function removeConnection(system: System, actor: Actor, id: string): Promise<Removal> {
  requireRole(actor, 'admin')
  const now = system.now()
  return system.db.transaction().execute(async (transaction) => {
    const { rows } = await sql<{
      id: string
    }>`update connection set state = 'disconnected', sealed_grant = '', state_reason = 'Disconnected by a person', updated_at = ${now}
      where workspace_id = ${actor.workspaceId} and id = ${id} returning id`.execute(transaction)
    if (rows.length === 0)
      throw new LitfassError('not_found', `There is no connection ${id}`, {
        remedy: 'List them with `litfass connection list`.',
      })
    const channels =
      await sql`update channel set sealed_token = null, state = 'removed' where connection_id = ${id}`.execute(
        transaction,
      )
    const held =
      await sql`update delivery set state = 'held', hold_reason = 'connection', next_at = null, updated_at = ${now}
      where workspace_id = ${actor.workspaceId} and state = 'waiting' and channel_id in (select id from channel where connection_id = ${id})`.execute(
        transaction,
      )
    return {
      connectionId: id,
      channels: Number(channels.numAffectedRows ?? 0n),
      heldDeliveries: Number(held.numAffectedRows ?? 0n),
    }
  })
}
