/** Threads as data. Every figure names the page it was read from and the day. */
import type { LoginMethod, NetworkDefinition } from '../contract.ts'
import { platformTerms } from '../graph-terms.ts'
import { dailyQuota, graphCounters } from '../graph-usage.ts'
import { onlyForItsAuthor } from './data-rules.ts'
import { priceBook } from './prices.ts'

const docs = 'https://developers.facebook.com/documentation/threads'
const readOn = '2026-11-23'
const commentReadOn = '2026-11-24'

/** Only what is used is asked for: a permission an app leaves unused may be taken away. */
export const threadsLogin: LoginMethod = {
  id: 'threads',
  name: 'Threads',
  scopes: [
    'threads_basic',
    'threads_content_publish',
    'threads_manage_insights',
    'threads_delete',
    'threads_manage_replies',
    'threads_read_replies',
  ],
  settings: 'THREADS',
  hosts: {
    apiUrl: 'https://graph.threads.net',
    uploadUrl: 'https://graph.threads.net',
    authorizeUrl: 'https://threads.net/oauth/authorize',
    tokenUrl: 'https://graph.threads.net/oauth/access_token',
  },
  usesPkce: false,
  renewal: 'own-token',
  commentScopes: { profile: ['threads_manage_replies', 'threads_read_replies'] },
}

const quotaEdge = 'threads_publishing_limit'

/** All but the sign-in, which is made before there is a profile to count for. */
const profileCalls = [
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

const day = 86_400

export const definition: NetworkDefinition = {
  id: 'threads',
  name: 'Threads',
  color: '#1a1a1a',
  // As its feed looked to us; no published figures.
  preview: {
    order: 'text-first',
    nameFirst: false,
    showsHandle: false,
    foldAfter: null,
    mediaAspect: null,
    isInset: true,
    actions: ['like', 'comment', 'repost', 'send'],
  },
  logins: [threadsLogin],
  text: {
    value: { maxLength: 500, counts: { unit: 'characters', emoji: 'utf8-bytes' }, maxLinks: 5 },
    source: `${docs}/posts`,
    readOn,
  },
  // Widths beyond 320 and 1,440 pixels are scaled by Threads itself, so they are no reason to refuse.
  images: {
    value: {
      maxCount: 20,
      maxBytes: 8_000_000,
      types: ['image/jpeg', 'image/png'],
      maxAltLength: 1_000,
      aspect: { min: 0.1, max: 10 },
    },
    source: `${docs}/posts (alternative text: ${docs}/reference/publishing)`,
    readOn,
  },
  // A card is for posts without images only; without one, the first link of the text becomes the card.
  linkPlacement: 'card',
  needsImage: false,
  fetchesMedia: true,
  canDelete: true,
  // 4,800 calls for each time a post was seen in 24 hours, and at least for ten; headers tell of more.
  quotas: {
    value: [
      { name: 'posts', counts: ['post.create'], limit: 250, windowSeconds: day, per: 'channel' },
      { name: 'replies', counts: ['comment.create'], limit: 1_000, windowSeconds: day, per: 'channel' },
      { name: 'deletions', counts: ['media.delete'], limit: 100, windowSeconds: day, per: 'channel' },
      { name: 'calls', counts: profileCalls, limit: 48_000, windowSeconds: day, per: 'channel' },
    ],
    source: `${docs}/overview (updated 2025-12-22)`,
    readOn,
  },
  counters: graphCounters(profileCalls, [
    dailyQuota(quotaEdge, { name: 'posts-day', what: 'posts', calls: ['post.create'] }),
    dailyQuota(quotaEdge, { name: 'replies-day', what: 'replies', calls: ['comment.create'] }),
    dailyQuota(quotaEdge, { name: 'deletions-day', what: 'deletions', calls: ['media.delete'] }),
  ]),
  priceBook: priceBook(profileCalls, ['oauth']),
  // The only version there is; no end is announced.
  version: { value: { name: 'v1.0' }, source: `${docs}/overview`, readOn },
  dataTerms: {
    value: [...platformTerms('account'), onlyForItsAuthor],
    source: `https://developers.facebook.com/terms (Platform Terms of 2026-02-03); ${docs}/overview`,
    readOn,
  },
  keeps: { account: 'account', channel: 'account', 'remote-post': 'own-post', reading: 'metric' },
  metrics: {
    value: [
      { name: 'views', remoteName: 'views', of: 'post', period: 'lifetime' },
      { name: 'likes', remoteName: 'likes', of: 'post', period: 'lifetime' },
      { name: 'comments', remoteName: 'replies', of: 'post', period: 'lifetime' },
      { name: 'reposts', remoteName: 'reposts', of: 'post', period: 'lifetime' },
      { name: 'quotes', remoteName: 'quotes', of: 'post', period: 'lifetime' },
      { name: 'shares', remoteName: 'shares', of: 'post', period: 'lifetime' },
      { name: 'followers', remoteName: 'followers_count', of: 'channel', period: 'lifetime' },
      { name: 'profile-views', remoteName: 'views', of: 'channel', period: 'day' },
      { name: 'likes', remoteName: 'likes', of: 'channel', period: 'day' },
      { name: 'comments', remoteName: 'replies', of: 'channel', period: 'day' },
      { name: 'reposts', remoteName: 'reposts', of: 'channel', period: 'day' },
      { name: 'quotes', remoteName: 'quotes', of: 'channel', period: 'day' },
      { name: 'clicks', remoteName: 'clicks', of: 'channel', period: 'day' },
    ],
    source: `${docs}/insights`,
    readOn,
  },
  find: {
    value: { how: 'container', settleSeconds: 60, emptyReads: 2, windowSeconds: day },
    source: `a container lives 24 hours and says that it was published: ${docs}/troubleshooting; the rest is our own choice`,
    readOn,
  },
  comment: {
    value: {
      text: {
        value: { maxLength: 500, counts: { unit: 'characters', emoji: 'utf8-bytes' }, maxLinks: 5 },
        source: `a reply is a post: ${docs}/posts`,
        readOn,
      },
      find: {
        value: { how: 'container', settleSeconds: 60, emptyReads: 2, windowSeconds: day },
        source: `as for posts: ${docs}/troubleshooting; the rest is our own choice`,
        readOn,
      },
      outlivesPost: true,
    },
    source: 'https://developers.facebook.com/docs/threads/reply-management',
    readOn: commentReadOn,
  },
}
