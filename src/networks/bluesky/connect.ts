/** Signing in with a handle and an app password, and keeping the session alive. */
import { LitfassError } from '#domain/errors.ts'
import type {
  ChannelAccess,
  Check,
  Connected,
  Grant,
  Network,
  NetworkHosts,
  RefreshOutcome,
  VerbContext,
} from '../contract.ts'
import { type Answer, NoAnswer } from '../metered-fetch.ts'
import { callServer, claimsOf, sessionSchema, whoSchema } from './api.ts'
import { neededScope } from './definition.ts'
import { homeOf } from './discover.ts'
import { errorOf, isTokenDead, troubleOf } from './errors.ts'

/** Where a token does not say how long it lives. */
const shortLifeMs = 3_600_000

export const signIn: NonNullable<Network['signIn']> = async (context, fields) => {
  const identifier = plainHandle(fields['handle'] ?? '')
  const apiUrl = fields['server'] ?? (await homeOf(context, identifier))
  const at = atServer(context, apiUrl)
  const answer = await callServer(at, {
    method: 'POST',
    operation: 'com.atproto.server.createSession',
    endpointClass: 'session.create',
    dataClass: 'profile',
    purpose: 'connect',
    body: { identifier, password: fields['password'] ?? '' },
  }).catch(refusedBySilence)
  const session = sessionSchema.safeParse(answer.json)
  if (answer.status !== 200 || !session.success) throw signInRefused(answer, at.hosts, context.now())
  const grant = grantOf(session.data, context.now(), apiUrl)
  if (grant.scopes.includes('com.atproto.access')) {
    await endSession(at, session.data.refreshJwt)
    throw refused(
      'That is the password of the account itself, which opens everything',
      'Make an app password on Bluesky under Settings, Privacy and security, and use that.',
    )
  }
  return adopt(context, grant, null)
}

export const adopt: Network['adopt'] = async (context, grant): Promise<Connected> => {
  const answer = await readSession(atServer(context, grant.apiUrl), grant.accessToken).catch(refusedBySilence)
  const who = whoSchema.safeParse(answer.json)
  if (answer.status !== 200)
    throw refused(troubleOf(answer, context.now()).reason.message, 'Sign in again with an app password.')
  if (!who.success)
    throw refused('The Bluesky server gave an answer that cannot be read', 'Check its address.')
  const { did, handle } = who.data
  const url = `${context.hosts.siteUrl ?? context.hosts.apiUrl}/profile/${handle}`
  return {
    grant: grant.scopes.length > 0 ? grant : { ...grant, scopes: scopesOf(grant.accessToken) },
    account: { remoteId: did, name: `@${handle}` },
    channels: [{ remoteId: did, kind: 'profile', name: handle, handle, url }],
    isComplete: true,
  }
}

/** A refresh token still works for two hours after its first use, so a lost answer costs nothing. */
export const refresh: Network['refresh'] = async (context, grant): Promise<RefreshOutcome> => {
  if (grant.refreshToken === undefined) {
    const isAlive = grant.accessExpiresAt === undefined || grant.accessExpiresAt > context.now()
    if (isAlive) return { kind: 'not-needed' }
    return { kind: 'dead', message: 'There is nothing to renew this sign-in with. Sign in again.' }
  }
  try {
    const answer = await callServer(atServer(context, grant.apiUrl), {
      method: 'POST',
      operation: 'com.atproto.server.refreshSession',
      endpointClass: 'session.refresh',
      dataClass: 'profile',
      purpose: 'connect',
      token: grant.refreshToken,
    })
    return refreshed(answer, context, grant)
  } catch (cause) {
    if (!(cause instanceof NoAnswer)) throw cause
    return { kind: 'unavailable', message: 'The Bluesky server did not answer.' }
  }
}

export const check: Network['check'] = async (context, channel) => {
  const scopes = scopeCheck(channel)
  try {
    const answer = await readSession(context, channel.accessToken)
    return [sessionCheck(answer, channel, context.now()), scopes]
  } catch (cause) {
    if (!(cause instanceof NoAnswer)) throw cause
    const message = 'The Bluesky server did not answer.'
    return [{ name: 'token', ok: false, message, remedy: 'Try again in a few minutes.' }, scopes]
  }
}

/** Never asked for: this login has a form. */
export const noConsent = (): never => {
  throw new Error('there is no consent page at this login')
}

function atServer(context: VerbContext, apiUrl: string | undefined): VerbContext {
  return apiUrl === undefined ? context : { ...context, hosts: { ...context.hosts, apiUrl } }
}

/** People copy handles with their sign, and with marks of direction that some pages put around them. */
function plainHandle(typed: string): string {
  return typed.replace(/[\u200E\u200F\u202A-\u202E\u2066-\u2069]/g, '').replace(/^@/, '')
}

/** The refresh token's own end is left out: every renewal begins its ninety days anew, so nobody has to act by then. */
function grantOf(
  session: { accessJwt: string; refreshJwt: string },
  now: Date,
  apiUrl: string | undefined,
): Grant {
  return {
    accessToken: session.accessJwt,
    refreshToken: session.refreshJwt,
    accessExpiresAt: endOf(session.accessJwt, now) ?? new Date(now.getTime() + shortLifeMs),
    ...(apiUrl === undefined ? {} : { apiUrl }),
    scopes: scopesOf(session.accessJwt),
  }
}

/** From how long it lives, because the clock of the server may be another one. */
function endOf(token: string, now: Date): Date | null {
  const { iat, exp } = claimsOf(token)
  return iat === undefined || exp === undefined ? null : new Date(now.getTime() + (exp - iat) * 1_000)
}

function scopesOf(token: string): string[] {
  const { scope } = claimsOf(token)
  return scope === undefined ? [] : scope.split(' ')
}

function refreshed(answer: Answer, context: VerbContext, before: Grant): RefreshOutcome {
  const session = sessionSchema.safeParse(answer.json)
  if (answer.status === 200 && session.success)
    return { kind: 'refreshed', grant: grantOf(session.data, context.now(), before.apiUrl) }
  if (answer.status < 300 || answer.status >= 500 || answer.status === 429)
    return { kind: 'unavailable', message: `The Bluesky server answered ${answer.status} to a renewal.` }
  if (isTokenDead(answer))
    return { kind: 'dead', message: 'Bluesky ended this sign-in. Sign in again with an app password.' }
  const trouble = troubleOf(answer, context.now())
  const isFinal = trouble.kind === 'refused' && trouble.reason.code === 'account_closed'
  return { kind: isFinal ? 'dead' : 'unavailable', message: trouble.reason.message }
}

function readSession(context: VerbContext, token: string): Promise<Answer> {
  return callServer(context, {
    method: 'GET',
    operation: 'com.atproto.server.getSession',
    endpointClass: 'session.read',
    dataClass: 'profile',
    purpose: 'connect',
    token,
  })
}

/** Nothing that opens a whole account is left behind; where that fails, it ends by itself. */
async function endSession(context: VerbContext, refreshToken: string): Promise<void> {
  try {
    await callServer(context, {
      method: 'POST',
      operation: 'com.atproto.server.deleteSession',
      endpointClass: 'session.refresh',
      dataClass: 'none',
      purpose: 'connect',
      token: refreshToken,
    })
  } catch (cause) {
    if (!(cause instanceof NoAnswer)) throw cause
  }
}

function refused(message: string, remedy: string): LitfassError {
  return new LitfassError('connection_refused', message.replace(/\.$/, ''), { remedy })
}

function refusedBySilence(cause: unknown): never {
  if (!(cause instanceof NoAnswer)) throw cause
  throw new LitfassError('connection_refused', 'The Bluesky server did not answer', {
    remedy: 'Check its address, and try again in a few minutes.',
    cause,
  })
}

function signInRefused(answer: Answer, hosts: NetworkHosts, now: Date): LitfassError {
  const { error } = errorOf(answer)
  if (error === 'AuthFactorTokenRequired')
    return refused('This account asks for a code as well', 'Use an app password, which needs no code.')
  if (error === 'AuthenticationRequired')
    return refused(
      `${new URL(hosts.apiUrl).host} does not know this handle with this app password`,
      'Check both; where its server is not found by the handle, type its address.',
    )
  if (answer.status < 300 || error === '')
    return refused(`${new URL(hosts.apiUrl).host} is no Bluesky server`, 'Check the address of the server.')
  return refused(troubleOf(answer, now).reason.message, 'Fix what it says, then sign in again.')
}

function sessionCheck(answer: Answer, channel: ChannelAccess, now: Date): Check {
  const who = whoSchema.safeParse(answer.json)
  if (answer.status !== 200 || !who.success) {
    const { reason } = troubleOf(answer, now)
    return { name: 'token', ok: false, message: reason.message, remedy: 'Connect the account again.' }
  }
  if (who.data.did !== channel.remoteId) {
    const message = 'The sign-in belongs to another account.'
    return { name: 'token', ok: false, message, remedy: 'Connect the right account.' }
  }
  if (who.data.active === false) {
    const message = `The account is not active (${who.data.status ?? 'no reason given'}).`
    return { name: 'token', ok: false, message, remedy: 'Look on Bluesky what happened to it.' }
  }
  return { name: 'token', ok: true, message: `Bluesky accepts the sign-in of @${who.data.handle}.` }
}

/** A privileged app password may do this as well. */
function scopeCheck(channel: ChannelAccess): Check {
  if (channel.scopes.some((scope) => scope.startsWith(neededScope)))
    return { name: 'scopes', ok: true, message: 'The sign-in is that of an app password.' }
  const message = 'The sign-in is not that of an app password.'
  return { name: 'scopes', ok: false, message, remedy: 'Sign in again with an app password.' }
}
