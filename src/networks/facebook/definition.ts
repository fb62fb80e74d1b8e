/** Facebook Pages as data. Every figure names where it was read and the day. */
import type { LoginMethod, NetworkDefinition } from '../contract.ts'
import { graphVersion } from '../graph.ts'
import { platformTerms } from '../graph-terms.ts'
import { graphCounters } from '../graph-usage.ts'
import { priceBook } from './prices.ts'

const docs = 'https://developers.facebook.com/docs'
const readOn = '2026-11-23'
const commentReadOn = '2026-11-24'

/** The two addresses of the sign-in are written without a version; it is put in where they are used. */
export const facebookLogin: LoginMethod = {
  id: 'facebook',
  name: 'Facebook',
  scopes: [
    'pages_show_list',
    'pages_manage_posts',
    'pages_manage_engagement',
    'pages_read_engagement',
    'pages_read_user_content',
    'read_insights',
    'business_management',
  ],
  settings: 'FACEBOOK',
  hosts: {
    apiUrl: 'https://graph.facebook.com',
    uploadUrl: 'https://graph.facebook.com',
    authorizeUrl: 'https://www.facebook.com/dialog/oauth',
    tokenUrl: 'https://graph.facebook.com/oauth/access_token',
  },
  usesPkce: false,
  renewal: 'not-needed',
  // Asks again for permissions that were declined before.
  consentParams: { auth_type: 'rerequest' },
  commentScopes: { page: ['pages_manage_engagement'] },
}

/** Without these a page cannot be published to. */
export const publishScopes = ['pages_show_list', 'pages_manage_posts', 'pages_read_engagement'] as const

const pageCalls = [
  'post.create',
  'post.read',
  'post.delete',
  'post.list',
  'comment.create',
  'comment.list',
  'photo.create',
  'page.read',
  'insights.read',
]

export const definition: NetworkDefinition = {
  id: 'facebook',
  name: 'Facebook',
  color: '#0866ff',
  // As its feed looked to us; no published figures.
  preview: {
    order: 'text-first',
    nameFirst: true,
    showsHandle: false,
    foldAfter: 477,
    mediaAspect: null,
    isInset: false,
    actions: ['like', 'comment', 'share'],
  },
  logins: [facebookLogin],
  // Meta's pages name no number; these are what other publishing tools enforce.
  text: {
    value: { maxLength: 63_206, counts: { unit: 'characters' } },
    source: 'not published; as enforced by https://github.com/gitroomhq/postiz-app (74b01ada)',
    readOn,
  },
  images: {
    value: { maxCount: 10, maxBytes: 4_000_000, types: ['image/jpeg', 'image/png', 'image/gif'] },
    source: 'not published; as enforced by https://github.com/gitroomhq/postiz-app (74b01ada)',
    readOn,
  },
  linkPlacement: 'card',
  needsImage: false,
  fetchesMedia: false,
  canDelete: true,
  // A page has 4,800 calls in 24 hours for each engaged person; one is assumed, headers tell the rest.
  quotas: {
    value: [
      { name: 'page calls', counts: pageCalls, limit: 4_800, windowSeconds: 86_400, per: 'channel' },
      {
        name: 'account calls',
        counts: ['account.read'],
        limit: 200,
        windowSeconds: 3_600,
        per: 'connection',
      },
    ],
    source: `${docs}/graph-api/overview/rate-limiting`,
    readOn,
  },
  counters: graphCounters(pageCalls),
  priceBook: priceBook(pageCalls, ['account.read', 'token.create']),
  version: graphVersion,
  dataTerms: {
    value: platformTerms('profile'),
    source: 'https://developers.facebook.com/terms (Platform Terms of 2026-02-03)',
    readOn,
  },
  keeps: { account: 'profile', channel: 'profile', 'remote-post': 'own-post', reading: 'metric' },
  // impressions and fans ended on 2025-11-15 and 2026-06-15; these were probed live on v25.0 on 2026-09-01.
  metrics: {
    value: [
      { name: 'views', remoteName: 'post_media_view', of: 'post', period: 'lifetime' },
      { name: 'reach', remoteName: 'post_total_media_view_unique', of: 'post', period: 'lifetime' },
      { name: 'clicks', remoteName: 'post_clicks', of: 'post', period: 'lifetime' },
      { name: 'reactions', remoteName: 'post_reactions_by_type_total', of: 'post', period: 'lifetime' },
      { name: 'comments', remoteName: 'comments', of: 'post', period: 'lifetime' },
      { name: 'shares', remoteName: 'shares', of: 'post', period: 'lifetime' },
      { name: 'followers', remoteName: 'page_follows', of: 'channel', period: 'lifetime' },
      { name: 'views', remoteName: 'page_media_view', of: 'channel', period: 'day' },
      { name: 'reach', remoteName: 'page_total_media_view_unique', of: 'channel', period: 'day' },
      { name: 'interactions', remoteName: 'page_post_engagements', of: 'channel', period: 'day' },
      { name: 'follows', remoteName: 'page_daily_follows', of: 'channel', period: 'day' },
      { name: 'profile-views', remoteName: 'page_views_total', of: 'channel', period: 'day' },
    ],
    source: `${docs}/graph-api/reference/insights`,
    readOn,
  },
  // A post to /feed has no key before it is made, so the page's own list has to tell.
  find: {
    value: { how: 'listing', settleSeconds: 30, emptyReads: 3, windowSeconds: 600 },
    source: 'own choice: Meta states no delay of a page’s list of posts',
    readOn,
  },
  comment: {
    value: {
      // Meta's pages name no number; this is what others state.
      text: {
        value: { maxLength: 8_000, counts: { unit: 'characters' } },
        source: 'not published; as stated by https://typecount.com/blog/facebook-post-character-limit',
        readOn: commentReadOn,
      },
      find: {
        value: { how: 'listing', settleSeconds: 30, emptyReads: 3, windowSeconds: 600 },
        source: 'own choice: Meta states no delay of a post’s list of comments',
        readOn: commentReadOn,
      },
      outlivesPost: false,
    },
    source: `${docs}/graph-api/reference/object/comments`,
    readOn,
  },
}
