/**
 * Tokens that renew themselves, as Instagram Login and Threads give them: one for an hour, exchanged for one of
 * 60 days, renewed while it lives. And the readiness checks that both have.
 */
import { LitfassError } from '#domain/errors.ts'
import { z } from 'zod'
import type {
  AppCredentials,
  ChannelAccess,
  Check,
  CodeExchange,
  Grant,
  NetworkDefinition,
  RefreshOutcome,
  VerbContext,
} from './contract.ts'
import { graphError, graphOutcome, type GraphErrorRow } from './graph.ts'
import { type debugAnswer, type GraphVerb, quotaAnswer, tokenAnswer } from './graph-call.ts'
import { NoAnswer, type Answer, type Call } from './metered-fetch.ts'

const dayMs = 86_400_000
const longLifeMs = 60 * dayMs

export type TokenNetwork = { name: string; rows: readonly GraphErrorRow[]; graph: GraphVerb }

const oauthCall = { endpointClass: 'oauth', dataClass: 'account', purpose: 'connect' } as const

/** A read as the person or the account. Throws `connection_refused` where there is no usable answer. */
export function readGraph<T extends z.ZodType>(
  network: TokenNetwork,
  context: VerbContext,
  shape: T,
  accessToken: string,
  path: string,
  params: Record<string, string>,
): Promise<z.infer<T>> {
  return usable(network, shape, () =>
    network.graph(context, 'GET', accessToken, {
      path,
      params,
      endpointClass: 'account.read',
      dataClass: 'account',
      purpose: 'connect',
    }),
  )
}

/** A call of the sign-in itself. */
export function askOauth<T extends z.ZodType>(
  network: TokenNetwork,
  context: VerbContext,
  shape: T,
  call: Pick<Call, 'method' | 'url' | 'body'>,
): Promise<z.infer<T>> {
  return usable(network, shape, () => context.fetch({ ...call, ...oauthCall }))
}

async function usable<T extends z.ZodType>(
  { name }: TokenNetwork,
  shape: T,
  send: () => Promise<Answer>,
): Promise<z.infer<T>> {
  let answer: Answer
  try {
    answer = await send()
  } catch (cause) {
    if (cause instanceof NoAnswer) throw refusedBecause(`${name} did not answer: ${cause.message}`, cause)
    throw cause
  }
  const body = shape.safeParse(answer.json)
  if (answer.status < 400 && body.success) return body.data
  const error = graphError(answer)
  const subcode = error?.subcode ? `/${error.subcode}` : ''
  const why = error ? `code ${error.code}${subcode}` : `HTTP ${answer.status}`
  throw refusedBecause(`${name} refused the sign-in (${why})`)
}

export function refusedBecause(message: string, cause?: unknown): LitfassError {
  return new LitfassError('connection_refused', message, {
    remedy: 'Start the connection again; if it fails again, check the app id, secret and redirect address.',
    cause,
  })
}

export function endOfToken(context: VerbContext, seconds: number | undefined): Date {
  return new Date(context.now().getTime() + (seconds === undefined ? longLifeMs : seconds * 1_000))
}

/** The grant with what Meta tells of its token. Null where the token is not valid. */
export function grantAsTold(grant: Grant, { data }: z.infer<typeof debugAnswer>): Grant | null {
  if (data.is_valid === false) return null
  const { scopes, expires_at: endsAt, data_access_expires_at: dataEndsAt } = data
  return {
    ...grant,
    scopes: scopes ?? grant.scopes,
    ...(endsAt ? { accessExpiresAt: new Date(endsAt * 1_000) } : {}),
    ...(dataEndsAt ? { dataAccessExpiresAt: new Date(dataEndsAt * 1_000) } : {}),
  }
}

/** The code for a token of an hour, and that one for a token of 60 days. */
export async function longTokenOf<T extends z.ZodType<{ access_token: string }>>(
  network: TokenNetwork,
  context: VerbContext,
  shape: T,
  { app, redirectUri, code }: CodeExchange,
  exchangeGrant: string,
): Promise<{ short: z.infer<T>; accessToken: string; accessExpiresAt: Date }> {
  const short = await askOauth(network, context, shape, {
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
    grant_type: exchangeGrant,
    client_secret: app.clientSecret,
    access_token: short.access_token,
  })
  const long = await askOauth(network, context, tokenAnswer, {
    method: 'GET',
    url: `${context.hosts.apiUrl}/access_token?${query.toString()}`,
  })
  return {
    short,
    accessToken: long.access_token,
    accessExpiresAt: endOfToken(context, long.expires_in),
  }
}

/** A token is renewed while it lives and only once it is 24 hours old; its age follows from its end. */
export async function renewOwnToken(
  network: TokenNetwork,
  context: VerbContext,
  grant: Grant,
  refreshGrant: string,
): Promise<RefreshOutcome> {
  const now = context.now().getTime()
  const endsAt = grant.accessExpiresAt?.getTime()
  if (endsAt !== undefined && endsAt <= now)
    return { kind: 'dead', message: `The token has expired. Sign in with ${network.name} again.` }
  if (endsAt !== undefined && endsAt - now > longLifeMs - dayMs) return { kind: 'not-needed' }
  const query = new URLSearchParams({ grant_type: refreshGrant, access_token: grant.accessToken })
  let answer: Answer
  try {
    const url = `${context.hosts.apiUrl}/refresh_access_token?${query.toString()}`
    answer = await context.fetch({ method: 'GET', url, ...oauthCall })
  } catch (cause) {
    if (!(cause instanceof NoAnswer)) throw cause
    return { kind: 'unavailable', message: `${network.name} did not answer: ${cause.message}.` }
  }
  const body = tokenAnswer.safeParse(answer.json)
  if (answer.status < 400 && body.success) {
    const { access_token: accessToken, expires_in: seconds } = body.data
    return {
      kind: 'refreshed',
      grant: { ...grant, accessToken, accessExpiresAt: endOfToken(context, seconds) },
    }
  }
  const outcome = graphOutcome(network.rows, answer, context.now(), 'invisible')
  const message = 'reason' in outcome ? outcome.reason.message : `${network.name} gave no usable answer.`
  const isDead = outcome.kind === 'refused' && outcome.fix === 'reauthorise'
  return { kind: isDead ? 'dead' : 'unavailable', message }
}

/** Scopes that may be missing without harm stand in `spare`. */
export function scopeCheck(context: VerbContext, channel: ChannelAccess, spare: readonly string[]): Check {
  const needed = context.login.scopes.filter((scope) => !spare.includes(scope))
  const missing = needed.filter((scope) => !channel.scopes.includes(scope))
  if (missing.length === 0) return { name: 'scopes', ok: true, message: 'All permissions needed are given.' }
  return {
    name: 'scopes',
    ok: false,
    message: `Missing permissions: ${missing.join(', ')}.`,
    remedy: 'Connect again and leave all permissions switched on.',
  }
}

const accountAnswer = z.looseObject({ username: z.string().optional() })

/** Reads the account at `path` to see whether the token is alive. */
export async function tokenCheck(
  network: TokenNetwork,
  context: VerbContext,
  channel: ChannelAccess,
  path: string,
): Promise<Check> {
  const name = 'token'
  return orRefused({ name, remedy: `Connect the account again with ${context.login.name}.` }, async () => {
    const params = { fields: 'username' }
    const account = await readGraph(network, context, accountAnswer, channel.accessToken, path, params)
    const username = account.username ?? channel.remoteId
    return { name, ok: true, message: `${network.name} answers as ${username}.` }
  })
}

/** How much of the daily number of posts is left. `assumed` holds where the answer says no total. */
export async function quotaCheck(
  network: TokenNetwork,
  context: VerbContext,
  channel: ChannelAccess,
  edge: string,
  assumed: number,
): Promise<Check> {
  const name = 'quota'
  return orRefused({ name, remedy: 'Check the permission to publish.' }, async () => {
    const path = `/${channel.remoteId}/${edge}`
    const params = { fields: 'config,quota_usage' }
    const body = await readGraph(network, context, quotaAnswer, channel.accessToken, path, params)
    const used = body.data[0]?.quota_usage ?? 0
    const total = body.data[0]?.config?.quota_total ?? assumed
    const message = `${used} of ${total} posts of the last 24 hours are used.`
    if (used < total) return { name, ok: true, message }
    return { name, ok: false, message, remedy: 'Wait until the oldest post is a day old.' }
  })
}

async function orRefused(
  { name, remedy }: { name: string; remedy: string },
  run: () => Promise<Check>,
): Promise<Check> {
  try {
    return await run()
  } catch (cause) {
    if (!(cause instanceof LitfassError)) throw cause
    return { name, ok: false, message: cause.message, remedy }
  }
}

export function versionCheck({ version }: NetworkDefinition, context: VerbContext): Check {
  const name = 'version'
  const known = version?.value
  const endsOn = known?.name === context.version ? known.endsOn : undefined
  const isNear = endsOn !== undefined && Date.parse(endsOn) - context.now().getTime() < 90 * dayMs
  const message = `API version ${context.version}${endsOn === undefined ? '' : ` is served until ${endsOn}`}.`
  if (!isNear) return { name, ok: true, message }
  return { name, ok: false, message, remedy: 'Update Litfass or set a newer API version.' }
}

export function authorizeUrlOf(
  base: string,
  { scopes, consentParams }: { scopes: readonly string[]; consentParams?: Readonly<Record<string, string>> },
  request: { app: AppCredentials; redirectUri: string; state: string },
): string {
  const url = new URL(base)
  url.searchParams.set('client_id', request.app.clientId)
  url.searchParams.set('redirect_uri', request.redirectUri)
  url.searchParams.set('response_type', 'code')
  url.searchParams.set('scope', scopes.join(','))
  url.searchParams.set('state', request.state)
  for (const [name, value] of Object.entries(consentParams ?? {})) url.searchParams.set(name, value)
  return url.href
}
