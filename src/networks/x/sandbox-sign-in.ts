/** Consent and tokens of X's simulator: two hours, with refresh tokens that work once. */
import { createHash, randomBytes } from 'node:crypto'
import { formOf, jsonResponse, redirect, type SandboxRequest, type SandboxResponse } from '../sandbox-kit.ts'
import { consentPage } from '../sandbox-pages.ts'
import { accountOf, type Grant, problem, type State, usernames } from './sandbox-state.ts'

/** Half a year is what people report; X does not say. */
const refreshMs = 180 * 86_400_000

export function authorize(state: State, request: SandboxRequest): SandboxResponse {
  const { query } = request
  const asked = query.get('account')
  const choice = asked === null ? usernames : [asked, ...usernames.filter((name) => name !== asked)]
  const hidden: Record<string, string> = {}
  for (const name of ['client_id', 'redirect_uri', 'scope', 'state', 'code_challenge']) {
    const value = query.get(name)
    if (!value) return problem(state, 400, 'invalid-request', 'Invalid Request', `${name} is missing`)
    hidden[name] = value
  }
  if ((query.get('state') ?? '').length > 500)
    return problem(state, 400, 'invalid-request', 'Invalid Request', 'state is too long')
  return consentPage(request, {
    network: 'X',
    scopes: (query.get('scope') ?? '').split(' '),
    accounts: choice
      .map((name) => accountOf(state, name))
      .map(({ username, name }) => ({
        id: username,
        name,
        detail: `@${username}`,
      })),
    action: '/i/oauth2/decide',
    hidden: asked === null ? hidden : { ...hidden, preset: asked },
    redirectUri: query.get('redirect_uri') ?? '',
  })
}

export function decide(state: State, request: SandboxRequest): SandboxResponse {
  const { query } = request
  const redirectUri = query.get('redirect_uri') ?? ''
  if (!URL.canParse(redirectUri))
    return problem(state, 400, 'invalid-request', 'Invalid Request', 'redirect_uri is invalid')
  const target = new URL(redirectUri)
  target.searchParams.set('state', query.get('state') ?? '')
  if (query.get('decision') !== 'allow') {
    target.searchParams.set('error', 'access_denied')
    return redirect(target.href)
  }
  const code = randomBytes(32).toString('base64url')
  state.codes.set(code, {
    accountId: accountOf(state, query.get('account') ?? query.get('preset') ?? 'litfass').id,
    clientId: query.get('client_id') ?? '',
    redirectUri,
    challenge: query.get('code_challenge') ?? '',
    scope: query.get('scope') ?? '',
    expiresAt: state.now() + 30_000,
  })
  target.searchParams.set('code', code)
  return redirect(target.href)
}

function issue(state: State, { accountId, clientId, family, scope }: Grant): SandboxResponse {
  const grant = { accountId, clientId, family, scope }
  const seconds = state.config().accessSeconds ?? 7_200
  const access_token = randomBytes(48).toString('base64url')
  state.tokens.set(access_token, { ...grant, expiresAt: state.now() + seconds * 1_000 })
  const answer = { token_type: 'bearer', expires_in: seconds, access_token, scope }
  if (!scope.split(' ').includes('offline.access')) return jsonResponse(200, answer)
  const refresh_token = randomBytes(48).toString('base64url')
  state.refreshes.set(refresh_token, { ...grant, used: false, expiresAt: state.now() + refreshMs })
  return jsonResponse(200, { ...answer, refresh_token })
}

function killFamily(state: State, family: string): void {
  for (const [key, token] of state.tokens.entries()) if (token.family === family) state.tokens.delete(key)
  for (const [key, token] of state.refreshes.entries())
    if (token.family === family) state.refreshes.delete(key)
}

function invalidToken(): SandboxResponse {
  return jsonResponse(400, {
    error: 'invalid_request',
    error_description: 'Value passed for the token was invalid.',
  })
}

export function token(state: State, request: SandboxRequest): SandboxResponse {
  const form = formOf(request)
  const basic = /^Basic (.+)$/i.exec(request.headers['authorization'] ?? '')?.[1]
  if (!basic && !form.get('client_id')) {
    return jsonResponse(401, {
      error: 'unauthorized_client',
      error_description: 'Missing valid authorization header',
    })
  }
  if (request.path === '/2/oauth2/revoke') return revoke(state, form.get('token') ?? '')
  if (form.get('grant_type') === 'refresh_token') return renew(state, form.get('refresh_token') ?? '')
  const key = form.get('code') ?? ''
  const code = state.codes.get(key)
  state.codes.delete(key)
  if (!code || code.expiresAt <= state.now() || code.redirectUri !== form.get('redirect_uri'))
    return invalidToken()
  const verifier = form.get('code_verifier') ?? ''
  const challenge = createHash('sha256').update(verifier).digest('base64url')
  if (challenge !== code.challenge) return invalidToken()
  return issue(state, { ...code, family: randomBytes(8).toString('hex') })
}

/** A refresh token works once; showing a used one ends every token that came from the same consent. */
function renew(state: State, key: string): SandboxResponse {
  const known = state.refreshes.get(key)
  if (!known || known.expiresAt <= state.now()) return invalidToken()
  if (known.used) {
    killFamily(state, known.family)
    return invalidToken()
  }
  state.refreshes.set(key, { ...known, used: true })
  for (const [access, token] of state.tokens.entries())
    if (token.family === known.family) state.tokens.delete(access)
  return issue(state, known)
}

function revoke(state: State, key: string): SandboxResponse {
  const known = state.tokens.get(key) ?? state.refreshes.get(key)
  if (known) killFamily(state, known.family)
  return jsonResponse(200, { revoked: true })
}
