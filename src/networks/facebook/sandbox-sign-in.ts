/** Consent and tokens of Facebook's simulator: a person's for 60 days, a page's without an end. */
import { randomBytes } from 'node:crypto'
import {
  chosenPages,
  jsonResponse,
  redirect,
  type SandboxRequest,
  type SandboxResponse,
} from '../sandbox-kit.ts'
import { consentPage } from '../sandbox-pages.ts'
import {
  type Call,
  failure,
  type Fields,
  people,
  personById,
  type State,
  text,
  type Token,
} from './sandbox-state.ts'

const longSeconds = 5_183_944
const shortSeconds = 2 * 3_600
const codeSeconds = 600
const dataAccessSeconds = 90 * 86_400

export function deadToken(): SandboxResponse {
  const message = 'Error validating access token: Session has expired or been invalidated.'
  return failure(190, message, { subcode: 463, status: 401 })
}

export function aliveToken(state: State, raw: string | undefined): Token | undefined {
  const token = raw === undefined ? undefined : state.tokens.get(raw)
  if (!token || (token.expiresAt !== null && token.expiresAt <= state.now())) return undefined
  return token
}

export function consentDialog(state: State, request: SandboxRequest): SandboxResponse {
  const { query } = request
  const [clientId, redirectUri] = [query.get('client_id') ?? '', query.get('redirect_uri') ?? '']
  if (clientId === '' || redirectUri === '')
    return failure(100, 'Missing client_id or redirect_uri parameter')
  const scopes = (query.get('scope') ?? '').split(',').filter((scope) => scope !== '')
  const decision = query.get('decision')
  if (decision === null) {
    return consentPage(request, {
      network: 'Facebook',
      scopes,
      accounts: people,
      action: request.path,
      hidden: Object.fromEntries(
        [...query].filter(([name]) => name !== 'account' && name !== 'page' && name !== 'lang'),
      ),
      redirectUri,
    })
  }
  if (!URL.canParse(redirectUri)) return failure(191, 'redirect_uri is not valid')
  const target = new URL(redirectUri)
  target.searchParams.set('state', query.get('state') ?? '')
  if (decision !== 'allow') {
    target.searchParams.set('error', 'access_denied')
    target.searchParams.set('error_code', '200')
    target.searchParams.set('error_reason', 'user_denied')
    target.searchParams.set('error_description', 'Permissions error')
    return redirect(target.href)
  }
  const code = randomBytes(24).toString('base64url')
  const person = personById(query.get('account'))
  state.codes.set(code, {
    personId: person.id,
    pageIds: chosenPages(query, person.pages).map((page) => page.id),
    redirectUri,
    scopes,
    clientId,
    expiresAt: state.now() + codeSeconds * 1_000,
  })
  target.searchParams.set('code', code)
  return redirect(`${target.href}#_=_`)
}

export function tokenEndpoint(state: State, request: SandboxRequest, fields: Fields): SandboxResponse {
  const field = (name: string) => text(fields, name) ?? request.query.get(name) ?? ''
  if (field('client_id') === '') return failure(101, 'Missing client_id parameter.')
  if (field('client_secret') === '') return failure(1, 'Error validating client secret.', { status: 400 })
  if (field('grant_type') === 'fb_exchange_token') {
    const short = aliveToken(state, field('fb_exchange_token'))
    if (!short || short.kind === 'page') return deadToken()
    return issue(state, { ...short, kind: 'long', expiresAt: state.now() + longSeconds * 1_000 }, longSeconds)
  }
  const code = state.codes.get(field('code'))
  if (!code) return failure(100, 'Invalid verification code format.', { subcode: 36007 })
  state.codes.delete(field('code'))
  if (code.expiresAt <= state.now())
    return failure(100, 'This authorization code has expired.', { subcode: 36007 })
  if (code.redirectUri !== field('redirect_uri'))
    return failure(100, 'Error validating verification code: redirect_uri differs.', { subcode: 36008 })
  const expiresAt = state.now() + shortSeconds * 1_000
  const token: Token = {
    kind: 'short',
    personId: code.personId,
    pageIds: code.pageIds,
    consentedAt: state.now(),
    scopes: code.scopes,
    secret: field('client_secret'),
    expiresAt,
  }
  return issue(state, token, shortSeconds)
}

function issue(state: State, token: Token, seconds: number): SandboxResponse {
  const raw = newToken(state, token)
  return jsonResponse(200, { access_token: raw, token_type: 'bearer', expires_in: seconds })
}

function newToken(state: State, token: Token): string {
  const raw = `EAAsandbox${randomBytes(24).toString('hex')}`
  state.tokens.set(raw, token)
  return raw
}

/** The app gives its permissions back: every token of that person ends. */
export function revoke(state: State, { personId }: Token): SandboxResponse {
  for (const [key, token] of state.tokens.entries()) if (token.personId === personId) state.tokens.delete(key)
  return jsonResponse(200, { success: true })
}

export function accounts(state: State, token: Token): SandboxResponse {
  if (token.kind === 'page') return failure(100, 'Tried accessing nonexisting field (accounts)')
  if (!token.scopes.includes('pages_show_list')) return jsonResponse(200, { data: [] })
  const expiresAt = token.kind === 'long' ? null : token.expiresAt
  const granted = personById(token.personId).pages.filter((page) => token.pageIds.includes(page.id))
  const data = granted.map((page) => ({
    ...page,
    access_token: newToken(state, { ...token, kind: 'page', pageId: page.id, expiresAt }),
  }))
  return jsonResponse(200, { data, paging: { cursors: { before: 'MA', after: 'MQ' } } })
}

export function debugToken(state: State, { query, token: own }: Call): SandboxResponse {
  const token = aliveToken(state, query.get('input_token') ?? undefined)
  if (!token) return jsonResponse(200, { data: { is_valid: false, scopes: [] } })
  const expiresAt = token.expiresAt === null ? 0 : Math.floor(token.expiresAt / 1_000)
  const data = {
    app_id: '1',
    type: token.kind === 'page' ? 'PAGE' : 'USER',
    is_valid: true,
    expires_at: expiresAt,
    data_access_expires_at: Math.floor(token.consentedAt / 1_000) + dataAccessSeconds,
    scopes: own.scopes,
    user_id: token.personId,
    ...(token.pageId ? { profile_id: token.pageId } : {}),
  }
  return jsonResponse(200, { data })
}
