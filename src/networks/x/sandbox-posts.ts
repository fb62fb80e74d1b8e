/** Posts of X's simulator: made, read in both dialects, deleted. */
import { linksIn, textLength } from '#domain/text.ts'
import { hash, jsonOf, jsonResponse, type SandboxRequest, type SandboxResponse } from '../sandbox-kit.ts'
import { definition } from './definition.ts'
import { charge } from './sandbox-limits.ts'
import {
  type Account,
  badRequest,
  dialectOf,
  index,
  type LinkEntity,
  type Media,
  nextId,
  type Post,
  problem,
  sentences,
  type State,
} from './sandbox-state.ts'

type Wish = {
  text?: unknown
  media?: { media_ids?: unknown }
  reply?: { in_reply_to_tweet_id?: unknown }
  quote_tweet_id?: unknown
}

const duplicateWindowMs = 86_400_000

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
function refusedRelation(state: State, body: Wish, account: Account): SandboxResponse | null {
  if (body.quote_tweet_id !== undefined)
    return problem(state, 403, 'about:blank', 'Forbidden', 'You are not permitted to perform this action.')
  const parent = body.reply?.in_reply_to_tweet_id
  if (parent === undefined) return null
  if (typeof parent === 'string' && state.posts.get(parent)?.owner === account.id) return null
  return problem(state, 403, 'about:blank', 'Forbidden', sentences.reply)
}

export function createPost(state: State, request: SandboxRequest, account: Account): SandboxResponse {
  const body = jsonOf(request) as Wish
  const written = typeof body.text === 'string' ? body.text : ''
  const refused = refusedRelation(state, body, account)
  if (refused) return refused
  const ids = Array.isArray(body.media?.media_ids) ? body.media.media_ids.map(String) : []
  if (written === '' && ids.length === 0) return badRequest(state, 'text or media is needed')
  if (textLength(written, definition.text.value) > 280) return badRequest(state, 'text is too long')
  if (ids.length > 4) return badRequest(state, 'media_ids holds more than four')
  if ((written.match(/(?<!\w)\$[A-Za-z]{1,6}\b/g)?.length ?? 0) > 1)
    return problem(state, 403, 'about:blank', 'Forbidden', sentences.cashtag)
  const items = ids.map((id) => state.media.get(id))
  if (items.some((item) => !item?.done || item.owner !== account.id || item.expiresAt <= state.now()))
    return badRequest(state, 'Your media IDs are invalid.')
  if (items.length > 1 && items.some((item) => definition.images.value.alone?.includes(item?.type ?? '')))
    return badRequest(state, 'media_ids holds a GIF and other media')
  const key = `${account.id}|${written.normalize('NFC').trim()}|${ids.join(',')}`
  const earlier = state.posts.get(state.recentByKey.get(key) ?? '')
  if (earlier && !earlier.deleted && earlier.createdAt + duplicateWindowMs > state.now()) {
    return problem(state, 403, 'about:blank', 'Forbidden', sentences.duplicate)
  }
  const post = newPost(
    state,
    request,
    account,
    written,
    key,
    items.filter((item) => item !== undefined),
  )
  state.posts.set(post.id, post)
  index(state, post)
  request.made?.(post.id, ids)
  charge(
    state,
    'post.create',
    1,
    post.urls.some((url) => url.media_key === undefined),
  )
  const history = dialectOf(state, request) === 'new' ? 'edit_history_post_ids' : 'edit_history_tweet_ids'
  return jsonResponse(
    201,
    { data: { id: post.id, text: post.text, [history]: [post.id] } },
    { location: `https://api.x.com/2/tweets/${post.id}` },
  )
}

function newPost(
  state: State,
  request: SandboxRequest,
  account: Account,
  written: string,
  key: string,
  items: Media[],
): Post {
  const id = nextId(state)
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
    createdAt: state.now(),
    url: `${request.baseUrl}/i/web/status/${id}`,
    deleted: false,
    key,
  }
}

export function figuresOf(state: State, post: Post) {
  const { views, share } = state.audience(post.key, post.createdAt)
  return {
    views,
    likes: share('likes', 0.01, 0.08),
    comments: share('comments', 0.001, 0.01),
    shares: share('shares', 0.002, 0.02),
    quotes: share('quotes', 0, 0.005),
    bookmarks: share('bookmarks', 0.001, 0.01),
  }
}

function view(state: State, request: SandboxRequest, post: Post): object {
  const isNew = dialectOf(state, request) === 'new'
  const fields = `${request.query.get('tweet.fields') ?? ''},${request.query.get('post.fields') ?? ''}`
  const wanted = new Set(fields.split(','))
  const figures = figuresOf(state, post)
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

export function timeline(state: State, request: SandboxRequest, userId: string): SandboxResponse {
  const { query } = request
  const size = Number(query.get('max_results') ?? '10')
  if (!(size >= 5 && size <= 100)) return badRequest(state, 'max_results must be between 5 and 100')
  const from = Date.parse(query.get('start_time') ?? '') || 0
  const ids = state.timelines.get(userId) ?? []
  const found: Post[] = []
  let at = ids.length - 1 - Number(query.get('pagination_token') ?? '0')
  for (; at >= 0 && found.length < size; at -= 1) {
    const post = state.posts.get(ids[at] ?? '')
    if (post && post.createdAt < from) at = 0
    else if (post && !post.deleted) found.push(post)
  }
  const meta = { result_count: found.length }
  if (found.length === 0) return jsonResponse(200, { meta })
  const next = at >= 0 ? { next_token: String(ids.length - 1 - at) } : {}
  return jsonResponse(200, {
    data: found.map((post) => view(state, request, post)),
    meta: { ...meta, ...next },
  })
}

export function lookup(state: State, request: SandboxRequest): SandboxResponse {
  const ids = (request.query.get('ids') ?? '').split(',').filter(Boolean)
  if (ids.length === 0 || ids.length > 100) return badRequest(state, 'ids must hold 1 to 100 ids')
  const found = ids.map((id) => state.posts.get(id)).filter((post) => post !== undefined && !post.deleted)
  const missing = ids.filter((id) => !found.some((post) => post?.id === id))
  const host = dialectOf(state, request) === 'new' ? 'api.x.com' : 'api.twitter.com'
  const errors = missing.map((id) => ({
    value: id,
    resource_id: id,
    title: 'Not Found Error',
    detail: 'Not found.',
    type: `https://${host}/2/problems/resource-not-found`,
  }))
  return jsonResponse(200, {
    ...(found.length > 0 ? { data: found.map((post) => view(state, request, post as Post)) } : {}),
    ...(errors.length > 0 ? { errors } : {}),
  })
}

export function readPost(state: State, request: SandboxRequest, id: string): SandboxResponse {
  const post = state.posts.get(id)
  if (!post || post.deleted)
    return problem(
      state,
      404,
      'resource-not-found',
      'Not Found Error',
      `Could not find tweet with id: [${id}].`,
    )
  return jsonResponse(200, { data: view(state, request, post) })
}

export function deletePost(
  state: State,
  request: SandboxRequest,
  account: Account,
  id: string,
): SandboxResponse {
  const post = state.posts.get(id)
  if (post && post.owner !== account.id)
    return problem(state, 403, 'not-authorized-for-resource', 'Forbidden', 'Not your post.')
  if (post) {
    state.posts.set(id, { ...post, deleted: true })
    request.made?.(id)
  }
  return jsonResponse(200, { data: { deleted: true } })
}

export function me(state: State, request: SandboxRequest, account: Account): SandboxResponse {
  const count = state.timelines.get(account.id)?.length ?? 0
  const public_metrics = {
    followers_count: 1_200 + (hash(account.id) % 9_000),
    following_count: 120,
    [dialectOf(state, request) === 'new' ? 'post_count' : 'tweet_count']: count,
    listed_count: 4,
  }
  const wantsMetrics = (request.query.get('user.fields') ?? '').includes('public_metrics')
  return jsonResponse(200, { data: { ...account, ...(wantsMetrics ? { public_metrics } : {}) } })
}
