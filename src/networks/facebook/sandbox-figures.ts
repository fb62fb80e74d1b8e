/** Counts and insights of Facebook's simulator. */
import { hash, jsonResponse, type SandboxResponse } from '../sandbox-kit.ts'
import { describePost } from './sandbox-posts.ts'
import { type Call, failure, guardKey, metaTime, type Post, type State } from './sandbox-state.ts'

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

export function figuresOf(state: State, post: Post) {
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
export function readPost(state: State, { query, token }: Call, id: string, post: Post): SandboxResponse {
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

export function postInsights(state: State, { query, token }: Call, id: string, post: Post): SandboxResponse {
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

export function pageInsights(state: State, { query, token }: Call, pageId: string): SandboxResponse {
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
