/**
 * Bluesky as the facts describe it: a personal data server and the public view in one, by XRPC. Sessions by app
 * password and by consent, uploads, records with the demands of `putRecord`, figures of posts and accounts, limits with headers.
 *
 * Its answers are held against those of the real server by `bluesky.test.ts`. Not simulated: documents of
 * apps, the main password's code by mail, other collections than posts, replies and quotes, threads in one write, the stream of
 * changes, notifications, moderation, and that the public view is late.
 */
import type { LoginMethod, NetworkHosts } from '../contract.ts'
import {
  commentOnWall,
  type CreateSandbox,
  type SandboxRequest,
  type SandboxResponse,
  type WallPost,
} from '../sandbox-kit.ts'
import { uriOf } from './api.ts'
import { definition } from './definition.ts'
import { effectOf, errorsOf, refuse } from './sandbox-faults.ts'
import { limited } from './sandbox-limits.ts'
import {
  announce,
  authorizationServer,
  authorize,
  decide,
  protectedResource,
  revoke,
  token,
} from './sandbox-oauth.ts'
import {
  deleteRecord,
  figuresOf,
  getAuthorFeed,
  getPosts,
  getProfile,
  getRecord,
  linkOf,
  listRecords,
  picturesOf,
  putRecord,
  uploadBlob,
} from './sandbox-posts.ts'
import { nonceOf } from './sandbox-proof.ts'
import {
  createSession,
  deleteSession,
  describeServer,
  getSession,
  killTokens,
  refreshSession,
  resolveHandle,
} from './sandbox-session.ts'
import {
  type Account,
  callerOf,
  invalid,
  openState,
  type Post,
  problem,
  type State,
} from './sandbox-state.ts'

export function sandboxHosts(_login: LoginMethod, baseUrl: string): NetworkHosts {
  return {
    apiUrl: baseUrl,
    uploadUrl: baseUrl,
    authorizeUrl: '',
    tokenUrl: '',
    readUrl: baseUrl,
    siteUrl: baseUrl,
  }
}

export const createSandbox: CreateSandbox = (context) => {
  const state = openState(context)
  return {
    id: definition.id,
    name: definition.name,
    color: definition.color,
    handle: (request) => handle(state, request),
    wall: () => {
      const all = [...state.posts.values()]
      const replies = all.filter(({ record }) => record.reply !== undefined)
      return all
        .filter(({ record }) => record.reply === undefined)
        .map((post) => onWall(state, post, replies))
    },
    post: (remoteId) => {
      const post = state.posts.get(remoteId)
      return post && onWall(state, post, [...state.posts.values()])
    },
    postAt: (path) => {
      const [, did, key] = /^\/profile\/(did:plc:\w+)\/post\/(\w+)$/.exec(path) ?? []
      return did === undefined || key === undefined ? undefined : uriOf(did, key)
    },
    effectOf,
    versionOf: () => undefined,
    errors: errorsOf(state),
    refuse: (kind) => refuse(state, kind),
    killTokens: (accountId) => killTokens(state, accountId),
    setQuota: (remaining) =>
      remaining === null ? state.quota.delete('posts') : state.quota.set('posts', remaining),
    kept: ['accounts', 'sessions', 'renewals', 'consents', 'codes', 'grants'],
  }
}

type Handler = (state: State, request: SandboxRequest) => SandboxResponse
type Write = (state: State, request: SandboxRequest, account: Account) => SandboxResponse

const own =
  (run: Write): Handler =>
  (state, request) => {
    const who = callerOf(state, request)
    return 'response' in who ? who.response : run(state, request, who.account)
  }

const operations: Readonly<Record<string, ['GET' | 'POST', Handler]>> = {
  'com.atproto.server.describeServer': ['GET', describeServer],
  'com.atproto.server.createSession': ['POST', createSession],
  'com.atproto.server.refreshSession': ['POST', refreshSession],
  'com.atproto.server.deleteSession': ['POST', deleteSession],
  'com.atproto.server.getSession': ['GET', getSession],
  'com.atproto.identity.resolveHandle': ['GET', resolveHandle],
  'com.atproto.repo.uploadBlob': ['POST', own(uploadBlob)],
  'com.atproto.repo.putRecord': ['POST', own(putRecord)],
  'com.atproto.repo.deleteRecord': ['POST', own(deleteRecord)],
  'com.atproto.repo.getRecord': ['GET', getRecord],
  'com.atproto.repo.listRecords': ['GET', listRecords],
  'app.bsky.feed.getPosts': ['GET', getPosts],
  'app.bsky.feed.getAuthorFeed': ['GET', getAuthorFeed],
  'app.bsky.actor.getProfile': ['GET', getProfile],
}

/** What stands beside the operations: signing in by consent. */
const pages: Readonly<Record<string, Handler>> = {
  'GET /.well-known/oauth-protected-resource': (_, request) => protectedResource(request),
  'GET /.well-known/oauth-authorization-server': (_, request) => authorizationServer(request),
  'POST /oauth/par': announce,
  'GET /oauth/authorize': authorize,
  'GET /oauth/decide': decide,
  'POST /oauth/token': token,
  'POST /oauth/revoke': revoke,
}

async function handle(state: State, request: SandboxRequest): Promise<SandboxResponse> {
  const page = pages[`${request.method} ${request.path}`]
  if (page) return page(state, request)
  const name = /^\/xrpc\/([\w.]+)$/.exec(request.path)?.[1]
  if (name === undefined) return { status: 404 }
  const operation = operations[name]
  if (!operation) return invalid(`No service configured for ${name}`)
  const [method, run] = operation
  if (request.method !== method)
    return invalid(`Incorrect HTTP method (${request.method}) expected ${method}`)
  if (method === 'POST' && name.endsWith('Record') && request.body.length === 0)
    return problem(400, 'InvalidRequest', 'A request body is expected but none was provided')
  const response = await limited(state, request, name, () => run(state, request))
  const isBound = request.headers['dpop'] !== undefined
  return isBound ? { ...response, headers: { 'dpop-nonce': nonceOf(state), ...response.headers } } : response
}

function onWall(state: State, post: Post, others: readonly Post[]): WallPost {
  const account = state.accounts.get(post.did)
  const link = linkOf(post)
  return {
    network: definition.id,
    remoteId: post.uri,
    channelRemoteId: post.did,
    channelName: account?.name ?? post.did,
    text: post.record.text,
    ...(link === undefined ? {} : { link }),
    images: picturesOf(state, post),
    url: post.url,
    publishedAt: new Date(post.createdAt).toISOString(),
    deleted: post.deleted,
    ...(account ? { handle: account.handle } : {}),
    figures: figuresOf(state, post),
    comments: others
      .filter(({ record }) => record.reply?.parent.uri === post.uri)
      .map((reply) => commentOnWall(onWall(state, reply, []))),
  }
}
