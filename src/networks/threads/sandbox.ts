/**
 * Threads' simulator: sign-in, containers, quotas, insights and the ways it says no.
 *
 * One mount speaks for both hosts; the first path segment names the real one. Profiles and audiences are
 * fixed, so that a demonstration and a test see the same figures.
 *
 * Not simulated: video, replies of others, quotes and reposts, mentions, polls, GIFs, ghost posts, topic tags, places,
 * search, demographics, webhooks, the number of calls. How the real network refuses what is over a daily number
 * is not documented; it is refused as Instagram does.
 */
import type { LoginMethod, NetworkHosts } from '../contract.ts'
import { graphErrors, sharedRefusal } from '../graph-sandbox.ts'
import {
  bearerOf,
  commentOnWall,
  type CreateSandbox,
  type Effect,
  formOf,
  jsonResponse,
  type RefusalKind,
  type SandboxRequest,
  type SandboxResponse,
  type WallPost,
} from '../sandbox-kit.ts'
import { definition } from './definition.ts'
import { threadsRows } from './errors.ts'
import { figuresOf, listPosts, postEdge, profileInsights } from './sandbox-figures.ts'
import { containerStatus, createContainer, publishContainer, publishingLimit } from './sandbox-publish.ts'
import { alive, authorize, debugToken, longToken, renewedToken, shortToken } from './sandbox-sign-in.ts'
import {
  type Call,
  missing,
  notFound,
  openState,
  type Post,
  profileById,
  refuse,
  type State,
} from './sandbox-state.ts'

const apiHost = '/graph.threads.net'
const siteHost = '/threads.net'

/** The two real hosts, below the simulator's mount. */
export function sandboxHosts(_login: LoginMethod, baseUrl: string): NetworkHosts {
  return {
    apiUrl: `${baseUrl}${apiHost}`,
    uploadUrl: `${baseUrl}${apiHost}`,
    authorizeUrl: `${baseUrl}${siteHost}/oauth/authorize`,
    tokenUrl: `${baseUrl}${apiHost}/oauth/access_token`,
  }
}

export const createSandbox: CreateSandbox = (context) => {
  const state = openState(context)
  return {
    id: definition.id,
    name: definition.name,
    color: definition.color,
    handle: async (request) => {
      const { path } = request
      if (path.startsWith(`${siteHost}/`)) return authorize(state, request, path.slice(siteHost.length))
      if (path.startsWith(`${apiHost}/`)) return graph(state, request)
      return notFound()
    },
    wall: () => {
      const posts = state.posts.entries()
      const replies = posts.filter(([, post]) => post.replyTo !== undefined)
      return posts
        .filter(([, post]) => post.replyTo === undefined)
        .map(([id, post]) => wallPost(state, id, post, replies))
    },
    post: (remoteId) => {
      const post = state.posts.get(remoteId)
      return post && wallPost(state, remoteId, post, state.posts.entries())
    },
    postAt: (path) => state.byShortcode.get(/^\/post\/(\w+)\/?$/.exec(path)?.[1] ?? ''),
    effectOf,
    versionOf: ({ path }) => /^\/[^/]+\/(v\d+\.\d+)\//.exec(path)?.[1],
    errors: graphErrors(threadsRows, (row) => refuse({ ...row, message: row.meaning })),
    refuse: refusal,
    killTokens: (accountId) => {
      for (const [key, token] of state.tokens.entries()) {
        const username = profileById(token.profileId)?.username
        if ([undefined, token.profileId, username].includes(accountId))
          state.tokens.set(key, { ...token, dead: true })
      }
    },
    setQuota: (remaining) =>
      remaining === null ? state.quota.delete('publish') : state.quota.set('publish', remaining),
    kept: ['tokens', 'counters'],
  }
}

async function graph(state: State, request: SandboxRequest): Promise<SandboxResponse> {
  const path = request.path.slice(apiHost.length).replace(/^\/v\d+\.\d+(?=\/)/, '')
  const params = new URLSearchParams(request.query)
  if (request.method === 'POST') for (const [name, value] of formOf(request)) params.set(name, value)
  if (path === '/oauth/access_token')
    return request.method === 'POST' ? shortToken(state, request) : notFound()
  if (path === '/access_token') return longToken(state, params)
  if (path === '/refresh_access_token') return renewedToken(state, params)

  const token = alive(state, params.get('access_token') ?? bearerOf(request) ?? null)
  if ('status' in token) return token
  if (path === '/debug_token') return debugToken(state, params)
  const call: Call = { state, token, params, request }
  const [, id = '', edge = ''] = /^\/([^/]+)(?:\/([^/]+))?$/.exec(path) ?? []
  if (id === 'me' || profileById(id)) return profileEdge(call, id === 'me' ? token.profileId : id, edge)
  const container = state.containers.get(id)
  if (container) return edge === '' ? containerStatus(call, id, container) : notFound()
  const post = state.posts.get(id)
  return post?.deletedAt === null ? postEdge(call, id, post, edge) : missing()
}

async function profileEdge(call: Call, id: string, edge: string): Promise<SandboxResponse> {
  const profile = profileById(id)
  if (!profile || id !== call.token.profileId) return missing()
  const isPost = call.request.method === 'POST'
  switch (edge) {
    case '':
      return isPost ? notFound() : jsonResponse(200, { ...profile, is_verified: false })
    case 'threads':
      return isPost ? createContainer(call, profile) : listPosts(call, profile)
    case 'threads_publish':
      return isPost ? publishContainer(call, profile) : notFound()
    case 'threads_publishing_limit':
      return publishingLimit(call, profile)
    case 'threads_insights':
      return profileInsights(call, profile)
    default:
      return notFound()
  }
}

function wallPost(
  state: State,
  remoteId: string,
  post: Post,
  others: ReadonlyArray<readonly [string, Post]>,
): WallPost {
  const profile = profileById(post.profileId)
  const { replies, ...figures } = figuresOf(state, post)
  return {
    network: definition.id,
    remoteId,
    channelRemoteId: post.profileId,
    channelName: profile?.username ?? post.profileId,
    ...(profile ? { handle: profile.username } : {}),
    text: post.text,
    ...(post.link === undefined ? {} : { link: post.link }),
    images: post.images,
    url: post.permalink,
    publishedAt: new Date(post.publishedAt).toISOString(),
    deleted: post.deletedAt !== null,
    figures: { ...figures, comments: replies },
    comments: others
      .filter(([, other]) => other.replyTo === remoteId)
      .map(([id, reply]) => commentOnWall(wallPost(state, id, reply, []))),
  }
}

function effectOf({ method, path }: { method: string; path: string }): Effect {
  if (!path.startsWith(apiHost)) return 'page'
  if (/\/(?:refresh_)?access_token$/.test(path)) return 'token'
  if (method === 'DELETE') return 'remove'
  if (method !== 'POST') return 'read'
  return path.endsWith('/threads_publish') ? 'publish' : 'upload'
}

function refusal(kind: RefusalKind): SandboxResponse {
  const shared = sharedRefusal(kind)
  if (shared) return refuse(shared)
  if (kind === 'outage') return { status: 503 }
  const usage = JSON.stringify({ call_count: 100, total_cputime: 20, total_time: 25 })
  return refuse({ code: 4, message: 'Application request limit reached' }, { 'x-app-usage': usage })
}
