/** Signing in by either login, renewing, and saying in plain words whether a channel is ready. */
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
import { debugAnswer, tokenAnswer } from '../graph-call.ts'
import { type ReadList, reachedPages } from '../graph-pages.ts'
import {
  askOauth,
  authorizeUrlOf,
  endOfToken,
  grantAsTold,
  longTokenOf,
  quotaCheck,
  readGraph,
  refusedBecause,
  renewOwnToken,
  scopeCheck,
  tokenCheck,
  type TokenNetwork,
  versionCheck,
} from '../graph-tokens.ts'
import { facebookMe, graph, instagramCodeAnswer, instagramMe, pageList } from './api.ts'
import { definition, facebookLogin } from './definition.ts'
import { instagramRows } from './errors.ts'

const network: TokenNetwork = { name: definition.name, rows: instagramRows, graph }
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
  return authorizeUrlOf(base, login, request)
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

async function instagramGrant(context: VerbContext, exchange: CodeExchange): Promise<Grant> {
  const { short, ...token } = await longTokenOf(
    network,
    context,
    instagramCodeAnswer,
    exchange,
    'ig_exchange_token',
  )
  const { permissions = context.login.scopes } = short
  return { ...token, scopes: typeof permissions === 'string' ? permissions.split(',') : permissions }
}

async function adoptInstagram(context: VerbContext, grant: Grant): Promise<Connected> {
  const account = await readGraph(network, context, instagramMe, grant.accessToken, '/me', {
    fields: 'id,user_id,username,name,account_type',
  })
  const channel = channelOf(account.user_id, account.username)
  return {
    grant,
    account: {
      remoteId: account.user_id,
      name: account.username,
      ...(account.id === undefined ? {} : { callbackId: account.id }),
    },
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
  const short = await askOauth(network, context, tokenAnswer, {
    method: 'GET',
    url: `${url}?${codeQuery.toString()}`,
  })
  const longQuery = new URLSearchParams({
    ...client,
    grant_type: 'fb_exchange_token',
    fb_exchange_token: short.access_token,
  })
  const long = await askOauth(network, context, tokenAnswer, {
    method: 'GET',
    url: `${url}?${longQuery.toString()}`,
  })
  return {
    accessToken: long.access_token,
    accessExpiresAt: endOfToken(context, long.expires_in),
    scopes: context.login.scopes,
  }
}

async function adoptFacebook(
  context: VerbContext,
  grant: Grant,
  app: AppCredentials | null,
): Promise<Connected> {
  const known = app ? await inspected(context, grant, app) : grant
  const person = await readGraph(network, context, facebookMe, grant.accessToken, '/me', {
    fields: 'id,name',
  })
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
  const told = await askOauth(network, context, debugAnswer, {
    method: 'GET',
    url: `${context.hosts.apiUrl}/${context.version}/debug_token?${query.toString()}`,
  })
  const known = grantAsTold(grant, told)
  if (!known) throw refusedBecause('The token is not valid any more')
  return known
}

/** Instagram accounts behind the person's pages, each acted for with its page's own token. */
async function linkedAccounts(
  context: VerbContext,
  { accessToken, scopes }: Grant,
): Promise<Pick<Connected, 'channels' | 'isComplete'>> {
  const readOwn: ReadList = (path, params) => readGraph(network, context, pageList, accessToken, path, params)
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
  return isFacebook(context.login)
    ? refreshFacebook(context, grant)
    : renewOwnToken(network, context, grant, 'ig_refresh_token')
}

/** There is nothing to renew with: page tokens have no end, and data access is renewed by a person only. */
function refreshFacebook(context: VerbContext, grant: Grant): RefreshOutcome {
  const ends = grant.dataAccessExpiresAt
  if (ends && ends <= context.now()) {
    return { kind: 'dead', message: 'The 90 days of data access are over. Sign in with Facebook again.' }
  }
  return { kind: 'not-needed' }
}

// --- Readiness ---------------------------------------------------------------------------------------

export async function check(context: VerbContext, channel: ChannelAccess): Promise<Check[]> {
  // With Instagram Login the account reads itself as `me`.
  const path = isFacebook(context.login) ? `/${channel.remoteId}` : '/me'
  const token = await tokenCheck(network, context, channel, path)
  const checks = [token, scopeCheck(context, channel, ['business_management'])]
  if (token.ok)
    checks.push(await quotaCheck(network, context, channel, 'content_publishing_limit', assumedQuota))
  return [...checks, versionCheck(definition, context)]
}
