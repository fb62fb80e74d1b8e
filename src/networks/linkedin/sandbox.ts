/**
 * LinkedIn as it answers over HTTP: consent, versioned REST, image uploads, the duplicate guard, statistics.
 *
 * Community Management tokens see pages and one member; a token of the self-serve products sees its member.
 * Quotas are those of the products, except that the Community Management tier is the roomier Standard one
 * (its figures are unpublished), so that a trial does not run dry. As on the real network no header tells
 * a quota, and a new token may be used at once.
 *
 * Not simulated: video, documents, polls, reshares, comments of others, reactions, mentions of members, editing,
 * targeting, follower and page statistics, time-bound statistics, webhooks, ads, ghost posts, and the two
 * days by which statistics lag.
 */
import type { LoginMethod, NetworkHosts } from '../contract.ts'
import {
  type CreateSandbox,
  hash,
  jsonResponse,
  type SandboxRequest,
  type SandboxResponse,
  type WallPost,
} from '../sandbox-kit.ts'
import { definition } from './definition.ts'
import { dayLimit, effectOf, errorsOf, refuse, versionEnded } from './sandbox-faults.ts'
import { socialActions, wallComments } from './sandbox-comments.ts'
import { figuresOf, memberAnalytics, shareStatistics, socialMetadata } from './sandbox-figures.ts'
import {
  createPost,
  deletePost,
  imageStatus,
  initialise,
  listPosts,
  readPost,
  upload,
} from './sandbox-posts.ts'
import { authorize, exchange, revoke, revoked, tokenOf } from './sandbox-sign-in.ts'
import {
  decoded,
  failure,
  firstMember,
  forbidden,
  has,
  memberById,
  members,
  nameOf,
  noResource,
  openState,
  organisations,
  pageUrn,
  type Post,
  type State,
  type Token,
  urnOf,
} from './sandbox-state.ts'
import { plainText, urnTime } from './text.ts'

/** Versions with their last day. Source: the migrations page, read 2026-10-01. */
const versionEnds: Readonly<Record<string, string>> = {
  '202510': '2026-10-15',
  '202511': '2026-11-16',
  '202601': '2027-01-15',
  '202602': '2027-02-15',
  '202603': '2027-03-16',
  '202604': '2027-04-15',
  '202605': '2027-05-15',
  '202606': '2027-06-15',
  '202607': '2027-07-15',
  '202608': '2027-08-17',
  '202609': '2027-09-15',
}

const shareDayLimit = 150
const standardDayLimit = 5_000

export function sandboxHosts(_login: LoginMethod, baseUrl: string): NetworkHosts {
  return {
    apiUrl: baseUrl,
    uploadUrl: baseUrl,
    authorizeUrl: `${baseUrl}/oauth/v2/authorization`,
    tokenUrl: `${baseUrl}/oauth/v2/accessToken`,
  }
}

export const createSandbox: CreateSandbox = (context) => {
  const state = openState(context)
  return {
    id: definition.id,
    name: definition.name,
    color: definition.color,
    handle: async (request) => route(state, request),
    wall: () => Array.from(state.posts.values(), (post) => wallPost(state, post)),
    post: (remoteId) => {
      const post = state.posts.get(remoteId)
      return post && wallPost(state, post)
    },
    postAt: (path) => /^\/feed\/update\/([^/]+)\/?$/.exec(decoded(path))?.[1],
    effectOf,
    versionOf: ({ headers }) => headers['linkedin-version'],
    errors: errorsOf(state),
    refuse: (kind, request) => refuse(state, kind, request),
    killTokens: (accountId) => {
      for (const [key, token] of state.tokens.entries())
        if (accountId === undefined || accountId.endsWith(token.memberId))
          state.tokens.set(key, revoked(token))
    },
    setQuota: (remaining) =>
      remaining === null ? state.quota.delete('calls') : state.quota.set('calls', remaining),
    kept: ['linkedin-tokens'],
  }
}

function route(state: State, request: SandboxRequest): SandboxResponse {
  if (request.path === '/oauth/v2/authorization') return authorize(state, request)
  if (request.path === '/oauth/v2/accessToken') return exchange(state, request)
  if (request.path === '/oauth/v2/revoke') return revoke(state, request)
  const token = tokenOf(state, request)
  if ('status' in token) return token
  if (request.path.startsWith('/dms-uploads/')) return upload(state, request)
  if (request.path === '/v2/userinfo') return userinfo(token)
  if (!request.path.startsWith('/rest/')) return noResource()
  const refused = versionProblem(state, request) ?? throttle(state, token, request)
  if (refused) return refused
  return rest(state, token, request)
}

export function rest(state: State, token: Token, request: SandboxRequest): SandboxResponse {
  const [resource = '', key = '', ...others] = request.path.slice('/rest/'.length).split('/').map(decoded)
  if (resource === 'socialActions')
    return socialActions(state, token, request, [key, ...others]) ?? noResource()
  const name = `${request.method} ${resource}${key === '' ? '' : '/{key}'}`
  switch (name) {
    case 'GET me':
      return me(token)
    case 'GET organizationAcls':
      return acls(token, request)
    case 'GET organizations/{key}':
      return organisation(token, key)
    case 'POST images':
      return initialise(state, token, request)
    case 'GET images/{key}':
      return imageStatus(state, token, key)
    case 'POST posts':
      return createPost(state, token, request)
    case 'GET posts':
      return listPosts(state, token, request)
    case 'GET posts/{key}':
      return readPost(state, token, key)
    case 'DELETE posts/{key}':
      return deletePost(state, token, key, request)
    case 'GET socialMetadata/{key}':
      return socialMetadata(state, token, key)
    case 'GET organizationalEntityShareStatistics':
      return shareStatistics(state, token, request)
    case 'GET networkSizes/{key}':
      return has(token, 'rw_organization_admin')
        ? jsonResponse(200, { firstDegreeSize: 800 + (hash(key) % 4_000) })
        : forbidden('networkSizes.GET')
    case 'GET memberCreatorPostAnalytics':
      return memberAnalytics(state, token, request)
    case 'GET memberFollowersCount':
      return has(token, 'r_member_profileAnalytics')
        ? jsonResponse(200, { elements: [{ memberFollowersCount: 300 + (hash(token.memberId) % 900) }] })
        : forbidden('memberFollowersCount.FINDER-me')
    default:
      return noResource()
  }
}

function versionProblem(state: State, request: SandboxRequest): SandboxResponse | null {
  const version = request.headers['linkedin-version']
  if (!version)
    return failure(400, 'A version must be present. Please specify a version', { code: 'VERSION_MISSING' })
  const end = versionEnds[version]
  if (end !== undefined && state.now() < Date.parse(end)) return null
  return versionEnded(version)
}

/** No header tells the quota or a time to come back; the message is the only carrier of the counter. */
export function throttle(state: State, token: Token, request: SandboxRequest): SandboxResponse | null {
  const today = state.context.now().toISOString().slice(0, 10)
  const key = `${token.app}:${token.memberId}:${today}`
  const left = state.quota.get('calls')
  const used = state.usage.get(key) ?? 0
  const limit = has(token, 'openid') ? shareDayLimit : standardDayLimit
  if (left === undefined ? used >= limit : left <= 0) return dayLimit(request)
  if (left !== undefined) state.quota.set('calls', left - 1)
  state.usage.set(key, used + 1)
  return null
}

function userinfo(token: Token): SandboxResponse {
  if (!has(token, 'openid')) return forbidden('userinfo.GET.NO_VERSION')
  const member = memberById(token.memberId)
  return jsonResponse(200, {
    sub: member.id,
    name: nameOf(member),
    given_name: member.firstName,
    family_name: member.lastName,
  })
}

function me(token: Token): SandboxResponse {
  if (!has(token, 'r_basicprofile')) return forbidden('me.GET')
  const member = memberById(token.memberId)
  return jsonResponse(200, {
    id: member.id,
    localizedFirstName: member.firstName,
    localizedLastName: member.lastName,
    vanityName: member.vanityName,
  })
}

function acls(token: Token, request: SandboxRequest): SandboxResponse {
  if (!has(token, 'rw_organization_admin')) return forbidden('organizationAcls.FINDER-roleAssignee')
  const member = memberById(token.memberId)
  const role = request.query.get('role') ?? 'ADMINISTRATOR'
  const held = role === 'ADMINISTRATOR' ? member.pages : []
  return jsonResponse(200, {
    elements: held.map((page) => ({
      role,
      state: 'APPROVED',
      roleAssignee: urnOf(member),
      organization: pageUrn(page),
    })),
    paging: { start: 0, count: 100, links: [] },
  })
}

function organisation(token: Token, key: string): SandboxResponse {
  if (!has(token, 'rw_organization_admin')) return forbidden('organizations.GET')
  const page = organisations.find((candidate) => String(candidate.id) === key)
  return page ? jsonResponse(200, page) : failure(404, 'Could not find organization', { code: 'NOT_FOUND' })
}

function wallPost(state: State, post: Post): WallPost {
  const page = organisations.find((candidate) => post.author === pageUrn(candidate))
  const member = members.find((candidate) => post.author === urnOf(candidate))
  const handle = page?.vanityName ?? member?.vanityName
  return {
    network: definition.id,
    remoteId: post.urn,
    channelRemoteId: post.author,
    channelName: page?.localizedName ?? nameOf(member ?? firstMember),
    ...(handle === undefined ? {} : { handle }),
    text: plainText(post.commentary),
    ...(post.link === null ? {} : { link: post.link }),
    images: post.images.map(({ id, altText }) => {
      const file = state.assets.get(id)?.file
      return { altText, ...(file ? { file } : {}) }
    }),
    url: post.url,
    publishedAt: new Date(urnTime(post.urn) ?? post.createdAt).toISOString(),
    deleted: post.deleted,
    figures: figuresOf(state, post),
    comments: wallComments(state, post),
  }
}
