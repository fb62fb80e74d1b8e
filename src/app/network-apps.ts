/** The operator's apps at the networks: whose id and secret a consent is asked for with. */
import { sql } from 'kysely'
import { LitfassError } from '#domain/errors.ts'
import type { CallbackKind, LoginMethod } from '#networks/contract.ts'
import { appTokenView, type AppTokenView, moveAppToken } from './app-tokens.ts'
import { appIdentity, findLogin, hasApp } from './known-apps.ts'
import { requireRole } from './permissions.ts'
import { redirectUriOf } from './redirect-uri.ts'
import type { Actor, System } from './system.ts'

export type NetworkAppView = {
  login: string
  network: string
  name: string
  source: 'stored' | 'environment' | null
  clientId: string | null
  updatedAt: Date | null
  /** Of the app itself; null where the login has none. */
  token: AppTokenView | null
  redirectUri: string
  callbacks: Array<{ kind: CallbackKind; url: string }>
}

const callbackKinds: readonly CallbackKind[] = ['deauthorize', 'data-deletion']

/** Where a network that has callbacks sends one of them for a login. */
export function callbackUrlOf(system: System, login: LoginMethod, kind: CallbackKind): string {
  return `${system.origin}/api/v1/network-callbacks/${login.id}/${kind}`
}

export async function listNetworkApps(system: System, actor: Actor): Promise<NetworkAppView[]> {
  requireRole(actor, 'admin')
  const { rows } = await sql<{
    login: string
    clientId: string
    updatedAt: Date
  }>`select login, client_id as "clientId", updated_at as "updatedAt" from network_app
    where workspace_id = ${actor.workspaceId}`.execute(system.db)
  const logins = system.networks.flatMap((network) =>
    network.definition.logins.filter(hasApp).map((login) => ({ network, login })),
  )
  return Promise.all(
    logins.map(async ({ network, login }): Promise<NetworkAppView> => {
      const stored = rows.find((row) => row.login === login.id)
      const given = stored ?? system.appFromEnvironment(login)
      return {
        login: login.id,
        network: network.definition.id,
        name: login.name,
        source: stored ? 'stored' : given ? 'environment' : null,
        clientId: given?.clientId ?? null,
        updatedAt: stored?.updatedAt ?? null,
        token: await appTokenView(system, actor.workspaceId, login),
        redirectUri: redirectUriOf(system),
        callbacks: network.callbacks
          ? callbackKinds.map((kind) => ({ kind, url: callbackUrlOf(system, login, kind) }))
          : [],
      }
    }),
  )
}

function requireApp(login: LoginMethod): void {
  if (hasApp(login)) return
  throw new LitfassError('invalid_input', `${login.name} needs no app of yours`, {
    remedy: 'Connect the account directly.',
  })
}

export async function showNetworkApp(system: System, actor: Actor, login: string): Promise<NetworkAppView> {
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
  await system.db.transaction().execute(async (transaction) => {
    await sql`insert into network_app (workspace_id, login, client_id, sealed_secret, updated_at)
      values (${actor.workspaceId}, ${login.id}, ${input.clientId}, ${sealed}, ${system.now()})
      on conflict (workspace_id, login) do update set client_id = excluded.client_id, sealed_secret = excluded.sealed_secret,
        updated_at = excluded.updated_at`.execute(transaction)
    await moveAppToken(transaction, actor.workspaceId, login.id, input.clientId)
  })
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
  const { workspaceId } = actor
  await system.db.transaction().execute(async (transaction) => {
    await sql`delete from network_app where workspace_id = ${workspaceId} and login = ${login.id}`.execute(
      transaction,
    )
    await sql`delete from network_app_token where workspace_id = ${workspaceId} and login = ${login.id}`.execute(
      transaction,
    )
  })
  return showNetworkApp(system, actor, login.id)
}
