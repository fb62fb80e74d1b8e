/** Consent and tokens of Instagram's simulator, by both logins. */
import { randomBytes } from 'node:crypto'
import { aliveToken, consentRedirect, takeCode } from '../graph-sandbox.ts'
import {
  chosenPages,
  formOf,
  jsonResponse,
  type SandboxRequest,
  type SandboxResponse,
} from '../sandbox-kit.ts'
import { consentPage } from '../sandbox-pages.ts'
import {
  type Call,
  type Code,
  day,
  errorType,
  hour,
  type LoginKind,
  notFound,
  people,
  personById,
  professionalById,
  professionals,
  refuse,
  type State,
  type Token,
} from './sandbox-state.ts'

export function authorize(
  state: State,
  request: SandboxRequest,
  login: LoginKind,
  path: string,
): SandboxResponse {
  const { query } = request
  const redirectUri = query.get('redirect_uri') ?? ''
  const scope = query.get('scope') ?? ''
  if (path.endsWith('/decide')) return decide(state, query, login)
  if (query.get('client_id') === null || redirectUri === '' || query.get('response_type') !== 'code') {
    return { status: 400, headers: { 'content-type': 'text/plain' }, body: 'Invalid platform app' }
  }
  return consentPage(request, {
    network: login === 'instagram' ? 'Instagram' : 'Instagram with Facebook',
    scopes: scope.split(','),
    accounts:
      login === 'instagram'
        ? professionals.map(({ id, name, username }) => ({ id, name, detail: `@${username}` }))
        : people,
    action: `${request.path}/decide`,
    hidden: { redirect_uri: redirectUri, scope, state: query.get('state') ?? '' },
    redirectUri,
  })
}

function decide(state: State, query: URLSearchParams, login: LoginKind): SandboxResponse {
  return consentRedirect(query, login === 'instagram' ? '#_' : '', (given) => {
    const code = `AQ${randomBytes(24).toString('base64url')}`
    const account = query.get('account')
    state.codes.set(code, {
      ...given,
      login,
      ownerId: login === 'instagram' ? professionalById(account).id : personById(account).id,
      pageIds: chosenPages(query, personById(account).pages).map((page) => page.id),
      createdAt: state.now(),
    })
    return code
  })
}

function takenCode(state: State, login: LoginKind, params: URLSearchParams): Code | null {
  const lifetime = login === 'instagram' ? hour : 10 * 60_000
  return takeCode(
    state.codes,
    params,
    (code) => code.login === login && state.now() <= code.createdAt + lifetime,
  )
}

export function issue(state: State, token: Omit<Token, 'issuedAt' | 'dead'>): string {
  const value = `${token.login === 'instagram' ? 'IGAA' : 'EAAB'}${randomBytes(32).toString('hex')}`
  state.tokens.set(value, { ...token, issuedAt: state.now(), dead: false })
  return value
}

/** This endpoint has an error envelope of its own. */
export function instagramToken(state: State, request: SandboxRequest): SandboxResponse {
  const form = formOf(request)
  const code = form.get('grant_type') === 'authorization_code' ? takenCode(state, 'instagram', form) : null
  if (!code) {
    return jsonResponse(400, {
      error_type: 'OAuthException',
      code: 400,
      error_message: 'Invalid authorization code',
    })
  }
  const accessToken = issue(state, {
    login: 'instagram',
    kind: 'short',
    ownerId: code.ownerId,
    pageIds: [],
    scopes: code.scopes,
    expiresAt: state.now() + hour,
    dataAccessExpiresAt: null,
  })
  return {
    ...jsonResponse(200, {}),
    body: `{"access_token":"${accessToken}","user_id":${code.ownerId},"permissions":${JSON.stringify(code.scopes)}}`,
  }
}

const longLife = 60 * day

export function exchangeInstagram(state: State, query: URLSearchParams): SandboxResponse {
  const token = alive(state, 'instagram', query.get('access_token') ?? '')
  if ('status' in token) return token
  if (token.kind !== 'short' || !query.get('client_secret')) {
    return refuse('instagram', { code: 100, message: 'Unsupported request - session cannot be exchanged' })
  }
  return longToken(state, token, longLife)
}

export function refreshInstagram(state: State, query: URLSearchParams): SandboxResponse {
  const token = alive(state, 'instagram', query.get('access_token') ?? '')
  if ('status' in token) return token
  if (token.kind !== 'long' || state.now() < token.issuedAt + day) {
    return refuse('instagram', { code: 100, message: 'The token must be at least 24 hours old' })
  }
  return longToken(state, token, longLife)
}

function longToken(state: State, from: Token, life: number): SandboxResponse {
  const accessToken = issue(state, { ...from, kind: 'long', expiresAt: state.now() + life })
  return jsonResponse(200, {
    access_token: accessToken,
    token_type: 'bearer',
    expires_in: Math.floor(life / 1_000),
  })
}

export function facebookToken(state: State, params: URLSearchParams): SandboxResponse {
  if (params.get('grant_type') === 'fb_exchange_token') {
    const token = alive(state, 'facebook-login', params.get('fb_exchange_token') ?? '')
    return 'status' in token ? token : longToken(state, token, 5_183_944_000)
  }
  const code = takenCode(state, 'facebook-login', params)
  if (!code) return refuse('facebook-login', { code: 100, message: 'This authorization code has been used.' })
  const accessToken = issue(state, {
    login: 'facebook-login',
    kind: 'short',
    ownerId: code.ownerId,
    pageIds: code.pageIds,
    scopes: code.scopes,
    expiresAt: state.now() + 2 * hour,
    dataAccessExpiresAt: state.now() + 90 * day,
  })
  return jsonResponse(200, { access_token: accessToken, token_type: 'bearer', expires_in: 7_200 })
}

export function debugToken(state: State, query: URLSearchParams): SandboxResponse {
  if (!/^[^|]+\|[^|]+$/.test(query.get('access_token') ?? '')) {
    return refuse('facebook-login', { code: 190, message: 'Invalid OAuth access token.' })
  }
  const token = state.tokens.get(query.get('input_token') ?? '')
  if (!token) return jsonResponse(200, { data: { is_valid: false, scopes: [] } })
  const seconds = (at: number | null) => (at === null ? 0 : Math.floor(at / 1_000))
  return jsonResponse(200, {
    data: {
      app_id: (query.get('access_token') ?? '').split('|')[0],
      type: token.kind === 'page' ? 'PAGE' : 'USER',
      is_valid: !token.dead && (token.expiresAt === null || token.expiresAt > state.now()),
      expires_at: seconds(token.expiresAt),
      data_access_expires_at: seconds(token.dataAccessExpiresAt),
      scopes: token.scopes,
      user_id: token.ownerId,
    },
  })
}

/** The token, or the refusal it earns. */
export function alive(state: State, login: LoginKind, value: string): Token | SandboxResponse {
  const token = state.tokens.get(value)
  return aliveToken(errorType(login), token?.login === login ? token : undefined, state.now())
}

/** What was granted with Facebook Login; deleting it ends every token of that person. */
export function permissions({ state, login, token, request }: Call): SandboxResponse {
  if (login === 'instagram') return notFound(login)
  if (request.method !== 'DELETE') {
    const data = token.scopes.map((permission) => ({ permission, status: 'granted' }))
    return jsonResponse(200, { data })
  }
  for (const [key, other] of state.tokens.entries())
    if (other.login === login && other.ownerId === token.ownerId)
      state.tokens.set(key, { ...other, dead: true })
  return jsonResponse(200, { success: true })
}
