/** Connecting accounts: consent in a browser, a grant that exists already, or a sandbox at once. */
import { createHash, randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { LitfassError } from '#domain/errors.ts'
import type {
  AppCredentials,
  AuthorizeRequest,
  CodeExchange,
  Connected,
  Grant,
  LoginMethod,
  Network,
  VerbContext,
} from '#networks/contract.ts'
import { createMeteredFetch } from '#networks/metered-fetch.ts'
import { type ConnectedView, saveConnection } from './connection-saving.ts'
import { checkedFields, sandboxFields, serverOf } from './login-form.ts'
import { appOf, findLogin, knownApp } from './known-apps.ts'
import { noOwnClient, ownRedirectUriOf } from './own-client.ts'
import { requireRole } from './permissions.ts'
import { redirectUriOf } from './redirect-uri.ts'
import { forgetRegisteredApp, hostOf, hostsAt, registeredApp } from './registered-apps.ts'
import type { Actor, System } from './system.ts'

/** How long a consent may take. */
const loginMinutes = 30

function contextFor(
  system: System,
  actor: Actor,
  network: Network,
  login: LoginMethod,
  isSandbox: boolean,
  app: AppCredentials | null,
  host: string | null = null,
): VerbContext {
  const meter = system.ledger.scoped({
    workspaceId: actor.workspaceId,
    connectionId: null,
    deliveryId: null,
    actor: actor.memberId,
    definition: network.definition,
    login: login.id,
    isSandbox,
    now: system.now,
  })
  const hosts = system.hostsOf(network, login, isSandbox)
  return {
    login,
    hosts: hostsAt(hosts, host),
    version: network.definition.version?.value.name ?? '',
    fetch: createMeteredFetch(meter, system.allowsPrivateHosts ? null : hosts),
    now: system.now,
    app: async () => app,
  }
}

/** Starts a consent. Returns the network's page to send the person to. */
export async function startLogin(
  system: System,
  actor: Actor,
  loginId: string,
  isSandbox: boolean,
  typed: { host?: string | undefined; account?: string | undefined } = {},
): Promise<{ url: string; state: string }> {
  requireRole(actor, 'admin')
  if (isSandbox) requireSandbox(system)
  const { network, login } = findLogin(system, loginId, ({ kind }) => kind !== 'form')
  if (login.kind === 'form') throw hasForm(login)
  const host = await hostOf(system, login, typed.host, isSandbox)
  const redirectUri = login.isOwnClient ? ownRedirectUriOf(system) : redirectUriOf(system)
  const context = contextFor(system, actor, network, login, isSandbox, null, host)
  const app = login.needsHost
    ? await registeredApp(system, actor, { network, login, context, redirectUri })
    : await appOf(system, actor, login, isSandbox)
  if (login.isOwnClient && app.clientId === '') throw noOwnClient(system, login)
  const state = randomBytes(24).toString('base64url')
  const verifier = login.usesPkce ? randomBytes(48).toString('base64url') : null
  const expiresAt = new Date(system.now().getTime() + loginMinutes * 60_000)
  const request: AuthorizeRequest = {
    app,
    redirectUri,
    state,
    ...(verifier === null
      ? {}
      : { codeChallenge: createHash('sha256').update(verifier).digest('base64url') }),
  }
  const account = await accountIn(system, login, typed.account, isSandbox)
  const begun = network.begin && (await network.begin(context, { ...request, ...account }))
  const sealed = (part: string, secret: string | null) =>
    secret === null ? null : system.sealer.seal(`pending_login/${state}${part}`, secret)
  await sql`insert into pending_login (state, workspace_id, member_id, login, sandbox, redirect_uri, host, sealed_verifier, sealed_memory, expires_at) values
    (${state}, ${actor.workspaceId}, ${actor.memberId}, ${login.id}, ${isSandbox}, ${redirectUri}, ${host},
     ${sealed('', verifier)}, ${sealed('/memory', begun ? JSON.stringify(begun.memory) : null)}, ${expiresAt})`.execute(
    system.db,
  )
  const url = begun?.url ?? network.authorizeUrl(login, context.hosts, context.version, request)
  return { url, state }
}

/** Who wants to sign in, where that is asked; a server in place of a name is one that somebody typed. */
async function accountIn(
  system: System,
  login: LoginMethod,
  typed: string | undefined,
  isSandbox: boolean,
): Promise<{ account?: string }> {
  if (!login.asksAccount || !typed) return {}
  if (!/^\w+:\/\//.test(typed)) return { account: typed }
  // A simulated account lives here, whatever server is named.
  return isSandbox ? {} : { account: await serverOf(system, 'account', typed) }
}

type Pending = {
  workspaceId: string
  memberId: string
  role: Actor['role']
  login: string
  sandbox: boolean
  redirectUri: string
  host: string | null
  sealedVerifier: string | null
  sealedMemory: string | null
  expiresAt: Date
}
/** `iss` is the server that answers, in the words of RFC 9207. */
export type ConsentAnswer = { state?: string; code?: string; error?: string; iss?: string }

/** Whether who brings the answer is the member who asked for the consent. */
export type IsAsker = (member: { workspaceId: string; memberId: string }) => Promise<boolean>

/**
 * Finishes a consent with what the redirect carried. The state works once. New channels are offered.
 *
 * A browser must be signed in as who started it: otherwise one member could lead another person to give their account
 * into a workspace that is not theirs.
 */
export function finishLogin(
  system: System,
  answer: ConsentAnswer,
  isAsker: IsAsker = async () => true,
): Promise<ConnectedView> {
  return finish(system, answer, 'offered', isAsker)
}

async function finish(
  system: System,
  answer: ConsentAnswer,
  newChannels: 'offered' | 'active',
  isAsker: IsAsker = async () => true,
): Promise<ConnectedView> {
  const { rows } =
    await sql<Pending>`delete from pending_login p using member m where p.state = ${answer.state ?? ''} and m.id = p.member_id
    returning p.workspace_id as "workspaceId", p.member_id as "memberId", m.role, p.login, p.sandbox, p.redirect_uri as "redirectUri", p.host,
      p.sealed_verifier as "sealedVerifier", p.sealed_memory as "sealedMemory", p.expires_at as "expiresAt"`.execute(
      system.db,
    )
  const pending = rows[0]
  if (!pending || pending.expiresAt <= system.now() || !(await isAsker(pending))) {
    throw new LitfassError(
      'oauth_state_invalid',
      'This sign-in was started elsewhere, was used already or took too long',
      { remedy: 'Start connecting the account again.' },
    )
  }
  if (!answer.code) {
    throw new LitfassError('oauth_declined', `The network did not grant access (${reasonIn(answer.error)})`, {
      remedy: 'Start again and allow what is asked for; nothing was changed.',
    })
  }
  const actor: Actor = { workspaceId: pending.workspaceId, memberId: pending.memberId, role: pending.role }
  requireRole(actor, 'admin')
  const { network, login } = findLogin(system, pending.login)
  const opened = (part: string, sealed: string | null) =>
    sealed === null ? null : system.sealer.open(`pending_login/${answer.state}${part}`, sealed)
  const codeVerifier = opened('', pending.sealedVerifier)
  const memory = opened('/memory', pending.sealedMemory)
  const connected = await exchanged(system, actor, pending, {
    code: answer.code,
    ...(codeVerifier === null ? {} : { codeVerifier }),
    ...(memory === null ? {} : { memory: JSON.parse(memory) as Record<string, unknown> }),
    ...(answer.iss === undefined ? {} : { issuer: answer.iss }),
  })
  return saveConnection(system, actor, { network, login, isSandbox: pending.sandbox, connected, newChannels })
}

async function exchanged(
  system: System,
  actor: Actor,
  pending: Pending,
  proof: Omit<CodeExchange, 'app' | 'redirectUri'>,
): Promise<Connected> {
  const { sandbox, redirectUri, host } = pending
  const { network, login } = findLogin(system, pending.login)
  const contextWith = (app: AppCredentials | null) =>
    contextFor(system, actor, network, login, sandbox, app, host)
  const registration = { network, login, context: contextWith(null), redirectUri }
  const app = login.needsHost
    ? await registeredApp(system, actor, registration)
    : await appOf(system, actor, login, sandbox)
  try {
    const connected = await network.connect(contextWith(app), { app, redirectUri, ...proof })
    return livingAt(host, givenTo(app, connected))
  } catch (cause) {
    if (login.needsHost) await forgetRegisteredApp(system, actor, registration)
    throw cause
  }
}

/** A network's word for why, such as `access_denied`; anything else in its place is not repeated. */
function reasonIn(error: string | undefined): string {
  return error !== undefined && /^[\w.-]{1,60}$/.test(error) ? error : 'no code came back'
}

/** Takes a grant that exists already; all its channels are used. Throws `grant_invalid` or what the network said. */
export async function adoptGrant(
  system: System,
  actor: Actor,
  loginId: string,
  grant: Grant,
  typedHost?: string,
): Promise<ConnectedView> {
  requireRole(actor, 'admin')
  const { network, login } = findLogin(system, loginId)
  const host = await hostOf(system, login, typedHost, false)
  const app = await knownApp(system, actor.workspaceId, login, false)
  const context = contextFor(system, actor, network, login, false, app, host)
  const connected = livingAt(host, givenTo(app, await network.adopt(context, grant, app)))
  return saveConnection(system, actor, { network, login, isSandbox: false, connected, newChannels: 'active' })
}

/** Signs in by what was typed into a login's own form; nothing of it is kept but what the network gave. */
export async function signIn(
  system: System,
  actor: Actor,
  loginId: string,
  typed: Readonly<Record<string, string>>,
  isSandbox: boolean,
): Promise<ConnectedView> {
  requireRole(actor, 'admin')
  if (isSandbox) requireSandbox(system)
  const { network, login } = findLogin(system, loginId, ({ kind }) => kind === 'form')
  if (login.kind !== 'form' || !network.signIn) throw hasConsent(login)
  const fields = await checkedFields(system, login.fields, typed, isSandbox)
  const context = contextFor(system, actor, network, login, isSandbox, null)
  const connected = await network.signIn(context, fields)
  return saveConnection(system, actor, { network, login, isSandbox, connected, newChannels: 'active' })
}

function hasForm({ name }: LoginMethod): LitfassError {
  return new LitfassError('invalid_input', `${name} has no consent page, but a form`, {
    remedy: 'Send its fields to /connections/sign-in.',
  })
}

function hasConsent({ name }: LoginMethod): LitfassError {
  return new LitfassError('invalid_input', `${name} has no form, but a consent page`, {
    remedy: 'Start a consent with /connections/start.',
  })
}

/** Remembers whose grant it is, so that no other app's secret is ever sent along with it. */
function givenTo(app: AppCredentials | null, connected: Connected): Connected {
  return app ? { ...connected, grant: { ...connected.grant, clientId: app.clientId } } : connected
}

/** Remembers the server of an account, so that everything after goes there. */
function livingAt(host: string | null, connected: Connected): Connected {
  return host === null ? connected : { ...connected, grant: { ...connected.grant, apiUrl: host } }
}

/** Adds a sandbox connection at once, by its consent page or its form; all its channels are used. */
export async function addSandbox(
  system: System,
  actor: Actor,
  loginId: string,
  visit: (url: string) => Promise<Omit<ConsentAnswer, 'state'>>,
): Promise<ConnectedView> {
  const { login } = findLogin(system, loginId)
  if (login.kind === 'form') return signIn(system, actor, loginId, sandboxFields(login.fields), true)
  const { url, state } = await startLogin(system, actor, loginId, true)
  return finish(system, { state, ...(await visit(url)) }, 'active')
}

function requireSandbox(system: System): void {
  if (system.hasSandbox) return
  throw new LitfassError('network_not_configured', 'The sandbox is switched off here', {
    remedy: 'Start with LITFASS_SANDBOX=on.',
  })
}
