/** Signing in: code, short token, long token, pages with tokens of their own. */
import { LitfassError } from '#domain/errors.ts'
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
import { NoAnswer, type Answer } from '../metered-fetch.ts'
import {
  accountsAnswer,
  countRows,
  debugAnswer,
  graph,
  meAnswer,
  pageAnswer,
  permissionsAnswer,
  tokenAnswer,
  versioned,
} from './api.ts'
import { publishScopes } from './definition.ts'
import { messageOf } from './errors.ts'

export function authorizeUrl(
  login: LoginMethod,
  hosts: NetworkHosts,
  version: string,
  request: AuthorizeRequest,
): string {
  const query = new URLSearchParams({
    client_id: request.app.clientId,
    redirect_uri: request.redirectUri,
    state: request.state,
    response_type: 'code',
    scope: login.scopes.join(','),
    ...login.consentParams,
  })
  return `${versioned(hosts.authorizeUrl, version)}?${query}`
}

function refused(message: string, cause?: unknown): LitfassError {
  return new LitfassError('connection_refused', message, {
    remedy: 'Start the connection again and grant every permission asked for.',
    ...(cause === undefined ? {} : { cause }),
  })
}

async function answered(call: Promise<Answer>, now: Date): Promise<Answer> {
  const answer = await call.catch((cause: unknown) => {
    if (cause instanceof NoAnswer) throw refused(`Facebook did not answer: ${cause.message}.`, cause)
    throw cause
  })
  if (answer.status >= 400 || graphError(answer)) throw refused(messageOf(answer, now))
  return answer
}

export async function connect(context: VerbContext, exchange: CodeExchange): Promise<Connected> {
  const short = await tokenFrom(context, 'POST', {
    client_id: exchange.app.clientId,
    client_secret: exchange.app.clientSecret,
    redirect_uri: exchange.redirectUri,
    code: exchange.code,
  })
  // A page token has no expiry date only when it is made from a long-lived token of the person.
  const long = await tokenFrom(context, 'GET', {
    grant_type: 'fb_exchange_token',
    client_id: exchange.app.clientId,
    client_secret: exchange.app.clientSecret,
    fb_exchange_token: short.access_token,
  })
  return adopt(context, { accessToken: long.access_token, scopes: [] }, exchange.app)
}

/** The long exchange is documented as GET only, so its secret stands in the address; it is sent once. */
async function tokenFrom(context: VerbContext, method: 'GET' | 'POST', fields: Record<string, string>) {
  const url = versioned(context.hosts.tokenUrl, context.version)
  const form = new URLSearchParams(fields)
  const call = context.fetch({
    method,
    url: method === 'GET' ? `${url}?${form}` : url,
    endpointClass: 'token.create',
    dataClass: 'none',
    purpose: 'connect',
    ...(method === 'POST' ? { body: form } : {}),
  })
  const parsed = tokenAnswer.safeParse((await answered(call, context.now())).json)
  if (!parsed.success) throw refused('Facebook gave no token.')
  return parsed.data
}

/**
 * The grant carries no expiry: only the person's token ends after 60 days, and publishing uses page tokens,
 * which live until an event ends them. Data access of page permissions does not lapse either. Source:
 * long-lived tokens and data access on developers.facebook.com, read 2026-11-23.
 */
export async function adopt(
  context: VerbContext,
  grant: Grant,
  _app: AppCredentials | null,
): Promise<Connected> {
  const read = (path: string, query: Record<string, string>) =>
    answered(
      graph(context, {
        method: 'GET',
        path,
        query,
        token: grant.accessToken,
        endpointClass: 'account.read',
        dataClass: 'profile',
        purpose: 'connect',
        countItems: countRows,
      }),
      context.now(),
    )
  const me = meAnswer.safeParse((await read('/me', { fields: 'id,name' })).json)
  if (!me.success) throw refused('Facebook did not say who signed in.')
  const permissions = permissionsAnswer.safeParse((await read('/me/permissions', {})).json)
  const scopes = permissions.success
    ? permissions.data.data.filter((row) => row.status === 'granted').map((row) => row.permission)
    : [...grant.scopes]
  const missing = publishScopes.filter((scope) => !scopes.includes(scope))
  if (missing.length > 0) throw refused(`These permissions were not granted: ${missing.join(', ')}.`)
  const { channels, isComplete } = await pagesOf(read, scopes)
  if (channels.length === 0) throw refused('This account may publish to no Facebook page.')
  return {
    grant: { ...grant, scopes },
    account: { remoteId: me.data.id, name: me.data.name },
    channels,
    isComplete,
  }
}

async function pagesOf(
  read: (path: string, query: Record<string, string>) => Promise<Answer>,
  scopes: readonly string[],
): Promise<Pick<Connected, 'channels' | 'isComplete'>> {
  const readOwn: ReadList = async (path, query) => {
    const { json } = await read(path, query)
    if (!accountsAnswer.safeParse(json).success) throw refused('Facebook gave no list of pages.')
    return json
  }
  const readMore: ReadList = async (path, query) =>
    read(path, query).then(
      ({ json }) => json,
      (cause: unknown) => {
        if (cause instanceof LitfassError) return null
        throw cause
      },
    )
  const { pages, isComplete } = await reachedPages(
    'id,name,access_token,tasks',
    readOwn,
    scopes.includes('business_management') ? readMore : null,
  )
  const channels = pages.flatMap(({ id, name, access_token: accessToken, tasks }): RemoteChannel[] =>
    accessToken === undefined || !mayPublish(tasks)
      ? []
      : [{ remoteId: id, kind: 'page', name, url: `https://www.facebook.com/${id}`, accessToken }],
  )
  return { channels, isComplete }
}

function mayPublish(tasks: readonly string[] | undefined): boolean {
  return tasks === undefined || tasks.includes('CREATE_CONTENT') || tasks.includes('MANAGE')
}

/** There is nothing to refresh: page tokens do not age, and the person's token is renewed by a new login only. */
export async function refresh(): Promise<RefreshOutcome> {
  return { kind: 'not-needed' }
}

export async function check(context: VerbContext, channel: ChannelAccess): Promise<Check[]> {
  try {
    return [...(await checkToken(context, channel)), await checkPage(context, channel)]
  } catch (cause) {
    if (!(cause instanceof NoAnswer)) throw cause
    const remedy = 'Try again in a few minutes.'
    return [{ name: 'network', ok: false, message: `Facebook did not answer: ${cause.message}.`, remedy }]
  }
}

const connectAgain = 'Connect the account again and grant every permission asked for.'

async function checkToken(context: VerbContext, channel: ChannelAccess): Promise<Check[]> {
  const answer = await graph(context, {
    method: 'GET',
    path: '/debug_token',
    query: { input_token: channel.accessToken },
    token: channel.accessToken,
    endpointClass: 'account.read',
    purpose: 'connect',
  })
  const parsed = debugAnswer.safeParse(answer.json)
  // Meta may keep this look to the app itself; then the read of the page below has to tell.
  if (!parsed.success) return [scopesCheck(channel.scopes), figuresCheck(channel.scopes)]
  const { is_valid: ok, scopes } = parsed.data.data
  const known = scopes ?? channel.scopes
  const token: Check = ok
    ? { name: 'token', ok, message: 'The page token is valid.' }
    : { name: 'token', ok, message: 'The page token is not valid any more.', remedy: connectAgain }
  return [token, scopesCheck(known), figuresCheck(known)]
}

function scopesCheck(scopes: readonly string[]): Check {
  const missing = publishScopes.filter((scope) => !scopes.includes(scope))
  if (missing.length === 0)
    return { name: 'scopes', ok: true, message: 'Every permission to publish is there.' }
  const message = `These permissions are missing: ${missing.join(', ')}.`
  return { name: 'scopes', ok: false, message, remedy: connectAgain }
}

function figuresCheck(scopes: readonly string[]): Check {
  if (scopes.includes('read_insights')) return { name: 'figures', ok: true, message: 'Figures can be read.' }
  const message = 'Posts go out, but figures need the permission read_insights.'
  return { name: 'figures', ok: false, message, remedy: connectAgain }
}

async function checkPage(context: VerbContext, channel: ChannelAccess): Promise<Check> {
  const answer = await graph(context, {
    method: 'GET',
    path: `/${channel.remoteId}`,
    query: { fields: 'id,name' },
    token: channel.accessToken,
    endpointClass: 'page.read',
    dataClass: 'profile',
    purpose: 'connect',
  })
  const page = pageAnswer.safeParse(answer.json)
  if (answer.status < 400 && page.success)
    return { name: 'page', ok: true, message: `The page “${page.data.name}” can be reached.` }
  return { name: 'page', ok: false, message: messageOf(answer, context.now()), remedy: connectAgain }
}
