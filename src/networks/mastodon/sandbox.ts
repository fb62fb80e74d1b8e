/**
 * A Mastodon instance as its documentation and the facts describe it: apps, consent with PKCE, tokens, media with
 * processing, posts with a key that is kept an hour, lists, figures, deletion, and limits with headers.
 *
 * Not simulated: other instances and what comes from them, replies of others, boosts, favourites, polls, scheduled posts,
 * edits, other visibilities than public, content warnings, custom emoji, mentions and hashtags as links, streaming,
 * notifications, search, moderation, and the limit by address.
 */
import { linksIn } from '#domain/text.ts'
import type { LoginMethod, NetworkHosts } from '../contract.ts'
import {
  commentOnWall,
  type CreateSandbox,
  jsonResponse,
  type SandboxRequest,
  type SandboxResponse,
  type WallPost,
} from '../sandbox-kit.ts'
import { definition } from './definition.ts'
import { effectOf, errorsOf, refuse } from './sandbox-faults.ts'
import { limited } from './sandbox-limits.ts'
import { getMedia, uploadMedia } from './sandbox-media.ts'
import { authorize, decide, killTokens, registerApp, revoke, token } from './sandbox-sign-in.ts'
import { type Account, callerOf, notFound, openState, type State, type Status } from './sandbox-state.ts'
import {
  accountAnswer,
  createStatus,
  deleteStatus,
  figuresOf,
  getStatus,
  listStatuses,
  uploadsOf,
} from './sandbox-statuses.ts'

export function sandboxHosts(_login: LoginMethod, baseUrl: string): NetworkHosts {
  return {
    apiUrl: baseUrl,
    uploadUrl: baseUrl,
    authorizeUrl: `${baseUrl}/oauth/authorize`,
    tokenUrl: `${baseUrl}/oauth/token`,
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
      const all = [...state.statuses.values()]
      const replies = all.filter(({ replyTo }) => replyTo !== undefined)
      return all
        .filter(({ replyTo }) => replyTo === undefined)
        .map((status) => onWall(state, status, replies))
    },
    post: (remoteId) => {
      const status = state.statuses.get(remoteId)
      return status && onWall(state, status, [...state.statuses.values()])
    },
    postAt: (path) => /^\/@\w+\/(\d+)$/.exec(path)?.[1],
    effectOf,
    versionOf: () => undefined,
    errors: errorsOf(state),
    refuse: (kind) => refuse(state, kind),
    killTokens: (accountId) => killTokens(state, accountId),
    setQuota: (remaining) =>
      remaining === null ? state.quota.delete('posts') : state.quota.set('posts', remaining),
    kept: ['accounts', 'apps', 'tokens'],
  }
}

type Route = {
  endpointClass: string
  scope: string
  run: (
    state: State,
    request: SandboxRequest,
    account: Account,
    id: string,
  ) => SandboxResponse | Promise<SandboxResponse>
}

const own: Readonly<Record<string, Route>> = {
  'GET /api/v1/accounts/verify_credentials': {
    endpointClass: 'account.read',
    scope: 'read:accounts',
    run: accountAnswer,
  },
  'GET /api/v1/accounts/:id': {
    endpointClass: 'account.read',
    scope: 'read:accounts',
    run: (state, request, _account, id) => {
      const account = state.accounts.get(id)
      return account ? accountAnswer(state, request, account) : notFound()
    },
  },
  'GET /api/v1/accounts/:id/statuses': {
    endpointClass: 'timeline.read',
    scope: 'read:statuses',
    run: (state, request, _account, id) => listStatuses(state, request, id),
  },
  'POST /api/v2/media': { endpointClass: 'media.upload', scope: 'write:media', run: uploadMedia },
  'GET /api/v1/media/:id': { endpointClass: 'media.read', scope: 'write:media', run: getMedia },
  'POST /api/v1/statuses': { endpointClass: 'post.create', scope: 'write:statuses', run: createStatus },
  'GET /api/v1/statuses/:id': {
    endpointClass: 'post.read',
    scope: 'read:statuses',
    run: (state, request, _account, id) => getStatus(state, request, id),
  },
  'DELETE /api/v1/statuses/:id': { endpointClass: 'post.delete', scope: 'write:statuses', run: deleteStatus },
}

const open: Readonly<Record<string, (state: State, request: SandboxRequest) => SandboxResponse>> = {
  'POST /api/v1/apps': registerApp,
  'GET /oauth/authorize': authorize,
  'GET /oauth/decide': decide,
  'POST /oauth/token': token,
  'POST /oauth/revoke': revoke,
  'GET /api/v2/instance': (_state, request) => instance(request),
  'GET /api/v1/instance/terms_of_service': () =>
    jsonResponse(200, { effective_date: '2025-07-01', effective: true, content: '<p>Be kind.</p>' }),
}

async function handle(state: State, request: SandboxRequest): Promise<SandboxResponse> {
  const route = `${request.method} ${request.path}`
  const id = /\/(\d+)(?:\/|$)/.exec(request.path)?.[1] ?? ''
  const isOpen = open[route]
  if (isOpen) return isOpen(state, request)
  const found = own[id === '' ? route : route.replace(`/${id}`, '/:id')]
  if (!found) return notFound()
  const who = callerOf(state, request, found.scope)
  if ('response' in who) return who.response
  const { account } = who
  return limited(state, { who: account.id, endpointClass: found.endpointClass }, () =>
    found.run(state, request, account, id),
  )
}

function instance({ baseUrl }: SandboxRequest): SandboxResponse {
  const { maxBytes, maxAltLength, maxCount, types } = definition.images.value
  return jsonResponse(200, {
    domain: new URL(baseUrl).host,
    title: 'Simulated instance',
    version: '4.5.0',
    source_url: 'https://github.com/mastodon/mastodon',
    description: 'Nothing leaves this server',
    configuration: {
      statuses: {
        max_characters: definition.text.value.maxLength,
        max_media_attachments: maxCount,
        characters_reserved_per_url: 23,
      },
      media_attachments: {
        supported_mime_types: types,
        image_size_limit: maxBytes,
        image_matrix_limit: 33_177_600,
        description_limit: maxAltLength,
      },
    },
    api_versions: { mastodon: 7 },
    rules: [],
  })
}

function onWall(state: State, status: Status, others: readonly Status[]): WallPost {
  const account = state.accounts.get(status.owner)
  const link = linksIn(status.text)[0]
  return {
    network: definition.id,
    remoteId: status.id,
    channelRemoteId: status.owner,
    channelName: account?.name ?? status.owner,
    text: status.text,
    ...(link === undefined ? {} : { link }),
    images: uploadsOf(state, status).map(({ description, file }) => ({ altText: description, file })),
    url: status.url,
    publishedAt: new Date(status.createdAt).toISOString(),
    deleted: status.deleted,
    ...(account ? { handle: account.username } : {}),
    figures: figuresOf(state, status),
    comments: others
      .filter(({ replyTo }) => replyTo === status.id)
      .map((reply) => commentOnWall(onWall(state, reply, []))),
  }
}
