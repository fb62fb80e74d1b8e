/** Consent and tokens of Threads' simulator: one for an hour, one for 60 days, and its renewal. */
import { randomBytes } from 'node:crypto'
import { aliveToken, consentRedirect, takeCode } from '../graph-sandbox.ts'
import { formOf, jsonResponse, type SandboxRequest, type SandboxResponse } from '../sandbox-kit.ts'
import { consentPage } from '../sandbox-pages.ts'
import {
  type Code,
  day,
  errorType,
  hour,
  profileById,
  profiles,
  refuse,
  type State,
  type Token,
} from './sandbox-state.ts'

const longLife = 5_183_944_000

export function authorize(state: State, request: SandboxRequest, path: string): SandboxResponse {
  const { query } = request
  if (path === '/oauth/authorize/decide') return decide(state, query)
  const redirectUri = query.get('redirect_uri') ?? ''
  const scope = query.get('scope') ?? ''
  // Without `threads_basic` nothing else is granted.
  const isWhole = query.get('response_type') === 'code' && scope.split(',').includes('threads_basic')
  if (path !== '/oauth/authorize' || !isWhole || !query.get('client_id') || redirectUri === '')
    return { status: 400, headers: { 'content-type': 'text/plain' }, body: 'Invalid request' }
  return consentPage(request, {
    network: 'Threads',
    scopes: scope.split(','),
    accounts: profiles.map(({ id, name, username }) => ({ id, name, detail: `@${username}` })),
    action: `${request.path}/decide`,
    hidden: { redirect_uri: redirectUri, scope, state: query.get('state') ?? '' },
    redirectUri,
  })
}

function decide(state: State, query: URLSearchParams): SandboxResponse {
  return consentRedirect(query, '#_', (given) => {
    const code = `AQ${randomBytes(24).toString('base64url')}`
    const profile = profileById(query.get('account')) ?? profiles[0]
    state.codes.set(code, { ...given, profileId: profile.id, createdAt: state.now() })
    return code
  })
}

export function shortToken(state: State, request: SandboxRequest): SandboxResponse {
  const form = formOf(request)
  const isCode = form.get('grant_type') === 'authorization_code'
  const isAlive = (one: Code) => state.now() <= one.createdAt + hour
  const code = isCode ? takeCode(state.codes, form, isAlive) : null
  if (!code) return refuse({ code: 100, message: 'Invalid verification code format.' })
  const accessToken = issue(state, {
    kind: 'short',
    profileId: code.profileId,
    scopes: code.scopes,
    expiresAt: state.now() + hour,
    grantEndsAt: state.now() + 90 * day,
  })
  // The id comes as a bare number of 17 digits.
  const body = `{"access_token":"${accessToken}","user_id":${code.profileId}}`
  return { ...jsonResponse(200, {}), body }
}

function issue(state: State, token: Omit<Token, 'issuedAt' | 'dead'>): string {
  const value = `THQ${randomBytes(32).toString('hex')}`
  state.tokens.set(value, { ...token, issuedAt: state.now(), dead: false })
  return value
}

export function longToken(state: State, params: URLSearchParams): SandboxResponse {
  const token = alive(state, params.get('access_token'))
  if ('status' in token) return token
  const isAsked = params.get('grant_type') === 'th_exchange_token' && params.get('client_secret')
  if (token.kind !== 'short' || !isAsked)
    return refuse({ code: 100, message: 'Unsupported request - session cannot be exchanged' })
  return longLived(state, token)
}

export function renewedToken(state: State, params: URLSearchParams): SandboxResponse {
  const token = alive(state, params.get('access_token'))
  if ('status' in token) return token
  const isAsked = params.get('grant_type') === 'th_refresh_token'
  if (token.kind !== 'long' || !isAsked || state.now() < token.issuedAt + day)
    return refuse({ code: 100, message: 'The token must be long-lived and at least 24 hours old' })
  return longLived(state, { ...token, grantEndsAt: state.now() + 90 * day })
}

function longLived(state: State, from: Token): SandboxResponse {
  const accessToken = issue(state, { ...from, kind: 'long', expiresAt: state.now() + longLife })
  return jsonResponse(200, {
    access_token: accessToken,
    token_type: 'bearer',
    expires_in: longLife / 1_000,
  })
}

export function debugToken(state: State, params: URLSearchParams): SandboxResponse {
  const token = state.tokens.get(params.get('input_token') ?? '')
  if (!token) return jsonResponse(200, { data: { is_valid: false, scopes: [] } })
  return jsonResponse(200, {
    data: {
      type: 'USER',
      application: 'Sandbox app',
      is_valid: !token.dead && token.expiresAt > state.now(),
      issued_at: Math.floor(token.issuedAt / 1_000),
      expires_at: Math.floor(token.expiresAt / 1_000),
      data_access_expires_at: Math.floor(token.grantEndsAt / 1_000),
      scopes: token.scopes,
      user_id: token.profileId,
    },
  })
}

/** The token, or the refusal it earns. */
export function alive(state: State, value: string | null): Token | SandboxResponse {
  return aliveToken(errorType, state.tokens.get(value ?? ''), state.now())
}
