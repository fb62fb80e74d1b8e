/**
 * X as the facts describe it: OAuth 2.0 with rotating refresh tokens, posts, media v2, timelines, metrics,
 * limits per user and app, the bill, and both dialects of field names.
 *
 * Creating a post is O(1): one journal entry for the post, counters per window, and maps for the duplicate
 * guard and the timelines that are rebuilt from the posts at start.
 *
 * Not simulated: video and GIF processing, polls, edits, articles, long posts of Premium accounts, search,
 * mentions, direct messages, likes and follows, webhooks, owner-only metrics, analytics, OAuth 1.0a, and
 * that the same post read twice on one UTC day is charged once.
 */
import { linksIn } from '#domain/text.ts'
import type { LoginMethod, NetworkHosts } from '../contract.ts'
import type { CreateSandbox, SandboxRequest, SandboxResponse, WallPost } from '../sandbox-kit.ts'
import { definition } from './definition.ts'
import { effectOf, errorsOf, refuse } from './sandbox-faults.ts'
import { bill, called } from './sandbox-limits.ts'
import { append, finalize, initialize, mediaStatus, metadata, oneShot } from './sandbox-media.ts'
import { createPost, deletePost, figuresOf, lookup, me, readPost, timeline } from './sandbox-posts.ts'
import { authorize, decide, token } from './sandbox-sign-in.ts'
import { projectUsage } from './sandbox-usage.ts'
import { type Grant, index, openState, type Post, type State } from './sandbox-state.ts'

export function sandboxHosts(_login: LoginMethod, baseUrl: string): NetworkHosts {
  return {
    apiUrl: baseUrl,
    uploadUrl: baseUrl,
    authorizeUrl: `${baseUrl}/i/oauth2/authorize`,
    tokenUrl: `${baseUrl}/2/oauth2/token`,
  }
}

export const createSandbox: CreateSandbox = (context) => {
  const state = openState(context)
  for (const post of state.posts.values()) index(state, post)
  return {
    id: definition.id,
    name: definition.name,
    color: definition.color,
    handle: (request) => handle(state, request),
    wall: () => Array.from(state.posts.values(), (post) => onWall(state, post)),
    post: (remoteId) => {
      const post = state.posts.get(remoteId)
      return post && onWall(state, post)
    },
    postAt: (path) => /^\/(?:i\/web|\w+)\/status\/(\d+)/.exec(path)?.[1],
    effectOf,
    versionOf: ({ path }) => /^\/(\d)\//.exec(path)?.[1],
    errors: errorsOf(state),
    refuse: (kind) => refuse(state, kind),
    killTokens: (accountId) => {
      const account =
        accountId === undefined
          ? undefined
          : state.accounts
              .entries()
              .find(([id, { username }]) => id === accountId || username === accountId)?.[0]
      const isMeant = (grant: Grant) => accountId === undefined || grant.accountId === account
      for (const [key, token] of state.tokens.entries()) if (isMeant(token)) state.tokens.delete(key)
      for (const [key, token] of state.refreshes.entries()) if (isMeant(token)) state.refreshes.delete(key)
    },
    setQuota: (remaining) =>
      remaining === null ? state.quota.delete('post.create') : state.quota.set('post.create', remaining),
    setPrices: (prices) =>
      prices === null ? state.priceChanges.delete('x') : state.priceChanges.set('x', prices),
    bill: () => bill(state),
    setRenamedFields: (isRenamed) =>
      state.settings.set('x', { ...state.config(), dialect: isRenamed ? 'new' : 'old' }),
    kept: ['accounts', 'tokens', 'refreshes', 'settings'],
  }
}

async function handle(state: State, request: SandboxRequest): Promise<SandboxResponse> {
  const route = `${request.method} ${request.path}`
  switch (route) {
    case 'POST /2/tweets':
      return called(state, request, 'post.create', 'tweet.write', (account) =>
        createPost(state, request, account),
      )
    case 'GET /2/tweets':
      return called(state, request, 'post.lookup', 'tweet.read', () => lookup(state, request))
    case 'GET /2/usage/tweets':
      return projectUsage(state, request)
    case 'GET /2/users/me':
      return called(state, request, 'user.read', 'users.read', (account) => me(state, request, account))
    case 'GET /2/media/upload':
      return called(state, request, 'media.upload', 'media.write', (account) =>
        mediaStatus(state, request, account),
      )
    case 'POST /2/media/upload':
      return called(state, request, 'media.upload', 'media.write', (account) =>
        oneShot(state, request, account),
      )
    case 'POST /2/media/upload/initialize':
      return called(state, request, 'media.upload', 'media.write', (account) =>
        initialize(state, request, account),
      )
    case 'POST /2/media/metadata':
      return called(state, request, 'media.metadata', 'media.write', (account) =>
        metadata(state, request, account),
      )
    case 'GET /i/oauth2/authorize':
      return authorize(state, request)
    case 'GET /i/oauth2/decide':
      return decide(state, request)
    case 'POST /2/oauth2/token':
    case 'POST /2/oauth2/revoke':
      return token(state, request)
    default:
      return handleWithId(state, request, route)
  }
}

async function handleWithId(state: State, request: SandboxRequest, route: string): Promise<SandboxResponse> {
  const id = /\/(\d{5,})(?:\/|$)/.exec(request.path)?.[1] ?? ''
  switch (route.replace(`/${id}`, '/:id')) {
    case 'GET /2/users/:id/tweets':
      return called(state, request, 'timeline.read', 'tweet.read', () => timeline(state, request, id))
    case 'DELETE /2/tweets/:id':
      return called(state, request, 'post.delete', 'tweet.write', (account) =>
        deletePost(state, request, account, id),
      )
    case 'GET /2/tweets/:id':
      return called(state, request, 'post.read', 'tweet.read', () => readPost(state, request, id))
    case 'POST /2/media/upload/:id/append':
      return called(state, request, 'media.upload', 'media.write', (account) =>
        append(state, request, account, id),
      )
    case 'POST /2/media/upload/:id/finalize':
      return called(state, request, 'media.upload', 'media.write', (account) =>
        finalize(state, request, account, id),
      )
    default:
      return { status: 404 }
  }
}

function onWall(state: State, post: Post): WallPost {
  const link = linksIn(post.written)[0]
  const handle = state.accounts.get(post.owner)?.username
  return {
    network: 'x',
    remoteId: post.id,
    channelRemoteId: post.owner,
    channelName: state.accounts.get(post.owner)?.name ?? post.owner,
    text: post.written,
    ...(link === undefined ? {} : { link }),
    images: post.images,
    url: post.url,
    publishedAt: new Date(post.createdAt).toISOString(),
    deleted: post.deleted,
    ...(handle === undefined ? {} : { handle }),
    figures: figuresOf(state, post),
    comments: [],
  }
}
