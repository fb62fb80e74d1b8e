/** The operator's app that a login of a workspace uses: the stored one, or the environment's. */
import { sql } from 'kysely'
import { LitfassError } from '#domain/errors.ts'
import type { AppCredentials, LoginMethod, Network, VerbContext } from '#networks/contract.ts'
import { ownClientOf } from './own-client.ts'
import type { Actor, System } from './system.ts'

/** Any non-empty pair will do at a simulator. */
const sandboxApp: AppCredentials = { clientId: 'sandbox', clientSecret: 'sandbox' }

/** `fits` tells which of a network's logins can be meant where only the network is named. */
export function findLogin(
  system: System,
  id: string,
  fits: (login: LoginMethod) => boolean = () => true,
): { network: Network; login: LoginMethod } {
  const found = system.loginById(id) ?? firstLoginOf(system, id, fits)
  if (found) return found
  const known = system.networks.flatMap((network) => network.definition.logins.map((login) => login.id))
  throw new LitfassError('network_unknown', `There is no network ${id}`, {
    remedy: `Use one of: ${known.join(', ')}.`,
  })
}

/** A network's own name means the first of its logins by which it can be done. */
function firstLoginOf(
  system: System,
  id: string,
  fits: (login: LoginMethod) => boolean,
): { network: Network; login: LoginMethod } | undefined {
  const network = system.networks.find(({ definition }) => definition.id === id)
  const login = network?.definition.logins.find(fits)
  return network && login ? { network, login } : undefined
}

/** A form needs none, where there are many servers Litfass registers one at each, and for some it is one itself. */
export const hasApp = ({ kind, needsHost, isOwnClient }: LoginMethod) =>
  kind !== 'form' && !needsHost && !isOwnClient

/** What its secret is sealed to. */
export const appIdentity = (workspaceId: string, login: string) => `network_app/${workspaceId}/${login}`

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

/** Whose app a login uses, without opening its secret; null where none is set up. */
export async function knownClientId(
  system: System,
  workspaceId: string,
  login: LoginMethod,
): Promise<string | null> {
  const { rows } = await sql<{ clientId: string }>`select client_id as "clientId" from network_app
    where workspace_id = ${workspaceId} and login = ${login.id}`.execute(system.db)
  return rows[0]?.clientId ?? system.appFromEnvironment(login)?.clientId ?? null
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
  if (login.isOwnClient)
    return isSandbox ? sandboxApp : ((await ownClientOf(system, actor.workspaceId, login)) ?? noApp)
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
