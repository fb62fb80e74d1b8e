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
import { createHash, randomBytes } from 'node:crypto'
import { linksIn, textLength } from '#domain/text.ts'
import type { LoginMethod, NetworkHosts } from '../contract.ts'
import {
  audienceOf,
  bearerOf,
  type Bill,
  type Effect,
  formOf,
  hash,
  imageType,
  jsonOf,
  jsonResponse,
  type KnownError,
  multipartOf,
  redirect,
  type CreateSandbox,
  type RefusalKind,
  type SandboxRequest,
  type SandboxResponse,
  type WallPost,
} from '../sandbox-kit.ts'
import { consentPage } from '../sandbox-pages.ts'
import { definition } from './definition.ts'

type Account = { id: string; username: string; name: string }
type Grant = { accountId: string; clientId: string; family: string; scope: string }
type Code = Omit<Grant, 'family'> & { redirectUri: string; challenge: string; expiresAt: number }
type Token = Grant & { expiresAt: number }
type Refresh = Grant & { used: boolean; expiresAt: number }
type Media = {
  id: string
  owner: string
  type: string
  total: number
  /** File of each segment by its index; one file under `0` once the upload is done. */
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
  images: Array<{ altText: string; file?: string }>
  createdAt: number
  url: string
  deleted: boolean
  key: string
}
type Wish = {
  text?: unknown
  media?: { media_ids?: unknown }
  reply?: { in_reply_to_tweet_id?: unknown }
  quote_tweet_id?: unknown
}
type Window = { startedAt: number; count: number }
/** How the simulator misbehaves on purpose; read by tests and by the sandbox's owner. */
export type XSandboxSettings = {
  dialect?: 'old' | 'new'
  billing?: 'depleted' | 'spend-cap' | 'usage-cap'
  accessSeconds?: number
}
type Headers = Record<string, string>
type Caller = { token: Token; account: Account }
type Result = { response: SandboxResponse } | Caller

const twitterEpoch = 1_288_834_974_657
const duplicateWindowMs = 86_400_000
/** Half a year is what people report; X does not say. */
const refreshMs = 180 * 86_400_000
/** More accounts to choose from; any other handle may be asked for too. */
const usernames = ['litfass', 'litfass_cafe', 'litfass_books']
const displayNames: Readonly<Record<string, string>> = {
  litfass: 'Litfass Column',
  litfass_cafe: 'Litfass Cafe',
  litfass_books: 'Litfass Books',
}
const limits: Readonly<Record<string, { limit: number; seconds: number }>> = {
  'post.create': { limit: 100, seconds: 900 },
  'post.delete': { limit: 50, seconds: 900 },
  'post.lookup': { limit: 5_000, seconds: 900 },
  'post.read': { limit: 900, seconds: 900 },
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
  /** Posts left by order of a fault. */
  const quota = context.collection<number>('quota')
  const charges = context.collection<{ count: number; micros: number }>('charges')
  const priceChanges = context.collection<Readonly<Record<string, string>>>('price-changes')
  const audience = audienceOf(context)
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
    const account = { id, username, name: displayNames[username] ?? username }
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

  /** The id is a number above 2^53, as seen on the real API. */
  function creditsDepleted(): SandboxResponse {
    return {
      status: 402,
      headers: { 'content-type': 'application/problem+json', 'x-rate-limit-limit': '40000' },
      body: '{"account_id":1934567890123456789,"title":"CreditsDepleted","detail":"No credits are left.","type":"https://api.x.com/2/problems/credits"}',
    }
  }

  function spendCapReached(): SandboxResponse {
    const reset_date = new Date(now() + 3 * 86_400_000).toISOString().slice(0, 10)
    return problem(403, 'credits', 'SpendCapReached', 'The spend cap is reached.', { reset_date })
  }

  function usageCapExceeded(): SandboxResponse {
    return problem(429, 'usage-capped', 'UsageCapExceeded', 'Usage cap exceeded.', {
      period: 'Monthly',
      scope: 'Product',
    })
  }

  function billingProblem(): SandboxResponse | null {
    switch (config().billing) {
      case 'depleted':
        return creditsDepleted()
      case 'spend-cap':
        return spendCapReached()
      case 'usage-cap':
        return usageCapExceeded()
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
  function rate(endpointClass: string, { account, token }: Caller): { ok: boolean; headers: Headers } {
    const left = endpointClass === 'post.create' ? quota.get('post.create') : undefined
    if (left !== undefined) {
      quota.set('post.create', Math.max(0, left - 1))
      const reset = Math.ceil(now() / 1_000) + 900
      return { ok: left > 0, headers: rateHeaders(Math.max(100, left), Math.max(0, left - 1), reset) }
    }
    const rule = limits[endpointClass] ?? { limit: 900, seconds: 900 }
    const user = take(`${endpointClass}|${account.id}`, rule.limit, rule.seconds)
    const headers = rateHeaders(rule.limit, user.left, user.reset)
    if (!user.ok || endpointClass !== 'post.create') return { ok: user.ok, headers }
    const day = take(`${endpointClass}|app|${token.clientId}`, 10_000, 86_400)
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
    const { ok, headers } = rate(endpointClass, who)
    if (!ok) {
      const refused = problem(429, 'about:blank', 'Too Many Requests', 'Too Many Requests')
      return { ...refused, headers: { ...refused.headers, ...headers } }
    }
    const response = await run(who.account)
    if (response.status < 300 && endpointClass !== 'post.create') chargeAnswer(endpointClass, response)
    return { ...response, headers: { ...response.headers, ...headers } }
  }

  // Money: X charges writes by request and reads by what comes back. Failures are free.

  function charge(endpointClass: string, count: number, hasLink?: boolean): void {
    const entry = definition.prices.value.find(
      (price) => price.endpointClass === endpointClass && price.hasLink === hasLink,
    )
    const name = hasLink ? `${endpointClass}.link` : endpointClass
    const amount = priceChanges.get('x')?.[name] ?? entry?.price.amount
    if (amount === undefined) return
    const before = charges.get(name) ?? { count: 0, micros: 0 }
    charges.set(name, {
      count: before.count + count,
      micros: before.micros + count * Math.round(Number(amount) * 1e6),
    })
  }

  function chargeAnswer(endpointClass: string, response: SandboxResponse): void {
    const isByItem = definition.prices.value.some(
      (price) => price.endpointClass === endpointClass && price.per === 'item',
    )
    charge(endpointClass, isByItem ? itemsIn(response) : 1)
  }

  function bill(): Bill {
    const items = charges
      .entries()
      .map(([endpointClass, { count, micros }]) => ({ endpointClass, count, amount: decimal(micros) }))
    const total = [...charges.values()].reduce((sum, { micros }) => sum + micros, 0)
    return { currency: 'USD', total: decimal(total), items }
  }

  // Sign-in.

  function authorize(request: SandboxRequest): SandboxResponse {
    const { query } = request
    const asked = query.get('account')
    const choice = asked === null ? usernames : [asked, ...usernames.filter((name) => name !== asked)]
    const hidden: Record<string, string> = {}
    for (const name of ['client_id', 'redirect_uri', 'scope', 'state', 'code_challenge']) {
      const value = query.get(name)
      if (!value) return problem(400, 'invalid-request', 'Invalid Request', `${name} is missing`)
      hidden[name] = value
    }
    if ((query.get('state') ?? '').length > 500)
      return problem(400, 'invalid-request', 'Invalid Request', 'state is too long')
    return consentPage(request, {
      network: 'X',
      scopes: (query.get('scope') ?? '').split(' '),
      accounts: choice.map(accountOf).map(({ username, name }) => ({
        id: username,
        name,
        detail: `@${username}`,
      })),
      action: '/i/oauth2/decide',
      hidden: asked === null ? hidden : { ...hidden, preset: asked },
      redirectUri: query.get('redirect_uri') ?? '',
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
      accountId: accountOf(query.get('account') ?? query.get('preset') ?? 'litfass').id,
      clientId: query.get('client_id') ?? '',
      redirectUri,
      challenge: query.get('code_challenge') ?? '',
      scope: query.get('scope') ?? '',
      expiresAt: now() + 30_000,
    })
    target.searchParams.set('code', code)
    return redirect(target.href)
  }

  function issue({ accountId, clientId, family, scope }: Grant): SandboxResponse {
    const grant = { accountId, clientId, family, scope }
    const seconds = config().accessSeconds ?? 7_200
    const access_token = randomBytes(48).toString('base64url')
    tokens.set(access_token, { ...grant, expiresAt: now() + seconds * 1_000 })
    const answer = { token_type: 'bearer', expires_in: seconds, access_token, scope }
    if (!scope.split(' ').includes('offline.access')) return jsonResponse(200, answer)
    const refresh_token = randomBytes(48).toString('base64url')
    refreshes.set(refresh_token, { ...grant, used: false, expiresAt: now() + refreshMs })
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
    if (request.path === '/2/oauth2/revoke') return revoke(form.get('token') ?? '')
    if (form.get('grant_type') === 'refresh_token') return renew(form.get('refresh_token') ?? '')
    const key = form.get('code') ?? ''
    const code = codes.get(key)
    codes.delete(key)
    if (!code || code.expiresAt <= now() || code.redirectUri !== form.get('redirect_uri'))
      return invalidToken()
    const verifier = form.get('code_verifier') ?? ''
    const challenge = createHash('sha256').update(verifier).digest('base64url')
    if (challenge !== code.challenge) return invalidToken()
    return issue({ ...code, family: randomBytes(8).toString('hex') })
  }

  /** A refresh token works once; showing a used one ends every token that came from the same consent. */
  function renew(key: string): SandboxResponse {
    const known = refreshes.get(key)
    if (!known || known.expiresAt <= now()) return invalidToken()
    if (known.used) {
      killFamily(known.family)
      return invalidToken()
    }
    refreshes.set(key, { ...known, used: true })
    for (const [access, token] of tokens.entries()) if (token.family === known.family) tokens.delete(access)
    return issue(known)
  }

  function revoke(key: string): SandboxResponse {
    const known = tokens.get(key) ?? refreshes.get(key)
    if (known) killFamily(known.family)
    return jsonResponse(200, { revoked: true })
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
    media.set(item.id, { ...item, segments: { 0: context.files.put(bytes) }, done: true })
    request.made?.(item.id)
    return mediaAnswer(item)
  }

  function initialize(request: SandboxRequest, account: Account): SandboxResponse {
    const body = jsonOf(request)
    const { media_type: type, total_bytes: total } = body
    if (typeof type !== 'string' || typeof total !== 'number')
      return badRequest('media_type or total_bytes is missing')
    if (total > 15_728_640) return badRequest('media is too large')
    const item = newMedia(account, type, total)
    request.made?.(item.id)
    return mediaAnswer(item)
  }

  async function append(request: SandboxRequest, account: Account, id: string): Promise<SandboxResponse> {
    const item = media.get(id)
    if (!item || item.owner !== account.id) return badRequest('media id is unknown')
    const parts = await multipartOf(request)
    const bytes = parts.get('media')
    const segment = parts.get('segment_index')
    if (!(bytes instanceof Uint8Array) || typeof segment !== 'string' || !/^\d{1,3}$/.test(segment))
      return badRequest('media or segment_index is missing')
    media.set(id, { ...item, segments: { ...item.segments, [segment]: context.files.put(bytes) } })
    request.made?.(id)
    return jsonResponse(200, { data: { expires_at: Math.floor(item.expiresAt / 1_000) } })
  }

  function finalize(request: SandboxRequest, account: Account, id: string): SandboxResponse {
    const item = media.get(id)
    if (!item || item.owner !== account.id) return badRequest('media id is unknown')
    const bytes = bytesOf(item)
    if (bytes.length !== item.total) return badRequest('segments do not add up to total_bytes')
    const done = {
      ...item,
      segments: { 0: context.files.put(bytes) },
      done: true,
      expiresAt: now() + 86_400_000,
    }
    media.set(id, done)
    request.made?.(id)
    return mediaAnswer(done)
  }

  function bytesOf({ segments }: Media): Buffer {
    const indexes = Object.keys(segments).sort((a, b) => Number(a) - Number(b))
    return Buffer.concat(indexes.map((index) => context.files.get(segments[index] ?? '') ?? new Uint8Array()))
  }

  function mediaStatus(request: SandboxRequest, account: Account): SandboxResponse {
    const item = media.get(request.query.get('media_id') ?? '')
    if (!item || item.owner !== account.id) return badRequest('media id is unknown')
    const state = item.done ? 'succeeded' : 'pending'
    const progress = item.done ? { progress_percent: 100 } : { check_after_secs: 1 }
    return jsonResponse(200, {
      data: { id: item.id, media_key: `3_${item.id}`, processing_info: { state, ...progress } },
    })
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
    request.made?.(item.id)
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

  /** Since 2026 self-serve apps may quote nobody, and answer only where the author asked for it. */
  function refusedRelation(body: Wish, account: Account): SandboxResponse | null {
    if (body.quote_tweet_id !== undefined)
      return problem(403, 'about:blank', 'Forbidden', 'You are not permitted to perform this action.')
    const parent = body.reply?.in_reply_to_tweet_id
    if (parent === undefined) return null
    if (typeof parent === 'string' && posts.get(parent)?.owner === account.id) return null
    return problem(403, 'about:blank', 'Forbidden', known.reply)
  }

  function createPost(request: SandboxRequest, account: Account): SandboxResponse {
    const body = jsonOf(request) as Wish
    const written = typeof body.text === 'string' ? body.text : ''
    const refused = refusedRelation(body, account)
    if (refused) return refused
    const ids = Array.isArray(body.media?.media_ids) ? body.media.media_ids.map(String) : []
    if (written === '' && ids.length === 0) return badRequest('text or media is needed')
    if (textLength(written, definition.text.value) > 280) return badRequest('text is too long')
    if (ids.length > 4) return badRequest('media_ids holds more than four')
    if ((written.match(/(?<!\w)\$[A-Za-z]{1,6}\b/g)?.length ?? 0) > 1)
      return problem(403, 'about:blank', 'Forbidden', known.cashtag)
    const items = ids.map((id) => media.get(id))
    if (items.some((item) => !item?.done || item.owner !== account.id || item.expiresAt <= now()))
      return badRequest('Your media IDs are invalid.')
    const key = `${account.id}|${written.normalize('NFC').trim()}|${ids.join(',')}`
    const earlier = posts.get(recentByKey.get(key) ?? '')
    if (earlier && !earlier.deleted && earlier.createdAt + duplicateWindowMs > now()) {
      return problem(403, 'about:blank', 'Forbidden', known.duplicate)
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
    request.made?.(post.id, ids)
    charge(
      'post.create',
      1,
      post.urls.some((url) => url.media_key === undefined),
    )
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
        ...(item.segments[0] === undefined ? {} : { file: item.segments[0] }),
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

  function figuresOf(post: Post) {
    const { views, share } = audience(post.key, post.createdAt)
    return {
      views,
      likes: share('likes', 0.01, 0.08),
      comments: share('comments', 0.001, 0.01),
      shares: share('shares', 0.002, 0.02),
      quotes: share('quotes', 0, 0.005),
      bookmarks: share('bookmarks', 0.001, 0.01),
    }
  }

  function view(request: SandboxRequest, post: Post): object {
    const isNew = dialectOf(request) === 'new'
    const fields = `${request.query.get('tweet.fields') ?? ''},${request.query.get('post.fields') ?? ''}`
    const wanted = new Set(fields.split(','))
    const figures = figuresOf(post)
    const metrics = {
      [isNew ? 'repost_count' : 'retweet_count']: figures.shares,
      reply_count: figures.comments,
      like_count: figures.likes,
      quote_count: figures.quotes,
      bookmark_count: figures.bookmarks,
      impression_count: figures.views,
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

  function readPost(request: SandboxRequest, id: string): SandboxResponse {
    const post = posts.get(id)
    if (!post || post.deleted)
      return problem(404, 'resource-not-found', 'Not Found Error', `Could not find tweet with id: [${id}].`)
    return jsonResponse(200, { data: view(request, post) })
  }

  function deletePost(request: SandboxRequest, account: Account, id: string): SandboxResponse {
    const post = posts.get(id)
    if (post && post.owner !== account.id)
      return problem(403, 'not-authorized-for-resource', 'Forbidden', 'Not your post.')
    if (post) {
      posts.set(id, { ...post, deleted: true })
      request.made?.(id)
    }
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

  async function handle(request: SandboxRequest): Promise<SandboxResponse> {
    const route = `${request.method} ${request.path}`
    switch (route) {
      case 'POST /2/tweets':
        return called(request, 'post.create', 'tweet.write', (account) => createPost(request, account))
      case 'GET /2/tweets':
        return called(request, 'post.lookup', 'tweet.read', () => lookup(request))
      case 'GET /2/users/me':
        return called(request, 'user.read', 'users.read', (account) => me(request, account))
      case 'GET /2/media/upload':
        return called(request, 'media.upload', 'media.write', (account) => mediaStatus(request, account))
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
      case 'POST /2/oauth2/revoke':
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
        return called(request, 'post.delete', 'tweet.write', (account) => deletePost(request, account, id))
      case 'GET /2/tweets/:id':
        return called(request, 'post.read', 'tweet.read', () => readPost(request, id))
      case 'POST /2/media/upload/:id/append':
        return called(request, 'media.upload', 'media.write', (account) => append(request, account, id))
      case 'POST /2/media/upload/:id/finalize':
        return called(request, 'media.upload', 'media.write', (account) => finalize(request, account, id))
      default:
        return { status: 404 }
    }
  }

  function onWall(post: Post): WallPost {
    const link = linksIn(post.written)[0]
    const handle = accounts.get(post.owner)?.username
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
      ...(handle === undefined ? {} : { handle }),
      figures: figuresOf(post),
    }
  }

  // Faults.

  function refuse(kind: RefusalKind): SandboxResponse {
    switch (kind) {
      case 'unauthorised':
        return unauthorised()
      case 'throttled':
        return throttled()
      case 'outage':
        return { status: 503 }
      case 'server-error':
        return problem(503, 'about:blank', 'Service Unavailable', 'Service Unavailable')
      case 'withdrawn-network':
      case 'withdrawn-ability':
        return notEnrolled()
      case 'withdrawn-version':
        return { status: 404 }
    }
  }

  function throttled(): SandboxResponse {
    const refused = problem(429, 'about:blank', 'Too Many Requests', 'Too Many Requests')
    const headers = rateHeaders(100, 0, Math.ceil(now() / 1_000) + 900)
    return { ...refused, headers: { ...refused.headers, ...headers } }
  }

  function notEnrolled(): SandboxResponse {
    const detail =
      'When authenticating requests to the X API v2 endpoints, you must use keys and tokens from a developer App that is attached to a Project.'
    return problem(403, 'client-forbidden', 'Client Forbidden', detail, {
      reason: 'client-not-enrolled',
      client_id: '1',
      registration_url: 'https://developer.x.com/en/docs/projects/overview',
    })
  }

  const forbidden = (meaning: string, detail: string): KnownError => ({
    status: 403,
    meaning,
    answer: () => problem(403, 'about:blank', 'Forbidden', detail),
  })
  const errors: Record<string, KnownError> = {
    '400-invalid-request': {
      status: 400,
      meaning: 'The request is not valid',
      answer: () => badRequest('Invalid.'),
    },
    '401-unauthorized': { status: 401, meaning: 'The token is not accepted', answer: unauthorised },
    '402-credits-depleted': { status: 402, meaning: 'No credits are left', answer: creditsDepleted },
    '403-duplicate': forbidden('The same text was posted before', known.duplicate),
    '403-cashtag': forbidden('More than one cashtag', known.cashtag),
    '403-reply': forbidden('A reply to somebody who did not ask', known.reply),
    '403-not-permitted': forbidden('Not permitted for this account', known.notPermitted),
    '403-not-enrolled': { status: 403, meaning: 'The app may not use this', answer: notEnrolled },
    '403-spend-cap': { status: 403, meaning: 'The spend cap is reached', answer: spendCapReached },
    '404-not-found': {
      status: 404,
      meaning: 'There is no such post',
      answer: () => problem(404, 'resource-not-found', 'Not Found Error', 'Not found.'),
    },
    '404-empty': { status: 404, meaning: 'Nothing, as seen in incidents', answer: () => ({ status: 404 }) },
    '429-rate-limit': { status: 429, meaning: 'Too many requests in this window', answer: throttled },
    '429-usage-cap': {
      status: 429,
      meaning: 'The usage cap of the plan is reached',
      answer: usageCapExceeded,
    },
    '503-unavailable': { status: 503, meaning: 'X is over capacity', answer: () => refuse('server-error') },
  }

  return {
    id: definition.id,
    name: definition.name,
    color: definition.color,
    handle,
    wall: () => Array.from(posts.values(), onWall),
    post: (remoteId) => {
      const post = posts.get(remoteId)
      return post && onWall(post)
    },
    postAt: (path) => /^\/(?:i\/web|\w+)\/status\/(\d+)/.exec(path)?.[1],
    effectOf,
    versionOf: ({ path }) => /^\/(\d)\//.exec(path)?.[1],
    errors,
    refuse,
    killTokens: (accountId) => {
      const account =
        accountId === undefined
          ? undefined
          : accounts.entries().find(([id, { username }]) => id === accountId || username === accountId)?.[0]
      const isMeant = (grant: Grant) => accountId === undefined || grant.accountId === account
      for (const [key, token] of tokens.entries()) if (isMeant(token)) tokens.delete(key)
      for (const [key, token] of refreshes.entries()) if (isMeant(token)) refreshes.delete(key)
    },
    setQuota: (remaining) =>
      remaining === null ? quota.delete('post.create') : quota.set('post.create', remaining),
    setPrices: (prices) => (prices === null ? priceChanges.delete('x') : priceChanges.set('x', prices)),
    bill,
    setRenamedFields: (isRenamed) => settings.set('x', { ...config(), dialect: isRenamed ? 'new' : 'old' }),
    kept: ['accounts', 'tokens', 'refreshes', 'settings'],
  }
}

/** Sentences that are the only carrier of what they say. */
const known = {
  duplicate: 'You are not allowed to create a Tweet with duplicate content.',
  cashtag: 'Only one cashtag is allowed per post.',
  reply:
    'Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by the author of the post you are replying to.',
  notPermitted: 'You are not permitted to perform this action.',
}

function rateHeaders(limit: number, remaining: number, reset: number): Headers {
  return {
    'x-rate-limit-limit': String(limit),
    'x-rate-limit-remaining': String(remaining),
    'x-rate-limit-reset': String(reset),
  }
}

function effectOf({ method, path }: { method: string; path: string }): Effect {
  if (path.startsWith('/2/oauth2/')) return 'token'
  if (!path.startsWith('/2/')) return 'page'
  if (path.startsWith('/2/media/')) return method === 'GET' ? 'read' : 'upload'
  if (method === 'POST') return 'publish'
  return method === 'DELETE' ? 'remove' : 'read'
}

function itemsIn(response: SandboxResponse): number {
  const { data } = JSON.parse(String(response.body ?? '{}')) as { data?: unknown }
  if (Array.isArray(data)) return data.length
  return data === undefined ? 0 : 1
}

/** Millionths as a decimal string. */
const decimal = (micros: number) => (micros / 1e6).toFixed(6).replace(/\.?0+$/, '')
