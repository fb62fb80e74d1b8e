/**
 * Signing in at any instance: Litfass registers an app there, and the account consents to it.
 *
 * Tokens do not end by themselves; they end when a person takes them back.
 */
import { LitfassError } from '#domain/errors.ts'
import type { Connected, Network, VerbContext } from '../contract.ts'
import { type Answer, NoAnswer } from '../metered-fetch.ts'
import { accountSchema, appSchema, callInstance, tokenSchema } from './api.ts'
import { neededScopes } from './definition.ts'
import { wordsOf } from './errors.ts'
import { ownLimits } from './limits.ts'

export const register: NonNullable<Network['register']> = async (context, redirectUri) => {
  const answer = await callInstance(context, {
    method: 'POST',
    path: '/api/v1/apps',
    endpointClass: 'app.register',
    dataClass: 'none',
    purpose: 'connect',
    body: { client_name: 'Litfass', redirect_uris: redirectUri, scopes: neededScopes.join(' ') },
  }).catch(refusedBySilence)
  const app = appSchema.safeParse(answer.json)
  if (answer.status >= 300 || !app.success) throw noInstance(context, answer)
  const credentials = { clientId: app.data.client_id, clientSecret: app.data.client_secret }
  // Versions before 4.3 delete an app within a day or so that was never given a token.
  await askToken(context, {
    grant_type: 'client_credentials',
    client_id: credentials.clientId,
    client_secret: credentials.clientSecret,
    redirect_uri: redirectUri,
  }).catch(refusedBySilence)
  return credentials
}

export const connect: Network['connect'] = async (context, exchange) => {
  const answer = await askToken(context, {
    grant_type: 'authorization_code',
    code: exchange.code,
    client_id: exchange.app.clientId,
    client_secret: exchange.app.clientSecret,
    redirect_uri: exchange.redirectUri,
    code_verifier: exchange.codeVerifier ?? '',
    scope: neededScopes.join(' '),
  }).catch(refusedBySilence)
  const token = tokenSchema.safeParse(answer.json)
  if (answer.status >= 300 || !token.success)
    throw refused(
      `The instance did not accept the sign-in (status ${answer.status})`,
      'Start again. A code works once and for a few minutes.',
    )
  const scopes = token.data.scope?.split(' ') ?? neededScopes
  return adopt(context, { accessToken: token.data.access_token, scopes }, exchange.app)
}

export const adopt: Network['adopt'] = async (context, grant): Promise<Connected> => {
  const answer = await readSelf(context, grant.accessToken).catch(refusedBySilence)
  const account = accountSchema.safeParse(answer.json)
  if (answer.status === 401 || answer.status === 403 || answer.status === 422)
    throw refused(
      'The instance does not accept this sign-in',
      `Connect the account again and allow ${neededScopes.join(', ')}.`,
    )
  if (answer.status !== 200 || !account.success) throw noInstance(context, answer)
  const { id, username, display_name, url } = account.data
  const handle = `${username}@${new URL(context.hosts.apiUrl).host}`
  const limits = await ownLimits(context)
  return {
    grant: grant.scopes.length > 0 ? grant : { ...grant, scopes: neededScopes },
    // An id is of one instance; the address tells accounts of all instances apart.
    account: { remoteId: url, name: `@${handle}` },
    channels: [{ remoteId: id, kind: 'profile', name: display_name || username, handle, url }],
    isComplete: true,
    ...(limits === null ? {} : { ownLimits: limits }),
  }
}

export const refresh: Network['refresh'] = async () => ({ kind: 'not-needed' })

export function readSelf(context: VerbContext, token: string): Promise<Answer> {
  return callInstance(context, {
    method: 'GET',
    path: '/api/v1/accounts/verify_credentials',
    endpointClass: 'account.read',
    dataClass: 'profile',
    purpose: 'connect',
    token,
  })
}

function askToken(context: VerbContext, form: Record<string, string>): Promise<Answer> {
  return context.fetch({
    method: 'POST',
    url: context.hosts.tokenUrl,
    endpointClass: 'token.create',
    dataClass: 'none',
    purpose: 'connect',
    body: new URLSearchParams(form),
  })
}

function refused(message: string, remedy: string): LitfassError {
  return new LitfassError('connection_refused', message, { remedy })
}

function noInstance(context: VerbContext, answer: Answer): LitfassError {
  const { host } = new URL(context.hosts.apiUrl)
  if (answer.status === 429) return refused(`${host} asks for a pause`, 'Try again in half an hour.')
  const said = wordsOf(answer)
  return refused(
    said === '' ? `${host} does not answer like a Mastodon instance` : `${host} refused: ${said}`,
    'Check the address of the instance; a handle ends with it, such as @name@mastodon.social.',
  )
}

function refusedBySilence(cause: unknown): never {
  if (!(cause instanceof NoAnswer)) throw cause
  throw new LitfassError('connection_refused', 'The instance did not answer', {
    remedy: 'Check its address, and try again in a few minutes.',
    cause,
  })
}
