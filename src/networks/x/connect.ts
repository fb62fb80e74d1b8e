/** Signing in to X: OAuth 2.0 with PKCE, two-hour access tokens and refresh tokens that work once. */
import { LitfassError } from '#domain/errors.ts'
import type {
  AppCredentials,
  ChannelAccess,
  Check,
  Connected,
  Grant,
  Network,
  VerbContext,
} from '../contract.ts'
import { type Answer, NoAnswer } from '../metered-fetch.ts'
import { billedItems, callX, tokenSchema, userSchema } from './api.ts'
import { neededScopes } from './definition.ts'
import { troubleOf } from './errors.ts'

export const connect: Network['connect'] = async (context, exchange) => {
  const answer = await askToken(context, exchange.app, {
    grant_type: 'authorization_code',
    code: exchange.code,
    redirect_uri: exchange.redirectUri,
    code_verifier: exchange.codeVerifier ?? '',
  }).catch(refusedByNetwork)
  const grant = answer.status < 300 ? grantOf(answer, context.now()) : null
  if (!grant) {
    throw new LitfassError('connection_refused', `X did not accept the sign-in (status ${answer.status}).`, {
      remedy: 'Start again: a code of X lives 30 seconds. If it fails again, check the app’s id and secret.',
    })
  }
  return connected(context, grant)
}

export const adopt: Network['adopt'] = (context, grant) => connected(context, grant)

/** The answer may be lost after X rotated the token; then the next refresh says `dead`, which is true. */
export const refresh: Network['refresh'] = async (context, grant, app) => {
  if (grant.refreshToken === undefined) {
    if (!grant.accessExpiresAt) return { kind: 'not-needed' }
    return { kind: 'dead', message: 'X gave no refresh token. Connect the account again.' }
  }
  let answer: Answer
  try {
    answer = await askToken(context, app, { grant_type: 'refresh_token', refresh_token: grant.refreshToken })
  } catch (cause) {
    if (!(cause instanceof NoAnswer)) throw cause
    return { kind: 'unavailable', message: 'X did not answer.' }
  }
  const renewed = answer.status < 300 ? grantOf(answer, context.now(), grant) : null
  if (renewed) return { kind: 'refreshed', grant: renewed }
  if (answer.status === 400)
    return { kind: 'dead', message: 'X ended this sign-in. Connect the account again.' }
  if (answer.status === 401)
    return { kind: 'unavailable', message: 'X does not accept the app’s id and secret. Check both.' }
  return { kind: 'unavailable', message: `X does not work at the moment (status ${answer.status}).` }
}

export const check: Network['check'] = async (context, channel) => {
  const scopes = scopeCheck(channel)
  try {
    const answer = await readMe(context, channel.accessToken)
    return [tokenCheck(answer, channel, context.now()), scopes]
  } catch (cause) {
    if (!(cause instanceof NoAnswer)) throw cause
    const message = 'X did not answer.'
    return [{ name: 'token', ok: false, message, remedy: 'Try again in a few minutes.' }, scopes]
  }
}

function tokenCheck(answer: Answer, channel: ChannelAccess, now: Date): Check {
  const parsed = userSchema.safeParse(answer.json)
  if (answer.status === 200 && parsed.success && parsed.data.data.id === channel.remoteId)
    return { name: 'token', ok: true, message: `X accepts the sign-in of @${parsed.data.data.username}.` }
  if (answer.status === 200)
    return {
      name: 'token',
      ok: false,
      message: 'The sign-in belongs to another account.',
      remedy: 'Connect the right account.',
    }
  const { reason } = troubleOf(answer, now)
  return { name: 'token', ok: false, message: reason.message, remedy: 'Do what the message says.' }
}

function scopeCheck(channel: ChannelAccess): Check {
  const missing = neededScopes.filter((scope) => !channel.scopes.includes(scope))
  if (missing.length === 0) return { name: 'scopes', ok: true, message: 'All needed scopes are granted.' }
  const message = `Scopes are missing: ${missing.join(', ')}.`
  return { name: 'scopes', ok: false, message, remedy: 'Connect the account again and allow everything.' }
}

/** A confidential client proves itself in the header; a public one only names itself. */
function askToken(
  context: VerbContext,
  app: AppCredentials,
  fields: Record<string, string>,
): Promise<Answer> {
  const basic = Buffer.from(`${app.clientId}:${app.clientSecret}`).toString('base64')
  const isPublic = app.clientSecret === ''
  return context.fetch({
    method: 'POST',
    url: context.hosts.tokenUrl,
    endpointClass: 'oauth.token',
    dataClass: 'none',
    purpose: 'connect',
    ...(isPublic ? {} : { headers: { authorization: `Basic ${basic}` } }),
    body: new URLSearchParams(isPublic ? { ...fields, client_id: app.clientId } : fields),
  })
}

function grantOf(answer: Answer, now: Date, before?: Grant): Grant | null {
  const parsed = tokenSchema.safeParse(answer.json)
  if (!parsed.success) return null
  const { access_token, refresh_token, expires_in, scope } = parsed.data
  const refreshToken = refresh_token ?? before?.refreshToken
  return {
    accessToken: access_token,
    ...(refreshToken === undefined ? {} : { refreshToken }),
    accessExpiresAt: new Date(now.getTime() + (expires_in ?? 7_200) * 1_000),
    scopes: scope === undefined ? (before?.scopes ?? neededScopes) : scope.split(' '),
  }
}

export function readMe(
  context: VerbContext,
  accessToken: string,
  purpose: 'connect' | 'measure' = 'connect',
): Promise<Answer> {
  return callX(context, accessToken, {
    method: 'GET',
    path: '/2/users/me?user.fields=public_metrics',
    endpointClass: 'user.read',
    dataClass: 'profile',
    purpose,
    countItems: billedItems,
    mostItems: 1,
  })
}

async function connected(context: VerbContext, grant: Grant): Promise<Connected> {
  const answer = await readMe(context, grant.accessToken).catch(refusedByNetwork)
  const parsed = userSchema.safeParse(answer.json)
  if (answer.status !== 200 || !parsed.success) {
    const message =
      answer.status === 200 ? 'X gave no account.' : troubleOf(answer, context.now()).reason.message
    throw new LitfassError('connection_refused', message, { remedy: 'Fix what X says, then connect again.' })
  }
  const { id, name, username } = parsed.data.data
  const url = new URL(`/${username}`, context.hosts.authorizeUrl).href
  return {
    grant,
    account: { remoteId: id, name: `@${username}` },
    channels: [{ remoteId: id, kind: 'profile', name, handle: username, url }],
    isComplete: true,
  }
}

function refusedByNetwork(cause: unknown): never {
  if (!(cause instanceof NoAnswer)) throw cause
  throw new LitfassError('connection_refused', 'X did not answer.', {
    remedy: 'Try again in a few minutes.',
    cause,
  })
}
