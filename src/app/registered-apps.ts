/** Apps that Litfass registers by itself: at each server of a network that has many, once. */
import { sql } from 'kysely'
import type { AppCredentials, LoginMethod, Network, NetworkHosts, VerbContext } from '#networks/contract.ts'
import { LitfassError } from '#domain/errors.ts'
import { serverOf } from './login-form.ts'
import type { Actor, System } from './system.ts'

/** Which app is meant: the server is told by `context.hosts`. */
export type Registration = {
  network: Network
  login: LoginMethod
  context: VerbContext
  redirectUri: string
}

/** The server somebody typed, as its origin; null for logins that need none and in the sandbox. */
export async function hostOf(
  system: System,
  login: LoginMethod,
  typed: string | undefined,
  isSandbox: boolean,
): Promise<string | null> {
  if (!login.needsHost || isSandbox) return null
  if (typed !== undefined && typed.trim() !== '') return serverOf(system, 'host', typed.trim())
  const message = 'The server of the account is needed'
  throw new LitfassError('invalid_input', message, {
    remedy: `Name the server the ${login.name} account lives at, such as example.social.`,
    issues: [{ path: 'host', message }],
  })
}

/** The same paths at another server. */
export function hostsAt(hosts: NetworkHosts, host: string | null): NetworkHosts {
  if (host === null) return hosts
  const there = (url: string) => (url === '' ? '' : `${host}${new URL(url).pathname.replace(/^\/$/, '')}`)
  return {
    ...hosts,
    apiUrl: host,
    uploadUrl: host,
    authorizeUrl: there(hosts.authorizeUrl),
    tokenUrl: there(hosts.tokenUrl),
  }
}

/** The app at a server, registered there first where there is none yet. */
export async function registeredApp(
  system: System,
  actor: Actor,
  registration: Registration,
): Promise<AppCredentials> {
  const { network, login, context, redirectUri } = registration
  const host = context.hosts.apiUrl
  const { rows } = await sql<{ sealed: string }>`select sealed_app as sealed from registered_app
    where workspace_id = ${actor.workspaceId} and login = ${login.id} and host = ${host}
      and redirect_uri = ${redirectUri}`.execute(system.db)
  const known = rows[0]
  const identity = identityOf(actor, registration)
  if (known) return JSON.parse(system.sealer.open(identity, known.sealed)) as AppCredentials
  if (!network.register) throw new Error(`${login.id} needs a host, and its network registers no app`)
  const app = await network.register(context, redirectUri)
  const sealed = system.sealer.seal(identity, JSON.stringify(app))
  await sql`insert into registered_app (workspace_id, login, host, redirect_uri, sealed_app, created_at)
    values (${actor.workspaceId}, ${login.id}, ${host}, ${redirectUri}, ${sealed}, ${system.now()})
    on conflict (workspace_id, login, host, redirect_uri)
      do update set sealed_app = excluded.sealed_app, created_at = excluded.created_at`.execute(system.db)
  return app
}

/** The server may have deleted it: the next sign-in registers another. */
export async function forgetRegisteredApp(
  system: System,
  actor: Actor,
  { login, context, redirectUri }: Registration,
): Promise<void> {
  await sql`delete from registered_app where workspace_id = ${actor.workspaceId} and login = ${login.id}
    and host = ${context.hosts.apiUrl} and redirect_uri = ${redirectUri}`.execute(system.db)
}

function identityOf(actor: Actor, { login, context, redirectUri }: Registration): string {
  return `registered_app/${actor.workspaceId}/${login.id}/${context.hosts.apiUrl}/${redirectUri}`
}
