/**
 * A simulator of the Graph API as Facebook Pages use it: sign-in, page tokens, photos, feed, insights.
 *
 * Usage stands in percent in the headers once there is some: of the app by the hour, of a page by the day.
 *
 * Not simulated: video, reels and stories, native scheduling, editing, targeting, comments of others, mentions,
 * webhooks, batch calls, pages owned by a business, demographics, promoting, and permissions that lapse.
 */
import { createHmac } from 'node:crypto'
import type { LoginMethod, NetworkHosts } from '../contract.ts'
import { graphErrors } from '../graph-sandbox.ts'
import {
  bearerOf,
  type CreateSandbox,
  formOf,
  jsonOf,
  jsonResponse,
  multipartOf,
  type RefusalKind,
  type SandboxRequest,
  type SandboxResponse,
  type WallPost,
} from '../sandbox-kit.ts'
import { definition } from './definition.ts'
import { facebookRows } from './errors.ts'
import { commentCall, commentsEdge, wallComments } from './sandbox-comments.ts'
import { figuresOf, pageInsights, postInsights, readPost } from './sandbox-figures.ts'
import { createPost, listFeed, uploadPhoto } from './sandbox-posts.ts'
import {
  accounts,
  aliveToken,
  consentDialog,
  deadToken,
  debugToken,
  revoke,
  tokenEndpoint,
} from './sandbox-sign-in.ts'
import {
  type Call,
  failure,
  type Fields,
  openState,
  pageById,
  pages,
  personById,
  type Post,
  type State,
  text,
} from './sandbox-state.ts'
import { businessUsage, countCall, effectOf, limited, pageOf, withUsage } from './sandbox-usage.ts'

export function sandboxHosts(_login: LoginMethod, baseUrl: string): NetworkHosts {
  return {
    apiUrl: baseUrl,
    uploadUrl: baseUrl,
    authorizeUrl: `${baseUrl}/dialog/oauth`,
    tokenUrl: `${baseUrl}/oauth/access_token`,
  }
}

export const createSandbox: CreateSandbox = (context) => {
  const state = openState(context)
  return {
    id: definition.id,
    name: definition.name,
    color: definition.color,
    handle: async (request) => withUsage(state, request, await route(state, request)),
    wall: () => state.posts.entries().map(([id, post]) => wallPost(state, id, post)),
    post: (remoteId) => {
      const post = state.posts.get(remoteId)
      return post && wallPost(state, remoteId, post)
    },
    postAt: (path) => /^\/(\d+)\/posts\/(\d+)\/?$/.exec(path)?.slice(1).join('_'),
    effectOf,
    versionOf: ({ path }) => /^\/(v\d+\.\d+)\//.exec(path)?.[1],
    errors: graphErrors(facebookRows, ({ code, subcode, meaning }) =>
      failure(code, `(#${code}) ${meaning}`, subcode === undefined ? {} : { subcode }),
    ),
    refuse: (kind, request) => refuse(kind, request),
    killTokens: (accountId) => {
      for (const [key, token] of state.tokens.entries())
        if ([undefined, token.personId, token.pageId].includes(accountId)) state.tokens.delete(key)
    },
    setQuota: (remaining) =>
      remaining === null ? state.quota.delete('calls') : state.quota.set('calls', remaining),
    kept: ['tokens'],
  }
}

async function route(state: State, request: SandboxRequest): Promise<SandboxResponse> {
  // A version that has ended is served by the oldest living one, so any number will do.
  const path = /^(?:\/v\d+\.\d+)?(\/.*)$/.exec(request.path)?.[1] ?? '/'
  if (path === '/dialog/oauth') return consentDialog(state, request)
  const isCallLeft = countCall(state, request)
  const fields = await fieldsOf(request)
  if (path === '/oauth/access_token') return tokenEndpoint(state, request, fields)
  if (!isCallLeft) return limited()
  const raw = bearerOf(request) ?? request.query.get('access_token') ?? text(fields, 'access_token')
  const token = aliveToken(state, raw)
  if (!token) return deadToken()
  const proof = request.query.get('appsecret_proof') ?? text(fields, 'appsecret_proof')
  if (
    proof !== undefined &&
    proof !==
      createHmac('sha256', token.secret)
        .update(raw ?? '')
        .digest('hex')
  )
    return failure(100, 'Invalid appsecret_proof provided in the API argument', {
      type: 'GraphMethodException',
    })
  return graphApi(state, { request, path, query: request.query, token, fields })
}

async function fieldsOf(request: SandboxRequest): Promise<Fields> {
  const type = request.headers['content-type'] ?? ''
  if (request.body.length === 0) return new Map()
  if (type.startsWith('multipart/form-data')) return multipartOf(request)
  if (!type.startsWith('application/json')) return new Map(formOf(request))
  const entries = Object.entries(jsonOf(request))
  return new Map(
    entries.map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  )
}

function graphApi(state: State, call: Call): SandboxResponse {
  const { path, token } = call
  if (path === '/me') {
    const { id, name } = personById(token.personId)
    return jsonResponse(200, token.pageId ? pageById(token.pageId) : { id, name })
  }
  if (
    call.request.method === 'DELETE' &&
    ['/me/permissions', `/${token.personId}/permissions`].includes(path)
  )
    return revoke(state, token)
  if (path === '/me/permissions') {
    const data = token.scopes.map((permission) => ({ permission, status: 'granted' }))
    return jsonResponse(200, { data })
  }
  if (path === '/me/accounts') return accounts(state, token)
  if (path === '/me/businesses') return jsonResponse(200, { data: [] })
  if (path === '/debug_token') return debugToken(state, call)
  const [, objectId = '', edge] = path.split('/')
  const page = pageById(objectId)
  if (page) return pageCall(state, call, page.id, edge)
  return postCall(state, call, objectId, edge)
}

function pageCall(state: State, call: Call, pageId: string, edge: string | undefined): SandboxResponse {
  const { method } = call.request
  if (call.token.pageId !== pageId && method !== 'GET')
    return failure(200, '(#200) Publishing to a page needs an access token of that page')
  if (edge === undefined && method === 'GET') return jsonResponse(200, pageById(pageId))
  if (edge === 'photos' && method === 'POST') return uploadPhoto(state, call, pageId)
  if (edge === 'feed' && method === 'POST') return createPost(state, call, pageId)
  if (edge === 'feed') return listFeed(state, call, pageId)
  if (edge === 'insights') return pageInsights(state, call, pageId)
  return failure(2500, `Unknown path components: /${edge ?? ''}`)
}

function postCall(state: State, call: Call, id: string, edge: string | undefined): SandboxResponse {
  const comment = state.comments.get(id)
  if (comment && !comment.deleted && edge === undefined && state.posts.get(comment.postId)?.deleted === false)
    return commentCall(state, call, id, comment)
  const post = state.posts.get(id)
  if (!post || post.deleted || (call.token.pageId !== undefined && call.token.pageId !== post.pageId)) {
    const message = `Unsupported request. Object with ID '${id}' does not exist, cannot be loaded or is not supported.`
    return failure(100, message, { subcode: 33, type: 'GraphMethodException' })
  }
  if (edge === 'insights') return postInsights(state, call, id, post)
  if (edge === 'comments') return commentsEdge(state, call, id, post)
  if (edge !== undefined) return failure(2500, `Unknown path components: /${edge}`)
  if (call.request.method === 'DELETE') {
    state.posts.set(id, { ...post, deleted: true })
    call.request.made?.(id)
    return jsonResponse(200, { success: true })
  }
  return readPost(state, call, id, post)
}

function wallPost(state: State, id: string, post: Post): WallPost {
  const { loves: _loves, ...figures } = figuresOf(state, post)
  return {
    network: definition.id,
    remoteId: id,
    channelRemoteId: post.pageId,
    channelName: pageById(post.pageId)?.name ?? '',
    text: post.message,
    ...(post.link === undefined ? {} : { link: post.link }),
    images: post.photoIds.flatMap((photoId) => {
      const photo = state.photos.get(photoId)
      return photo ? [{ altText: photo.altText, file: photo.file }] : []
    }),
    url: post.url,
    publishedAt: new Date(post.createdAt).toISOString(),
    deleted: post.deleted,
    figures,
    comments: wallComments(state, id, post.deleted),
  }
}

function refuse(kind: RefusalKind, request: SandboxRequest): SandboxResponse {
  switch (kind) {
    case 'unauthorised':
      return failure(190, 'Error validating access token.', { status: 401 })
    case 'throttled': {
      const refused = failure(80_001, '(#80001) There have been too many calls to this Page account.')
      const usage = businessUsage(pageOf(request) ?? pages[0]?.id ?? '', 100, 19)
      return { ...refused, headers: { ...refused.headers, 'x-business-use-case-usage': usage } }
    }
    case 'outage':
      return { status: 503 }
    case 'server-error':
      return failure(2, 'Service temporarily unavailable', { status: 503 })
    case 'withdrawn-network':
      return failure(10, '(#10) Application does not have permission for this action')
    case 'withdrawn-ability':
      return failure(3, '(#3) Application does not have the capability to make this API call.')
    case 'withdrawn-version':
      return failure(2635, '(#2635) You are calling a deprecated version of the API.')
  }
}
