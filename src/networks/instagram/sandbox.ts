/**
 * Instagram's simulator: both logins, containers, quotas, insights and the ways it says no.
 *
 * One mount speaks for five hosts; the first path segment names the real one. Accounts and audiences are
 * fixed, so that a demonstration and a test see the same figures. Figures lag by some seconds instead of
 * up to 48 hours.
 *
 * Not simulated: video, reels and stories, resumable uploads, comments of others, mentions, collaborators, tags
 * and locations, aspect ratio and pixel checks, demographics, webhooks, business-owned pages, ads.
 */
import type { LoginMethod, NetworkHosts } from '../contract.ts'
import { graphErrors, sharedRefusal } from '../graph-sandbox.ts'
import {
  bearerOf,
  type CreateSandbox,
  type Effect,
  formOf,
  hash,
  jsonResponse,
  type RefusalKind,
  type SandboxRequest,
  type SandboxResponse,
  type WallPost,
} from '../sandbox-kit.ts'
import { definition } from './definition.ts'
import { instagramRows } from './errors.ts'
import { commentCall, wallComments } from './sandbox-comments.ts'
import { accountInsights, listMedia, mediaEdge, mediaFigures, mediaOf } from './sandbox-figures.ts'
import {
  containerLimit,
  containerStatus,
  createContainer,
  leftToPublish,
  publishContainer,
  publishLimit,
  usageHeaders,
} from './sandbox-publish.ts'
import {
  alive,
  authorize,
  debugToken,
  exchangeInstagram,
  facebookToken,
  instagramToken,
  issue,
  permissions,
  refreshInstagram,
} from './sandbox-sign-in.ts'
import {
  type Account,
  accountById,
  appScopedId,
  type Call,
  grantedPages,
  type LoginKind,
  mayUse,
  type Media,
  missing,
  notFound,
  openState,
  personById,
  professionalById,
  refuse,
  type State,
  studio,
  type Token,
} from './sandbox-state.ts'

/** The five real hosts, below the simulator's mount. */
export function sandboxHosts(login: LoginMethod, baseUrl: string): NetworkHosts {
  if (login.id === 'instagram-facebook') {
    return {
      apiUrl: `${baseUrl}/graph.facebook.com`,
      uploadUrl: `${baseUrl}/graph.facebook.com`,
      authorizeUrl: `${baseUrl}/www.facebook.com/dialog/oauth`,
      tokenUrl: `${baseUrl}/graph.facebook.com/oauth/access_token`,
    }
  }
  return {
    apiUrl: `${baseUrl}/graph.instagram.com`,
    uploadUrl: `${baseUrl}/graph.instagram.com`,
    authorizeUrl: `${baseUrl}/www.instagram.com/oauth/authorize`,
    tokenUrl: `${baseUrl}/api.instagram.com/oauth/access_token`,
  }
}

export const createSandbox: CreateSandbox = (context) => {
  const state = openState(context)
  return {
    id: definition.id,
    name: definition.name,
    color: definition.color,
    handle: async (request) => {
      const [, host = '', rest = ''] = /^\/([^/]+)(\/.*)?$/.exec(request.path) ?? []
      const path = rest.replace(/^\/v\d+\.\d+(?=\/)/, '')
      switch (host) {
        case 'www.instagram.com':
        case 'www.facebook.com':
          return authorize(state, request, host === 'www.facebook.com' ? 'facebook-login' : 'instagram', path)
        case 'api.instagram.com':
          return path === '/oauth/access_token' ? instagramToken(state, request) : notFound('instagram')
        case 'graph.instagram.com':
          return graph(state, request, 'instagram', path)
        case 'graph.facebook.com':
          return graph(state, request, 'facebook-login', path)
        default:
          return notFound('instagram')
      }
    },
    wall: () => state.media.entries().map(([id, media]) => wallPost(state, id, media)),
    post: (remoteId) => {
      const media = state.media.get(remoteId)
      return media && wallPost(state, remoteId, media)
    },
    postAt: (path) => state.byShortcode.get(/^\/p\/(\w+)\/?$/.exec(path)?.[1] ?? ''),
    effectOf,
    versionOf: ({ path }) => /^\/[^/]+\/(v\d+\.\d+)\//.exec(path)?.[1],
    errors: graphErrors(instagramRows, (row, request) =>
      refuse(loginOf(request), { ...row, message: row.meaning }),
    ),
    refuse: (kind, request) => refusal(kind, request),
    killTokens: (accountId) => {
      for (const [key, token] of state.tokens.entries()) {
        const isMeant = [undefined, token.ownerId, token.accountId].includes(accountId)
        if (isMeant || accountId === usernameOf(token)) state.tokens.set(key, { ...token, dead: true })
      }
    },
    setQuota: (remaining) =>
      remaining === null ? state.quota.delete('publish') : state.quota.set('publish', remaining),
    kept: ['tokens', 'counters'],
  }
}

async function graph(
  state: State,
  request: SandboxRequest,
  login: LoginKind,
  path: string,
): Promise<SandboxResponse> {
  const params = new URLSearchParams(request.query)
  if (request.method === 'POST') for (const [name, value] of formOf(request)) params.set(name, value)
  if (login === 'instagram' && path === '/access_token') return exchangeInstagram(state, params)
  if (login === 'instagram' && path === '/refresh_access_token') return refreshInstagram(state, params)
  if (login === 'facebook-login' && path === '/oauth/access_token') return facebookToken(state, params)
  if (login === 'facebook-login' && path === '/debug_token') return debugToken(state, params)

  const token = alive(state, login, params.get('access_token') ?? bearerOf(request) ?? '')
  if ('status' in token) return token
  const call: Call = { state, login, token, params, request }
  const [, id = '', edge = ''] = /^\/([^/]+)(?:\/([^/]+))?$/.exec(path) ?? []
  if (edge === 'permissions' && [token.ownerId, 'me'].includes(id)) return permissions(call)
  if (id === 'me') return me(call, edge)
  if (token.dataAccessExpiresAt !== null && token.dataAccessExpiresAt <= state.now()) {
    return refuse(login, { code: 10, message: 'Data access has expired for this person' })
  }
  const account = accountById(id)
  if (account) return mayUse(call, account) ? accountEdge(call, account, edge) : missing(login)
  const container = state.containers.get(id)
  if (container) return edge === '' ? containerStatus(call, id, container) : notFound(login)
  const media = state.media.get(id)
  if (media && !media.deleted) return mediaEdge(call, id, media, edge)
  const comment = state.comments.get(id)
  if (comment && !comment.deleted && edge === '') return commentCall(call, id, comment)
  return missing(login)
}

function me(call: Call, edge: string): SandboxResponse {
  if (call.login === 'instagram') {
    const account = professionalById(call.token.ownerId)
    return jsonResponse(200, {
      id: appScopedId(account),
      user_id: account.id,
      username: account.username,
      name: account.name,
      account_type: 'BUSINESS',
      followers_count: 800 + (hash(account.id) % 400),
    })
  }
  const { id, name } = personById(call.token.ownerId)
  if (edge === '') return jsonResponse(200, { id, name })
  if (edge === 'businesses') return jsonResponse(200, { data: [] })
  if (edge !== 'accounts') return notFound(call.login)
  const data = grantedPages(call.token).map((page) => ({
    id: page.id,
    name: page.name,
    access_token: issue(call.state, {
      ...call.token,
      kind: 'page',
      ...(page.account ? { accountId: page.account.id } : {}),
      // Made from a long-lived token, a page token has no end of its own; data access has one.
      expiresAt: call.token.kind === 'long' ? null : call.token.expiresAt,
    }),
    tasks: ['ANALYZE', 'ADVERTISE', 'MODERATE', 'CREATE_CONTENT', 'MANAGE'],
    ...(page.account
      ? { instagram_business_account: { id: page.account.id, username: page.account.username } }
      : {}),
  }))
  return jsonResponse(200, { data, paging: { cursors: { before: 'QVFI', after: 'QVFJ' } } })
}

async function accountEdge(call: Call, account: Account, edge: string): Promise<SandboxResponse> {
  const isPost = call.request.method === 'POST'
  if (edge === '' && !isPost) {
    return jsonResponse(200, {
      id: account.id,
      username: account.username,
      name: account.name,
      followers_count: 800 + (hash(account.id) % 400),
      media_count: mediaOf(call.state, account).length,
    })
  }
  if (edge === 'media') return isPost ? createContainer(call, account) : listMedia(call, account)
  if (edge === 'media_publish' && isPost) return publishContainer(call, account)
  if (edge === 'content_publishing_limit') {
    return jsonResponse(200, {
      data: [
        {
          config: { quota_total: publishLimit, quota_duration: 86_400 },
          quota_usage: publishLimit - leftToPublish(call.state, account),
        },
      ],
    })
  }
  if (edge === 'insights') return accountInsights(call, account)
  return notFound(call.login)
}

function wallPost(state: State, remoteId: string, media: Media): WallPost {
  const account = accountById(media.accountId)
  const { views, reach, likes, comments, saved, shares } = mediaFigures(state, media)
  return {
    network: definition.id,
    remoteId,
    channelRemoteId: media.accountId,
    channelName: account?.username ?? media.accountId,
    ...(account ? { handle: account.username } : {}),
    text: media.caption,
    images: media.images,
    url: media.permalink,
    publishedAt: new Date(media.publishedAt).toISOString(),
    deleted: media.deleted,
    figures: { views, reach, likes, comments, shares, saves: saved },
    comments: wallComments(state, remoteId, media),
  }
}

function loginOf({ path }: Pick<SandboxRequest, 'path'>): LoginKind {
  return path.startsWith('/graph.facebook.com') ? 'facebook-login' : 'instagram'
}

function usernameOf(token: Token): string | undefined {
  return accountById(token.accountId ?? token.ownerId)?.username
}

function effectOf({ method, path }: { method: string; path: string }): Effect {
  if (!/^\/(?:api|graph)\./.test(path)) return 'page'
  if (path.endsWith('/access_token') || path.endsWith('/refresh_access_token')) return 'token'
  if (method === 'DELETE') return 'remove'
  if (method !== 'POST') return 'read'
  return /\/(?:media_publish|comments)$/.test(path) ? 'publish' : 'upload'
}

export function refusal(kind: RefusalKind, request: SandboxRequest): SandboxResponse {
  const login = loginOf(request)
  const shared = sharedRefusal(kind)
  if (shared) return refuse(login, shared)
  if (kind === 'outage') return { status: 503 }
  const account = accountById(request.path.split('/').find((part) => accountById(part)) ?? '') ?? studio
  const message = 'There have been too many calls to this account.'
  return refuse(login, { code: 80002, message }, usageHeaders(account, containerLimit))
}
