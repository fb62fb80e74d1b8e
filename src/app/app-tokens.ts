/**
 * The token of an operator's app itself, for what a network tells to the app alone. It is one more secret of the app: a
 * token that was entered for one app is not used for another.
 */
import { sql } from 'kysely'
import { LitfassError } from '#domain/errors.ts'
import type { Check, LoginMethod, Network } from '#networks/contract.ts'
import type { Handle } from '#storage/deliveries.ts'
import { findLogin, knownClientId } from './known-apps.ts'
import { requireRole } from './permissions.ts'
import type { Actor, System } from './system.ts'

export type AppTokenView = {
  /** What the network calls it. */
  label: string
  /** The environment's setting. */
  setting: string
  source: 'stored' | 'environment' | null
  updatedAt: Date | null
}

type Stored = { clientId: string | null; sealed: string; updatedAt: Date }
type Found = { source: 'stored'; row: Stored } | { source: 'environment'; token: string } | null

const identity = (workspaceId: string, login: string) => `network_app_token/${workspaceId}/${login}`

/** What is entered wins over the environment's, as it does for the app itself. */
async function find(system: System, workspaceId: string, login: LoginMethod): Promise<Found> {
  const used = await knownClientId(system, workspaceId, login)
  const { rows } =
    await sql<Stored>`select client_id as "clientId", sealed_token as sealed, updated_at as "updatedAt"
    from network_app_token where workspace_id = ${workspaceId} and login = ${login.id}`.execute(system.db)
  const [row] = rows
  if (row && (row.clientId === null || row.clientId === used)) return { source: 'stored', row }
  const token = system.appTokenFromEnvironment(login)
  const isItsApp = used === null || used === system.appFromEnvironment(login)?.clientId
  return token !== null && isItsApp ? { source: 'environment', token } : null
}

/** Null where the login has none, or none is known. */
export async function appTokenOf(
  system: System,
  workspaceId: string,
  login: LoginMethod,
  isSandbox: boolean,
): Promise<string | null> {
  if (login.appToken === undefined) return null
  if (isSandbox) return login.appToken.sandboxValue
  const found = await find(system, workspaceId, login)
  if (found === null) return null
  return found.source === 'environment'
    ? found.token
    : system.sealer.open(identity(workspaceId, login.id), found.row.sealed)
}

export async function appTokenView(
  system: System,
  workspaceId: string,
  login: LoginMethod,
): Promise<AppTokenView | null> {
  if (login.appToken === undefined) return null
  const found = await find(system, workspaceId, login)
  return {
    label: login.appToken.label,
    setting: settingOf(login, login.appToken),
    source: found?.source ?? null,
    updatedAt: found?.source === 'stored' ? found.row.updatedAt : null,
  }
}

const settingOf = ({ settings }: LoginMethod, { setting }: NonNullable<LoginMethod['appToken']>) =>
  `LITFASS_${settings}_${setting}`

/** How a person is told that it is missing. */
export function noAppToken(login: LoginMethod): string {
  const { name, appToken } = login
  if (appToken === undefined) throw new Error(`${name} has no token for its app`)
  return `${name} tells it to the app alone. Enter the app’s ${appToken.label} under Networks, or set ${settingOf(login, appToken)}.`
}

export async function saveAppToken(
  system: System,
  actor: Actor,
  input: { login: string; token: string },
): Promise<LoginMethod> {
  requireRole(actor, 'admin')
  const login = requireTokenLogin(system, input.login)
  const clientId = await knownClientId(system, actor.workspaceId, login)
  const sealed = system.sealer.seal(identity(actor.workspaceId, login.id), input.token)
  await sql`insert into network_app_token (workspace_id, login, client_id, sealed_token, updated_at)
    values (${actor.workspaceId}, ${login.id}, ${clientId}, ${sealed}, ${system.now()})
    on conflict (workspace_id, login) do update set client_id = excluded.client_id, sealed_token = excluded.sealed_token,
      updated_at = excluded.updated_at`.execute(system.db)
  return login
}

/** Forgets what is stored; the environment's, where there is one, applies again. */
export async function removeAppToken(system: System, actor: Actor, loginId: string): Promise<LoginMethod> {
  requireRole(actor, 'admin')
  const login = requireTokenLogin(system, loginId)
  await sql`delete from network_app_token where workspace_id = ${actor.workspaceId} and login = ${login.id}`.execute(
    system.db,
  )
  return login
}

function requireTokenLogin(system: System, id: string): LoginMethod {
  const { login } = findLogin(system, id)
  if (login.appToken !== undefined) return login
  throw new LitfassError('invalid_input', `An app at ${login.name} has no token of its own`, {
    remedy: 'Enter the app’s id and secret alone.',
  })
}

/** Another app has another token; a first app takes over the one that was entered before it. */
export async function moveAppToken(
  db: Handle,
  workspaceId: string,
  login: string,
  clientId: string,
): Promise<void> {
  await sql`delete from network_app_token where workspace_id = ${workspaceId} and login = ${login}
    and client_id <> ${clientId}`.execute(db)
  await sql`update network_app_token set client_id = ${clientId}
    where workspace_id = ${workspaceId} and login = ${login}`.execute(db)
}

/** What is not known without the token, where the network has one. Nothing fails without it. */
export async function appTokenCheck(
  system: System,
  workspaceId: string,
  { usage }: Network,
  login: LoginMethod,
  isSandbox: boolean,
): Promise<Check | null> {
  if (usage?.of !== 'app' || login.appToken === undefined) return null
  if ((await appTokenOf(system, workspaceId, login, isSandbox)) !== null)
    return {
      name: 'app-token',
      ok: true,
      message: `The app’s ${login.appToken.label} is known: what ${login.name} counted is compared with what Litfass did.`,
    }
  return {
    name: 'app-token-missing',
    ok: true,
    message: `What ${login.name} counted of your use is not known, and cannot be compared. Everything else works.`,
    remedy: noAppToken(login),
  }
}
