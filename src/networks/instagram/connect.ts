/** Signing in by either login, renewing, and saying in plain words whether a channel is ready. */
import { LitfassError } from '#domain/errors.ts'
import type { z } from 'zod'
import type {
  AppCredentials,
  AuthorizeRequest,
  ChannelAccess,
  Check,
  CodeExchange,
  Connected,
  Grant,
  LoginMethod,
  NetworkHosts,
  RefreshOutcome,
  RemoteChannel,
  VerbContext,
} from '../contract.ts'
import { graphError } from '../graph.ts'
import { type ReadList, reachedPages } from '../graph-pages.ts'
import { NoAnswer, type Answer, type Call } from '../metered-fetch.ts'
import {
  accountAnswer,
  debugAnswer,
  facebookMe,
  graph,
  instagramCodeAnswer,
  instagramMe,
  pageList,
  quotaAnswer,
  tokenAnswer,
} from './api.ts'
import { definition, facebookLogin } from './definition.ts'
import { outcomeOf } from './errors.ts'

const dayMs = 86_400_000
const longLifeMs = 60 * dayMs
const assumedQuota = 50

function isFacebook(login: LoginMethod): boolean {
  return login.id === facebookLogin.id
}

/** Facebook's addresses carry the API version right before their fixed tail. */
function versioned(url: string, tail: string, version: string): string {
  return url.endsWith(tail) ? `${url.slice(0, -tail.length)}/${version}${tail}` : url
}

export function authorizeUrl(
  login: LoginMethod,
  hosts: NetworkHosts,
  version: string,
  request: AuthorizeRequest,
): string {
  const base = isFacebook(login)
    ? versioned(hosts.authorizeUrl, '/dialog/oauth', version)
    : hosts.authorizeUrl
  const url = new URL(base)
  url.searchParams.set('client_id', request.app.clientId)
  url.searchParams.set('redirect_uri', request.redirectUri)
  url.searchParams.set('response_type', 'code')
  url.searchParams.set('scope', login.scopes.join(','))
  url.searchParams.set('state', request.state)
  for (const [name, value] of Object.entries(login.consentParams ?? {})) url.searchParams.set(name, value)
  return url.href
}

export async function connect(context: VerbContext, exchange: CodeExchange): Promise<Connected> {
  // Instagram hangs `#_` behind the redirect, which is no part of the code.
  const code = exchange.code.replace(/#_$/, '')
  const grant = isFacebook(context.login)
    ? await facebookGrant(context, { ...exchange, code })
    : await instagramGrant(context, { ...exchange, code })
  return adopt(context, grant, exchange.app)
}

export async function adopt(
  context: VerbContext,
  grant: Grant,
  app: AppCredentials | null,
): Promise<Connected> {
  return isFacebook(context.login) ? adoptFacebook(context, grant, app) : adoptInstagram(context, grant)
}

// --- Instagram Login ---------------------------------------------------------------------------------

async function instagramGrant(
  context: VerbContext,
  { app, redirectUri, code }: CodeExchange,
): Promise<Grant> {
  const short = await ask(context, instagramCodeAnswer, {
    method: 'POST',
    url: context.hosts.tokenUrl,
    body: new URLSearchParams({
      client_id: app.clientId,
      client_secret: app.clientSecret,
      grant_type: 'authorization_code',
      redirect_uri: redirectUri,
      code,
    }),
  })
  const query = new URLSearchParams({
    grant_type: 'ig_exchange_token',
    client_secret: app.clientSecret,
    access_token: short.access_token,
  })
  const long = await ask(context, tokenAnswer, {
    method: 'GET',
    url: `${context.hosts.apiUrl}/access_token?${query.toString()}`,
  })
  const { permissions = context.login.scopes } = short
  return {
    accessToken: long.access_token,
    accessExpiresAt: endOf(context, long.expires_in),
    scopes: typeof permissions === 'string' ? permissions.split(',') : permissions,
  }
}

function endOf(context: VerbContext, seconds: number | undefined): Date {
  return new Date(context.now().getTime() + (seconds === undefined ? longLifeMs : seconds * 1_000))
}

async function adoptInstagram(context: VerbContext, grant: Grant): Promise<Connected> {
  const account = await read(context, instagramMe, grant.accessToken, '/me', {
    fields: 'user_id,username,name,account_type',
  })
  const channel = channelOf(account.user_id, account.username)
  return {
    grant,
    account: { remoteId: account.user_id, name: account.username },
    channels: [channel],
    isComplete: true,
  }
}

function channelOf(remoteId: string, username: string): RemoteChannel {
  const url = `https://www.instagram.com/${username}/`
  return { remoteId, kind: 'profile', name: username, handle: username, url }
}

// --- Facebook Login ----------------------------------------------------------------------------------

async function facebookGrant(context: VerbContext, { app, redirectUri, code }: CodeExchange): Promise<Grant> {
  const url = versioned(context.hosts.tokenUrl, '/oauth/access_token', context.version)
  const client = { client_id: app.clientId, client_secret: app.clientSecret }
  const codeQuery = new URLSearchParams({ ...client, redirect_uri: redirectUri, code })
  const short = await ask(context, tokenAnswer, { method: 'GET', url: `${url}?${codeQuery.toString()}` })
  const longQuery = new URLSearchParams({
    ...client,
    grant_type: 'fb_exchange_token',
    fb_exchange_token: short.access_token,
  })
  const long = await ask(context, tokenAnswer, { method: 'GET', url: `${url}?${longQuery.toString()}` })
  return {
    accessToken: long.access_token,
    accessExpiresAt: endOf(context, long.expires_in),
    scopes: context.login.scopes,
  }
}

async function adoptFacebook(
  context: VerbContext,
  grant: Grant,
  app: AppCredentials | null,
): Promise<Connected> {
  const known = app ? await inspected(context, grant, app) : grant
  const person = await read(context, facebookMe, grant.accessToken, '/me', { fields: 'id,name' })
  const { channels, isComplete } = await linkedAccounts(context, known)
  if (channels.length === 0) {
    throw new LitfassError(
      'connection_refused',
      'No Instagram account is linked to a Facebook page of yours',
      {
        remedy: 'Link a professional Instagram account to a page and allow both when you sign in again.',
      },
    )
  }
  return {
    grant: known,
    account: { remoteId: person.id, name: person.name ?? person.id },
    channels,
    isComplete,
  }
}

/**
 * The scopes really given, and when data access ends.
 *
 * No `instagram_*` permission is exempt from the 90 days, so such a connection dies silently while its page
 * lives on (developers.facebook.com, authentication versus data access, 2026-11-23).
 */
async function inspected(context: VerbContext, grant: Grant, app: AppCredentials): Promise<Grant> {
  const query = new URLSearchParams({
    input_token: grant.accessToken,
    access_token: `${app.clientId}|${app.clientSecret}`,
  })
  const { data } = await ask(context, debugAnswer, {
    method: 'GET',
    url: `${context.hosts.apiUrl}/${context.version}/debug_token?${query.toString()}`,
  })
  if (data.is_valid === false) throw refusedBecause('The token is not valid any more')
  return {
    ...grant,
    scopes: data.scopes ?? grant.scopes,
    ...(data.expires_at ? { accessExpiresAt: new Date(data.expires_at * 1_000) } : {}),
    ...(data.data_access_expires_at
      ? { dataAccessExpiresAt: new Date(data.data_access_expires_at * 1_000) }
      : {}),
  }
}

/** Instagram accounts behind the person's pages, each acted for with its page's own token. */
async function linkedAccounts(
  context: VerbContext,
  { accessToken, scopes }: Grant,
): Promise<Pick<Connected, 'channels' | 'isComplete'>> {
  const readOwn: ReadList = (path, params) => read(context, pageList, accessToken, path, params)
  const readMore: ReadList = (path, params) =>
    readOwn(path, params).catch((cause: unknown) => {
      if (cause instanceof LitfassError) return null
      throw cause
    })
  const { pages, isComplete } = await reachedPages(
    'id,name,access_token,tasks,instagram_business_account{id,username}',
    readOwn,
    scopes.length === 0 || scopes.includes('business_management') ? readMore : null,
  )
  const channels = pages.flatMap(({ name, access_token: token, instagram_business_account: linked }) =>
    linked && token !== undefined
      ? [{ ...channelOf(linked.id, linked.username ?? name), accessToken: token }]
      : [],
  )
  return { channels, isComplete }
}

// --- Renewing ----------------------------------------------------------------------------------------

export async function refresh(
  context: VerbContext,
  grant: Grant,
  _app: AppCredentials,
): Promise<RefreshOutcome> {
  return isFacebook(context.login) ? refreshFacebook(context, grant) : refreshInstagram(context, grant)
}

/** There is nothing to renew with: page tokens have no end, and data access is renewed by a person only. */
function refreshFacebook(context: VerbContext, grant: Grant): RefreshOutcome {
  const ends = grant.dataAccessExpiresAt
  if (ends && ends <= context.now()) {
    return { kind: 'dead', message: 'The 90 days of data access are over. Sign in with Facebook again.' }
  }
  return { kind: 'not-needed' }
}

/** A token is renewed while it lives and only once it is 24 hours old; its age follows from its end. */
async function refreshInstagram(context: VerbContext, grant: Grant): Promise<RefreshOutcome> {
  const now = context.now().getTime()
  const endsAt = grant.accessExpiresAt?.getTime()
  if (endsAt !== undefined && endsAt <= now) {
    return { kind: 'dead', message: 'The token has expired. Sign in with Instagram again.' }
  }
  if (endsAt !== undefined && endsAt - now > longLifeMs - dayMs) return { kind: 'not-needed' }
  const query = new URLSearchParams({ grant_type: 'ig_refresh_token', access_token: grant.accessToken })
  let answer: Answer
  try {
    answer = await context.fetch({
      method: 'GET',
      url: `${context.hosts.apiUrl}/refresh_access_token?${query.toString()}`,
      ...oauthCall,
    })
  } catch (cause) {
    if (!(cause instanceof NoAnswer)) throw cause
    return { kind: 'unavailable', message: `Instagram did not answer: ${cause.message}.` }
  }
  const body = tokenAnswer.safeParse(answer.json)
  if (answer.status < 400 && body.success) {
    const { access_token: accessToken, expires_in: seconds } = body.data
    return { kind: 'refreshed', grant: { ...grant, accessToken, accessExpiresAt: endOf(context, seconds) } }
  }
  return refusedRefresh(context, answer)
}

function refusedRefresh(context: VerbContext, answer: Answer): RefreshOutcome {
  const outcome = outcomeOf(answer, context.now(), 'invisible')
  if (outcome.kind === 'refused' && outcome.fix === 'reauthorise') {
    return { kind: 'dead', message: outcome.reason.message }
  }
  const message = 'reason' in outcome ? outcome.reason.message : 'Instagram gave no usable answer.'
  return { kind: 'unavailable', message }
}

// --- Readiness ---------------------------------------------------------------------------------------

export async function check(context: VerbContext, channel: ChannelAccess): Promise<Check[]> {
  const checks = [await tokenCheck(context, channel), scopeCheck(context, channel)]
  if (checks[0]?.ok) checks.push(await quotaCheck(context, channel))
  checks.push(versionCheck(context))
  return checks
}

async function tokenCheck(context: VerbContext, channel: ChannelAccess): Promise<Check> {
  const name = 'token'
  const remedy = `Connect the account again with ${context.login.name}.`
  try {
    const account = await read(context, accountAnswer, channel.accessToken, channelPath(context, channel), {
      fields: 'username',
    })
    return { name, ok: true, message: `Instagram answers as ${account.username ?? channel.remoteId}.` }
  } catch (cause) {
    if (!(cause instanceof LitfassError)) throw cause
    return { name, ok: false, message: cause.message, remedy }
  }
}

/** With Instagram Login the account reads itself as `me`. */
function channelPath(context: VerbContext, channel: ChannelAccess): string {
  return isFacebook(context.login) ? `/${channel.remoteId}` : '/me'
}

function scopeCheck(context: VerbContext, channel: ChannelAccess): Check {
  const needed = context.login.scopes.filter((scope) => scope !== 'business_management')
  const missing = needed.filter((scope) => !channel.scopes.includes(scope))
  if (missing.length === 0) {
    return { name: 'scopes', ok: true, message: 'All permissions needed are given.' }
  }
  return {
    name: 'scopes',
    ok: false,
    message: `Missing permissions: ${missing.join(', ')}.`,
    remedy: 'Connect again and leave all permissions switched on.',
  }
}

async function quotaCheck(context: VerbContext, channel: ChannelAccess): Promise<Check> {
  const name = 'quota'
  try {
    const path = `/${channel.remoteId}/content_publishing_limit`
    const body = await read(context, quotaAnswer, channel.accessToken, path, { fields: 'config,quota_usage' })
    const used = body.data[0]?.quota_usage ?? 0
    const total = body.data[0]?.config?.quota_total ?? assumedQuota
    const message = `${used} of ${total} posts of the last 24 hours are used.`
    if (used < total) return { name, ok: true, message }
    return { name, ok: false, message, remedy: 'Wait until the oldest post is a day old.' }
  } catch (cause) {
    if (!(cause instanceof LitfassError)) throw cause
    return { name, ok: false, message: cause.message, remedy: 'Check the permission to publish.' }
  }
}

function versionCheck(context: VerbContext): Check {
  const name = 'version'
  const known = definition.version?.value
  const endsOn = known?.name === context.version ? known.endsOn : undefined
  const isNear = endsOn !== undefined && Date.parse(endsOn) - context.now().getTime() < 90 * dayMs
  const message = `API version ${context.version}${endsOn === undefined ? '' : ` is served until ${endsOn}`}.`
  if (!isNear) return { name, ok: true, message }
  return { name, ok: false, message, remedy: 'Update Litfass or set a newer API version.' }
}

// --- Asking ------------------------------------------------------------------------------------------

const oauthCall = { endpointClass: 'oauth', dataClass: 'account', purpose: 'connect' } as const

function read<T extends z.ZodType>(
  context: VerbContext,
  shape: T,
  accessToken: string,
  path: string,
  params: Record<string, string>,
): Promise<z.infer<T>> {
  return usable(shape, () =>
    graph(context, 'GET', accessToken, {
      path,
      params,
      endpointClass: 'account.read',
      dataClass: 'account',
      purpose: 'connect',
    }),
  )
}

function ask<T extends z.ZodType>(
  context: VerbContext,
  shape: T,
  call: Pick<Call, 'method' | 'url' | 'body'>,
): Promise<z.infer<T>> {
  return usable(shape, () => context.fetch({ ...call, ...oauthCall }))
}

async function usable<T extends z.ZodType>(shape: T, send: () => Promise<Answer>): Promise<z.infer<T>> {
  let answer: Answer
  try {
    answer = await send()
  } catch (cause) {
    if (cause instanceof NoAnswer) throw refusedBecause(`Instagram did not answer: ${cause.message}`, cause)
    throw cause
  }
  const body = shape.safeParse(answer.json)
  if (answer.status < 400 && body.success) return body.data
  throw refusedBecause(refusalText(answer))
}

/** The code endpoint of Instagram Login has an envelope of its own, with no `error` object. */
function refusalText(answer: Answer): string {
  const error = graphError(answer)
  if (error)
    return `Instagram refused the sign-in (code ${error.code}${error.subcode ? `/${error.subcode}` : ''})`
  return `Instagram refused the sign-in (HTTP ${answer.status})`
}

function refusedBecause(message: string, cause?: unknown): LitfassError {
  return new LitfassError('connection_refused', message, {
    remedy: 'Start the connection again; if it fails again, check the app id, secret and redirect address.',
    cause,
  })
}
