/** Mastodon as data: what an instance takes unless it says otherwise, each fact with its source and day. */
import type { LoginMethod, NetworkDefinition } from '../contract.ts'
import { dataRules } from './data-rules.ts'
import { priceBook } from './prices.ts'
import { callsOfAccount, counters } from './usage.ts'

const readOn = '2026-11-24'
const docs = 'https://docs.joinmastodon.org'
/** The rate limits were read a day earlier. */
const limitsReadOn = '2026-11-23'

export const neededScopes = ['read:accounts', 'read:statuses', 'write:media', 'write:statuses']

/** Any instance: people name theirs, and these are where nobody did. */
const home = 'https://mastodon.social'

const login: LoginMethod = {
  id: 'mastodon',
  name: 'Mastodon',
  needsHost: true,
  scopes: neededScopes,
  settings: 'MASTODON',
  hosts: {
    apiUrl: home,
    uploadUrl: home,
    authorizeUrl: `${home}/oauth/authorize`,
    tokenUrl: `${home}/oauth/token`,
  },
  usesPkce: true,
  // Tokens do not end by themselves.
  renewal: 'not-needed',
}

export const definition: NetworkDefinition = {
  id: 'mastodon',
  name: 'Mastodon',
  color: '#6364ff',
  // As its web client looked to us; no published figures.
  preview: {
    order: 'text-first',
    nameFirst: true,
    showsHandle: true,
    foldAfter: null,
    mediaAspect: null,
    isInset: false,
    actions: ['comment', 'repost', 'like', 'save'],
  },
  logins: [login],
  text: {
    value: {
      maxLength: 500,
      counts: { unit: 'graphemes', urlLength: 23, mentions: 'without-domain' },
    },
    source: `${docs}/user/posting/; an instance may set another limit, which the check of a connection reads`,
    readOn,
  },
  images: {
    value: {
      maxCount: 4,
      maxBytes: 16_777_216,
      types: ['image/jpeg', 'image/png', 'image/webp', 'image/gif'],
      maxAltLength: 1_500,
    },
    source: `${docs}/user/posting/ (number and size); alt text: app/models/media_attachment.rb of Mastodon's source`,
    readOn,
  },
  linkPlacement: 'text',
  needsImage: false,
  fetchesMedia: false,
  canDelete: true,
  quotas: {
    value: [
      {
        name: 'All calls',
        counts: callsOfAccount,
        limit: 300,
        windowSeconds: 300,
        per: 'connection',
      },
      { name: 'Uploads', counts: ['media.upload'], limit: 30, windowSeconds: 1_800, per: 'connection' },
      { name: 'Deletions', counts: ['post.delete'], limit: 30, windowSeconds: 1_800, per: 'connection' },
    ],
    source: `${docs}/api/rate-limits/`,
    readOn: limitsReadOn,
  },
  counters,
  priceBook: priceBook([...callsOfAccount, 'instance.read', 'app.register', 'token.create']),
  version: null,
  dataTerms: {
    value: dataRules,
    source: `${docs}/methods/instance/#terms_of_service; terms of mastodon.social in force since 2025-07-01`,
    readOn: limitsReadOn,
  },
  keeps: { account: 'profile', channel: 'profile', 'remote-post': 'own-post', reading: 'metric' },
  metrics: {
    value: [
      { name: 'likes', remoteName: 'favourites_count', of: 'post', period: 'lifetime' },
      { name: 'comments', remoteName: 'replies_count', of: 'post', period: 'lifetime' },
      { name: 'shares', remoteName: 'reblogs_count', of: 'post', period: 'lifetime' },
      { name: 'quotes', remoteName: 'quotes_count', of: 'post', period: 'lifetime' },
      { name: 'followers', remoteName: 'followers_count', of: 'channel', period: 'lifetime' },
    ],
    source: `${docs}/entities/Status/ and ${docs}/entities/Account/`,
    readOn,
  },
  find: {
    value: { how: 'listing', settleSeconds: 10, emptyReads: 3, windowSeconds: 300 },
    source: `own choice: no delay of an account's list is stated; the key that goes along lives an hour (${docs}/methods/statuses/#create)`,
    readOn,
  },
  // A reply of the account to its own post; the same limits, and found in the same list.
  comment: {
    value: {
      text: {
        value: { maxLength: 500, counts: { unit: 'graphemes', urlLength: 23, mentions: 'without-domain' } },
        source: `${docs}/user/posting/`,
        readOn,
      },
      find: {
        value: { how: 'listing', settleSeconds: 10, emptyReads: 3, windowSeconds: 300 },
        source: `as for posts: ${docs}/methods/statuses/#create`,
        readOn,
      },
      outlivesPost: true,
    },
    source: `${docs}/methods/statuses/#create`,
    readOn,
  },
}
