/**
 * LinkedIn as it answers over HTTP: consent, versioned REST, image uploads, the duplicate guard, statistics.
 *
 * Community Management tokens see pages and one member; a token of the self-serve products sees its member.
 * Kept out: video, polls, comments. Quotas are those of the products, except that the Community Management
 * tier is the roomier Standard one (its figures are unpublished), so that a trial does not run dry.
 */
import { randomBytes } from 'node:crypto'
import type { LoginMethod, NetworkHosts } from '../contract.ts'
import {
  audienceViews,
  bearerOf,
  consentPage,
  formOf,
  hash,
  jsonOf,
  jsonResponse,
  redirect,
  shareOf,
  type CreateSandbox,
  type SandboxContext,
  type SandboxRequest,
  type SandboxResponse,
  type WallPost,
} from '../sandbox-kit.ts'
import { plainText, urnTime } from './text.ts'

const member = { id: 'Kq7sandbox', firstName: 'Robin', lastName: 'Sandbox' }
const memberUrn = `urn:li:person:${member.id}`
const organisations = [
  { id: 70010001, localizedName: 'Litfass Sandbox Bakery', vanityName: 'sandbox-bakery' },
  { id: 70010002, localizedName: 'Litfass Sandbox Theatre', vanityName: 'sandbox-theatre' },
]
const knownVersions = [
  '202601',
  '202602',
  '202603',
  '202604',
  '202605',
  '202606',
  '202607',
  '202608',
  '202609',
]
const versionEnds = '2027-09-15'
const day = 86_400
const shareDayLimit = 150
const standardDayLimit = 5_000
const duplicateWindowMs = 600_000

type Code = { clientId: string; redirectUri: string; scopes: string[]; issuedAt: number; used: boolean }
type Token = {
  app: string
  scopes: string[]
  expiresAt: number
  revoked: boolean
  refresh: { token: string; expiresAt: number } | null
}
type Asset = { owner: string; uploadedAt: number | null; expiresAt: number; dataUrl: string | null }
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
  const codes = context.collection<Code>('linkedin-codes')
  const tokens = context.collection<Token>('linkedin-tokens')
  const assets = context.collection<Asset>('linkedin-assets')
  const posts = context.collection<Post>('linkedin-posts')
  const usage = context.collection<number>('linkedin-usage')
  const state: State = { context, codes, tokens, assets, posts, usage }
  return {
    id: 'linkedin',
    handle: async (request) => route(state, request),
    wall: () => posts.entries().map(([, post]) => wallPost(state, post)),
    killTokens: () => {
      for (const [key, token] of tokens.entries())
        tokens.set(key, {
          ...token,
          revoked: true,
          refresh: token.refresh ? { ...token.refresh, expiresAt: 0 } : null,
        })
    },
  }
}

type Collections = {
  codes: ReturnType<typeof collectionOf<Code>>
  tokens: ReturnType<typeof collectionOf<Token>>
  assets: ReturnType<typeof collectionOf<Asset>>
  posts: ReturnType<typeof collectionOf<Post>>
  usage: ReturnType<typeof collectionOf<number>>
}
type State = Collections & { context: SandboxContext }

/** Only there for its type. */
function collectionOf<T>(context: SandboxContext, name: string) {
  return context.collection<T>(name)
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
  const token = tokenOf(state, request)
  if ('status' in token) return token
  if (request.path.startsWith('/dms-uploads/')) return upload(state, request)
  if (request.path === '/v2/userinfo') return userinfo(token)
  if (!request.path.startsWith('/rest/')) return failure(404, 'No virtual resource found')
  const refused = versionProblem(state, request) ?? throttle(state, token, request)
  if (refused) return refused
  return rest(state, token, request)
}

function rest(state: State, token: Token, request: SandboxRequest): SandboxResponse {
  const [resource = '', key = ''] = request.path.slice('/rest/'.length).split('/').map(decodeURIComponent)
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
      return deletePost(state, token, key)
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
        ? jsonResponse(200, { elements: [{ memberFollowersCount: 300 + (hash(memberUrn) % 900) }] })
        : forbidden('memberFollowersCount.FINDER-me')
    default:
      return failure(404, 'No virtual resource found')
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
      redirectUri,
      scopes,
      issuedAt: state.context.now().getTime(),
      used: false,
    })
    return back({ code })
  }
  const names = scopes.includes('w_organization_social')
    ? [...organisations.map((page) => page.localizedName), memberName()]
    : [memberName()]
  return consentPage({
    network: 'LinkedIn',
    scopes,
    accounts: names,
    action: `${request.baseUrl}/oauth/v2/authorization`,
    hidden: Object.fromEntries(query),
  })
}

const memberName = () => `${member.firstName} ${member.lastName}`

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
  killOtherScopes(state, app, code.scopes)
  const isPartner = code.scopes.includes('w_organization_social')
  const refresh = isPartner
    ? { token: `AR${randomBytes(48).toString('base64url')}`, expiresAt: now + 365 * day * 1_000 }
    : null
  return issue(state, app, code.scopes, refresh)
}

/** Asking for another set of scopes ends all earlier tokens of that member and app. */
function killOtherScopes(state: State, app: string, scopes: string[]): void {
  const wanted = [...scopes].toSorted().join(' ')
  for (const [key, token] of state.tokens.entries())
    if (token.app === app && [...token.scopes].toSorted().join(' ') !== wanted)
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
  return issue(state, found.app, found.scopes, found.refresh)
}

function issue(state: State, app: string, scopes: string[], refresh: Token['refresh']): SandboxResponse {
  const now = state.context.now().getTime()
  const accessToken = `AQ${randomBytes(240).toString('base64url')}`
  state.tokens.set(accessToken, { app, scopes, expiresAt: now + 60 * day * 1_000, revoked: false, refresh })
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
  if (!token)
    return failure(401, 'Invalid access token', { code: 'INVALID_ACCESS_TOKEN', serviceErrorCode: 65600 })
  if (token.revoked)
    return failure(401, 'The token used in the request has been revoked by the user', {
      code: 'REVOKED_ACCESS_TOKEN',
      serviceErrorCode: 65601,
    })
  if (token.expiresAt <= state.context.now().getTime())
    return failure(401, 'The token used in the request has expired', {
      code: 'EXPIRED_ACCESS_TOKEN',
      serviceErrorCode: 65602,
    })
  return token
}

function versionProblem(state: State, request: SandboxRequest): SandboxResponse | null {
  const version = request.headers['linkedin-version']
  if (!version)
    return failure(400, 'A version must be present. Please specify a version', { code: 'VERSION_MISSING' })
  const isOver = state.context.now().getTime() > Date.parse(versionEnds)
  if (knownVersions.includes(version) && !isOver) return null
  return failure(426, `Requested version ${version}.01 is not active`, { code: 'NONEXISTENT_VERSION' })
}

/** No header tells the quota or a time to come back; the message is the only carrier of the counter. */
function throttle(state: State, token: Token, request: SandboxRequest): SandboxResponse | null {
  const today = state.context.now().toISOString().slice(0, 10)
  const key = `${token.app}:${today}`
  const used = state.usage.get(key) ?? 0
  const limit = has(token, 'openid') ? shareDayLimit : standardDayLimit
  if (used >= limit) {
    const resource = request.path.split('/')[2] ?? ''
    return failure(429, `Resource level throttle MEMBER DAY limit for calls to ${resource} is reached.`, {
      code: 'TOO_MANY_REQUESTS',
      serviceErrorCode: 101,
    })
  }
  state.usage.set(key, used + 1)
  return null
}

// --- Who -------------------------------------------------------------------------------------------

function userinfo(token: Token): SandboxResponse {
  if (!has(token, 'openid')) return forbidden('userinfo.GET.NO_VERSION')
  return jsonResponse(200, {
    sub: member.id,
    name: memberName(),
    given_name: member.firstName,
    family_name: member.lastName,
  })
}

function me(token: Token): SandboxResponse {
  if (!has(token, 'r_basicprofile')) return forbidden('me.GET')
  return jsonResponse(200, {
    id: member.id,
    localizedFirstName: member.firstName,
    localizedLastName: member.lastName,
    vanityName: 'robin-sandbox',
  })
}

function acls(token: Token, request: SandboxRequest): SandboxResponse {
  if (!has(token, 'rw_organization_admin')) return forbidden('organizationAcls.FINDER-roleAssignee')
  const role = request.query.get('role') ?? 'ADMINISTRATOR'
  const held = role === 'ADMINISTRATOR' ? organisations : []
  return jsonResponse(200, {
    elements: held.map((page) => ({
      role,
      state: 'APPROVED',
      roleAssignee: memberUrn,
      organization: `urn:li:organization:${page.id}`,
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
  if (urn === memberUrn) return has(token, 'w_member_social')
  return (
    has(token, 'w_organization_social') &&
    organisations.some((page) => urn === `urn:li:organization:${page.id}`)
  )
}

// --- Images ----------------------------------------------------------------------------------------

function initialise(state: State, token: Token, request: SandboxRequest): SandboxResponse {
  const wish = jsonOf(request)['initializeUploadRequest'] as { owner?: unknown } | undefined
  if (request.query.get('action') !== 'initializeUpload' || typeof wish?.owner !== 'string')
    return failure(400, 'owner is required', { code: 'MISSING_FIELD' })
  if (!mayActAs(token, wish.owner)) return failure(403, 'The requested resource is forbidden')
  const image = `urn:li:image:D4E10AQ${randomBytes(9).toString('hex')}`
  const expiresAt = state.context.now().getTime() + day * 1_000
  state.assets.set(image, { owner: wish.owner, uploadedAt: null, expiresAt, dataUrl: null })
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
  const dataUrl =
    request.body.length <= 200_000
      ? `data:${typeOf(request.body)};base64,${Buffer.from(request.body).toString('base64')}`
      : null
  state.assets.set(image, { ...asset, uploadedAt: state.context.now().getTime(), dataUrl })
  return { status: 201 }
}

function typeOf(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return 'image/jpeg'
  if (bytes[0] === 0x89 && bytes[1] === 0x50) return 'image/png'
  return bytes[0] === 0x47 ? 'image/gif' : 'application/octet-stream'
}

function assetStatus(state: State, asset: Asset): string {
  if (asset.uploadedAt === null) return 'WAITING_UPLOAD'
  if (asset.dataUrl?.startsWith('data:application')) return 'PROCESSING_FAILED'
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
  const twin = state.posts
    .entries()
    .find(([, post]) => post.body === wire && now - post.createdAt < duplicateWindowMs)
  if (twin)
    return failure(422, `Content is a duplicate of ${twin[1].urn}`, {
      code: 'DUPLICATE_POST',
      serviceErrorCode: 0,
    })
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
  })
  return { status: 201, headers: { 'x-restli-id': urn, 'x-linkedin-id': urn } }
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
  if (!has(token, 'r_organization_social') || post?.author === memberUrn) return forbidden('posts.GET')
  return post ? jsonResponse(200, postView(post)) : failure(404, 'Post not found', { code: 'NOT_FOUND' })
}

function deletePost(state: State, token: Token, key: string): SandboxResponse {
  const post = state.posts.get(key)
  if (!post) return { status: 204 }
  if (!mayActAs(token, post.author)) return failure(403, 'The requested resource is forbidden')
  state.posts.set(key, { ...post, deleted: true })
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
  const views = audienceViews(post.urn, (state.context.now().getTime() - post.createdAt) / 1_000)
  return {
    views,
    reach: shareOf(views, `${post.urn}:reach`, 0.6, 0.85),
    clicks: shareOf(views, `${post.urn}:clicks`, 0.01, 0.05),
    likes: shareOf(views, `${post.urn}:likes`, 0.01, 0.06),
    comments: shareOf(views, `${post.urn}:comments`, 0, 0.01),
    shares: shareOf(views, `${post.urn}:shares`, 0, 0.01),
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
    .map((urn) => livePost(state, decodeURIComponent(urn)))
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
  const post = livePost(state, decodeURIComponent(urn))
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
  return jsonResponse(200, { elements: [{ count, metricType, targetEntity: { share: post.urn } }] })
}

// --- The wall --------------------------------------------------------------------------------------

function wallPost(state: State, post: Post): WallPost {
  const page = organisations.find((candidate) => post.author === `urn:li:organization:${candidate.id}`)
  return {
    network: 'linkedin',
    remoteId: post.urn,
    channelRemoteId: post.author,
    channelName: page?.localizedName ?? memberName(),
    text: plainText(post.commentary),
    ...(post.link === null ? {} : { link: post.link }),
    images: post.images.map(({ id, altText }) => {
      const dataUrl = state.assets.get(id)?.dataUrl
      return { altText, ...(dataUrl ? { dataUrl } : {}) }
    }),
    url: `https://www.linkedin.com/feed/update/${post.urn}/`,
    publishedAt: new Date(urnTime(post.urn) ?? post.createdAt).toISOString(),
    deleted: post.deleted,
  }
}
