/** Instagram as data. Every figure names the page it was read from and the day. */
import type { LoginMethod, NetworkDefinition } from '../contract.ts'
import { graphVersion } from '../graph.ts'
import { platformTerms } from '../graph-terms.ts'
import { dailyQuota, graphCounters } from '../graph-usage.ts'
import { noImport } from './data-rules.ts'
import { priceBook } from './prices.ts'

const docs = 'https://developers.facebook.com/docs/instagram-platform'
const readOn = '2026-11-23'
const commentReadOn = '2026-11-24'

/** Only what is used is asked for: a permission an app leaves unused for 90 days may lapse. */
export const instagramLogin: LoginMethod = {
  id: 'instagram',
  name: 'Instagram',
  scopes: [
    'instagram_business_basic',
    'instagram_business_content_publish',
    'instagram_business_manage_comments',
    'instagram_business_manage_insights',
  ],
  settings: 'INSTAGRAM',
  hosts: {
    apiUrl: 'https://graph.instagram.com',
    uploadUrl: 'https://graph.instagram.com',
    authorizeUrl: 'https://www.instagram.com/oauth/authorize',
    tokenUrl: 'https://api.instagram.com/oauth/access_token',
  },
  usesPkce: false,
  renewal: 'own-token',
  // A browser that is signed in would give the same account for ever.
  consentParams: { force_reauth: 'true' },
  canDelete: false,
  commentScopes: { profile: ['instagram_business_manage_comments'] },
}

/** The two Facebook addresses are written without a version; it is put in where they are used. */
export const facebookLogin: LoginMethod = {
  id: 'instagram-facebook',
  name: 'Instagram through Facebook',
  scopes: [
    'instagram_basic',
    'instagram_content_publish',
    'instagram_manage_comments',
    'instagram_manage_insights',
    'pages_show_list',
    'pages_read_engagement',
    'business_management',
  ],
  settings: 'INSTAGRAM_FACEBOOK',
  hosts: {
    apiUrl: 'https://graph.facebook.com',
    uploadUrl: 'https://graph.facebook.com',
    authorizeUrl: 'https://www.facebook.com/dialog/oauth',
    tokenUrl: 'https://graph.facebook.com/oauth/access_token',
  },
  usesPkce: false,
  renewal: 'not-needed',
  // Renews the 90 days of data access.
  consentParams: { auth_type: 'reauthorize' },
  commentScopes: { profile: ['instagram_manage_comments'] },
}

const calls = [
  'oauth',
  'account.read',
  'container.create',
  'container.read',
  'post.create',
  'media.read',
  'media.list',
  'media.delete',
  'comment.create',
  'comment.list',
  'insights.read',
]

export const definition: NetworkDefinition = {
  id: 'instagram',
  name: 'Instagram',
  color: '#d62976',
  // As its feed looked to us; no published figures.
  preview: {
    order: 'media-first',
    nameFirst: false,
    showsHandle: false,
    foldAfter: 125,
    mediaAspect: 0.8,
    isInset: false,
    actions: ['like', 'comment', 'share', 'save'],
  },
  logins: [instagramLogin, facebookLogin],
  text: {
    value: { maxLength: 2_200, counts: { unit: 'characters' }, maxHashtags: 30, maxMentions: 20 },
    source: `${docs}/instagram-graph-api/reference/ig-user/media`,
    readOn,
  },
  images: {
    value: {
      maxCount: 10,
      maxBytes: 8_388_608,
      types: ['image/jpeg'],
      maxAltLength: 1_000,
      aspect: { min: 0.8, max: 1.91 },
      minWidth: 320,
    },
    source: `${docs}/instagram-graph-api/reference/ig-user/media`,
    readOn,
  },
  linkPlacement: 'text',
  needsImage: true,
  fetchesMedia: true,
  canDelete: true,
  quotas: {
    // The vendor's pages say 100 in one place and 50 in three; 50 holds until the quota endpoint says more.
    value: [
      { name: 'posts', counts: ['post.create'], limit: 50, windowSeconds: 86_400, per: 'channel' },
      { name: 'containers', counts: ['container.create'], limit: 400, windowSeconds: 86_400, per: 'channel' },
    ],
    source: `${docs}/instagram-graph-api/reference/ig-user/content_publishing_limit`,
    readOn,
  },
  counters: graphCounters(
    calls.filter((name) => name !== 'oauth'),
    [dailyQuota('content_publishing_limit', { name: 'posts-day', what: 'posts', calls: ['post.create'] })],
  ),
  priceBook: priceBook(calls),
  version: graphVersion,
  dataTerms: {
    value: [...platformTerms('account'), noImport],
    source: 'https://developers.facebook.com/terms (Platform Terms of 2026-02-03)',
    readOn,
  },
  keeps: { account: 'account', channel: 'account', 'remote-post': 'own-post', reading: 'metric' },
  metrics: {
    value: [
      { name: 'views', remoteName: 'views', of: 'post', period: 'lifetime' },
      { name: 'reach', remoteName: 'reach', of: 'post', period: 'lifetime' },
      { name: 'likes', remoteName: 'likes', of: 'post', period: 'lifetime' },
      { name: 'comments', remoteName: 'comments', of: 'post', period: 'lifetime' },
      { name: 'saves', remoteName: 'saved', of: 'post', period: 'lifetime' },
      { name: 'shares', remoteName: 'shares', of: 'post', period: 'lifetime' },
      { name: 'interactions', remoteName: 'total_interactions', of: 'post', period: 'lifetime' },
      { name: 'followers', remoteName: 'followers_count', of: 'channel', period: 'lifetime' },
      { name: 'views', remoteName: 'views', of: 'channel', period: 'day' },
      { name: 'reach', remoteName: 'reach', of: 'channel', period: 'day' },
      { name: 'likes', remoteName: 'likes', of: 'channel', period: 'day' },
      { name: 'comments', remoteName: 'comments', of: 'channel', period: 'day' },
      { name: 'saves', remoteName: 'saves', of: 'channel', period: 'day' },
      { name: 'shares', remoteName: 'shares', of: 'channel', period: 'day' },
      { name: 'interactions', remoteName: 'total_interactions', of: 'channel', period: 'day' },
      { name: 'clicks', remoteName: 'profile_links_taps', of: 'channel', period: 'day' },
    ],
    source: `${docs}/instagram-graph-api/reference/instagram-media/insights`,
    readOn,
  },
  find: {
    value: { how: 'container', settleSeconds: 60, emptyReads: 2, windowSeconds: 86_400 },
    source: `a container lives 24 hours: ${docs}/instagram-graph-api/reference/ig-container; the rest is our own choice`,
    readOn,
  },
  comment: {
    value: {
      text: {
        value: { maxLength: 2_200, counts: { unit: 'characters' }, maxHashtags: 30 },
        source:
          'not published; as stated by https://lettercounter.org/blog/social-media-character-limits-comparison, hashtags by https://socialmedia.london/social-media-marketing/social-media-word-count-know-your-limit/',
        readOn: commentReadOn,
      },
      find: {
        value: { how: 'listing', settleSeconds: 30, emptyReads: 3, windowSeconds: 600 },
        source: 'own choice: Meta states no delay of a post’s list of comments',
        readOn: commentReadOn,
      },
      outlivesPost: false,
    },
    source: `${docs}/instagram-graph-api/reference/ig-media/comments`,
    readOn,
  },
}
