/**
 * Signing in at Bluesky's simulator by consent: requests announced beforehand, tokens bound to a key, and refresh
 * tokens that work once. What is simulated of apps is their id; no document of one is read.
 */
import { createHash, randomBytes } from 'node:crypto'
import { formOf, jsonResponse, redirect, type SandboxRequest, type SandboxResponse } from '../sandbox-kit.ts'
import { consentPage } from '../sandbox-pages.ts'
import { definition } from './definition.ts'
import { nonceOf, proofIn } from './sandbox-proof.ts'
import { accountOf, findAccount, handles, newToken, type State } from './sandbox-state.ts'

const accessMs = 3_600_000
const refreshMs = 14 * 86_400_000
const announcedMs = 300_000
const codeMs = 60_000
const newSecret = (kind: string) => `${kind}-${randomBytes(32).toString('hex')}`

export function protectedResource({ baseUrl }: SandboxRequest): SandboxResponse {
  return jsonResponse(200, {
    resource: baseUrl,
    authorization_servers: [baseUrl],
    scopes_supported: [],
    bearer_methods_supported: ['header'],
    resource_documentation: 'https://atproto.com',
  })
}

export function authorizationServer({ baseUrl }: SandboxRequest): SandboxResponse {
  return jsonResponse(200, {
    issuer: baseUrl,
    scopes_supported: ['atproto', 'transition:email', 'transition:generic', 'transition:chat.bsky'],
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: ['authorization_code', 'refresh_token'],
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
    authorization_endpoint: `${baseUrl}/oauth/authorize`,
    token_endpoint: `${baseUrl}/oauth/token`,
    token_endpoint_auth_methods_supported: ['none', 'private_key_jwt'],
    token_endpoint_auth_signing_alg_values_supported: ['ES256'],
    revocation_endpoint: `${baseUrl}/oauth/revoke`,
    pushed_authorization_request_endpoint: `${baseUrl}/oauth/par`,
    require_pushed_authorization_requests: true,
    dpop_signing_alg_values_supported: ['ES256'],
    client_id_metadata_document_supported: true,
  })
}

/** Announces a consent. Where a proof comes along, everything that follows needs its key. */
export function announce(state: State, request: SandboxRequest): SandboxResponse {
  const proof = request.headers['dpop'] === undefined ? { key: '' } : proofIn(state, request, null)
  if ('response' in proof) return proof.response
  const form = formOf(request)
  const redirectUri = form.get('redirect_uri') ?? ''
  const scope = form.get('scope') ?? ''
  if (!form.get('client_id') || !URL.canParse(redirectUri))
    return oauthError(state, 'invalid_request', 'Validation of request parameters failed')
  if (!scope.split(' ').includes('atproto'))
    return oauthError(state, 'invalid_scope', 'The "atproto" scope is required')
  if (form.get('code_challenge_method') !== 'S256' || !/^[\w-]{43}$/.test(form.get('code_challenge') ?? ''))
    return oauthError(state, 'invalid_request', 'Code challenge is required')
  const uri = `urn:ietf:params:oauth:request_uri:${newSecret('req').slice(0, 36)}`
  state.consents.set(uri, {
    clientId: form.get('client_id') ?? '',
    redirectUri,
    scope,
    state: form.get('state') ?? '',
    challenge: form.get('code_challenge') ?? '',
    hint: form.get('login_hint') ?? '',
    key: proof.key,
    expiresAt: state.now() + announcedMs,
  })
  return answer(state, 201, { request_uri: uri, expires_in: announcedMs / 1_000 - 1 })
}

export function authorize(state: State, request: SandboxRequest): SandboxResponse {
  const uri = request.query.get('request_uri') ?? ''
  const consent = state.consents.get(uri)
  const isRight = consent?.clientId === request.query.get('client_id') && consent.expiresAt > state.now()
  if (!consent || !isRight) return oauthError(state, 'invalid_request', 'Unknown request_uri')
  const hinted = consent.hint === '' ? undefined : hintedHandle(state, consent.hint)
  const choice = Object.keys(handles).filter((handle) => handle !== hinted)
  return consentPage(request, {
    network: definition.name,
    scopes: consent.scope.split(' '),
    accounts: [...(hinted === undefined ? [] : [hinted]), ...choice].map((handle) => {
      const account = accountOf(state, handle)
      return { id: handle, name: account.name, detail: `@${handle}` }
    }),
    action: '/oauth/decide',
    hidden: { request_uri: uri },
    redirectUri: consent.redirectUri,
  })
}

/** A made-up handle has an account here, as with an app password. */
function hintedHandle(state: State, hint: string): string | undefined {
  return /^[\w.-]+\.test$/.test(hint) ? hint.toLowerCase() : findAccount(state, hint)?.handle
}

export function decide(state: State, request: SandboxRequest): SandboxResponse {
  const uri = request.query.get('request_uri') ?? ''
  const consent = state.consents.get(uri)
  if (!consent || consent.expiresAt <= state.now())
    return oauthError(state, 'invalid_request', 'Unknown request_uri')
  state.consents.delete(uri)
  const target = new URL(consent.redirectUri)
  target.searchParams.set('state', consent.state)
  target.searchParams.set('iss', request.baseUrl)
  if (request.query.get('decision') !== 'allow') {
    target.searchParams.set('error', 'access_denied')
    return redirect(target.href)
  }
  const code = newSecret('cod')
  const { did } = accountOf(state, request.query.get('account') ?? Object.keys(handles)[0] ?? '')
  state.codes.set(code, { ...consent, did, expiresAt: state.now() + codeMs })
  target.searchParams.set('code', code)
  return redirect(target.href)
}

export function token(state: State, request: SandboxRequest): SandboxResponse {
  const proof = proofIn(state, request, null)
  if ('response' in proof) return proof.response
  const form = formOf(request)
  if (form.get('grant_type') === 'refresh_token') return renewed(state, form, proof.key)
  const code = state.codes.get(form.get('code') ?? '')
  state.codes.delete(form.get('code') ?? '')
  const challenge = createHash('sha256')
    .update(form.get('code_verifier') ?? '')
    .digest('base64url')
  const isRight =
    code &&
    code.expiresAt > state.now() &&
    code.clientId === form.get('client_id') &&
    code.redirectUri === form.get('redirect_uri') &&
    code.challenge === challenge &&
    (code.key === '' || code.key === proof.key)
  if (!isRight) return oauthError(state, 'invalid_grant', 'Invalid code')
  const endsAt = state.now() + refreshMs
  return issued(state, { ...code, key: proof.key, family: randomBytes(8).toString('hex'), endsAt })
}

/** A token that is shown twice was stolen from somebody, so the whole sign-in ends. */
function renewed(state: State, form: URLSearchParams, key: string): SandboxResponse {
  const shown = form.get('refresh_token') ?? ''
  const known = state.grants.get(shown)
  if (!known || known.endsAt <= state.now() || known.key !== key || known.clientId !== form.get('client_id'))
    return oauthError(state, 'invalid_grant', 'Invalid refresh token')
  if (known.isUsed) {
    endFamily(state, known.family)
    return oauthError(state, 'invalid_grant', 'Refresh token replayed')
  }
  state.grants.set(shown, { ...known, isUsed: true })
  return issued(state, known)
}

export function revoke(state: State, request: SandboxRequest): SandboxResponse {
  const shown = formOf(request).get('token') ?? ''
  const family = state.grants.get(shown)?.family ?? state.sessions.get(shown)?.family
  if (family !== undefined) endFamily(state, family)
  return jsonResponse(200, {})
}

function endFamily(state: State, family: string): void {
  for (const [key, grant] of state.grants.entries()) if (grant.family === family) state.grants.delete(key)
  for (const [key, session] of state.sessions.entries())
    if (session.family === family) state.sessions.delete(key)
}

type Granted = { did: string; clientId: string; scope: string; key: string; family: string; endsAt: number }

function issued(state: State, { did, clientId, scope, key, family, endsAt }: Granted): SandboxResponse {
  const claims = { sub: did, client_id: clientId, cnf: { jkt: key } }
  const access = newToken(state, 'at+jwt', claims, accessMs)
  const refresh = newSecret('ref')
  state.sessions.set(access, { did, family, scope, key, expiresAt: state.now() + accessMs })
  state.grants.set(refresh, { did, clientId, scope, key, family, endsAt, isUsed: false })
  return answer(state, 200, {
    access_token: access,
    token_type: 'DPoP',
    refresh_token: refresh,
    scope,
    sub: did,
    expires_in: accessMs / 1_000 - 1,
  })
}

const oauthError = (state: State, error: string, said: string) =>
  answer(state, 400, { error, error_description: said })

const answer = (state: State, status: number, body: object) =>
  jsonResponse(status, body, { 'dpop-nonce': nonceOf(state), 'cache-control': 'no-store' })
