/** Bluesky as data: limits, prices and terms, each with its source and the day it was read. */
import type { LoginMethod, NetworkDefinition, NetworkHosts } from '../contract.ts'
import { dataRules } from './data-rules.ts'
import { priceBook } from './prices.ts'
import { counters } from './usage.ts'

const readOn = '2026-11-23'
/** Its own software with the schemas in it; every limit was seen on a running server. */
const software = 'https://github.com/bluesky-social/atproto, @atproto/pds 0.5.35'

/** What an app password may do; signing in with the account's own password would give far more. */
export const neededScope = 'com.atproto.appPass'

/** To sign in, and to do what people do with an app password. */
const oauthScopes = ['atproto', 'transition:generic']

const hosts: NetworkHosts = {
  apiUrl: 'https://bsky.social',
  uploadUrl: 'https://bsky.social',
  // The server of the account says where people are asked.
  authorizeUrl: '',
  tokenUrl: '',
  readUrl: 'https://public.api.bsky.app',
  siteUrl: 'https://bsky.app',
  directoryUrl: 'https://plc.directory',
}

const byConsent: LoginMethod = {
  id: 'bluesky-oauth',
  name: 'Bluesky',
  scopes: oauthScopes,
  settings: 'BLUESKY',
  hosts,
  usesPkce: true,
  asksAccount: true,
  isOwnClient: true,
  renewal: 'refresh-token',
}

const byPassword: LoginMethod = {
  id: 'bluesky-app-password',
  name: 'Bluesky (app password)',
  kind: 'form',
  fields: [
    {
      key: 'handle',
      label: 'Handle',
      help: 'The name of the account, such as name.bsky.social.',
      isSecret: false,
      isRequired: true,
      sandboxValue: 'litfass.test',
    },
    {
      key: 'password',
      label: 'App password',
      help: 'Made under Settings, Privacy and security, App passwords. Never the password of the account itself.',
      isSecret: true,
      isRequired: true,
      sandboxValue: 'sand-box0-pass-word',
    },
    {
      key: 'server',
      label: 'Server',
      help: 'Found by the handle. Only where that fails: the address of the server the account lives at.',
      isSecret: false,
      isRequired: false,
      isHost: true,
    },
  ],
  scopes: [neededScope],
  settings: 'BLUESKY',
  hosts,
  usesPkce: false,
  renewal: 'refresh-token',
}

export const definition: NetworkDefinition = {
  id: 'bluesky',
  name: 'Bluesky',
  color: '#1185fe',
  // As its timeline looked to us; no published figures.
  preview: {
    order: 'text-first',
    nameFirst: true,
    showsHandle: true,
    foldAfter: null,
    mediaAspect: null,
    isInset: true,
    actions: ['comment', 'repost', 'like', 'share'],
  },
  logins: [byPassword, byConsent],
  text: {
    value: { maxLength: 300, maxBytes: 3_000, counts: { unit: 'graphemes' } },
    source: `${software} (schema app.bsky.feed.post)`,
    readOn,
  },
  images: {
    value: {
      maxCount: 4,
      // The server itself takes 5,242,880 bytes of anything, and refuses the post afterwards.
      maxBytes: 2_000_000,
      types: ['image/jpeg', 'image/png', 'image/webp', 'image/gif'],
      // No limit is stated; this keeps the whole post far below the megabyte a record may have.
      maxAltLength: 2_000,
    },
    source: `${software} (schema app.bsky.embed.images)`,
    readOn,
  },
  linkPlacement: 'card',
  needsImage: false,
  fetchesMedia: false,
  canDelete: true,
  quotas: {
    // Writing costs points, 5,000 an hour and 35,000 a day: 2 for a post, 1 for a deletion.
    value: [
      {
        name: 'Posts',
        counts: ['post.create', 'comment.create'],
        limit: 2_500,
        windowSeconds: 3_600,
        per: 'channel',
      },
      {
        name: 'Posts a day',
        counts: ['post.create', 'comment.create'],
        limit: 17_500,
        windowSeconds: 86_400,
        per: 'channel',
      },
      { name: 'Deletions', counts: ['post.delete'], limit: 5_000, windowSeconds: 3_600, per: 'channel' },
      {
        name: 'Deletions a day',
        counts: ['post.delete'],
        limit: 35_000,
        windowSeconds: 86_400,
        per: 'channel',
      },
      { name: 'Uploads', counts: ['media.upload'], limit: 1_000, windowSeconds: 86_400, per: 'channel' },
      { name: 'Sign-ins', counts: ['session.create'], limit: 30, windowSeconds: 300, per: 'connection' },
      {
        name: 'Sign-ins a day',
        counts: ['session.create'],
        limit: 300,
        windowSeconds: 86_400,
        per: 'connection',
      },
      {
        name: 'All calls',
        counts: [
          'post.create',
          'comment.create',
          'post.delete',
          'post.read',
          'media.upload',
          'handle.resolve',
          'session.read',
        ],
        limit: 3_000,
        windowSeconds: 300,
        per: 'app',
      },
    ],
    source: `${software}; https://docs.bsky.app/docs/advanced-guides/rate-limits`,
    readOn,
  },
  counters,
  priceBook: priceBook([
    'post.create',
    'comment.create',
    'post.delete',
    'post.read',
    'post.figures',
    'profile.figures',
    'media.upload',
    'handle.resolve',
    'session.create',
    'session.authorise',
    'session.refresh',
    'session.read',
    'server.describe',
  ]),
  version: null,
  dataTerms: {
    value: dataRules,
    source: 'https://docs.bsky.app/docs/support/developer-guidelines (2026-04-21), and Terms (2025-09-16)',
    readOn,
  },
  keeps: { account: 'profile', channel: 'profile', 'remote-post': 'own-post', reading: 'metric' },
  metrics: {
    value: [
      { name: 'likes', remoteName: 'likeCount', of: 'post', period: 'lifetime' },
      { name: 'comments', remoteName: 'replyCount', of: 'post', period: 'lifetime' },
      { name: 'shares', remoteName: 'repostCount', of: 'post', period: 'lifetime' },
      { name: 'quotes', remoteName: 'quoteCount', of: 'post', period: 'lifetime' },
      { name: 'bookmarks', remoteName: 'bookmarkCount', of: 'post', period: 'lifetime' },
      { name: 'followers', remoteName: 'followersCount', of: 'channel', period: 'lifetime' },
    ],
    source: `${software} (schemas app.bsky.feed.defs and app.bsky.actor.defs)`,
    readOn,
  },
  find: {
    value: { how: 'key', settleSeconds: 5, emptyReads: 1, windowSeconds: 60 },
    source: `${software}: what was written is read at once, and a key is never written twice`,
    readOn,
  },
  // A reply is a record like a post, with a key of its own.
  comment: {
    value: {
      text: {
        value: { maxLength: 300, maxBytes: 3_000, counts: { unit: 'graphemes' } },
        source: `${software} (schema app.bsky.feed.post)`,
        readOn,
      },
      find: {
        value: { how: 'key', settleSeconds: 5, emptyReads: 1, windowSeconds: 60 },
        source: `${software}: what was written is read at once, and a key is never written twice`,
        readOn,
      },
      outlivesPost: true,
    },
    source: `${software} (schema app.bsky.feed.post)`,
    readOn,
  },
}
