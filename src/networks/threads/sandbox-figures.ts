/** Posts and insights of Threads' simulator, read back, and deletion. */
import { graphTime } from '../graph-sandbox.ts'
import { hash, jsonResponse, type SandboxResponse } from '../sandbox-kit.ts'
import { deleted, deletionLimit } from './sandbox-publish.ts'
import {
  type Call,
  day,
  missing,
  notFound,
  type Post,
  type Profile,
  profileById,
  refuse,
  scopeMissing,
  type State,
} from './sandbox-state.ts'

/** Figures lag; what is not there yet is an empty set and no zero. */
const lagMs = 15_000
/** Before this, no figures of a profile are kept: 2024-04-13. */
const firstSecond = 1_712_991_600

const postMetrics = ['views', 'likes', 'replies', 'reposts', 'quotes', 'shares']
const profileMetrics = ['views', 'likes', 'replies', 'reposts', 'quotes', 'clicks', 'followers_count']

function described(id: string, post: Post): Record<string, unknown> {
  return {
    id,
    media_product_type: 'THREADS',
    media_type:
      post.images.length === 0 ? 'TEXT_POST' : post.images.length === 1 ? 'IMAGE' : 'CAROUSEL_ALBUM',
    permalink: post.permalink,
    username: profileById(post.profileId)?.username,
    text: post.text,
    timestamp: graphTime(post.publishedAt),
    shortcode: post.shortcode,
    is_quote_post: false,
    ...(post.link === undefined ? {} : { link_attachment_url: post.link }),
  }
}

/** Only what is asked for; a field that there is none of for this post is left out. */
function withFields(params: URLSearchParams, whole: Record<string, unknown>): Record<string, unknown> {
  const names = new Set(['id', ...(params.get('fields') ?? '').split(',')])
  return Object.fromEntries(Object.entries(whole).filter(([name]) => names.has(name)))
}

export function listPosts({ state, params }: Call, profile: Profile): SandboxResponse {
  const data = state.posts
    .entries()
    .filter(
      ([, post]) => post.profileId === profile.id && post.deletedAt === null && post.replyTo === undefined,
    )
    .toReversed()
    .slice(0, Math.min(100, Number(params.get('limit') ?? 25)))
    .map(([id, post]) => withFields(params, described(id, post)))
  return jsonResponse(200, { data, paging: { cursors: { before: 'QVFI', after: 'QVFJ' } } })
}

function listReplies(call: Call, postId: string): SandboxResponse {
  const refused = scopeMissing(call, 'threads_read_replies')
  if (refused) return refused
  const { state, params } = call
  const data = state.posts
    .entries()
    .filter(([, post]) => post.replyTo === postId && post.deletedAt === null)
    .toReversed()
    .slice(0, Math.min(100, Number(params.get('limit') ?? 25)))
    .map(([id, post]) => withFields(params, described(id, post)))
  return jsonResponse(200, { data, paging: { cursors: { before: 'QVFI', after: 'QVFJ' } } })
}

export function postEdge(call: Call, id: string, post: Post, edge: string): SandboxResponse {
  const { state, params, request, token } = call
  if (post.profileId !== token.profileId) return missing()
  if (edge === 'insights') return postInsights(call, id, post)
  if (edge === 'replies') return listReplies(call, id)
  if (edge !== '') return notFound()
  if (request.method !== 'DELETE') {
    // Only a container has a status.
    if (/\bstatus\b/.test(params.get('fields') ?? ''))
      return refuse({ code: 100, message: 'Tried accessing nonexisting field (status)' })
    return jsonResponse(200, withFields(params, described(id, post)))
  }
  const refused = scopeMissing(call, 'threads_delete')
  if (refused) return refused
  if (deleted(state, post.profileId) >= deletionLimit)
    return refuse({ code: 9, subcode: 2207042, message: 'The daily number of deletions is reached' })
  state.posts.set(id, { ...post, deletedAt: state.now() })
  request.made?.(id)
  return jsonResponse(200, { success: true, deleted_id: id })
}

export function figuresOf(state: State, post: Post) {
  const { views, share } = state.audience(`${post.profileId}|${post.text}`, post.publishedAt)
  return {
    views,
    likes: share('likes', 0.02, 0.08),
    replies: share('replies', 0.003, 0.02),
    reposts: share('reposts', 0.001, 0.015),
    quotes: share('quotes', 0, 0.004),
    shares: share('shares', 0.001, 0.01),
  }
}

function metricsIn(params: URLSearchParams, known: readonly string[]): string[] | SandboxResponse {
  const names = (params.get('metric') ?? '').split(',')
  if (names.every((name) => known.includes(name))) return names
  return refuse({ code: 100, message: `Param metric must be one of {${known.join(', ')}}` })
}

function postInsights(call: Call, id: string, post: Post): SandboxResponse {
  const refused = scopeMissing(call, 'threads_manage_insights')
  if (refused) return refused
  const names = metricsIn(call.params, postMetrics)
  if (!Array.isArray(names)) return names
  if (call.state.now() - post.publishedAt < lagMs) return jsonResponse(200, { data: [] })
  const figures: Record<string, number> = figuresOf(call.state, post)
  const data = names.map((name) => ({
    name,
    period: 'lifetime',
    values: [{ value: figures[name] }],
    title: name,
    // The network itself calls replies by another name here.
    id: `${id}/insights/${name === 'replies' ? 'thread_replies' : name}/lifetime`,
  }))
  return jsonResponse(200, { data })
}

export function profileInsights(call: Call, profile: Profile): SandboxResponse {
  const refused = scopeMissing(call, 'threads_manage_insights')
  if (refused) return refused
  const { state, params } = call
  const names = metricsIn(params, profileMetrics)
  if (!Array.isArray(names)) return names
  const hasRange = params.has('since') || params.has('until')
  const since = Number(params.get('since') ?? Math.floor((state.now() - day) / 1_000))
  const until = Number(params.get('until') ?? Math.floor(state.now() / 1_000))
  if (since < firstSecond || until < since)
    return refuse({ code: 100, message: `Param since must be at least ${firstSecond}` })
  if (hasRange && names.includes('followers_count'))
    return refuse({ code: 100, message: 'followers_count does not support since and until' })
  const data = names.map((name) => ({
    name,
    period: 'day',
    ...profileFigure(profile, name, since, until),
    title: name,
    id: `${profile.id}/insights/${name}/day`,
  }))
  return jsonResponse(200, { data })
}

/** Views come for each day, clicks for each link, the rest as one sum. */
function profileFigure(profile: Profile, name: string, since: number, until: number) {
  const of = (at: number) => hash(`${profile.id}${name}${at}`) % (name === 'views' ? 900 : 60)
  if (name === 'followers_count') return { total_value: { value: 300 + (hash(profile.id) % 700) } }
  if (name === 'clicks')
    return { link_total_values: [{ value: of(since), link_url: 'https://litfass.example/column' }] }
  if (name !== 'views') return { total_value: { value: of(since) } }
  const days = Math.max(1, Math.round((until - since) / 86_400))
  const values = Array.from({ length: days }, (_, index) => {
    const end = since + (index + 1) * 86_400
    // A day of the network ends at eight in the morning, UTC.
    return { value: of(end), end_time: graphTime((Math.floor(end / 86_400) * 24 + 8) * 3_600_000) }
  })
  return { values }
}
