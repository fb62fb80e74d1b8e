/**
 * Signing in on Bluesky's own page: OAuth with a request announced beforehand (PAR), PKCE, and tokens bound to a key
 * (DPoP). The server that asks for consent is found by the account, so everything begins with that.
 *
 * Source: https://atproto.com/specs/oauth, read 2026-11-24; held against @atproto/pds 0.5.35 by `oauth.test.ts`.
 */
import * as oauth from 'oauth4webapi'
import { z } from 'zod'
import { LitfassError } from '#domain/errors.ts'
import type {
  AppCredentials,
  Connected,
  Grant,
  Network,
  ProofKey,
  RefreshOutcome,
  VerbContext,
} from '../contract.ts'
import { type Answer, NoAnswer } from '../metered-fetch.ts'
import { authorityAt, authorityFor, byPassword, homeOfAccount, hostOf, isAuthorityOf } from './authority.ts'
import { adopt, atServer, endSession } from './connect.ts'
import { errorOf } from './error-body.ts'
import { refused } from './errors.ts'
import { clockTrouble, isProofRefused, setClock } from './proof-refusals.ts'
import { plainHandle } from './handle.ts'
import { newProofKey, proving, responseOf, withNonce } from './proof.ts'

/** How long a sign-in lasts in all: two years for an app that proves itself by a key, two weeks for any other. */
const lastsMs = { proved: 2 * 365 * 86_400_000, unproved: 14 * 86_400_000 }
const defaultAccessSeconds = 3_600

const memorySchema = z.object({
  issuer: z.string(),
  did: z.string().optional(),
  proofKey: z.object({ kty: z.string(), crv: z.string(), x: z.string(), y: z.string(), d: z.string() }),
})

export const begin: NonNullable<Network['begin']> = async (context, request) => {
  const { app, redirectUri, state, codeChallenge = '', account = '' } = request
  const home = await homeOfAccount(context, plainHandle(account))
  const authority = await authorityFor(context, home.server)
  const proofKey = await newProofKey()
  const calls = await callsTo(context, app, proofKey, 'session.authorise')
  const parameters = {
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: context.login.scopes.join(' '),
    state,
    code_challenge: codeChallenge,
    code_challenge_method: 'S256',
    ...(home.hint === undefined ? {} : { login_hint: home.hint }),
  }
  const { client, proof, options, last } = calls
  const { request_uri } = await withNonce(async () => {
    const response = await oauth.pushedAuthorizationRequest(authority, client, proof, parameters, options())
    return oauth.processPushedAuthorizationResponse(authority, client, response)
  }).catch((cause) => refusedBy(cause, authority.issuer, last(), context.now()))
  const url = new URL(authority.authorization_endpoint ?? '')
  url.searchParams.set('client_id', app.clientId)
  url.searchParams.set('request_uri', request_uri)
  const did = home.did === undefined ? {} : { did: home.did }
  return { url: url.href, memory: { issuer: authority.issuer, ...did, proofKey } }
}

export const connect: Network['connect'] = async (context, exchange): Promise<Connected> => {
  const { issuer, did, proofKey } = memorySchema.parse(exchange.memory)
  if (exchange.issuer !== issuer)
    throw refused(
      'Another server answered than the one that was asked',
      'Start connecting the account again.',
    )
  const authority = await authorityAt(context, issuer)
  const { client, proof, options, last } = await callsTo(context, exchange.app, proofKey, 'session.authorise')
  const answer = new URLSearchParams({ code: exchange.code, iss: issuer })
  const callback = oauth.validateAuthResponse(authority, client, answer, oauth.expectNoState)
  const verifier = exchange.codeVerifier ?? ''
  const tokens = await withNonce(async () => {
    const asked = [authority, client, proof, callback, exchange.redirectUri, verifier, options()] as const
    return oauth.processAuthorizationCodeResponse(
      authority,
      client,
      await oauth.authorizationCodeGrantRequest(...asked),
    )
  }).catch((cause) => refusedBy(cause, issuer, last(), context.now()))
  const subject = typeof tokens['sub'] === 'string' ? tokens['sub'] : ''
  if (did !== undefined && subject !== did)
    throw refused('The sign-in was for another account than the one that was named', 'Sign in as that one.')
  const server = await isAuthorityOf(context, issuer, subject)
  if (server === null) throw refused(`${hostOf(issuer)} is not the server this account lives at`, byPassword)
  const lasts = isProved(exchange.app) ? lastsMs.proved : lastsMs.unproved
  const grant = grantOf(tokens, context.now(), {
    proofKey,
    ...elsewhere(context, 'apiUrl', server),
    ...elsewhere(context, 'issuer', issuer),
    refreshExpiresAt: new Date(context.now().getTime() + lasts),
  })
  const missing = context.login.scopes.filter((scope) => !grant.scopes.includes(scope))
  if (missing.length > 0)
    throw refused(
      `The sign-in does not allow what Litfass needs (${missing.join(', ')})`,
      'Start again and allow it.',
    )
  const connected = await adopt(context, grant, exchange.app)
  if (connected.account.remoteId === subject) return connected
  throw refused('The server of the account says that it is another one', byPassword)
}

/** A refresh token works once, and the server ends the sign-in of who shows one twice: only the engine asks again. */
export async function refreshProven(
  context: VerbContext,
  grant: Grant & { proofKey: ProofKey; refreshToken: string },
  app: AppCredentials,
): Promise<RefreshOutcome> {
  const own = clientOf(grant, app)
  if (own === null)
    return { kind: 'dead', message: 'Litfass had another address when this sign-in was made. Sign in again.' }
  const issuer = grant.issuer ?? context.hosts.apiUrl
  const calls = await callsTo(context, own, grant.proofKey, 'session.refresh')
  const { client, proof, options, last } = calls
  try {
    const authority = await authorityAt(context, issuer)
    const tokens = await withNonce(async () => {
      const asked = [authority, client, proof, grant.refreshToken, options()] as const
      const response = await oauth.refreshTokenGrantRequest(...asked)
      return oauth.processRefreshTokenResponse(authority, client, response)
    })
    const { accessToken: _, refreshToken: __, accessExpiresAt: ___, scopes: ____, ...kept } = grant
    return { kind: 'refreshed', grant: grantOf(tokens, context.now(), kept) }
  } catch (cause) {
    return renewalRefused(cause, last(), context.now())
  }
}

/** The app as it was when the grant was given; null where it cannot prove any more that it is that one. */
function clientOf({ clientId = '' }: Grant, app: AppCredentials): AppCredentials | null {
  if (clientId === '' || clientId === app.clientId) return app
  return clientId.startsWith('http://localhost') ? { clientId, clientSecret: '' } : null
}

function renewalRefused(cause: unknown, answer: Answer | null, now: Date): RefreshOutcome {
  if (cause instanceof NoAnswer) return { kind: 'unavailable', message: 'The Bluesky server did not answer.' }
  if (cause instanceof LitfassError) return { kind: 'unavailable', message: `${cause.message}.` }
  if (!isOfAnswer(cause)) throw cause
  const clock = clockTrouble(answer, now)
  if (clock !== null) return { kind: 'unavailable', message: `${clock}. ${setClock}` }
  if (
    answer !== null &&
    ['invalid_grant', 'invalid_client', 'unauthorized_client'].includes(errorOf(answer).error)
  )
    return { kind: 'dead', message: 'Bluesky ended this sign-in. Connect the account again.' }
  const status = answer === null ? 'nothing that can be read' : String(answer.status)
  return { kind: 'unavailable', message: `The Bluesky server answered ${status} to a renewal.` }
}

function refusedBy(cause: unknown, issuer: string, answer: Answer | null, now: Date): never {
  const host = hostOf(issuer)
  if (cause instanceof NoAnswer) throw refused(`${host} did not answer`, 'Try again in a few minutes.')
  if (!isOfAnswer(cause)) throw cause
  const clock = clockTrouble(answer, now)
  if (clock !== null) throw refused(clock, `${setClock} Then connect the account again.`)
  const { error = '', error_description: said = '' } = cause instanceof oauth.ResponseBodyError ? cause : {}
  const words = `${error}${said === '' ? '' : `: ${said}`}`.slice(0, 300)
  throw refused(
    `${host} refused the sign-in${words === '' ? '' : ` (${words})`}`,
    error.startsWith('invalid_client')
      ? 'It must reach the address of Litfass (LITFASS_ORIGIN) from outside. Else connect with an app password.'
      : 'Start connecting the account again.',
  )
}

/** Ends the whole sign-in at the server that gave it. What is over already is over. */
export const revoke: NonNullable<Network['revoke']> = async (context, grant, app) => {
  const { proofKey, refreshToken } = grant
  if (proofKey === undefined) {
    if (refreshToken !== undefined) await endSession(atServer(context, grant.apiUrl), refreshToken)
    return
  }
  const authority = await authorityAt(context, grant.issuer ?? context.hosts.apiUrl)
  const { client, proof, options, last } = await callsTo(
    context,
    clientOf(grant, app) ?? app,
    proofKey,
    'session.refresh',
  )
  // The library proves no revocation; what it announces a consent with differs in nothing but the address.
  const there = { ...authority, pushed_authorization_request_endpoint: authority.revocation_endpoint ?? '' }
  const parameters = { token: refreshToken ?? grant.accessToken }
  const send = () => oauth.pushedAuthorizationRequest(there, client, proof, parameters, options())
  await send()
  const answer = last()
  if (answer !== null && errorOf(answer).error === 'use_dpop_nonce') await send()
}

/** Faults of ours are no TypeErrors of the library's. */
function isOfAnswer(cause: unknown): boolean {
  return (
    cause instanceof oauth.ResponseBodyError ||
    cause instanceof oauth.WWWAuthenticateChallengeError ||
    cause instanceof oauth.OperationProcessingError ||
    cause instanceof oauth.UnsupportedOperationError
  )
}

/** The client, and options that send the library's requests through the door. */
async function callsTo(
  context: VerbContext,
  app: AppCredentials,
  proofKey: ProofKey,
  endpointClass: 'session.authorise' | 'session.refresh',
) {
  // The library reads the clock of the machine; what it writes into proofs is to be of the one we are given.
  const client: oauth.Client = {
    client_id: app.clientId,
    token_endpoint_auth_method: isProved(app) ? 'private_key_jwt' : 'none',
    [oauth.clockSkew]: Math.round((context.now().getTime() - Date.now()) / 1_000),
  }
  const base = await proving(context, proofKey)
  let answer: Answer | null = null
  const options = () => ({
    ...base,
    [oauth.customFetch]: async (url: string, init: oauth.CustomFetchOptions<'POST', URLSearchParams>) => {
      const { headers, body } = init
      const about = {
        endpointClass,
        dataClass: 'profile',
        purpose: 'connect',
        isExpected: isProofRefused,
      } as const
      answer = await context.fetch({ method: 'POST', url, headers, body, ...about })
      return responseOf(answer, new URL(url))
    },
  })
  return { client, proof: await proofOfApp(app), options, last: (): Answer | null => answer }
}

/** An app that Litfass makes by itself has a key for a secret, where it has any. */
const isProved = ({ clientSecret }: AppCredentials) => clientSecret.startsWith('{')

async function proofOfApp(app: AppCredentials): Promise<oauth.ClientAuth> {
  if (!isProved(app)) return oauth.None()
  const { kid, ...jwk } = JSON.parse(app.clientSecret) as ProofKey & { kid: string }
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
  const key = await crypto.subtle.importKey('jwk', jwk, algorithm, false, ['sign'])
  return oauth.PrivateKeyJwt({ key, kid })
}

function grantOf(
  tokens: oauth.TokenEndpointResponse,
  now: Date,
  kept: Omit<Grant, 'accessToken' | 'scopes'>,
): Grant {
  const seconds = tokens.expires_in ?? defaultAccessSeconds
  return {
    ...kept,
    accessToken: tokens.access_token,
    ...(tokens.refresh_token === undefined ? {} : { refreshToken: tokens.refresh_token }),
    accessExpiresAt: new Date(now.getTime() + seconds * 1_000),
    scopes: tokens.scope?.split(' ') ?? [],
  }
}

/** Left out where it is the usual one, which settings may move. */
function elsewhere(context: VerbContext, name: 'apiUrl' | 'issuer', url: string) {
  return url === context.hosts.apiUrl ? {} : { [name]: url }
}
