/** Media and insights of Instagram's simulator, read back. */
import { graphTime } from '../graph-sandbox.ts'
import { hash, jsonResponse, type SandboxResponse } from '../sandbox-kit.ts'
import { commentsEdge } from './sandbox-comments.ts'
import {
  type Account,
  accountById,
  type Call,
  type LoginKind,
  mayUse,
  type Media,
  missing,
  notFound,
  refuse,
  scopeMissing,
  type State,
} from './sandbox-state.ts'

const lagSeconds = 15

/** Of feed posts. `facebook_views` fails for what was not shared to Facebook, as everything here. */
const mediaMetrics = [
  'reach',
  'views',
  'likes',
  'comments',
  'saved',
  'shares',
  'reposts',
  'total_interactions',
  'follows',
  'profile_visits',
]

const userMetrics = [
  'reach',
  'views',
  'likes',
  'comments',
  'saves',
  'shares',
  'total_interactions',
  'profile_links_taps',
  'accounts_engaged',
  'replies',
  'reposts',
]

export function mediaOf(state: State, account: Account): Array<[string, Media]> {
  return state.media.entries().filter(([, one]) => one.accountId === account.id && !one.deleted)
}

function describeMedia(state: State, id: string, media: Media) {
  const { likes, comments } = mediaFigures(state, media)
  return {
    id,
    caption: media.caption,
    timestamp: graphTime(media.publishedAt),
    permalink: media.permalink,
    shortcode: media.shortcode,
    media_product_type: 'FEED',
    like_count: likes,
    comments_count: comments,
  }
}

export function listMedia(call: Call, account: Account): SandboxResponse {
  const limit = Number(call.params.get('limit') ?? 25)
  const data = mediaOf(call.state, account)
    .toReversed()
    .slice(0, limit)
    .map(([id, media]) => describeMedia(call.state, id, media))
  return jsonResponse(200, { data })
}

export function mediaEdge(call: Call, id: string, media: Media, edge: string): SandboxResponse {
  const account = accountById(media.accountId)
  if (!account || !mayUse(call, account)) return missing(call.login)
  if (edge === 'insights') return mediaInsights(call, id, media)
  if (edge === 'comments') return commentsEdge(call, id)
  if (edge !== '') return notFound(call.login)
  if (call.request.method !== 'DELETE') return jsonResponse(200, describeMedia(call.state, id, media))
  if (call.login === 'instagram') {
    return refuse(call.login, {
      code: 3,
      message: 'Application does not have the capability to make this call',
    })
  }
  call.state.media.set(id, { ...media, deleted: true })
  call.request.made?.(id)
  return jsonResponse(200, { success: true })
}

function mediaInsights(call: Call, id: string, media: Media): SandboxResponse {
  const refused = scopeMissing(call, 'manage_insights')
  if (refused) return refused
  const metrics = (call.params.get('metric') ?? '').split(',')
  if (metrics.some((metric) => !mediaMetrics.includes(metric))) return unknownMetric(call.login)
  const age = (call.state.now() - media.publishedAt) / 1_000
  // Figures lag; what is not there yet is an empty set and no zero.
  if (age < lagSeconds) return jsonResponse(200, { data: [] })
  const values: Record<string, number> = mediaFigures(call.state, media)
  return jsonResponse(200, {
    data: metrics.map((name) => ({
      name,
      period: 'lifetime',
      values: [{ value: values[name] ?? 0 }],
      title: name,
      id: `${id}/insights/${name}/lifetime`,
    })),
  })
}

export function mediaFigures(state: State, media: Media) {
  const { views, share } = state.audience(`${media.accountId}|${media.caption}`, media.publishedAt)
  const likes = share('likes', 0.03, 0.1)
  const comments = share('comments', 0.002, 0.01)
  const saved = share('saves', 0.005, 0.02)
  const shares = share('shares', 0.002, 0.015)
  return {
    views,
    reach: share('reach', 0.6, 0.9),
    likes,
    comments,
    saved,
    shares,
    reposts: share('reposts', 0, 0.006),
    follows: share('follows', 0, 0.004),
    profile_visits: share('visits', 0.005, 0.03),
    total_interactions: likes + comments + saved + shares,
  }
}

function unknownMetric(login: LoginKind): SandboxResponse {
  return refuse(login, { code: 1, message: 'An unknown error has occurred.', status: 500 })
}

export function accountInsights(call: Call, account: Account): SandboxResponse {
  const refused = scopeMissing(call, 'manage_insights')
  if (refused) return refused
  const metrics = (call.params.get('metric') ?? '').split(',')
  if (metrics.some((metric) => !userMetrics.includes(metric))) return unknownMetric(call.login)
  if (call.params.get('metric_type') !== 'total_value') {
    return refuse(call.login, { code: 100, message: 'metric_type must be total_value' })
  }
  const since = Number(call.params.get('since') ?? Math.floor(call.state.now() / 1_000) - 86_400)
  const views = 300 + (hash(`${account.id}${since}`) % 900)
  const part = (name: string) => 0.02 + 0.58 * ((hash(`${account.id}${since}${name}`) % 1_000) / 1_000)
  const data = metrics.map((name) => ({
    name,
    period: 'day',
    total_value: { value: name === 'views' ? views : Math.floor(views * part(name)) },
    id: `${account.id}/insights/${name}/day`,
  }))
  return jsonResponse(200, { data })
}
