/**
 * X as the facts describe it: OAuth 2.0 with rotating refresh tokens, posts, media v2, timelines, metrics.
 *
 * Creating a post is O(1): one journal entry for the post, counters per window, and maps for the duplicate
 * guard and the timelines that are rebuilt from the posts at start.
 */
import { createHash, randomBytes } from 'node:crypto'
import { linksIn, textLength } from '#domain/text.ts'
import type { LoginMethod, NetworkHosts } from '../contract.ts'
import {
  audienceViews,
  bearerOf,
  consentPage,
  escapeHtml,
  formOf,
  hash,
  jsonOf,
  jsonResponse,
  multipartOf,
  redirect,
  shareOf,
  type CreateSandbox,
  type SandboxRequest,
  type SandboxResponse,
  type WallPost,
} from '../sandbox-kit.ts'
import { definition } from './definition.ts'

type Account = { id: string; username: string; name: string }
type Code = { accountId: string; redirectUri: string; challenge: string; scope: string; expiresAt: number }
type Token = { accountId: string; family: string; scope: string; expiresAt: number }
type Refresh = { accountId: string; family: string; scope: string; used: boolean }
type Media = {
  id: string
  owner: string
  type: string
  total: number
  segments: Record<string, string>
  done: boolean
  expiresAt: number
  alt: string
}
type LinkEntity = { start: number; end: number; url: string; expanded_url: string; media_key?: string }
type Post = {
  id: string
  owner: string
  written: string
  text: string
  urls: LinkEntity[]
  images: Array<{ altText: string; dataUrl?: string }>
  createdAt: number
  url: string
  deleted: boolean
  key: string
}
type Window = { startedAt: number; count: number }
/** How the simulator misbehaves on purpose; read by tests and by the sandbox's owner. */
export type XSandboxSettings = {
  dialect?: 'old' | 'new'
  billing?: 'depleted' | 'spend-cap' | 'usage-cap'
  accessSeconds?: number
}
type Headers = Record<string, string>
type Result = { response: SandboxResponse } | { token: Token; account: Account }

const twitterEpoch = 1_288_834_974_657
const duplicateWindowMs = 86_400_000
const limits: Readonly<Record<string, { limit: number; seconds: number }>> = {
  'post.create': { limit: 100, seconds: 900 },
  'post.delete': { limit: 50, seconds: 900 },
  'post.lookup': { limit: 5_000, seconds: 900 },
  'timeline.read': { limit: 900, seconds: 900 },
  'user.read': { limit: 75, seconds: 900 },
  'media.upload': { limit: 500, seconds: 900 },
  'media.metadata': { limit: 500, seconds: 900 },
}

export function sandboxHosts(_login: LoginMethod, baseUrl: string): NetworkHosts {
  return {
    apiUrl: baseUrl,
    uploadUrl: baseUrl,
    authorizeUrl: `${baseUrl}/i/oauth2/authorize`,
    tokenUrl: `${baseUrl}/2/oauth2/token`,
  }
}

export const createSandbox: CreateSandbox = (context) => {
  const accounts = context.collection<Account>('accounts')
  const codes = context.collection<Code>('codes')
  const tokens = context.collection<Token>('tokens')
  const refreshes = context.collection<Refresh>('refreshes')
  const media = context.collection<Media>('media')
  const posts = context.collection<Post>('posts')
  const windows = context.collection<Window>('windows')
  const settings = context.collection<XSandboxSettings>('settings')
  const now = () => context.now().getTime()
  const config = () => settings.get('x') ?? {}

  const timelines = new Map<string, string[]>()
  const recentByKey = new Map<string, string>()
  let sequence = 0n
  for (const [, post] of posts.entries()) index(post)

  function index(post: Post): void {
    const timeline = timelines.get(post.owner)
    if (timeline) timeline.push(post.id)
    else timelines.set(post.owner, [post.id])
    recentByKey.set(post.key, post.id)
  }

  /** Any handle may be asked for, so that a benchmark can have as many accounts as it likes. */
  function accountOf(username: string): Account {
    const id = String(1_000_000_000 + hash(username))
    const known = accounts.get(id)
    if (known) return known
    const account = { id, username, name: username === 'litfass' ? 'Litfass Column' : username }
    accounts.set(id, account)
    return account
  }

  function nextId(): string {
    sequence = (sequence + 1n) % 4_194_304n
    const id = ((BigInt(now() - twitterEpoch) << 22n) | sequence).toString()
    return posts.get(id) || media.get(id) ? nextId() : id
  }

  function problem(status: number, type: string, title: string, detail: string, more: object = {}) {
    const host = config().dialect === 'new' ? 'api.x.com' : 'api.twitter.com'
    const url = type === 'about:blank' ? type : `https://${host}/2/problems/${type}`
    return jsonResponse(status, { title, detail, type: url, status, ...more })
  }

  function unauthorised(): SandboxResponse {
    return problem(401, 'about:blank', 'Unauthorized', 'Unauthorized')
  }

  function billingProblem(): SandboxResponse | null {
    switch (config().billing) {
      case 'depleted':
        return {
          status: 402,
          headers: { 'content-type': 'application/problem+json', 'x-rate-limit-limit': '40000' },
          body: '{"account_id":1934567890123456789,"title":"CreditsDepleted","detail":"No credits are left.","type":"https://api.x.com/2/problems/credits"}',
        }
      case 'spend-cap': {
        const reset_date = new Date(now() + 3 * 86_400_000).toISOString().slice(0, 10)
        return problem(403, 'credits', 'SpendCapReached', 'The spend cap is reached.', { reset_date })
      }
      case 'usage-cap':
        return problem(429, 'usage-capped', 'UsageCapExceeded', 'Usage cap exceeded.', {
          period: 'Monthly',
          scope: 'Product',
        })
      case undefined:
      default:
        return null
    }
  }

  function authenticate(request: SandboxRequest): Result {
    const token = tokens.get(bearerOf(request) ?? '')
    if (!token || token.expiresAt <= now()) return { response: unauthorised() }
    const account = accounts.get(token.accountId)
    if (!account) return { response: unauthorised() }
    const refused = billingProblem()
    return refused ? { response: refused } : { token, account }
  }

  function take(name: string, limit: number, seconds: number): { ok: boolean; left: number; reset: number } {
    const known = windows.get(name)
    const fresh = !known || known.startedAt + seconds * 1_000 <= now()
    const window = fresh ? { startedAt: now(), count: 0 } : known
    const reset = Math.ceil(window.startedAt / 1_000) + seconds
    if (window.count >= limit) return { ok: false, left: 0, reset }
    windows.set(name, { startedAt: window.startedAt, count: window.count + 1 })
    return { ok: true, left: limit - window.count - 1, reset }
  }

  /** Counts the call and gives its rate headers; `ok` false means 429. */
  function rate(endpointClass: string, account: Account): { ok: boolean; headers: Headers } {
    const rule = limits[endpointClass] ?? { limit: 900, seconds: 900 }
    const user = take(`${endpointClass}|${account.id}`, rule.limit, rule.seconds)
    const headers: Headers = {
      'x-rate-limit-limit': String(rule.limit),
      'x-rate-limit-remaining': String(user.left),
      'x-rate-limit-reset': String(user.reset),
    }
    if (!user.ok || endpointClass !== 'post.create') return { ok: user.ok, headers }
    const day = take(`${endpointClass}|app`, 10_000, 86_400)
    headers['x-app-limit-24hour-limit'] = '10000'
    headers['x-app-limit-24hour-remaining'] = String(day.left)
    headers['x-app-limit-24hour-reset'] = String(day.reset)
    return { ok: day.ok, headers }
  }

  async function called(
    request: SandboxRequest,
    endpointClass: string,
    scope: string,
    run: (account: Account) => SandboxResponse | Promise<SandboxResponse>,
  ): Promise<SandboxResponse> {
    const who = authenticate(request)
    if ('response' in who) return who.response
    if (!who.token.scope.split(' ').includes(scope))
      return problem(403, 'about:blank', 'Forbidden', 'Forbidden')
    const { ok, headers } = rate(endpointClass, who.account)
    if (!ok) {
      const refused = problem(429, 'about:blank', 'Too Many Requests', 'Too Many Requests')
      return { ...refused, headers: { ...refused.headers, ...headers } }
    }
    const response = await run(who.account)
    return { ...response, headers: { ...response.headers, ...headers } }
  }

  // Sign-in.

  function authorize(request: SandboxRequest): SandboxResponse {
    const { query } = request
    const account = accountOf(query.get('account') ?? 'litfass')
    const hidden: Record<string, string> = { account: account.username }
    for (const name of ['client_id', 'redirect_uri', 'scope', 'state', 'code_challenge']) {
      const value = query.get(name)
      if (!value) return problem(400, 'invalid-request', 'Invalid Request', `${name} is missing`)
      hidden[name] = value
    }
    if ((query.get('state') ?? '').length > 500)
      return problem(400, 'invalid-request', 'Invalid Request', 'state is too long')
    return consentPage({
      network: 'X',
      scopes: (query.get('scope') ?? '').split(' '),
      accounts: [`${account.name} (@${account.username})`],
      action: `${request.baseUrl}/i/oauth2/decide`,
      hidden,
    })
  }

  function decide(request: SandboxRequest): SandboxResponse {
    const { query } = request
    const redirectUri = query.get('redirect_uri') ?? ''
    if (!URL.canParse(redirectUri))
      return problem(400, 'invalid-request', 'Invalid Request', 'redirect_uri is invalid')
    const target = new URL(redirectUri)
    target.searchParams.set('state', query.get('state') ?? '')
    if (query.get('decision') !== 'allow') {
      target.searchParams.set('error', 'access_denied')
      return redirect(target.href)
    }
    const code = randomBytes(32).toString('base64url')
    codes.set(code, {
      accountId: accountOf(query.get('account') ?? 'litfass').id,
      redirectUri,
      challenge: query.get('code_challenge') ?? '',
      scope: query.get('scope') ?? '',
      expiresAt: now() + 30_000,
    })
    target.searchParams.set('code', code)
    return redirect(target.href)
  }

  function issue(accountId: string, family: string, scope: string): SandboxResponse {
    const seconds = config().accessSeconds ?? 7_200
    const access_token = randomBytes(48).toString('base64url')
    tokens.set(access_token, { accountId, family, scope, expiresAt: now() + seconds * 1_000 })
    const answer = { token_type: 'bearer', expires_in: seconds, access_token, scope }
    if (!scope.split(' ').includes('offline.access')) return jsonResponse(200, answer)
    const refresh_token = randomBytes(48).toString('base64url')
    refreshes.set(refresh_token, { accountId, family, scope, used: false })
    return jsonResponse(200, { ...answer, refresh_token })
  }

  function killFamily(family: string): void {
    for (const [key, token] of tokens.entries()) if (token.family === family) tokens.delete(key)
    for (const [key, token] of refreshes.entries()) if (token.family === family) refreshes.delete(key)
  }

  function invalidToken(): SandboxResponse {
    return jsonResponse(400, {
      error: 'invalid_request',
      error_description: 'Value passed for the token was invalid.',
    })
  }

  function token(request: SandboxRequest): SandboxResponse {
    const form = formOf(request)
    const basic = /^Basic (.+)$/i.exec(request.headers['authorization'] ?? '')?.[1]
    if (!basic && !form.get('client_id')) {
      return jsonResponse(401, {
        error: 'unauthorized_client',
        error_description: 'Missing valid authorization header',
      })
    }
    if (form.get('grant_type') === 'refresh_token') return renew(form.get('refresh_token') ?? '')
    const key = form.get('code') ?? ''
    const code = codes.get(key)
    codes.delete(key)
    if (!code || code.expiresAt <= now() || code.redirectUri !== form.get('redirect_uri'))
      return invalidToken()
    const verifier = form.get('code_verifier') ?? ''
    const challenge = createHash('sha256').update(verifier).digest('base64url')
    if (challenge !== code.challenge) return invalidToken()
    return issue(code.accountId, randomBytes(8).toString('hex'), code.scope)
  }

  /** A refresh token works once; showing a used one ends every token that came from the same consent. */
  function renew(key: string): SandboxResponse {
    const known = refreshes.get(key)
    if (!known) return invalidToken()
    if (known.used) {
      killFamily(known.family)
      return invalidToken()
    }
    refreshes.set(key, { ...known, used: true })
    for (const [access, token] of tokens.entries()) if (token.family === known.family) tokens.delete(access)
    return issue(known.accountId, known.family, known.scope)
  }

  // Media.

  function newMedia(account: Account, type: string, total: number): Media {
    const item = {
      id: nextId(),
      owner: account.id,
      type,
      total,
      segments: {},
      done: false,
      expiresAt: now() + 86_400_000,
      alt: '',
    }
    media.set(item.id, item)
    return item
  }

  function mediaAnswer(item: Media): SandboxResponse {
    const seconds = Math.round((item.expiresAt - now()) / 1_000)
    return jsonResponse(200, {
      data: { id: item.id, media_key: `3_${item.id}`, expires_after_secs: seconds, size: item.total },
    })
  }

  function badRequest(detail: string): SandboxResponse {
    return problem(400, 'invalid-request', 'Invalid Request', detail, { errors: [{ message: detail }] })
  }

  async function oneShot(request: SandboxRequest, account: Account): Promise<SandboxResponse> {
    const parts = await multipartOf(request)
    const bytes = parts.get('media')
    if (!(bytes instanceof Uint8Array)) return badRequest('media is missing')
    const type = imageType(bytes)
    if (!type || bytes.length > 5_242_880) return badRequest('media is no image of at most 5 MB')
    const item = newMedia(account, type, bytes.length)
    item.segments = { 0: Buffer.from(bytes).toString('base64') }
    item.done = true
    media.set(item.id, item)
    return mediaAnswer(item)
  }

  function initialize(request: SandboxRequest, account: Account): SandboxResponse {
    const body = jsonOf(request)
    const { media_type: type, total_bytes: total } = body
    if (typeof type !== 'string' || typeof total !== 'number')
      return badRequest('media_type or total_bytes is missing')
    if (total > 15_728_640) return badRequest('media is too large')
    return mediaAnswer(newMedia(account, type, total))
  }

  async function append(request: SandboxRequest, account: Account, id: string): Promise<SandboxResponse> {
    const item = media.get(id)
    if (!item || item.owner !== account.id) return badRequest('media id is unknown')
    const parts = await multipartOf(request)
    const bytes = parts.get('media')
    const segment = parts.get('segment_index')
    if (!(bytes instanceof Uint8Array) || typeof segment !== 'string' || !/^\d{1,3}$/.test(segment))
      return badRequest('media or segment_index is missing')
    item.segments = { ...item.segments, [segment]: Buffer.from(bytes).toString('base64') }
    media.set(id, item)
    return jsonResponse(200, { data: { expires_at: Math.floor(item.expiresAt / 1_000) } })
  }

  function finalize(account: Account, id: string): SandboxResponse {
    const item = media.get(id)
    if (!item || item.owner !== account.id) return badRequest('media id is unknown')
    if (bytesOf(item).length !== item.total) return badRequest('segments do not add up to total_bytes')
    media.set(id, { ...item, done: true, expiresAt: now() + 86_400_000 })
    return mediaAnswer(media.get(id) ?? item)
  }

  function metadata(request: SandboxRequest, account: Account): SandboxResponse {
    const body = jsonOf(request) as {
      id?: unknown
      metadata?: { alt_text?: { text?: unknown } }
    }
    const item = typeof body.id === 'string' ? media.get(body.id) : undefined
    const alt = body.metadata?.alt_text?.text
    if (!item || item.owner !== account.id) return badRequest('media id is unknown')
    if (typeof alt !== 'string' || alt.length > 1_000) return badRequest('alt_text is invalid')
    media.set(item.id, { ...item, alt })
    return jsonResponse(200, { data: { id: item.id, associated_metadata: { alt_text: { text: alt } } } })
  }

  // Posts.

  function shorten(text: string): { text: string; urls: LinkEntity[] } {
    let short = ''
    let rest = text
    const urls: LinkEntity[] = []
    for (const link of linksIn(text)) {
      const at = rest.indexOf(link)
      if (at < 0) continue
      short += rest.slice(0, at)
      rest = rest.slice(at + link.length)
      const url = `https://t.co/${hash(link).toString(36).padStart(10, '0')}`
      const expanded_url = /^https?:/i.test(link) ? link : `http://${link}`
      urls.push({ start: short.length, end: short.length + url.length, url, expanded_url })
      short += url
    }
    return { text: short + rest, urls }
  }

  function createPost(request: SandboxRequest, account: Account): SandboxResponse {
    const body = jsonOf(request) as { text?: unknown; media?: { media_ids?: unknown } }
    const written = typeof body.text === 'string' ? body.text : ''
    const ids = Array.isArray(body.media?.media_ids) ? body.media.media_ids.map(String) : []
    if (written === '' && ids.length === 0) return badRequest('text or media is needed')
    if (textLength(written, definition.text.value) > 280) return badRequest('text is too long')
    if (ids.length > 4) return badRequest('media_ids holds more than four')
    if ((written.match(/(?<!\w)\$[A-Za-z]{1,6}\b/g)?.length ?? 0) > 1)
      return problem(403, 'about:blank', 'Forbidden', 'Only one cashtag is allowed per post.')
    const items = ids.map((id) => media.get(id))
    if (items.some((item) => !item?.done || item.owner !== account.id || item.expiresAt <= now()))
      return badRequest('Your media IDs are invalid.')
    const key = `${account.id}|${written.normalize('NFC').trim()}|${ids.join(',')}`
    const earlier = posts.get(recentByKey.get(key) ?? '')
    if (earlier && !earlier.deleted && earlier.createdAt + duplicateWindowMs > now()) {
      const detail = 'You are not allowed to create a Tweet with duplicate content.'
      return problem(403, 'about:blank', 'Forbidden', detail)
    }
    const post = newPost(
      request,
      account,
      written,
      key,
      items.filter((item) => item !== undefined),
    )
    posts.set(post.id, post)
    index(post)
    const history = dialectOf(request) === 'new' ? 'edit_history_post_ids' : 'edit_history_tweet_ids'
    return jsonResponse(
      201,
      { data: { id: post.id, text: post.text, [history]: [post.id] } },
      { location: `https://api.x.com/2/tweets/${post.id}` },
    )
  }

  function newPost(
    request: SandboxRequest,
    account: Account,
    written: string,
    key: string,
    items: Media[],
  ): Post {
    const id = nextId()
    const { text, urls } = shorten(written)
    const first = items[0]
    const picture = first ? `https://t.co/${hash(id).toString(36).padStart(10, '0')}` : ''
    const joined = first ? `${text}${text === '' ? '' : ' '}${picture}` : text
    if (first) {
      const expanded_url = `https://x.com/${account.username}/status/${id}/photo/1`
      const start = joined.length - picture.length
      urls.push({ start, end: joined.length, url: picture, expanded_url, media_key: `3_${first.id}` })
    }
    return {
      id,
      owner: account.id,
      written,
      text: joined,
      urls,
      images: items.map((item) => ({
        altText: item.alt,
        dataUrl: `data:${item.type};base64,${bytesOf(item).toString('base64')}`,
      })),
      createdAt: now(),
      url: `${request.baseUrl}/i/web/status/${id}`,
      deleted: false,
      key,
    }
  }

  function dialectOf(request: SandboxRequest): 'old' | 'new' {
    const asked = request.headers['x-sandbox-dialect']
    return asked === 'new' || asked === 'old' ? asked : (config().dialect ?? 'old')
  }

  function view(request: SandboxRequest, post: Post): object {
    const isNew = dialectOf(request) === 'new'
    const fields = `${request.query.get('tweet.fields') ?? ''},${request.query.get('post.fields') ?? ''}`
    const wanted = new Set(fields.split(','))
    const views = audienceViews(post.id, (now() - post.createdAt) / 1_000)
    const share = (name: string, low: number, high: number) => shareOf(views, post.id + name, low, high)
    const metrics = {
      [isNew ? 'repost_count' : 'retweet_count']: share('retweet', 0.002, 0.02),
      reply_count: share('reply', 0.001, 0.01),
      like_count: share('like', 0.01, 0.08),
      quote_count: share('quote', 0, 0.005),
      bookmark_count: share('bookmark', 0.001, 0.01),
      impression_count: views,
    }
    return {
      id: post.id,
      text: post.text,
      [isNew ? 'edit_history_post_ids' : 'edit_history_tweet_ids']: [post.id],
      ...(wanted.has('created_at') ? { created_at: new Date(post.createdAt).toISOString() } : {}),
      ...(wanted.has('entities') && post.urls.length > 0 ? { entities: { urls: post.urls } } : {}),
      ...(wanted.has('public_metrics') ? { public_metrics: metrics } : {}),
    }
  }

  function timeline(request: SandboxRequest, userId: string): SandboxResponse {
    const { query } = request
    const size = Number(query.get('max_results') ?? '10')
    if (!(size >= 5 && size <= 100)) return badRequest('max_results must be between 5 and 100')
    const from = Date.parse(query.get('start_time') ?? '') || 0
    const ids = timelines.get(userId) ?? []
    const found: Post[] = []
    let at = ids.length - 1 - Number(query.get('pagination_token') ?? '0')
    for (; at >= 0 && found.length < size; at -= 1) {
      const post = posts.get(ids[at] ?? '')
      if (post && post.createdAt < from) at = 0
      else if (post && !post.deleted) found.push(post)
    }
    const meta = { result_count: found.length }
    if (found.length === 0) return jsonResponse(200, { meta })
    const next = at >= 0 ? { next_token: String(ids.length - 1 - at) } : {}
    return jsonResponse(200, { data: found.map((post) => view(request, post)), meta: { ...meta, ...next } })
  }

  function lookup(request: SandboxRequest): SandboxResponse {
    const ids = (request.query.get('ids') ?? '').split(',').filter(Boolean)
    if (ids.length === 0 || ids.length > 100) return badRequest('ids must hold 1 to 100 ids')
    const found = ids.map((id) => posts.get(id)).filter((post) => post !== undefined && !post.deleted)
    const missing = ids.filter((id) => !found.some((post) => post?.id === id))
    const host = dialectOf(request) === 'new' ? 'api.x.com' : 'api.twitter.com'
    const errors = missing.map((id) => ({
      value: id,
      resource_id: id,
      title: 'Not Found Error',
      detail: 'Not found.',
      type: `https://${host}/2/problems/resource-not-found`,
    }))
    return jsonResponse(200, {
      ...(found.length > 0 ? { data: found.map((post) => view(request, post as Post)) } : {}),
      ...(errors.length > 0 ? { errors } : {}),
    })
  }

  function deletePost(account: Account, id: string): SandboxResponse {
    const post = posts.get(id)
    if (post && post.owner !== account.id)
      return problem(403, 'not-authorized-for-resource', 'Forbidden', 'Not your post.')
    if (post) posts.set(id, { ...post, deleted: true })
    return jsonResponse(200, { data: { deleted: true } })
  }

  function me(request: SandboxRequest, account: Account): SandboxResponse {
    const count = timelines.get(account.id)?.length ?? 0
    const public_metrics = {
      followers_count: 1_200 + (hash(account.id) % 9_000),
      following_count: 120,
      [dialectOf(request) === 'new' ? 'post_count' : 'tweet_count']: count,
      listed_count: 4,
    }
    const wantsMetrics = (request.query.get('user.fields') ?? '').includes('public_metrics')
    return jsonResponse(200, { data: { ...account, ...(wantsMetrics ? { public_metrics } : {}) } })
  }

  function page(id: string): SandboxResponse {
    const post = posts.get(id)
    if (!post || post.deleted) return { status: 404, body: 'This post does not exist.' }
    const body = `<!doctype html><html lang="en"><title>X sandbox</title><p>${escapeHtml(post.written)}</p></html>`
    return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body }
  }

  async function handle(request: SandboxRequest): Promise<SandboxResponse> {
    const route = `${request.method} ${request.path}`
    switch (route) {
      case 'POST /2/tweets':
        return called(request, 'post.create', 'tweet.write', (account) => createPost(request, account))
      case 'GET /2/tweets':
        return called(request, 'post.lookup', 'tweet.read', () => lookup(request))
      case 'GET /2/users/me':
        return called(request, 'user.read', 'users.read', (account) => me(request, account))
      case 'POST /2/media/upload':
        return called(request, 'media.upload', 'media.write', (account) => oneShot(request, account))
      case 'POST /2/media/upload/initialize':
        return called(request, 'media.upload', 'media.write', (account) => initialize(request, account))
      case 'POST /2/media/metadata':
        return called(request, 'media.metadata', 'media.write', (account) => metadata(request, account))
      case 'GET /i/oauth2/authorize':
        return authorize(request)
      case 'GET /i/oauth2/decide':
        return decide(request)
      case 'POST /2/oauth2/token':
        return token(request)
      default:
        return handleWithId(request, route)
    }
  }

  async function handleWithId(request: SandboxRequest, route: string): Promise<SandboxResponse> {
    const id = /\/(\d{5,})(?:\/|$)/.exec(request.path)?.[1] ?? ''
    switch (route.replace(`/${id}`, '/:id')) {
      case 'GET /2/users/:id/tweets':
        return called(request, 'timeline.read', 'tweet.read', () => timeline(request, id))
      case 'DELETE /2/tweets/:id':
        return called(request, 'post.delete', 'tweet.write', (account) => deletePost(account, id))
      case 'POST /2/media/upload/:id/append':
        return called(request, 'media.upload', 'media.write', (account) => append(request, account, id))
      case 'POST /2/media/upload/:id/finalize':
        return called(request, 'media.upload', 'media.write', (account) => finalize(account, id))
      case 'GET /i/web/status/:id':
        return page(id)
      default:
        return { status: 404 }
    }
  }

  function onWall(post: Post): WallPost {
    const link = linksIn(post.written)[0]
    return {
      network: 'x',
      remoteId: post.id,
      channelRemoteId: post.owner,
      channelName: accounts.get(post.owner)?.name ?? post.owner,
      text: post.written,
      ...(link === undefined ? {} : { link }),
      images: post.images,
      url: post.url,
      publishedAt: new Date(post.createdAt).toISOString(),
      deleted: post.deleted,
    }
  }

  return {
    id: 'x',
    handle,
    wall: () => posts.entries().map(([, post]) => onWall(post)),
    killTokens: () => {
      for (const [key] of tokens.entries()) tokens.delete(key)
      for (const [key] of refreshes.entries()) refreshes.delete(key)
    },
  }
}

function bytesOf(item: Media): Buffer {
  const indexes = Object.keys(item.segments).sort((a, b) => Number(a) - Number(b))
  return Buffer.concat(indexes.map((index) => Buffer.from(item.segments[index] ?? '', 'base64')))
}

function imageType(bytes: Uint8Array): string | null {
  const head = Buffer.from(bytes.subarray(0, 12)).toString('latin1')
  if (head.startsWith('\xff\xd8\xff')) return 'image/jpeg'
  if (head.startsWith('\x89PNG')) return 'image/png'
  if (head.startsWith('GIF8')) return 'image/gif'
  return head.startsWith('RIFF') && head.endsWith('WEBP') ? 'image/webp' : null
}
