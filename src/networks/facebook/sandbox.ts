/** A simulator of the Graph API as Facebook Pages use it, for one person with two pages. */
import { createHmac, randomBytes } from 'node:crypto'
import type { LoginMethod, NetworkHosts } from '../contract.ts'
import {
  audienceViews,
  bearerOf,
  consentPage,
  formOf,
  hash,
  jsonOf,
  jsonResponse,
  multipartOf,
  redirect,
  shareOf,
  type CreateSandbox,
  type SandboxContext,
  type SandboxRequest,
  type SandboxResponse,
  type WallPost,
} from '../sandbox-kit.ts'

export function sandboxHosts(_login: LoginMethod, baseUrl: string): NetworkHosts {
  return {
    apiUrl: baseUrl,
    uploadUrl: baseUrl,
    authorizeUrl: `${baseUrl}/dialog/oauth`,
    tokenUrl: `${baseUrl}/oauth/access_token`,
  }
}

const person = { id: '122100000000001', name: 'Sandbox owner' }
const pages = [
  {
    id: '100200300400501',
    name: 'Column Coffee',
    tasks: ['ADVERTISE', 'ANALYZE', 'CREATE_CONTENT', 'MANAGE'],
  },
  { id: '100200300400502', name: 'Column Books', tasks: ['ANALYZE', 'CREATE_CONTENT'] },
] as const

const longSeconds = 5_183_944
const shortSeconds = 2 * 3_600
const codeSeconds = 600
const callsPerHour = 2_000
const duplicateSeconds = 3_600

type Code = { redirectUri: string; scopes: string[]; clientId: string; expiresAt: number }
type Token = {
  kind: 'short' | 'long' | 'page'
  pageId?: string
  scopes: string[]
  secret: string
  expiresAt: number | null
}
type Photo = { pageId: string; altText: string; dataUrl?: string; posted: boolean }
type Post = {
  pageId: string
  message: string
  link?: string
  photoIds: string[]
  createdAt: number
  deleted: boolean
}
type Fields = Map<string, string | Uint8Array>
type Call = { request: SandboxRequest; path: string; query: URLSearchParams; token: Token; fields: Fields }

const postMetrics = new Set([
  'post_media_view',
  'post_total_media_view_unique',
  'post_clicks',
  'post_reactions_by_type_total',
])
const pageMetrics = new Set([
  'page_follows',
  'page_media_view',
  'page_total_media_view_unique',
  'page_post_engagements',
  'page_daily_follows',
  'page_views_total',
])

export const createSandbox: CreateSandbox = (context) => {
  const state = openState(context)
  return {
    id: 'facebook',
    handle: async (request) => withUsage(state, await route(state, request)),
    wall: () => state.posts.entries().map(([id, post]) => wallPost(state, id, post)),
    killTokens: () => {
      for (const [token] of state.tokens.entries()) state.tokens.delete(token)
    },
  }
}

type State = ReturnType<typeof openState>

function openState(context: SandboxContext) {
  return {
    now: () => context.now().getTime(),
    codes: context.collection<Code>('codes'),
    tokens: context.collection<Token>('tokens'),
    photos: context.collection<Photo>('photos'),
    posts: context.collection<Post>('posts'),
    calls: context.collection<number>('calls'),
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
  return jsonResponse(extra.status ?? 400, { error })
}

/** Usage stands in percent of the rolling hour, as on the real API. */
function withUsage(state: State, response: SandboxResponse): SandboxResponse {
  const percent = Math.floor((callsThisHour(state) / callsPerHour) * 100)
  const usage = JSON.stringify({ call_count: percent, total_time: 0, total_cputime: 0 })
  return { ...response, headers: { ...response.headers, 'x-app-usage': usage } }
}

function hourOf(state: State): string {
  return String(Math.floor(state.now() / 3_600_000))
}

function callsThisHour(state: State): number {
  return state.calls.get(hourOf(state)) ?? 0
}

async function route(state: State, request: SandboxRequest): Promise<SandboxResponse> {
  const match = /^(?:\/v(\d+)\.\d+)?(\/.*)$/.exec(request.path)
  const path = match?.[2] ?? '/'
  if (match?.[1] !== undefined && Number(match[1]) < 21)
    return failure(2635, 'The version of the Graph API called is no longer available.')
  if (path === '/dialog/oauth') return consentDialog(state, request)
  state.calls.set(hourOf(state), callsThisHour(state) + 1)
  const fields = await fieldsOf(request)
  if (path === '/oauth/access_token') return tokenEndpoint(state, request, fields)
  if (callsThisHour(state) > callsPerHour) return limited()
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
    return consentPage({
      network: 'Facebook',
      scopes,
      accounts: pages.map((page) => page.name),
      action: `${request.baseUrl}${request.path}`,
      hidden: Object.fromEntries(query),
    })
  }
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
  state.codes.set(code, { redirectUri, scopes, clientId, expiresAt: state.now() + codeSeconds * 1_000 })
  target.searchParams.set('code', code)
  return redirect(`${target.href}#_=_`)
}

function tokenEndpoint(state: State, request: SandboxRequest, fields: Fields): SandboxResponse {
  const field = (name: string) => text(fields, name) ?? request.query.get(name) ?? ''
  if (field('client_id') === '') return failure(101, 'Missing client_id parameter.')
  if (field('client_secret') === '') return failure(1, 'Error validating client secret.')
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
  const token: Token = { kind: 'short', scopes: code.scopes, secret: field('client_secret'), expiresAt }
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
  if (path === '/me') return jsonResponse(200, token.pageId ? pageById(token.pageId) : person)
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

function pageById(id: string) {
  const page = pages.find((candidate) => candidate.id === id)
  return page ? { id: page.id, name: page.name } : undefined
}

function accounts(state: State, token: Token): SandboxResponse {
  if (token.kind === 'page') return failure(100, 'Tried accessing nonexisting field (accounts)')
  if (!token.scopes.includes('pages_show_list')) return jsonResponse(200, { data: [] })
  const expiresAt = token.kind === 'long' ? null : token.expiresAt
  const data = pages.map((page) => ({
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
    data_access_expires_at: Math.floor(state.now() / 1_000) + 90 * 86_400,
    scopes: own.scopes,
    user_id: person.id,
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
  // Larger pictures are kept without their bytes; the wall shows their alt text.
  const dataUrl =
    source.length > 300_000 ? undefined : `data:${type};base64,${Buffer.from(source).toString('base64')}`
  state.photos.set(id, {
    pageId,
    altText: text(call.fields, 'alt_text_custom') ?? '',
    posted: false,
    ...(dataUrl === undefined ? {} : { dataUrl }),
  })
  if (text(call.fields, 'published') === 'false') return jsonResponse(200, { id })
  const message = text(call.fields, 'message') ?? ''
  const postId = storePost(state, { pageId, message, photoIds: [id], createdAt: state.now(), deleted: false })
  return jsonResponse(200, { id, post_id: postId })
}

function imageType(bytes: Uint8Array): string | null {
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return 'image/jpeg'
  if (bytes[0] === 0x89 && bytes[1] === 0x50) return 'image/png'
  return bytes[0] === 0x47 && bytes[1] === 0x49 ? 'image/gif' : null
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
  const post: Post = {
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
  return jsonResponse(200, { id: storePost(state, post) })
}

function attachedPhotos(fields: Fields): string[] {
  const value: unknown = JSON.parse(text(fields, 'attached_media') ?? '[]')
  if (!Array.isArray(value)) return []
  return value.map((item: { media_fbid?: unknown }) => String(item.media_fbid))
}

/** The same text on the same page within the hour is refused, as the real guard does. */
function isDuplicate(state: State, post: Post): boolean {
  return state.posts.entries().some(([, other]) => {
    if (other.deleted || other.pageId !== post.pageId) return false
    if (post.photoIds.length > 0 || other.photoIds.length > 0) return false
    const isSame = other.message === post.message && other.link === post.link
    return isSame && post.createdAt - other.createdAt < duplicateSeconds * 1_000
  })
}

function storePost(state: State, post: Post): string {
  const id = `${post.pageId}_${newId()}`
  state.posts.set(id, post)
  return id
}

function permalink(id: string): string {
  return `https://www.facebook.com/${id.replace('_', '/posts/')}`
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
    permalink_url: permalink(id),
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
    return jsonResponse(200, { success: true })
  }
  return readPost(state, call, id, post)
}

function viewsOf(state: State, id: string, post: Post): number {
  return audienceViews(id, (state.now() - post.createdAt) / 1_000)
}

/** `shares` is absent until there is one. */
function readPost(state: State, { query, token }: Call, id: string, post: Post): SandboxResponse {
  const fields = query.get('fields') ?? 'id,message,created_time'
  const views = viewsOf(state, id, post)
  const shares = shareOf(views, `${id}shares`, 0.002, 0.01)
  const counts: Record<string, unknown> = {}
  if (/\bshares\b/.test(fields) && shares > 0) counts['shares'] = { count: shares }
  if (/\bcomments\b/.test(fields)) {
    if (!token.scopes.includes('pages_read_user_content'))
      return failure(10, '(#10) This endpoint requires the pages_read_user_content permission')
    counts['comments'] = { data: [], summary: { total_count: shareOf(views, `${id}comments`, 0.002, 0.02) } }
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
  const views = viewsOf(state, id, post)
  // An audience nobody counted yet is an empty set, not a zero.
  if (views === 0) return jsonResponse(200, { data: [] })
  const likes = shareOf(views, `${id}like`, 0.02, 0.08)
  const values: Record<string, unknown> = {
    post_media_view: views,
    post_total_media_view_unique: shareOf(views, `${id}reach`, 0.7, 0.9),
    post_clicks: shareOf(views, `${id}clicks`, 0.01, 0.05),
    post_reactions_by_type_total: { like: likes, love: Math.floor(likes / 4) },
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
  return {
    network: 'facebook',
    remoteId: id,
    channelRemoteId: post.pageId,
    channelName: pageById(post.pageId)?.name ?? '',
    text: post.message,
    ...(post.link === undefined ? {} : { link: post.link }),
    images: post.photoIds.flatMap((photoId) => {
      const photo = state.photos.get(photoId)
      return photo ? [{ altText: photo.altText, ...(photo.dataUrl ? { dataUrl: photo.dataUrl } : {}) }] : []
    }),
    url: permalink(id),
    publishedAt: new Date(post.createdAt).toISOString(),
    deleted: post.deleted,
  }
}
