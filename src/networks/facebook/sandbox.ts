/**
 * A simulator of the Graph API as Facebook Pages use it: sign-in, page tokens, photos, feed, insights.
 *
 * Usage stands in percent in the headers once there is some: of the app by the hour, of a page by the day.
 *
 * Not simulated: video, reels and stories, native scheduling, editing, targeting, comments and mentions,
 * webhooks, batch calls, pages owned by a business, demographics, promoting, and permissions that lapse.
 */
import { createHmac, randomBytes } from 'node:crypto'
import type { LoginMethod, NetworkHosts } from '../contract.ts'
import { graphErrors, graphStatus } from '../graph-sandbox.ts'
import {
  audienceOf,
  bearerOf,
  chosenPages,
  type Effect,
  formOf,
  hash,
  imageType,
  jsonOf,
  jsonResponse,
  multipartOf,
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
import { facebookRows } from './errors.ts'

export function sandboxHosts(_login: LoginMethod, baseUrl: string): NetworkHosts {
  return {
    apiUrl: baseUrl,
    uploadUrl: baseUrl,
    authorizeUrl: `${baseUrl}/dialog/oauth`,
    tokenUrl: `${baseUrl}/oauth/access_token`,
  }
}

type Page = { id: string; name: string; tasks: readonly string[] }
type Person = { id: string; name: string; pages: readonly Page[] }

/** People to sign in as; the first is preset. */
const people: readonly [Person, ...Person[]] = [
  {
    id: '122100000000001',
    name: 'Sandbox owner',
    pages: [
      {
        id: '100200300400501',
        name: 'Column Coffee',
        tasks: ['ADVERTISE', 'ANALYZE', 'CREATE_CONTENT', 'MANAGE'],
      },
      { id: '100200300400502', name: 'Column Books', tasks: ['ANALYZE', 'CREATE_CONTENT'] },
    ],
  },
  {
    id: '122100000000002',
    name: 'Second sandbox owner',
    pages: [
      { id: '100200300400503', name: 'Column Cinema', tasks: ['ANALYZE', 'CREATE_CONTENT', 'MODERATE'] },
    ],
  },
]
const pages = people.flatMap((person) => person.pages)
const personById = (id: string | null) => people.find((person) => person.id === id) ?? people[0]

const longSeconds = 5_183_944
const shortSeconds = 2 * 3_600
const codeSeconds = 600
const callsPerHour = 2_000
/** 4,800 for each person who did something with the page lately; here ten. */
const pageCallsPerDay = 48_000
const dataAccessSeconds = 90 * 86_400
const duplicateSeconds = 3_600

type Code = {
  personId: string
  pageIds: string[]
  redirectUri: string
  scopes: string[]
  clientId: string
  expiresAt: number
}
type Token = {
  kind: 'short' | 'long' | 'page'
  personId: string
  /** Pages the person ticked. */
  pageIds: string[]
  pageId?: string
  /** When the person was last active; data access ends 90 days later. */
  consentedAt: number
  scopes: string[]
  secret: string
  expiresAt: number | null
}
type Photo = { pageId: string; altText: string; file: string; posted: boolean }
type Post = {
  pageId: string
  message: string
  link?: string
  photoIds: string[]
  createdAt: number
  deleted: boolean
  url: string
}
type Fields = Map<string, string | Uint8Array>
type Call = { request: SandboxRequest; path: string; query: URLSearchParams; token: Token; fields: Fields }

const postMetrics = new Set([
  'post_media_view',
  'post_total_media_view_unique',
  'post_clicks',
  'post_reactions_by_type_total',
  'post_reactions_like_total',
  'post_reactions_love_total',
])
const pageMetrics = new Set([
  'page_follows',
  'page_media_view',
  'page_total_media_view_unique',
  'page_post_engagements',
  'page_daily_follows',
  'page_daily_follows_unique',
  'page_daily_unfollows_unique',
  'page_views_total',
  'page_total_actions',
])

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

type State = ReturnType<typeof openState>

function openState(context: SandboxContext) {
  return {
    now: () => context.now().getTime(),
    files: context.files,
    audience: audienceOf(context),
    codes: context.collection<Code>('codes'),
    tokens: context.collection<Token>('tokens'),
    photos: context.collection<Photo>('photos'),
    posts: context.collection<Post>('posts'),
    calls: context.collection<number>('calls'),
    /** Calls left by order of a fault. */
    quota: context.collection<number>('quota'),
    /** The newest post of each page, text and link, for the duplicate guard. */
    newest: new Map(
      context
        .collection<Post>('posts')
        .entries()
        .map(([id, post]) => [guardKey(post), id]),
    ),
  }
}

function failure(
  code: number,
  message: string,
  extra: { subcode?: number; status?: number; type?: string; user?: string } = {},
): SandboxResponse {
  const error = {
    message,
    type: extra.type ?? 'OAuthException',
    code,
    ...(extra.subcode === undefined ? {} : { error_subcode: extra.subcode }),
    ...(extra.user === undefined ? {} : { error_user_title: 'Not posted', error_user_msg: extra.user }),
    fbtrace_id: randomBytes(8).toString('base64url'),
  }
  return jsonResponse(extra.status ?? graphStatus(code), { error })
}

/** Headers show up only when enough calls were made. */
function withUsage(state: State, request: SandboxRequest, response: SandboxResponse): SandboxResponse {
  if (effectOf(request) === 'page') return response
  const headers: Record<string, string> = { ...response.headers }
  const left = state.quota.get('calls')
  const app = left === undefined ? percent(callsThisHour(state), callsPerHour) : left > 0 ? 90 : 100
  if (app > 0) headers['x-app-usage'] = JSON.stringify({ call_count: app, total_time: 0, total_cputime: 0 })
  const pageId = pageOf(request)
  const page = pageId === undefined ? 0 : percent(state.calls.get(dayOf(state, pageId)) ?? 0, pageCallsPerDay)
  if (pageId !== undefined && page > 0) headers['x-business-use-case-usage'] = businessUsage(pageId, page, 0)
  return { ...response, headers }
}

const percent = (used: number, limit: number) => Math.floor((used / limit) * 100)

function businessUsage(pageId: string, callCount: number, minutes: number): string {
  const row = {
    type: 'pages',
    call_count: callCount,
    total_cputime: 0,
    total_time: 0,
    estimated_time_to_regain_access: minutes,
  }
  return JSON.stringify({ [pageId]: [row] })
}

/** The page a call is about. */
function pageOf({ path }: Pick<SandboxRequest, 'path'>): string | undefined {
  return /^(?:\/v\d+\.\d+)?\/(\d+)(?:[/_]|$)/.exec(path)?.[1]
}

function dayOf(state: State, pageId: string): string {
  return `${pageId}:${Math.floor(state.now() / 86_400_000)}`
}

function hourOf(state: State): string {
  return String(Math.floor(state.now() / 3_600_000))
}

function callsThisHour(state: State): number {
  return state.calls.get(hourOf(state)) ?? 0
}

/** Counts the call, of the app and of the page it is about; false where no more are left. */
function countCall(state: State, request: SandboxRequest): boolean {
  state.calls.set(hourOf(state), callsThisHour(state) + 1)
  const pageId = pageOf(request)
  if (pageId !== undefined) {
    const today = dayOf(state, pageId)
    state.calls.set(today, (state.calls.get(today) ?? 0) + 1)
  }
  const left = state.quota.get('calls')
  if (left === undefined) return callsThisHour(state) <= callsPerHour
  state.quota.set('calls', Math.max(0, left - 1))
  return left > 0
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

function limited(): SandboxResponse {
  return failure(4, '(#4) Application request limit reached', { status: 400 })
}

function deadToken(): SandboxResponse {
  const message = 'Error validating access token: Session has expired or been invalidated.'
  return failure(190, message, { subcode: 463, status: 401 })
}

function aliveToken(state: State, raw: string | undefined): Token | undefined {
  const token = raw === undefined ? undefined : state.tokens.get(raw)
  if (!token || (token.expiresAt !== null && token.expiresAt <= state.now())) return undefined
  return token
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

function text(fields: Fields, name: string): string | undefined {
  const value = fields.get(name)
  return typeof value === 'string' ? value : undefined
}

function consentDialog(state: State, request: SandboxRequest): SandboxResponse {
  const { query } = request
  const [clientId, redirectUri] = [query.get('client_id') ?? '', query.get('redirect_uri') ?? '']
  if (clientId === '' || redirectUri === '')
    return failure(100, 'Missing client_id or redirect_uri parameter')
  const scopes = (query.get('scope') ?? '').split(',').filter((scope) => scope !== '')
  const decision = query.get('decision')
  if (decision === null) {
    return consentPage(request, {
      network: 'Facebook',
      scopes,
      accounts: people,
      action: request.path,
      hidden: Object.fromEntries(
        [...query].filter(([name]) => name !== 'account' && name !== 'page' && name !== 'lang'),
      ),
      redirectUri,
    })
  }
  if (!URL.canParse(redirectUri)) return failure(191, 'redirect_uri is not valid')
  const target = new URL(redirectUri)
  target.searchParams.set('state', query.get('state') ?? '')
  if (decision !== 'allow') {
    target.searchParams.set('error', 'access_denied')
    target.searchParams.set('error_code', '200')
    target.searchParams.set('error_reason', 'user_denied')
    target.searchParams.set('error_description', 'Permissions error')
    return redirect(target.href)
  }
  const code = randomBytes(24).toString('base64url')
  const person = personById(query.get('account'))
  state.codes.set(code, {
    personId: person.id,
    pageIds: chosenPages(query, person.pages).map((page) => page.id),
    redirectUri,
    scopes,
    clientId,
    expiresAt: state.now() + codeSeconds * 1_000,
  })
  target.searchParams.set('code', code)
  return redirect(`${target.href}#_=_`)
}

function tokenEndpoint(state: State, request: SandboxRequest, fields: Fields): SandboxResponse {
  const field = (name: string) => text(fields, name) ?? request.query.get(name) ?? ''
  if (field('client_id') === '') return failure(101, 'Missing client_id parameter.')
  if (field('client_secret') === '') return failure(1, 'Error validating client secret.', { status: 400 })
  if (field('grant_type') === 'fb_exchange_token') {
    const short = aliveToken(state, field('fb_exchange_token'))
    if (!short || short.kind === 'page') return deadToken()
    return issue(state, { ...short, kind: 'long', expiresAt: state.now() + longSeconds * 1_000 }, longSeconds)
  }
  const code = state.codes.get(field('code'))
  if (!code) return failure(100, 'Invalid verification code format.', { subcode: 36007 })
  state.codes.delete(field('code'))
  if (code.expiresAt <= state.now())
    return failure(100, 'This authorization code has expired.', { subcode: 36007 })
  if (code.redirectUri !== field('redirect_uri'))
    return failure(100, 'Error validating verification code: redirect_uri differs.', { subcode: 36008 })
  const expiresAt = state.now() + shortSeconds * 1_000
  const token: Token = {
    kind: 'short',
    personId: code.personId,
    pageIds: code.pageIds,
    consentedAt: state.now(),
    scopes: code.scopes,
    secret: field('client_secret'),
    expiresAt,
  }
  return issue(state, token, shortSeconds)
}

function issue(state: State, token: Token, seconds: number): SandboxResponse {
  const raw = newToken(state, token)
  return jsonResponse(200, { access_token: raw, token_type: 'bearer', expires_in: seconds })
}

function newToken(state: State, token: Token): string {
  const raw = `EAAsandbox${randomBytes(24).toString('hex')}`
  state.tokens.set(raw, token)
  return raw
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
  if (path === '/debug_token') return debugToken(state, call)
  const [, objectId = '', edge] = path.split('/')
  const page = pageById(objectId)
  if (page) return pageCall(state, call, page.id, edge)
  return postCall(state, call, objectId, edge)
}

/** The app gives its permissions back: every token of that person ends. */
function revoke(state: State, { personId }: Token): SandboxResponse {
  for (const [key, token] of state.tokens.entries()) if (token.personId === personId) state.tokens.delete(key)
  return jsonResponse(200, { success: true })
}

function pageById(id: string) {
  const page = pages.find((candidate) => candidate.id === id)
  return page ? { id: page.id, name: page.name } : undefined
}

function accounts(state: State, token: Token): SandboxResponse {
  if (token.kind === 'page') return failure(100, 'Tried accessing nonexisting field (accounts)')
  if (!token.scopes.includes('pages_show_list')) return jsonResponse(200, { data: [] })
  const expiresAt = token.kind === 'long' ? null : token.expiresAt
  const granted = personById(token.personId).pages.filter((page) => token.pageIds.includes(page.id))
  const data = granted.map((page) => ({
    ...page,
    access_token: newToken(state, { ...token, kind: 'page', pageId: page.id, expiresAt }),
  }))
  return jsonResponse(200, { data, paging: { cursors: { before: 'MA', after: 'MQ' } } })
}

function debugToken(state: State, { query, token: own }: Call): SandboxResponse {
  const token = aliveToken(state, query.get('input_token') ?? undefined)
  if (!token) return jsonResponse(200, { data: { is_valid: false, scopes: [] } })
  const expiresAt = token.expiresAt === null ? 0 : Math.floor(token.expiresAt / 1_000)
  const data = {
    app_id: '1',
    type: token.kind === 'page' ? 'PAGE' : 'USER',
    is_valid: true,
    expires_at: expiresAt,
    data_access_expires_at: Math.floor(token.consentedAt / 1_000) + dataAccessSeconds,
    scopes: own.scopes,
    user_id: token.personId,
    ...(token.pageId ? { profile_id: token.pageId } : {}),
  }
  return jsonResponse(200, { data })
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

function newId(): string {
  return `1220${randomBytes(6).readUIntBE(0, 6)}`
}

function uploadPhoto(state: State, call: Call, pageId: string): SandboxResponse {
  const source = call.fields.get('source')
  if (!(source instanceof Uint8Array) || source.length === 0)
    return failure(324, '(#324) Requires upload file')
  const type = imageType(source)
  if (type === null || source.length > 4_000_000)
    return failure(100, 'Invalid image', { subcode: 1366046, user: 'The photo is too large or no photo.' })
  const id = newId()
  state.photos.set(id, {
    pageId,
    altText: text(call.fields, 'alt_text_custom') ?? '',
    posted: false,
    file: state.files.put(source),
  })
  call.request.made?.(id)
  if (text(call.fields, 'published') === 'false') return jsonResponse(200, { id })
  const message = text(call.fields, 'message') ?? ''
  const postId = storePost(state, call, {
    pageId,
    message,
    photoIds: [id],
    createdAt: state.now(),
    deleted: false,
  })
  return jsonResponse(200, { id, post_id: postId })
}

function createPost(state: State, call: Call, pageId: string): SandboxResponse {
  if (!call.token.scopes.includes('pages_manage_posts'))
    return failure(200, '(#200) Requires pages_manage_posts permission')
  const message = (text(call.fields, 'message') ?? '').replace(/\r\n?/g, '\n').trim()
  const link = text(call.fields, 'link')
  const photoIds = attachedPhotos(call.fields)
  if (message === '' && link === undefined && photoIds.length === 0)
    return failure(100, 'The status you are trying to publish is empty.')
  if ([...message.normalize('NFC')].length > 63_206)
    return failure(100, '(#100) Param message must be at most 63206 characters long.')
  if (link !== undefined && !URL.canParse(link))
    return failure(1609005, '(#1609005) The link could not be read')
  if (photoIds.some((id) => state.photos.get(id)?.pageId !== pageId))
    return failure(100, '(#100) One of the attached photos does not exist')
  const post: Omit<Post, 'url'> = {
    pageId,
    message,
    photoIds,
    createdAt: state.now(),
    deleted: false,
    ...(link ? { link } : {}),
  }
  if (photoIds.some((id) => state.photos.get(id)?.posted))
    return failure(100, 'Photos were already posted.', { subcode: 1366051 })
  if (isDuplicate(state, post)) return failure(506, '(#506) Duplicate status message')
  for (const id of photoIds) {
    const photo = state.photos.get(id)
    if (photo) state.photos.set(id, { ...photo, posted: true })
  }
  return jsonResponse(200, { id: storePost(state, call, post) })
}

function attachedPhotos(fields: Fields): string[] {
  return listIn(text(fields, 'attached_media') ?? '[]').map((item) =>
    String((item as { media_fbid?: unknown } | null)?.media_fbid),
  )
}

/** A list written as JSON; empty where it is none. */
function listIn(json: string): unknown[] {
  try {
    const value: unknown = JSON.parse(json)
    return Array.isArray(value) ? value : []
  } catch {
    return []
  }
}

type Wish = Omit<Post, 'url'>

/** What the duplicate guard compares; photos make every post another one. */
function guardKey({ pageId, message, link, photoIds }: Wish): string {
  return [pageId, message, link ?? '', photoIds.join(',')].join('|')
}

/** The same text on the same page within the hour is refused, as the real guard does. */
function isDuplicate(state: State, post: Wish): boolean {
  if (post.photoIds.length > 0) return false
  const other = state.posts.get(state.newest.get(guardKey(post)) ?? '')
  return other !== undefined && !other.deleted && post.createdAt - other.createdAt < duplicateSeconds * 1_000
}

function storePost(state: State, { request }: Call, post: Wish): string {
  const number = newId()
  const id = `${post.pageId}_${number}`
  state.posts.set(id, { ...post, url: `${request.baseUrl}/${post.pageId}/posts/${number}` })
  state.newest.set(guardKey(post), id)
  request.made?.(id, post.photoIds)
  return id
}

/** Times are written as Meta writes them, with an offset without a colon. */
function metaTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, '+0000')
}

function describePost(state: State, id: string, post: Post) {
  const photos = post.photoIds.filter((photoId) => state.photos.get(photoId))
  const targets = photos.map((photoId) => ({ target: { id: photoId } }))
  const attachments =
    targets.length > 1
      ? { data: [{ target: { id: post.pageId }, subattachments: { data: targets } }] }
      : { data: targets }
  return {
    id,
    created_time: metaTime(post.createdAt),
    permalink_url: post.url,
    is_published: true,
    ...(post.message === '' ? {} : { message: post.message }),
    ...(targets.length > 0 ? { attachments } : {}),
  }
}

function listFeed(state: State, { query }: Call, pageId: string): SandboxResponse {
  const since = Number(query.get('since') ?? 0) * 1_000
  const limit = Math.min(100, Number(query.get('limit') ?? 25))
  const start = Number(query.get('after') ?? 0)
  const all = state.posts
    .entries()
    .filter(([, post]) => post.pageId === pageId && !post.deleted && post.createdAt >= since)
    .toSorted(([, a], [, b]) => b.createdAt - a.createdAt)
  const data = all.slice(start, start + limit).map(([id, post]) => describePost(state, id, post))
  const after = String(start + limit)
  const next = start + limit < all.length ? { next: `https://graph.facebook.com/?after=${after}` } : {}
  return jsonResponse(200, { data, paging: { cursors: { before: String(start), after }, ...next } })
}

function postCall(state: State, call: Call, id: string, edge: string | undefined): SandboxResponse {
  const post = state.posts.get(id)
  if (!post || post.deleted || (call.token.pageId !== undefined && call.token.pageId !== post.pageId)) {
    const message = `Unsupported request. Object with ID '${id}' does not exist, cannot be loaded or is not supported.`
    return failure(100, message, { subcode: 33, type: 'GraphMethodException' })
  }
  if (edge === 'insights') return postInsights(state, call, id, post)
  if (edge !== undefined) return failure(2500, `Unknown path components: /${edge}`)
  if (call.request.method === 'DELETE') {
    state.posts.set(id, { ...post, deleted: true })
    call.request.made?.(id)
    return jsonResponse(200, { success: true })
  }
  return readPost(state, call, id, post)
}

function figuresOf(state: State, post: Post) {
  const { views, share } = state.audience(guardKey({ ...post, photoIds: [] }), post.createdAt)
  const likes = share('likes', 0.02, 0.08)
  return {
    views,
    reach: share('reach', 0.7, 0.9),
    clicks: share('clicks', 0.01, 0.05),
    likes,
    loves: Math.floor(likes / 4),
    comments: share('comments', 0.002, 0.02),
    shares: share('shares', 0.002, 0.01),
  }
}

/** `shares` is absent until there is one. */
function readPost(state: State, { query, token }: Call, id: string, post: Post): SandboxResponse {
  const fields = query.get('fields') ?? 'id,message,created_time'
  const { shares, comments } = figuresOf(state, post)
  const counts: Record<string, unknown> = {}
  if (/\bshares\b/.test(fields) && shares > 0) counts['shares'] = { count: shares }
  if (/\bcomments\b/.test(fields)) {
    if (!token.scopes.includes('pages_read_user_content'))
      return failure(10, '(#10) This endpoint requires the pages_read_user_content permission')
    counts['comments'] = { data: [], summary: { total_count: comments } }
  }
  return jsonResponse(200, { ...describePost(state, id, post), ...counts })
}

/** One metric that is not known fails the whole call. */
function metricsIn(query: URLSearchParams, known: ReadonlySet<string>): string[] | SandboxResponse {
  const names = (query.get('metric') ?? '').split(',').filter((name) => name !== '')
  if (names.length === 0) return failure(3001, 'No metric was specified.', { subcode: 1504028 })
  if (names.every((name) => known.has(name))) return names
  return failure(100, '(#100) The value must be a valid insights metric')
}

function postInsights(state: State, { query, token }: Call, id: string, post: Post): SandboxResponse {
  const names = metricsIn(query, postMetrics)
  if (!Array.isArray(names)) return names
  if (!token.scopes.includes('read_insights')) return failure(10, '(#10) This call needs read_insights')
  const { views, reach, clicks, likes, loves } = figuresOf(state, post)
  // An audience nobody counted yet is an empty set, not a zero.
  if (views === 0) return jsonResponse(200, { data: [] })
  const values: Record<string, unknown> = {
    post_media_view: views,
    post_total_media_view_unique: reach,
    post_clicks: clicks,
    post_reactions_by_type_total: { like: likes, love: loves },
    post_reactions_like_total: likes,
    post_reactions_love_total: loves,
  }
  const data = names.map((name) => ({
    name,
    period: 'lifetime',
    values: [{ value: values[name] }],
    id: `${id}/insights/${name}/lifetime`,
  }))
  return jsonResponse(200, { data })
}

function pageInsights(state: State, { query, token }: Call, pageId: string): SandboxResponse {
  const names = metricsIn(query, pageMetrics)
  if (!Array.isArray(names)) return names
  if (!token.scopes.includes('read_insights')) return failure(10, '(#10) This call needs read_insights')
  const today = Math.floor(state.now() / 86_400_000)
  const data = names.map((name) => ({
    name,
    period: 'day',
    values: [today - 2, today - 1, today].map((day) => ({
      value: pageValue(name, pageId, day),
      end_time: metaTime(day * 86_400_000 + 8 * 3_600_000),
    })),
    id: `${pageId}/insights/${name}/day`,
  }))
  return jsonResponse(200, { data })
}

function pageValue(name: string, pageId: string, day: number): number {
  if (name === 'page_follows') return 400 + (hash(pageId) % 2_000) + (day % 1_000)
  return hash(`${pageId}${name}${day}`) % 300
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
  }
}

function effectOf({ method, path }: Pick<SandboxRequest, 'method' | 'path'>): Effect {
  const bare = path.replace(/^\/v\d+\.\d+(?=\/)/, '')
  if (bare === '/dialog/oauth' || /^\/\d+\/posts\//.test(bare) || bare.startsWith('/_files/')) return 'page'
  if (bare === '/oauth/access_token') return 'token'
  if (method === 'DELETE') return 'remove'
  if (method !== 'POST') return 'read'
  // A photo of its own is visible too; whether it is stands in the body only.
  return bare.endsWith('/photos') ? 'upload' : 'publish'
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
