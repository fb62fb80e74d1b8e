/** Sessions of Bluesky's simulator: signed in by app password, renewed by tokens that change each time. */
import { randomBytes } from 'node:crypto'
import { bearerOf, jsonOf, jsonResponse, type SandboxRequest, type SandboxResponse } from '../sandbox-kit.ts'
import { definition, neededScope } from './definition.ts'
import {
  type Account,
  accountOf,
  callerOf,
  findAccount,
  invalid,
  newToken,
  problem,
  type State,
  type Tokens,
} from './sandbox-state.ts'

const accessMs = 7_200_000
const refreshMs = 90 * 86_400_000
/** A used refresh token goes on so long, and gives the same session again. */
export const graceMs = 7_200_000

const fields = definition.logins.flatMap((login) => (login.kind === 'form' ? login.fields : []))
const appPassword = fields.find(({ key }) => key === 'password')?.sandboxValue
/** Opens the whole account, as no app should be given it. */
export const mainPassword = 'the password of the account'

export function createSession(state: State, request: SandboxRequest): SandboxResponse {
  const { identifier, password } = jsonOf(request)
  if (typeof identifier !== 'string') return invalid('Missing required key "identifier" at $')
  if (typeof password !== 'string') return invalid('Missing required key "password" at $')
  const account = /^[\w.-]+\.test$/.test(identifier)
    ? accountOf(state, identifier.toLowerCase())
    : findAccount(state, identifier)
  if (!account || (password !== appPassword && password !== mainPassword))
    return problem(401, 'AuthenticationRequired', 'Invalid identifier or password')
  const scope = password === mainPassword ? 'com.atproto.access' : neededScope
  return sessionAnswer(account, issue(state, account.did, scope, randomBytes(8).toString('hex')))
}

export function refreshSession(state: State, request: SandboxRequest): SandboxResponse {
  const key = bearerOf(request) ?? ''
  const known = state.renewals.get(key)
  const account = state.accounts.get(known?.did ?? '')
  if (!known || !account) return problem(400, 'InvalidToken', 'Token could not be verified')
  if (known.expiresAt <= state.now()) return problem(400, 'ExpiredToken', 'Token has expired')
  if (known.next) return sessionAnswer(account, known.next)
  const next = issue(state, account.did, neededScope, known.family)
  const expiresAt = Math.min(known.expiresAt, state.now() + graceMs)
  state.renewals.set(key, { ...known, next, expiresAt })
  return sessionAnswer(account, next)
}

export function deleteSession(state: State, request: SandboxRequest): SandboxResponse {
  if (!state.renewals.get(bearerOf(request) ?? ''))
    return problem(400, 'InvalidToken', 'Token could not be verified')
  state.renewals.delete(bearerOf(request) ?? '')
  return { status: 200 }
}

export function getSession(state: State, request: SandboxRequest): SandboxResponse {
  const who = callerOf(state, request)
  return 'response' in who ? who.response : jsonResponse(200, described(who.account))
}

export function describeServer(): SandboxResponse {
  return jsonResponse(200, {
    did: 'did:web:sandbox.test',
    availableUserDomains: ['.test'],
    inviteCodeRequired: false,
    blobUploadLimit: 5_242_880,
    links: {},
    contact: {},
  })
}

export function resolveHandle(state: State, request: SandboxRequest): SandboxResponse {
  const handle = request.query.get('handle') ?? ''
  const account = findAccount(state, handle.toLowerCase())
  if (account) return jsonResponse(200, { did: account.did })
  return /^[\w-]+(?:\.[\w-]+)+$/.test(handle)
    ? problem(400, 'HandleNotFound', 'Unable to resolve handle')
    : invalid(`Invalid com.atproto.identity.resolveHandle params: Invalid handle (got "${handle}")`)
}

/** All of them, or those of one account by handle or DID. */
export function killTokens(state: State, accountId: string | undefined): void {
  const did = accountId === undefined ? undefined : findAccount(state, accountId)?.did
  const isMeant = (one: { did: string }) => accountId === undefined || one.did === did
  for (const [key, session] of state.sessions.entries()) if (isMeant(session)) state.sessions.delete(key)
  for (const [key, renewal] of state.renewals.entries()) if (isMeant(renewal)) state.renewals.delete(key)
  for (const [key, grant] of state.grants.entries()) if (isMeant(grant)) state.grants.delete(key)
}

function issue(state: State, did: string, scope: string, family: string): Tokens {
  const accessJwt = newToken(state, 'at+jwt', { scope, sub: did }, accessMs)
  const jti = randomBytes(32).toString('base64')
  const refreshJwt = newToken(
    state,
    'refresh+jwt',
    { scope: 'com.atproto.refresh', sub: did, jti },
    refreshMs,
  )
  state.sessions.set(accessJwt, { did, family, scope, expiresAt: state.now() + accessMs })
  state.renewals.set(refreshJwt, { did, family, expiresAt: state.now() + refreshMs })
  return { accessJwt, refreshJwt }
}

const described = ({ did, handle }: Account) => ({
  did,
  handle,
  email: `post@${handle}`,
  emailConfirmed: true,
  active: true,
})

function sessionAnswer(account: Account, tokens: Tokens): SandboxResponse {
  return jsonResponse(200, { ...tokens, ...described(account) })
}
