/** Apps, consent and tokens of Mastodon's simulator. Tokens live until they are taken back. */
import { createHash, randomBytes } from 'node:crypto'
import { z } from 'zod'
import {
  formOf,
  jsonOf,
  jsonResponse,
  redirect,
  type SandboxRequest,
  type SandboxResponse,
} from '../sandbox-kit.ts'
import { consentPage } from '../sandbox-pages.ts'
import { definition } from './definition.ts'
import { accountOf, invalid, type State, usernames } from './sandbox-state.ts'

const codeMs = 600_000
const newSecret = () => randomBytes(32).toString('base64url')

const appInput = z.object({
  client_name: z.string().min(1),
  redirect_uris: z.union([z.string(), z.array(z.string())]),
  scopes: z.string().default('read'),
  website: z.string().nullable().default(null),
})

export function registerApp(state: State, request: SandboxRequest): SandboxResponse {
  const input = appInput.safeParse(fieldsOf(request))
  if (!input.success) return invalid("Name can't be blank")
  const { client_name: name, redirect_uris: given, scopes, website } = input.data
  const redirectUris = typeof given === 'string' ? given.split('\n') : given
  if (redirectUris.some((uri) => !URL.canParse(uri))) return invalid('Redirect URI must be an absolute URI.')
  const app = {
    clientId: newSecret(),
    secret: newSecret(),
    redirectUris,
    scopes: scopes.split(' '),
  }
  state.apps.set(app.clientId, app)
  return jsonResponse(200, {
    id: String(state.apps.size()),
    name,
    website,
    scopes: app.scopes,
    redirect_uri: redirectUris.join('\n'),
    redirect_uris: redirectUris,
    client_id: app.clientId,
    client_secret: app.secret,
    client_secret_expires_at: 0,
  })
}

/** A form or JSON, as an instance takes both. */
function fieldsOf(request: SandboxRequest): Record<string, unknown> {
  const isJson = (request.headers['content-type'] ?? '').includes('json')
  return isJson ? jsonOf(request) : Object.fromEntries(formOf(request))
}

export function authorize(state: State, request: SandboxRequest): SandboxResponse {
  const { query } = request
  const hidden: Record<string, string> = {}
  for (const name of ['client_id', 'redirect_uri', 'scope', 'state', 'code_challenge']) {
    const value = query.get(name)
    if (value) hidden[name] = value
    else if (name === 'client_id' || name === 'redirect_uri') return oauthError(400, 'invalid_request')
  }
  // An app that nobody registered here is any pair that is not empty.
  const app = state.apps.get(hidden['client_id'] ?? '')
  const redirectUri = hidden['redirect_uri'] ?? ''
  const scopes = (hidden['scope'] ?? 'read').split(' ')
  if (app && !app.redirectUris.includes(redirectUri)) return oauthError(400, 'invalid_redirect_uri')
  if (app && scopes.some((scope) => !app.scopes.includes(scope))) return oauthError(400, 'invalid_scope')
  const asked = query.get('account')
  const choice = asked === null ? usernames : [asked, ...usernames.filter((name) => name !== asked)]
  return consentPage(request, {
    network: definition.name,
    scopes,
    accounts: choice
      .map((name) => accountOf(state, name))
      .map(({ username, name }) => ({ id: username, name, detail: `@${username}` })),
    action: '/oauth/decide',
    hidden: asked === null ? hidden : { ...hidden, preset: asked },
    redirectUri,
  })
}

export function decide(state: State, request: SandboxRequest): SandboxResponse {
  const { query } = request
  const redirectUri = query.get('redirect_uri') ?? ''
  if (!URL.canParse(redirectUri)) return oauthError(400, 'invalid_redirect_uri')
  const target = new URL(redirectUri)
  target.searchParams.set('state', query.get('state') ?? '')
  if (query.get('decision') !== 'allow') {
    target.searchParams.set('error', 'access_denied')
    return redirect(target.href)
  }
  const code = newSecret()
  state.codes.set(code, {
    accountId: accountOf(state, query.get('account') ?? query.get('preset') ?? 'litfass').id,
    clientId: query.get('client_id') ?? '',
    redirectUri,
    challenge: query.get('code_challenge') ?? '',
    scope: query.get('scope') ?? 'read',
    expiresAt: state.now() + codeMs,
  })
  target.searchParams.set('code', code)
  return redirect(target.href)
}

export function token(state: State, request: SandboxRequest): SandboxResponse {
  const form = new Map(Object.entries(fieldsOf(request)).map(([name, value]) => [name, String(value)]))
  const clientId = form.get('client_id') ?? ''
  const app = state.apps.get(clientId)
  if (clientId === '' || (app && app.secret !== form.get('client_secret')))
    return oauthError(401, 'invalid_client')
  if (form.get('grant_type') === 'client_credentials')
    return issued(state, { accountId: '', clientId, scope: form.get('scope') ?? 'read' })
  const key = form.get('code') ?? ''
  const code = state.codes.get(key)
  state.codes.delete(key)
  const challenge = createHash('sha256')
    .update(form.get('code_verifier') ?? '')
    .digest('base64url')
  const isRight =
    code &&
    code.expiresAt > state.now() &&
    code.clientId === clientId &&
    code.redirectUri === form.get('redirect_uri') &&
    (code.challenge === '' || code.challenge === challenge)
  if (!isRight) return oauthError(400, 'invalid_grant')
  return issued(state, { accountId: code.accountId, clientId, scope: code.scope })
}

function issued(
  state: State,
  grant: { accountId: string; clientId: string; scope: string },
): SandboxResponse {
  const access_token = newSecret()
  state.tokens.set(access_token, grant)
  const created_at = Math.floor(state.now() / 1_000)
  return jsonResponse(200, { access_token, token_type: 'Bearer', scope: grant.scope, created_at })
}

export function revoke(state: State, request: SandboxRequest): SandboxResponse {
  const fields = fieldsOf(request)
  const key = typeof fields['token'] === 'string' ? fields['token'] : ''
  const known = state.tokens.get(key)
  if (key === '' || (known && known.clientId !== fields['client_id']))
    return oauthError(403, 'unauthorized_client')
  state.tokens.delete(key)
  return jsonResponse(200, {})
}

const descriptions: Readonly<Record<string, string>> = {
  invalid_client: 'Client authentication failed due to unknown client or no client authentication.',
  invalid_grant:
    'The provided authorization grant is invalid, expired, revoked, or was issued to another client.',
  invalid_redirect_uri: 'The redirect URI included is not valid.',
  invalid_request: 'The request is missing a required parameter.',
  invalid_scope: 'The requested scope is invalid, unknown, or malformed.',
  unauthorized_client: 'You are not authorized to revoke this token',
}

function oauthError(status: number, error: string): SandboxResponse {
  return jsonResponse(status, { error, error_description: descriptions[error] ?? error })
}

/** All of them, or those of one account by its id, name or address. */
export function killTokens(state: State, accountId: string | undefined): void {
  const name = accountId?.split('/@').at(-1)
  for (const [key, { accountId: owner }] of state.tokens.entries())
    if (name === undefined || owner === name || state.accounts.get(owner)?.username === name)
      state.tokens.delete(key)
}
