/** Signing in with a handle and an app password, keeping a session of either login alive, and its readiness. */
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
import { errorOf } from './error-body.ts'
import { isTokenDead, refused, troubleOf } from './errors.ts'
import { plainHandle } from './handle.ts'

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
  if (context.login.kind !== 'form' && grant.proofKey === undefined)
    throw refused(
      'A sign-in on Bluesky is bound to a key and cannot be brought along',
      'Connect the account in the browser.',
    )
  const answer = await readSession(atServer(context, grant.apiUrl), grant).catch(refusedBySilence)
  const who = whoSchema.safeParse(answer.json)
  if (answer.status !== 200) throw refused(troubleOf(answer, context.now()).reason.message, 'Sign in again.')
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
export async function refreshSession(
  context: VerbContext,
  grant: Grant & { refreshToken: string },
): Promise<RefreshOutcome> {
  try {
    const answer = await callServer(atServer(context, grant.apiUrl), {
      method: 'POST',
      operation: 'com.atproto.server.refreshSession',
      endpointClass: 'session.refresh',
      dataClass: 'profile',
      purpose: 'connect',
      access: { accessToken: grant.refreshToken },
    })
    return refreshed(answer, context, grant)
  } catch (cause) {
    if (!(cause instanceof NoAnswer)) throw cause
    return { kind: 'unavailable', message: 'The Bluesky server did not answer.' }
  }
}

export const check: Network['check'] = async (context, channel) => {
  const scopes = scopeCheck(context, channel)
  try {
    const answer = await readSession(context, channel)
    return [sessionCheck(answer, channel, context.now()), scopes]
  } catch (cause) {
    if (!(cause instanceof NoAnswer)) throw cause
    const message = 'The Bluesky server did not answer.'
    return [{ name: 'token', ok: false, message, remedy: 'Try again in a few minutes.' }, scopes]
  }
}

/** Never asked for: one login has a form, and the other's page is told by the server that shows it. */
export const noFixedPage = (): never => {
  throw new Error('there is no consent page at a fixed address')
}

export function atServer(context: VerbContext, apiUrl: string | undefined): VerbContext {
  return apiUrl === undefined ? context : { ...context, hosts: { ...context.hosts, apiUrl } }
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

function readSession(
  context: VerbContext,
  access: Pick<ChannelAccess, 'accessToken' | 'proofKey'>,
): Promise<Answer> {
  return callServer(context, {
    method: 'GET',
    operation: 'com.atproto.server.getSession',
    endpointClass: 'session.read',
    dataClass: 'profile',
    purpose: 'connect',
    access,
  })
}

/** Where that fails, it ends by itself. */
export async function endSession(context: VerbContext, refreshToken: string): Promise<void> {
  try {
    await callServer(context, {
      method: 'POST',
      operation: 'com.atproto.server.deleteSession',
      endpointClass: 'session.refresh',
      dataClass: 'none',
      purpose: 'connect',
      access: { accessToken: refreshToken },
    })
  } catch (cause) {
    if (!(cause instanceof NoAnswer)) throw cause
  }
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

function scopeCheck({ login }: VerbContext, channel: ChannelAccess): Check {
  if (login.kind !== 'form') {
    const missing = login.scopes.filter((scope) => !channel.scopes.includes(scope))
    if (missing.length === 0) return { name: 'scopes', ok: true, message: 'The sign-in may post and delete.' }
    const message = `The sign-in lacks ${missing.join(', ')}.`
    return { name: 'scopes', ok: false, message, remedy: 'Connect the account again and allow it.' }
  }
  // A privileged app password may do this as well.
  if (channel.scopes.some((scope) => scope.startsWith(neededScope)))
    return { name: 'scopes', ok: true, message: 'The sign-in is that of an app password.' }
  const message = 'The sign-in is not that of an app password.'
  return { name: 'scopes', ok: false, message, remedy: 'Sign in again with an app password.' }
}
