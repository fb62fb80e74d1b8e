/** Consent and tokens of LinkedIn's simulator: 60 days, renewed for 365 by partners, ended by another set of scopes. */
import { randomBytes } from 'node:crypto'
import {
  bearerOf,
  formOf,
  jsonResponse,
  redirect,
  type SandboxRequest,
  type SandboxResponse,
} from '../sandbox-kit.ts'
import { consentPage } from '../sandbox-pages.ts'
import {
  type Code,
  day,
  failure,
  memberById,
  members,
  nameOf,
  type State,
  type Token,
} from './sandbox-state.ts'

export function revoked(token: Token): Token {
  return { ...token, revoked: true, refresh: token.refresh ? { ...token.refresh, expiresAt: 0 } : null }
}

export function authorize(state: State, request: SandboxRequest): SandboxResponse {
  const query = request.query
  const redirectUri = query.get('redirect_uri') ?? ''
  if (!URL.canParse(redirectUri)) return failure(401, "Redirect_uri doesn't match")
  if (!query.get('client_id')) return failure(401, "Client_id doesn't match")
  const scopes = (query.get('scope') ?? '').split(' ').filter((scope) => scope !== '')
  const decision = query.get('decision')
  const back = (fields: Record<string, string>) => {
    const target = new URL(redirectUri)
    for (const [name, value] of Object.entries({ ...fields, state: query.get('state') ?? '' }))
      target.searchParams.set(name, value)
    return redirect(target.href)
  }
  if (scopes.length === 0 || scopes.includes('r_member_social'))
    return back({
      error: 'unauthorized_scope_error',
      error_description: 'Scope is not authorized for your application',
    })
  if (decision === 'deny')
    return back({
      error: 'user_cancelled_authorize',
      error_description: 'The user cancelled the authorization',
    })
  if (decision === 'allow') {
    const code = `AQ${randomBytes(24).toString('base64url')}`
    state.codes.set(code, {
      clientId: query.get('client_id') ?? '',
      memberId: memberById(query.get('account')).id,
      redirectUri,
      scopes,
      issuedAt: state.context.now().getTime(),
      used: false,
    })
    return back({ code })
  }
  const seesPages = scopes.includes('w_organization_social')
  const asked = memberById(query.get('account'))
  return consentPage(request, {
    network: 'LinkedIn',
    scopes,
    accounts: [asked, ...members.filter((member) => member !== asked)].map((member) => ({
      id: member.id,
      name: nameOf(member),
      ...(seesPages && member.pages.length > 0
        ? { detail: member.pages.map((page) => page.localizedName).join(', ') }
        : {}),
    })),
    action: '/oauth/v2/authorization',
    hidden: Object.fromEntries([...query].filter(([name]) => name !== 'account' && name !== 'lang')),
    redirectUri,
  })
}

function tokenError(status: number, error: string, description: string): SandboxResponse {
  return jsonResponse(status, { error, error_description: description })
}

export function exchange(state: State, request: SandboxRequest): SandboxResponse {
  const form = formOf(request)
  if (!form.get('client_id') || !form.get('client_secret'))
    return tokenError(400, 'invalid_request', 'A required parameter "client_id" is missing')
  if (form.get('grant_type') === 'refresh_token') return refreshGrant(state, form)
  const now = state.context.now().getTime()
  const key = form.get('code') ?? ''
  const code = state.codes.get(key)
  if (!code) return tokenError(401, 'invalid_request', 'Unable to retrieve access token: code not found')
  const isMatch = code.clientId === form.get('client_id') && code.redirectUri === form.get('redirect_uri')
  if (code.used || !isMatch || now - code.issuedAt > 1_800_000)
    return tokenError(
      400,
      'invalid_redirect_uri',
      'Unable to retrieve access token: appid/redirect uri/code verifier does not match authorization code. Or authorization code expired.',
    )
  state.codes.set(key, { ...code, used: true })
  // The two products live in two apps, even where an operator typed the same client id twice.
  const app = `${code.clientId}:${code.scopes.includes('openid') ? 'share' : 'community'}`
  killOtherScopes(state, app, code)
  const isPartner = code.scopes.includes('w_organization_social')
  const refresh = isPartner
    ? { token: `AR${randomBytes(48).toString('base64url')}`, expiresAt: now + 365 * day * 1_000 }
    : null
  return issue(state, { app, memberId: code.memberId, scopes: code.scopes, refresh })
}

/** Asking for another set of scopes ends all earlier tokens of that member and app. */
function killOtherScopes(state: State, app: string, { memberId, scopes }: Code): void {
  const wanted = [...scopes].toSorted().join(' ')
  for (const [key, token] of state.tokens.entries())
    if (token.app === app && token.memberId === memberId && [...token.scopes].toSorted().join(' ') !== wanted)
      state.tokens.set(key, { ...token, revoked: true, refresh: null })
}

function refreshGrant(state: State, form: URLSearchParams): SandboxResponse {
  const now = state.context.now().getTime()
  const wanted = form.get('refresh_token')
  const found = state.tokens.entries().find(([, token]) => token.refresh?.token === wanted)?.[1]
  if (!found?.refresh || found.refresh.expiresAt <= now)
    return tokenError(
      400,
      'invalid_request',
      'The provided authorization grant or refresh token is invalid, expired or revoked',
    )
  return issue(state, found)
}

/** The app takes a consent back: every token of that member and app ends. */
export function revoke(state: State, request: SandboxRequest): SandboxResponse {
  const known = state.tokens.get(formOf(request).get('token') ?? '')
  for (const [key, token] of state.tokens.entries())
    if (known && token.app === known.app && token.memberId === known.memberId)
      state.tokens.set(key, revoked(token))
  return { status: 200 }
}

function issue(
  state: State,
  { app, memberId, scopes, refresh }: Pick<Token, 'app' | 'memberId' | 'scopes' | 'refresh'>,
): SandboxResponse {
  const now = state.context.now().getTime()
  const accessToken = `AQ${randomBytes(240).toString('base64url')}`
  state.tokens.set(accessToken, {
    app,
    memberId,
    scopes,
    expiresAt: now + 60 * day * 1_000,
    revoked: false,
    refresh,
  })
  return jsonResponse(200, {
    access_token: accessToken,
    expires_in: 60 * day,
    scope: scopes.join(','),
    token_type: 'Bearer',
    ...(refresh
      ? {
          refresh_token: refresh.token,
          refresh_token_expires_in: Math.floor((refresh.expiresAt - now) / 1_000),
        }
      : {}),
  })
}

export function tokenOf(state: State, request: SandboxRequest): Token | SandboxResponse {
  const bearer = bearerOf(request)
  if (!bearer)
    return failure(401, 'Empty oauth2 access token', { code: 'EMPTY_ACCESS_TOKEN', serviceErrorCode: 65604 })
  const token = state.tokens.get(bearer)
  if (!token) return invalidToken()
  if (token.revoked) return revokedToken()
  if (token.expiresAt <= state.context.now().getTime()) return expiredToken()
  return token
}

export function invalidToken(): SandboxResponse {
  return failure(401, 'Invalid access token', { code: 'INVALID_ACCESS_TOKEN', serviceErrorCode: 65600 })
}

export function revokedToken(): SandboxResponse {
  return failure(401, 'The token used in the request has been revoked by the user', {
    code: 'REVOKED_ACCESS_TOKEN',
    serviceErrorCode: 65601,
  })
}

export function expiredToken(): SandboxResponse {
  return failure(401, 'The token used in the request has expired', {
    code: 'EXPIRED_ACCESS_TOKEN',
    serviceErrorCode: 65602,
  })
}
