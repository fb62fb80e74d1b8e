/** X as data: limits, prices and terms, each with its source and the day it was read. */
import type { LoginMethod, NetworkDefinition } from '../contract.ts'
import { dataRules } from './data-rules.ts'
import { priceBook } from './prices.ts'
import { counters } from './usage.ts'

const readOn = '2026-11-23'
/** X's own documentation as of that day; its openapi.json is version 2.167. */
const docs = 'https://github.com/xdevplatform/docs/blob/287132819074964da9c1c410ba02df5a06c932d3'

export const neededScopes = [
  'tweet.read',
  'tweet.write',
  'users.read',
  'media.write',
  'offline.access',
] as const

const login: LoginMethod = {
  id: 'x',
  name: 'X',
  scopes: neededScopes,
  settings: 'X',
  hosts: {
    apiUrl: 'https://api.x.com',
    uploadUrl: 'https://api.x.com',
    authorizeUrl: 'https://x.com/i/oauth2/authorize',
    tokenUrl: 'https://api.x.com/2/oauth2/token',
  },
  usesPkce: true,
  renewal: 'refresh-token',
  // Made from the app's API key and secret, which are not the client id and secret that people are signed in with
  // (https://docs.x.com/fundamentals/authentication/oauth-2-0/bearer-tokens, read 2026-11-24), so it is asked for.
  appToken: { label: 'Bearer Token', setting: 'BEARER_TOKEN', sandboxValue: 'sandbox-app' },
}

export const definition: NetworkDefinition = {
  id: 'x',
  name: 'X',
  color: '#0f1419',
  // As its timeline looked to us; no published figures.
  preview: {
    order: 'text-first',
    nameFirst: true,
    showsHandle: true,
    foldAfter: null,
    mediaAspect: null,
    isInset: true,
    actions: ['comment', 'repost', 'like', 'views', 'share'],
  },
  logins: [login],
  text: {
    value: {
      maxLength: 280,
      counts: {
        unit: 'weighted',
        scale: 100,
        defaultWeight: 200,
        urlLength: 23,
        emojiLength: 2,
        ranges: [
          { start: 0, end: 4351, weight: 100 },
          { start: 8192, end: 8205, weight: 100 },
          { start: 8208, end: 8223, weight: 100 },
          { start: 8242, end: 8247, weight: 100 },
        ],
      },
    },
    source:
      'https://github.com/twitter/twitter-text/blob/30e2430d90cff3b46393ea54caf511441983c260/config/v3.json',
    readOn,
  },
  images: {
    value: {
      maxCount: 4,
      maxBytes: 5_242_880,
      types: ['image/jpeg', 'image/png', 'image/webp', 'image/gif'],
      maxBytesOf: { 'image/gif': 15_728_640 },
      alone: ['image/gif'],
      maxAltLength: 1_000,
    },
    source: `${docs}/x-api/media/quickstart/best-practices.mdx (alt texts: openapi.json)`,
    readOn,
  },
  linkPlacement: 'text',
  needsImage: false,
  fetchesMedia: false,
  canDelete: true,
  quotas: {
    value: [
      { name: 'Posts per user', counts: ['post.create'], limit: 100, windowSeconds: 900, per: 'channel' },
      { name: 'Posts per app', counts: ['post.create'], limit: 10_000, windowSeconds: 86_400, per: 'app' },
      { name: 'Deletions per user', counts: ['post.delete'], limit: 50, windowSeconds: 900, per: 'channel' },
      { name: 'Timeline reads', counts: ['timeline.read'], limit: 900, windowSeconds: 900, per: 'channel' },
      {
        name: 'Timeline reads per app',
        counts: ['timeline.read'],
        limit: 10_000,
        windowSeconds: 900,
        per: 'app',
      },
      { name: 'Post look-ups', counts: ['post.lookup'], limit: 5_000, windowSeconds: 900, per: 'channel' },
      { name: 'Look-ups per app', counts: ['post.lookup'], limit: 3_500, windowSeconds: 900, per: 'app' },
      { name: 'Own profile', counts: ['user.read'], limit: 75, windowSeconds: 900, per: 'channel' },
      { name: 'Uploads', counts: ['media.upload'], limit: 500, windowSeconds: 900, per: 'channel' },
      { name: 'Alt texts', counts: ['media.metadata'], limit: 500, windowSeconds: 900, per: 'channel' },
    ],
    source: `${docs}/x-api/fundamentals/rate-limits.mdx`,
    readOn,
  },
  counters,
  priceBook,
  version: null,
  dataTerms: { value: dataRules, source: 'https://docs.x.com/developer-terms', readOn },
  keeps: { account: 'profile', channel: 'profile', 'remote-post': 'own-post', reading: 'metric' },
  metrics: {
    value: [
      { name: 'views', remoteName: 'impression_count', of: 'post', period: 'lifetime' },
      { name: 'likes', remoteName: 'like_count', of: 'post', period: 'lifetime' },
      { name: 'comments', remoteName: 'reply_count', of: 'post', period: 'lifetime' },
      { name: 'shares', remoteName: 'retweet_count', of: 'post', period: 'lifetime' },
      { name: 'quotes', remoteName: 'quote_count', of: 'post', period: 'lifetime' },
      { name: 'bookmarks', remoteName: 'bookmark_count', of: 'post', period: 'lifetime' },
      { name: 'followers', remoteName: 'followers_count', of: 'channel', period: 'lifetime' },
    ],
    source: `${docs}/openapi.json`,
    readOn,
  },
  find: {
    value: { how: 'listing', settleSeconds: 10, emptyReads: 3, windowSeconds: 300 },
    source: 'own choice: X states no delay of its timelines',
    readOn,
  },
  // Replies are for those who are mentioned or quoted. Whether an own post counts as such is not stated, so none is made.
  comment: {
    value: null,
    source:
      'https://docs.x.com/changelog (2026-02-23: replies by self-serve apps only where the author summoned them)',
    readOn: '2026-11-23',
  },
}
