/**
 * LinkedIn as it answers over HTTP: consent, versioned REST, image uploads, the duplicate guard, statistics.
 *
 * Community Management tokens see pages and one member; a token of the self-serve products sees its member.
 * Quotas are those of the products, except that the Community Management tier is the roomier Standard one
 * (its figures are unpublished), so that a trial does not run dry. As on the real network no header tells
 * a quota, and a new token may be used at once.
 *
 * Not simulated: video, documents, polls, reshares, comments and reactions, mentions of members, editing,
 * targeting, follower and page statistics, time-bound statistics, webhooks, ads, ghost posts, and the two
 * days by which statistics lag.
 */
import { randomBytes } from 'node:crypto'
import type { LoginMethod, NetworkHosts } from '../contract.ts'
import {
  audienceOf,
  bearerOf,
  type Effect,
  formOf,
  hash,
  imageType,
  jsonOf,
  jsonResponse,
  type KnownError,
  redirect,
  type CreateSandbox,
  type RefusalKind,
  type SandboxContext,
  type SandboxRequest,
  type SandboxResponse,
  type WallPost,
} from '../sandbox-kit.ts'
import { consentPage } from '../sandbox-pages.ts'
import { definition } from './definition.ts'
import { plainText, urnTime } from './text.ts'

type Organisation = { id: number; localizedName: string; vanityName: string }
type Member = { id: string; firstName: string; lastName: string; vanityName: string; pages: Organisation[] }

const bakery = { id: 70010001, localizedName: 'Litfass Sandbox Bakery', vanityName: 'sandbox-bakery' }
const theatre = { id: 70010002, localizedName: 'Litfass Sandbox Theatre', vanityName: 'sandbox-theatre' }
const library = { id: 70010003, localizedName: 'Litfass Sandbox Library', vanityName: 'sandbox-library' }
const organisations: readonly Organisation[] = [bakery, theatre, library]
/** People to sign in as; the first is preset. */
const members: readonly [Member, ...Member[]] = [
  {
    id: 'Kq7sandbox',
    firstName: 'Robin',
    lastName: 'Sandbox',
    vanityName: 'robin-sandbox',
    pages: [bakery, theatre],
  },
  {
    id: 'Mx2sandbox',
    firstName: 'Second',
    lastName: 'Sandbox',
    vanityName: 'second-sandbox',
    pages: [library],
  },
  { id: 'Tz9sandbox', firstName: 'Third', lastName: 'Sandbox', vanityName: 'third-sandbox', pages: [] },
]
const [firstMember] = members
const memberById = (id: string | null) => members.find((member) => member.id === id) ?? firstMember
const urnOf = (member: Member) => `urn:li:person:${member.id}`
const pageUrn = (page: Organisation) => `urn:li:organization:${page.id}`
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
/** Since this version a metric's type is a string and no object any more. */
const plainMetricTypeSince = '202605'
const day = 86_400
const shareDayLimit = 150
const standardDayLimit = 5_000
const duplicateWindowMs = 600_000

type Code = {
  clientId: string
  memberId: string
  redirectUri: string
  scopes: string[]
  issuedAt: number
  used: boolean
}
type Token = {
  app: string
  memberId: string
  scopes: string[]
  expiresAt: number
  revoked: boolean
  refresh: { token: string; expiresAt: number } | null
}
type Asset = { owner: string; uploadedAt: number | null; expiresAt: number; file: string | null }
type Post = {
  urn: string
  author: string
  commentary: string
  images: Array<{ id: string; altText: string }>
  link: string | null
  content: unknown
  body: string
  createdAt: number
  deleted: boolean
  url: string
}

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

function openState(context: SandboxContext) {
  const collection = context.collection
  return {
    context,
    now: () => context.now().getTime(),
    audience: audienceOf(context),
    codes: collection<Code>('linkedin-codes'),
    tokens: collection<Token>('linkedin-tokens'),
    assets: collection<Asset>('linkedin-assets'),
    posts: collection<Post>('linkedin-posts'),
    usage: collection<number>('linkedin-usage'),
    /** Calls left by order of a fault. */
    quota: collection<number>('linkedin-quota'),
    /** The newest post of each body, for the duplicate guard. */
    twins: new Map(Array.from(collection<Post>('linkedin-posts').values(), (post) => [post.body, post.urn])),
  }
}

type State = ReturnType<typeof openState>

function revoked(token: Token): Token {
  return { ...token, revoked: true, refresh: token.refresh ? { ...token.refresh, expiresAt: 0 } : null }
}

function failure(
  status: number,
  message: string,
  extra: { code?: string; serviceErrorCode?: number } = {},
): SandboxResponse {
  return jsonResponse(status, { status, ...extra, message }, { 'x-li-uuid': randomBytes(8).toString('hex') })
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

/** A path as it is meant; one that is badly encoded stays as it is and finds nothing. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

function rest(state: State, token: Token, request: SandboxRequest): SandboxResponse {
  const [resource = '', key = ''] = request.path.slice('/rest/'.length).split('/').map(decoded)
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

const has = (token: Token, scope: string) => token.scopes.includes(scope)

function forbidden(what: string): SandboxResponse {
  return failure(403, `Not enough permissions to access: ${what}.20260901`, {
    code: 'ACCESS_DENIED',
    serviceErrorCode: 100,
  })
}

// --- Sign-in ---------------------------------------------------------------------------------------

function authorize(state: State, request: SandboxRequest): SandboxResponse {
  const query = request.query
  const redirectUri = query.get('redirect_uri') ?? ''
  if (!URL.canParse(redirectUri)) return failure(401, "Redirect_uri doesn't match")
  if (!query.get('client_id')) return failure(401, "Client_id doesn't match")
  const scopes = (query.get('scope') ?? '').split(' ').filter((scope) => scope !== '')
  const decision = query.get('decision')
  const back = (fields: Record<string, string>) => {
    const target = new URL(redirectUri)
    for (const [name, value] of Object.entries({ ...fields, state: query.get('state') ?? '' }))
      target.searchParams.set(name, value)
    return redirect(target.href)
  }
  if (scopes.length === 0 || scopes.includes('r_member_social'))
    return back({
      error: 'unauthorized_scope_error',
      error_description: 'Scope is not authorized for your application',
    })
  if (decision === 'deny')
    return back({
      error: 'user_cancelled_authorize',
      error_description: 'The user cancelled the authorization',
    })
  if (decision === 'allow') {
    const code = `AQ${randomBytes(24).toString('base64url')}`
    state.codes.set(code, {
      clientId: query.get('client_id') ?? '',
      memberId: memberById(query.get('account')).id,
      redirectUri,
      scopes,
      issuedAt: state.context.now().getTime(),
      used: false,
    })
    return back({ code })
  }
  const seesPages = scopes.includes('w_organization_social')
  const asked = memberById(query.get('account'))
  return consentPage(request, {
    network: 'LinkedIn',
    scopes,
    accounts: [asked, ...members.filter((member) => member !== asked)].map((member) => ({
      id: member.id,
      name: nameOf(member),
      ...(seesPages && member.pages.length > 0
        ? { detail: member.pages.map((page) => page.localizedName).join(', ') }
        : {}),
    })),
    action: '/oauth/v2/authorization',
    hidden: Object.fromEntries([...query].filter(([name]) => name !== 'account' && name !== 'lang')),
    redirectUri,
  })
}

const nameOf = (member: Member) => `${member.firstName} ${member.lastName}`

function tokenError(status: number, error: string, description: string): SandboxResponse {
  return jsonResponse(status, { error, error_description: description })
}

function exchange(state: State, request: SandboxRequest): SandboxResponse {
  const form = formOf(request)
  if (!form.get('client_id') || !form.get('client_secret'))
    return tokenError(400, 'invalid_request', 'A required parameter "client_id" is missing')
  if (form.get('grant_type') === 'refresh_token') return refreshGrant(state, form)
  const now = state.context.now().getTime()
  const key = form.get('code') ?? ''
  const code = state.codes.get(key)
  if (!code) return tokenError(401, 'invalid_request', 'Unable to retrieve access token: code not found')
  const isMatch = code.clientId === form.get('client_id') && code.redirectUri === form.get('redirect_uri')
  if (code.used || !isMatch || now - code.issuedAt > 1_800_000)
    return tokenError(
      400,
      'invalid_redirect_uri',
      'Unable to retrieve access token: appid/redirect uri/code verifier does not match authorization code. Or authorization code expired.',
    )
  state.codes.set(key, { ...code, used: true })
  // The two products live in two apps, even where an operator typed the same client id twice.
  const app = `${code.clientId}:${code.scopes.includes('openid') ? 'share' : 'community'}`
  killOtherScopes(state, app, code)
  const isPartner = code.scopes.includes('w_organization_social')
  const refresh = isPartner
    ? { token: `AR${randomBytes(48).toString('base64url')}`, expiresAt: now + 365 * day * 1_000 }
    : null
  return issue(state, { app, memberId: code.memberId, scopes: code.scopes, refresh })
}

/** Asking for another set of scopes ends all earlier tokens of that member and app. */
function killOtherScopes(state: State, app: string, { memberId, scopes }: Code): void {
  const wanted = [...scopes].toSorted().join(' ')
  for (const [key, token] of state.tokens.entries())
    if (token.app === app && token.memberId === memberId && [...token.scopes].toSorted().join(' ') !== wanted)
      state.tokens.set(key, { ...token, revoked: true, refresh: null })
}

function refreshGrant(state: State, form: URLSearchParams): SandboxResponse {
  const now = state.context.now().getTime()
  const wanted = form.get('refresh_token')
  const found = state.tokens.entries().find(([, token]) => token.refresh?.token === wanted)?.[1]
  if (!found?.refresh || found.refresh.expiresAt <= now)
    return tokenError(
      400,
      'invalid_request',
      'The provided authorization grant or refresh token is invalid, expired or revoked',
    )
  return issue(state, found)
}

/** The app takes a consent back: every token of that member and app ends. */
function revoke(state: State, request: SandboxRequest): SandboxResponse {
  const known = state.tokens.get(formOf(request).get('token') ?? '')
  for (const [key, token] of state.tokens.entries())
    if (known && token.app === known.app && token.memberId === known.memberId)
      state.tokens.set(key, revoked(token))
  return { status: 200 }
}

function issue(
  state: State,
  { app, memberId, scopes, refresh }: Pick<Token, 'app' | 'memberId' | 'scopes' | 'refresh'>,
): SandboxResponse {
  const now = state.context.now().getTime()
  const accessToken = `AQ${randomBytes(240).toString('base64url')}`
  state.tokens.set(accessToken, {
    app,
    memberId,
    scopes,
    expiresAt: now + 60 * day * 1_000,
    revoked: false,
    refresh,
  })
  return jsonResponse(200, {
    access_token: accessToken,
    expires_in: 60 * day,
    scope: scopes.join(','),
    token_type: 'Bearer',
    ...(refresh
      ? {
          refresh_token: refresh.token,
          refresh_token_expires_in: Math.floor((refresh.expiresAt - now) / 1_000),
        }
      : {}),
  })
}

function tokenOf(state: State, request: SandboxRequest): Token | SandboxResponse {
  const bearer = bearerOf(request)
  if (!bearer)
    return failure(401, 'Empty oauth2 access token', { code: 'EMPTY_ACCESS_TOKEN', serviceErrorCode: 65604 })
  const token = state.tokens.get(bearer)
  if (!token) return invalidToken()
  if (token.revoked) return revokedToken()
  if (token.expiresAt <= state.context.now().getTime()) return expiredToken()
  return token
}

function invalidToken(): SandboxResponse {
  return failure(401, 'Invalid access token', { code: 'INVALID_ACCESS_TOKEN', serviceErrorCode: 65600 })
}

function revokedToken(): SandboxResponse {
  return failure(401, 'The token used in the request has been revoked by the user', {
    code: 'REVOKED_ACCESS_TOKEN',
    serviceErrorCode: 65601,
  })
}

function expiredToken(): SandboxResponse {
  return failure(401, 'The token used in the request has expired', {
    code: 'EXPIRED_ACCESS_TOKEN',
    serviceErrorCode: 65602,
  })
}

function versionProblem(state: State, request: SandboxRequest): SandboxResponse | null {
  const version = request.headers['linkedin-version']
  if (!version)
    return failure(400, 'A version must be present. Please specify a version', { code: 'VERSION_MISSING' })
  const end = versionEnds[version]
  if (end !== undefined && state.now() < Date.parse(end)) return null
  return versionEnded(version)
}

function versionEnded(version: string): SandboxResponse {
  return failure(426, `Requested version ${version}.01 is not active`, { code: 'NONEXISTENT_VERSION' })
}

function noResource(): SandboxResponse {
  return failure(404, 'No virtual resource found')
}

/** No header tells the quota or a time to come back; the message is the only carrier of the counter. */
function throttle(state: State, token: Token, request: SandboxRequest): SandboxResponse | null {
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

function dayLimit(request: SandboxRequest): SandboxResponse {
  const resource = request.path.split('/')[2] ?? ''
  return failure(429, `Resource level throttle MEMBER DAY limit for calls to ${resource} is reached.`, {
    code: 'TOO_MANY_REQUESTS',
    serviceErrorCode: 101,
  })
}

// --- Who -------------------------------------------------------------------------------------------

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

function mayActAs(token: Token, urn: unknown): boolean {
  const member = memberById(token.memberId)
  if (urn === urnOf(member)) return has(token, 'w_member_social')
  return has(token, 'w_organization_social') && member.pages.some((page) => urn === pageUrn(page))
}

// --- Images ----------------------------------------------------------------------------------------

function initialise(state: State, token: Token, request: SandboxRequest): SandboxResponse {
  const wish = jsonOf(request)['initializeUploadRequest'] as { owner?: unknown } | undefined
  if (request.query.get('action') !== 'initializeUpload' || typeof wish?.owner !== 'string')
    return failure(400, 'owner is required', { code: 'MISSING_FIELD' })
  if (!mayActAs(token, wish.owner)) return failure(403, 'The requested resource is forbidden')
  const image = `urn:li:image:D4E10AQ${randomBytes(9).toString('hex')}`
  const expiresAt = state.context.now().getTime() + day * 1_000
  state.assets.set(image, { owner: wish.owner, uploadedAt: null, expiresAt, file: null })
  request.made?.(image)
  return jsonResponse(200, {
    value: {
      uploadUrlExpiresAt: expiresAt,
      uploadUrl: `${request.baseUrl}/dms-uploads/${image.split(':')[3]}/uploaded-image/0?ca=vector_feedshare`,
      image,
    },
  })
}

function upload(state: State, request: SandboxRequest): SandboxResponse {
  const image = `urn:li:image:${request.path.split('/')[2]}`
  const asset = state.assets.get(image)
  if (!asset || request.method !== 'PUT') return { status: 404 }
  if (asset.expiresAt < state.context.now().getTime())
    return failure(400, 'The upload URL expired', { code: 'EXPIRED_UPLOAD_URL' })
  const file = imageType(request.body) === null ? null : state.context.files.put(request.body)
  state.assets.set(image, { ...asset, uploadedAt: state.now(), file })
  request.made?.(image)
  return { status: 201 }
}

function assetStatus(state: State, asset: Asset): string {
  if (asset.uploadedAt === null) return 'WAITING_UPLOAD'
  if (asset.file === null) return 'PROCESSING_FAILED'
  return state.context.now().getTime() - asset.uploadedAt < 2_000 ? 'PROCESSING' : 'AVAILABLE'
}

function imageStatus(state: State, token: Token, key: string): SandboxResponse {
  if (!has(token, 'w_organization_social')) return forbidden('images.GET')
  const asset = state.assets.get(key)
  if (!asset) return failure(404, 'Image not found', { code: 'NOT_FOUND' })
  return jsonResponse(200, { id: key, owner: asset.owner, status: assetStatus(state, asset) })
}

// --- Posts -----------------------------------------------------------------------------------------

type Content = {
  media?: { id: string; altText?: string }
  multiImage?: { images: Array<{ id: string; altText?: string }> }
  article?: { source: string; title?: string }
}

function createPost(state: State, token: Token, request: SandboxRequest): SandboxResponse {
  const body = jsonOf(request)
  const { author, commentary } = body
  if (typeof author !== 'string' || typeof commentary !== 'string')
    return failure(400, 'commentary is required', { code: 'MISSING_FIELD' })
  if (!mayActAs(token, author)) return failure(403, 'The requested resource is forbidden')
  if (body['lifecycleState'] !== 'PUBLISHED' || typeof body['visibility'] !== 'string')
    return failure(400, 'lifecycleState must be PUBLISHED', { code: 'INVALID_VALUE_FOR_FIELD' })
  const text = plainText(commentary)
  if ([...text].length > 3_000)
    return failure(400, 'Commentary is too long', { code: 'FIELD_LENGTH_TOO_LONG' })
  const content = (body['content'] ?? {}) as Content
  const images = content.multiImage?.images ?? (content.media ? [content.media] : [])
  const problem = contentProblem(state, author, content, images)
  if (problem) return problem
  const now = state.context.now().getTime()
  const wire = JSON.stringify(body)
  const twin = state.posts.get(state.twins.get(wire) ?? '')
  if (twin && now - twin.createdAt < duplicateWindowMs) return duplicateOf(twin.urn)
  const urn = `urn:li:share:${(BigInt(now) << 22n) | BigInt(state.posts.size() & 0x3f_ffff)}`
  state.posts.set(urn, {
    urn,
    author,
    commentary,
    images: images.map(({ id, altText = '' }) => ({ id, altText })),
    link: content.article?.source ?? null,
    content: body['content'] ?? null,
    body: wire,
    createdAt: now,
    deleted: false,
    url: `${request.baseUrl}/feed/update/${urn}/`,
  })
  state.twins.set(wire, urn)
  request.made?.(
    urn,
    images.map(({ id }) => id),
  )
  return { status: 201, headers: { 'x-restli-id': urn, 'x-linkedin-id': urn } }
}

function duplicateOf(urn: string): SandboxResponse {
  return failure(422, `Content is a duplicate of ${urn}`, { code: 'DUPLICATE_POST', serviceErrorCode: 0 })
}

function contentProblem(
  state: State,
  author: string,
  content: Content,
  images: ReadonlyArray<{ id: string; altText?: string }>,
): SandboxResponse | null {
  if (content.multiImage && (images.length < 2 || images.length > 20))
    return failure(400, 'multiImage takes 2 to 20 images', { code: 'INVALID_VALUE_FOR_FIELD' })
  if ((content.article?.title ?? '').length > 400)
    return failure(400, 'title is too long', { code: 'FIELD_LENGTH_TOO_LONG' })
  for (const image of images) {
    const asset = state.assets.get(image.id)
    if (!asset || asset.owner !== author)
      return failure(400, 'Not a usable image', { code: 'INVALID_URN_ID' })
    if ((image.altText ?? '').length > 4_086)
      return failure(400, 'altText is too long', { code: 'FIELD_LENGTH_TOO_LONG' })
    const status = assetStatus(state, asset)
    if (status === 'PROCESSING_FAILED')
      return failure(400, 'Processing failed', { code: 'MEDIA_ASSET_PROCESSING_FAILED' })
    if (status !== 'AVAILABLE')
      return failure(400, 'Upload is awaited', { code: 'MEDIA_ASSET_WAITING_UPLOAD' })
  }
  return null
}

/** A new post shows in the listing after two seconds, which a reconciler has to bear. */
function listPosts(state: State, token: Token, request: SandboxRequest): SandboxResponse {
  const author = request.query.get('author') ?? ''
  if (request.query.get('q') !== 'author') return failure(400, 'Unknown finder', { code: 'ILLEGAL_ARGUMENT' })
  if (author.startsWith('urn:li:person:'))
    return failure(400, 'Member permissions must be used when using member as author')
  if (!has(token, 'r_organization_social')) return forbidden('posts.FINDER-author')
  const now = state.context.now().getTime()
  const elements = state.posts
    .entries()
    .map(([, post]) => post)
    .filter((post) => post.author === author && !post.deleted && now - post.createdAt >= 2_000)
    .toSorted((one, other) => other.createdAt - one.createdAt)
    .slice(0, Number(request.query.get('count') ?? '10'))
    .map(postView)
  return jsonResponse(200, { elements, paging: { start: 0, count: 10, links: [] } })
}

function postView(post: Post): Record<string, unknown> {
  return {
    id: post.urn,
    author: post.author,
    commentary: post.commentary,
    createdAt: post.createdAt + 150,
    publishedAt: post.createdAt + 150,
    lifecycleState: 'PUBLISHED',
    visibility: 'PUBLIC',
    ...(post.content === null ? {} : { content: post.content }),
  }
}

function livePost(state: State, key: string): Post | undefined {
  const post = state.posts.get(key)
  return post && !post.deleted ? post : undefined
}

function readPost(state: State, token: Token, key: string): SandboxResponse {
  const post = livePost(state, key)
  if (!has(token, 'r_organization_social') || post?.author.startsWith('urn:li:person:'))
    return forbidden('posts.GET')
  return post ? jsonResponse(200, postView(post)) : failure(404, 'Post not found', { code: 'NOT_FOUND' })
}

function deletePost(state: State, token: Token, key: string, request: SandboxRequest): SandboxResponse {
  const post = state.posts.get(key)
  if (!post) return { status: 204 }
  if (!mayActAs(token, post.author)) return failure(403, 'The requested resource is forbidden')
  state.posts.set(key, { ...post, deleted: true })
  request.made?.(key)
  return { status: 204 }
}

function socialMetadata(state: State, token: Token, key: string): SandboxResponse {
  if (!has(token, 'w_member_social_feed') && !has(token, 'r_organization_social_feed'))
    return forbidden('socialMetadata.GET')
  const post = livePost(state, key)
  if (!post) return failure(404, 'Not found', { code: 'NOT_FOUND' })
  return jsonResponse(200, { entity: key, commentsState: 'OPEN', reactionSummaries: {} })
}

// --- Figures ---------------------------------------------------------------------------------------

type Figures = {
  views: number
  reach: number
  clicks: number
  likes: number
  comments: number
  shares: number
}

function figuresOf(state: State, post: Post): Figures {
  const { views, share } = state.audience(`${post.author}|${post.body}`, post.createdAt)
  return {
    views,
    reach: share('reach', 0.6, 0.85),
    clicks: share('clicks', 0.01, 0.05),
    likes: share('likes', 0.01, 0.06),
    comments: share('comments', 0, 0.01),
    shares: share('shares', 0, 0.01),
  }
}

/** Posts nobody reacted to yet are absent from the answer. */
function shareStatistics(state: State, token: Token, request: SandboxRequest): SandboxResponse {
  if (!has(token, 'rw_organization_admin')) return forbidden('organizationalEntityShareStatistics.FINDER')
  if (request.query.has('shares[0]'))
    return failure(403, 'Unpermitted fields present in QUERY_PARAMETERS: [/shares]')
  const owner = request.query.get('organizationalEntity')
  const list =
    /^List\((.*)\)$/.exec(request.query.get('shares') ?? request.query.get('ugcPosts') ?? '')?.[1] ?? ''
  const elements = list
    .split(',')
    .map((urn) => livePost(state, decoded(urn)))
    .filter((post): post is Post => post !== undefined && post.author === owner)
    .map((post) => ({ post, figures: figuresOf(state, post) }))
    .filter(({ figures }) => figures.views > 0)
    .map(({ post, figures }) => ({
      organizationalEntity: owner,
      share: post.urn,
      totalShareStatistics: {
        impressionCount: figures.views,
        uniqueImpressionsCount: figures.reach,
        clickCount: figures.clicks,
        likeCount: figures.likes,
        commentCount: figures.comments,
        shareCount: figures.shares,
        engagement: (figures.clicks + figures.likes + figures.comments + figures.shares) / figures.views,
      },
    }))
  return jsonResponse(200, { elements, paging: { start: 0, count: 10, links: [] } })
}

function memberAnalytics(state: State, token: Token, request: SandboxRequest): SandboxResponse {
  if (!has(token, 'r_member_postAnalytics')) return forbidden('memberCreatorPostAnalytics.FINDER-entity')
  const urn = /^\((?:share|ugc):(.+)\)$/.exec(request.query.get('entity') ?? '')?.[1] ?? ''
  const post = livePost(state, decoded(urn))
  if (!post) return failure(404, 'Not found', { code: 'NOT_FOUND' })
  const figures = figuresOf(state, post)
  const counts: Record<string, number> = {
    IMPRESSION: figures.views,
    MEMBERS_REACHED: figures.reach,
    RESHARE: figures.shares,
    REACTION: figures.likes,
    COMMENT: figures.comments,
  }
  const metricType = request.query.get('queryType') ?? ''
  const count = counts[metricType]
  if (count === undefined) return failure(400, 'queryType is not valid', { code: 'INVALID_VALUE_FOR_FIELD' })
  const isPlain = (request.headers['linkedin-version'] ?? '') >= plainMetricTypeSince
  const named = isPlain
    ? metricType
    : { 'com.linkedin.adsexternalapi.memberanalytics.v1.CreatorPostAnalyticsMetricTypeV1': metricType }
  return jsonResponse(200, {
    elements: [{ count, metricType: named, targetEntity: { share: post.urn } }],
    paging: { start: 0, count: 10, links: [] },
  })
}

// --- The wall --------------------------------------------------------------------------------------

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
  }
}

// --- Faults ----------------------------------------------------------------------------------------

function effectOf({ method, path }: { method: string; path: string }): Effect {
  if (path === '/oauth/v2/accessToken' || path === '/oauth/v2/revoke') return 'token'
  if (path.startsWith('/dms-uploads/')) return 'upload'
  if (!/^\/(?:rest|v2)\//.test(path)) return 'page'
  if (method === 'GET') return 'read'
  if (method === 'DELETE') return 'remove'
  return path.startsWith('/rest/posts') ? 'publish' : 'upload'
}

function refuse(state: State, kind: RefusalKind, request: SandboxRequest): SandboxResponse {
  switch (kind) {
    case 'unauthorised':
      // Answered for some seconds after a token was issued, while the token is fine.
      return revokedToken()
    case 'throttled':
      return dayLimit(request)
    case 'outage':
      return { status: 503 }
    case 'server-error':
      return failure(500, 'Internal Server Error', { code: 'INTERNAL_SERVER_ERROR' })
    case 'withdrawn-network':
      return forbidden(`${request.path.split('/')[2] ?? ''}.${request.method}`)
    case 'withdrawn-ability':
      return noResource()
    case 'withdrawn-version':
      return versionEnded(request.headers['linkedin-version'] ?? '')
  }
}

function errorsOf(state: State): Record<string, KnownError> {
  const known = (meaning: string, status: number, answer: KnownError['answer']): KnownError => ({
    status,
    meaning,
    answer,
  })
  const invalid = (code: string, meaning: string) =>
    known(meaning, 400, () => failure(400, meaning, { code }))
  const newUrn = () => `urn:li:share:${BigInt(state.now()) << 22n}`
  return {
    '400-field-too-long': invalid('FIELD_LENGTH_TOO_LONG', 'Commentary is too long'),
    '400-invalid-value': invalid('INVALID_VALUE_FOR_FIELD', 'A value is not valid'),
    '400-waiting-upload': invalid('MEDIA_ASSET_WAITING_UPLOAD', 'Upload is awaited'),
    '400-processing-failed': invalid('MEDIA_ASSET_PROCESSING_FAILED', 'Processing failed'),
    '400-expired-upload-url': invalid('EXPIRED_UPLOAD_URL', 'The upload URL expired'),
    '400-version-missing': invalid('VERSION_MISSING', 'A version must be present. Please specify a version'),
    '401-revoked': known('The token was revoked', 401, revokedToken),
    '401-expired': known('The token has expired', 401, expiredToken),
    '401-invalid': known('The token is not known', 401, invalidToken),
    '403-missing-scope': known('A scope is missing', 403, () => forbidden('posts.CREATE')),
    '403-missing-role': known('The member has no role on the page', 403, () =>
      failure(403, 'The requested resource is forbidden'),
    ),
    '404-not-found': known('There is no such thing', 404, () =>
      failure(404, 'Not found', { code: 'NOT_FOUND' }),
    ),
    '404-no-resource': known('The endpoint is unknown to this version', 404, noResource),
    '409-conflict': known('Two changes met', 409, () => failure(409, 'Conflict', { code: 'CONFLICT' })),
    '422-duplicate': known('The same post was just made; names one nobody can see', 422, () =>
      duplicateOf(newUrn()),
    ),
    '426-version-ended': known('The version has ended', 426, (request) =>
      versionEnded(request.headers['linkedin-version'] ?? ''),
    ),
    '429-day-limit': known('The calls of the day are used up', 429, dayLimit),
    '429-creation-rate': known('Too many creations in a minute', 429, () =>
      failure(429, 'Create throttled: creation rate limit exceeded for member', {
        code: 'TOO_MANY_REQUESTS',
      }),
    ),
    '500-internal': known('LinkedIn had a problem', 500, (request) => refuse(state, 'server-error', request)),
    '504-timeout': known('LinkedIn took too long', 504, () => failure(504, 'Gateway Timeout')),
  }
}
