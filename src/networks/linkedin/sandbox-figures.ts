/** Statistics of LinkedIn's simulator. */
import { jsonResponse, type SandboxRequest, type SandboxResponse } from '../sandbox-kit.ts'
import { livePost } from './sandbox-posts.ts'
import { decoded, failure, forbidden, has, type Post, type State, type Token } from './sandbox-state.ts'

/** Since this version a metric's type is a string and no object any more. */
const plainMetricTypeSince = '202605'

export function socialMetadata(state: State, token: Token, key: string): SandboxResponse {
  if (!has(token, 'w_member_social_feed') && !has(token, 'r_organization_social_feed'))
    return forbidden('socialMetadata.GET')
  const post = livePost(state, key)
  if (!post) return failure(404, 'Not found', { code: 'NOT_FOUND' })
  return jsonResponse(200, { entity: key, commentsState: 'OPEN', reactionSummaries: {} })
}

type Figures = {
  views: number
  reach: number
  clicks: number
  likes: number
  comments: number
  shares: number
}

export function figuresOf(state: State, post: Post): Figures {
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
export function shareStatistics(state: State, token: Token, request: SandboxRequest): SandboxResponse {
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

export function memberAnalytics(state: State, token: Token, request: SandboxRequest): SandboxResponse {
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
