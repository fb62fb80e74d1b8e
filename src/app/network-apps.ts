/** The operator's apps at the networks: whose id and secret a consent is asked for with. */
import { sql } from 'kysely'
import { LitfassError } from '#domain/errors.ts'
import type { AppCredentials, CallbackKind, LoginMethod, Network, VerbContext } from '#networks/contract.ts'
import { requireRole } from './permissions.ts'
import type { Actor, System } from './system.ts'

export type NetworkAppView = {
  login: string
  network: string
  name: string
  source: 'stored' | 'environment' | null
  clientId: string | null
  updatedAt: Date | null
  redirectUri: string
  callbacks: Array<{ kind: CallbackKind; url: string }>
}

/** Any non-empty pair will do at a simulator. */
const sandboxApp: AppCredentials = { clientId: 'sandbox', clientSecret: 'sandbox' }

/** Where every network sends people back to; entered at the network when the app is registered. */
export function redirectUriOf(system: System): string {
  return `${system.origin}/api/v1/connections/callback`
}

const callbackKinds: readonly CallbackKind[] = ['deauthorize', 'data-deletion']

/** Where a network that has callbacks sends one of them for a login. */
export function callbackUrlOf(system: System, login: LoginMethod, kind: CallbackKind): string {
  return `${system.origin}/api/v1/network-callbacks/${login.id}/${kind}`
}

export function findLogin(system: System, id: string): { network: Network; login: LoginMethod } {
  const found = system.loginById(id) ?? onlyLoginOf(system, id)
  if (found) return found
  const known = system.networks.flatMap((network) => network.definition.logins.map((login) => login.id))
  throw new LitfassError('network_unknown', `There is no network ${id}`, {
    remedy: `Use one of: ${known.join(', ')}.`,
  })
}

/** A network's own name is enough where it has one login. */
function onlyLoginOf(system: System, id: string): { network: Network; login: LoginMethod } | undefined {
  const network = system.networks.find(({ definition }) => definition.id === id)
  const [login, ...others] = network?.definition.logins ?? []
  return network && login && others.length === 0 ? { network, login } : undefined
}

/** The app of a login, or null where none is set up. Stored credentials win over the environment's. */
export async function knownApp(
  system: System,
  workspaceId: string,
  login: LoginMethod,
  isSandbox: boolean,
): Promise<AppCredentials | null> {
  if (!hasApp(login)) return null
  if (isSandbox) return sandboxApp
  const { rows } = await sql<{
    clientId: string
    sealed: string
  }>`select client_id as "clientId", sealed_secret as sealed from network_app
    where workspace_id = ${workspaceId} and login = ${login.id}`.execute(system.db)
  const stored = rows[0]
  if (!stored) return system.appFromEnvironment(login)
  return {
    clientId: stored.clientId,
    clientSecret: system.sealer.open(appIdentity(workspaceId, login.id), stored.sealed),
  }
}

/** Every app of a login in this installation, with the workspaces that use it. */
export async function appsOf(
  system: System,
  login: LoginMethod,
): Promise<Array<{ app: AppCredentials; workspaceIds: string[] }>> {
  if (!hasApp(login)) return []
  const { rows } = await sql<{ workspaceId: string; clientId: string | null; sealed: string | null }>`
    select w.id as "workspaceId", a.client_id as "clientId", a.sealed_secret as sealed
    from workspace w left join network_app a on a.workspace_id = w.id and a.login = ${login.id} order by w.id`.execute(
    system.db,
  )
  const stored = rows.flatMap(({ workspaceId, clientId, sealed }) => {
    if (clientId === null || sealed === null) return []
    const clientSecret = system.sealer.open(appIdentity(workspaceId, login.id), sealed)
    return [{ app: { clientId, clientSecret }, workspaceIds: [workspaceId] }]
  })
  const shared = system.appFromEnvironment(login)
  const others = rows.flatMap(({ workspaceId, sealed }) => (sealed === null ? [workspaceId] : []))
  return shared === null ? stored : [...stored, { app: shared, workspaceIds: others }]
}

/** What a login without an app of the operator is renewed with: no network asks for one there. */
const noApp: AppCredentials = { clientId: '', clientSecret: '' }

/** The same where one is needed. Throws `network_not_configured`. */
export async function appOf(
  system: System,
  actor: Actor,
  login: LoginMethod,
  isSandbox: boolean,
): Promise<AppCredentials> {
  if (!hasApp(login)) return noApp
  const app = await knownApp(system, actor.workspaceId, login, isSandbox)
  if (app) return app
  throw new LitfassError('network_not_configured', `No app of yours is set up for ${login.name}`, {
    remedy: `Enter its id and secret under Networks, set LITFASS_${login.settings}_CLIENT_ID and LITFASS_${login.settings}_CLIENT_SECRET, or add a sandbox connection.`,
  })
}

/** The app a grant was given to, looked up once when it is first asked for; null once it is another one. */
export function appOfGrant(
  system: System,
  workspaceId: string,
  login: LoginMethod,
  isSandbox: boolean,
  clientId: string | undefined,
): VerbContext['app'] {
  let known: Promise<AppCredentials | null> | undefined
  const look = async () => {
    const app = clientId === undefined ? null : await knownApp(system, workspaceId, login, isSandbox)
    return app?.clientId === clientId ? app : null
  }
  return () => (known ??= look())
}

const appIdentity = (workspaceId: string, login: string) => `network_app/${workspaceId}/${login}`

export async function listNetworkApps(system: System, actor: Actor): Promise<NetworkAppView[]> {
  requireRole(actor, 'admin')
  const { rows } = await sql<{
    login: string
    clientId: string
    updatedAt: Date
  }>`select login, client_id as "clientId", updated_at as "updatedAt" from network_app
    where workspace_id = ${actor.workspaceId}`.execute(system.db)
  return system.networks.flatMap((network) =>
    network.definition.logins.filter(hasApp).map((login) => {
      const stored = rows.find((row) => row.login === login.id)
      const given = stored ?? system.appFromEnvironment(login)
      return {
        login: login.id,
        network: network.definition.id,
        name: login.name,
        source: stored ? 'stored' : given ? 'environment' : null,
        clientId: given?.clientId ?? null,
        updatedAt: stored?.updatedAt ?? null,
        redirectUri: redirectUriOf(system),
        callbacks: network.callbacks
          ? callbackKinds.map((kind) => ({ kind, url: callbackUrlOf(system, login, kind) }))
          : [],
      }
    }),
  )
}

/** A form needs none, and where there are many servers Litfass registers one at each. */
const hasApp = ({ kind, needsHost }: LoginMethod) => kind !== 'form' && !needsHost

function requireApp(login: LoginMethod): void {
  if (hasApp(login)) return
  throw new LitfassError('invalid_input', `${login.name} needs no app of yours`, {
    remedy: 'Connect the account directly.',
  })
}

async function showNetworkApp(system: System, actor: Actor, login: string): Promise<NetworkAppView> {
  const view = (await listNetworkApps(system, actor)).find((app) => app.login === login)
  if (!view) throw new Error(`the login ${login} is in no list`)
  return view
}

/** Seals the secret to its row and forgets it in the clear. */
export async function saveNetworkApp(
  system: System,
  actor: Actor,
  input: { login: string; clientId: string; clientSecret: string },
): Promise<NetworkAppView> {
  requireRole(actor, 'admin')
  const { login } = findLogin(system, input.login)
  requireApp(login)
  const sealed = system.sealer.seal(appIdentity(actor.workspaceId, login.id), input.clientSecret)
  await sql`insert into network_app (workspace_id, login, client_id, sealed_secret, updated_at)
    values (${actor.workspaceId}, ${login.id}, ${input.clientId}, ${sealed}, ${system.now()})
    on conflict (workspace_id, login) do update set client_id = excluded.client_id, sealed_secret = excluded.sealed_secret,
      updated_at = excluded.updated_at`.execute(system.db)
  return showNetworkApp(system, actor, login.id)
}

/** Forgets what is stored; the environment's, where there is one, applies again. */
export async function removeNetworkApp(
  system: System,
  actor: Actor,
  loginId: string,
): Promise<NetworkAppView> {
  requireRole(actor, 'admin')
  const { login } = findLogin(system, loginId)
  requireApp(login)
  await sql`delete from network_app where workspace_id = ${actor.workspaceId} and login = ${login.id}`.execute(
    system.db,
  )
  return showNetworkApp(system, actor, login.id)
}
