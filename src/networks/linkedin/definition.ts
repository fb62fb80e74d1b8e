/** LinkedIn as data. Every figure names the page it was read from and the day. */
import type { LoginMethod, NetworkDefinition } from '../contract.ts'
import { dataRules } from './data-rules.ts'
import { priceBook } from './prices.ts'

const docs = 'https://learn.microsoft.com/en-us/linkedin'
const readOn = '2026-11-23'

const hosts = {
  apiUrl: 'https://api.linkedin.com',
  uploadUrl: 'https://www.linkedin.com',
  authorizeUrl: 'https://www.linkedin.com/oauth/v2/authorization',
  tokenUrl: 'https://www.linkedin.com/oauth/v2/accessToken',
}

/**
 * Pages and the member, after LinkedIn vetted the app. Posts need the `*_social` names, comments and
 * social metadata the `*_social_feed` names, so both are asked for. A later change of this list ends all
 * tokens of everybody: asking for a different set revokes the earlier ones.
 */
export const communityLogin: LoginMethod = {
  id: 'linkedin',
  name: 'LinkedIn pages and profile',
  scopes: [
    'r_basicprofile',
    'r_member_postAnalytics',
    'r_member_profileAnalytics',
    'r_organization_followers',
    'r_organization_social',
    'r_organization_social_feed',
    'rw_organization_admin',
    'w_member_social',
    'w_member_social_feed',
    'w_organization_social',
    'w_organization_social_feed',
  ],
  settings: 'LINKEDIN',
  hosts,
  usesPkce: false,
  renewal: 'refresh-token',
  commentScopes: {
    organisation: ['w_organization_social_feed', 'r_organization_social_feed'],
    member: ['w_member_social_feed'],
  },
}

/** The member alone, self-serve: may write and delete, may read nothing back, has no figures. */
export const shareLogin: LoginMethod = {
  id: 'linkedin-share',
  name: 'LinkedIn profile only',
  scopes: ['openid', 'profile', 'w_member_social'],
  settings: 'LINKEDIN_SHARE',
  hosts,
  usesPkce: false,
  renewal: 'refresh-token',
  canMeasure: false,
  // Comments need a permission that comes with the vetted product only.
  canComment: false,
}

const communityCalls = [
  'profile.read',
  'organisation.read',
  'media.upload',
  'media.read',
  'post.create',
  'post.read',
  'post.delete',
  'comment.create',
  'comment.read',
  'comment.delete',
  'metric.read',
]

export const definition: NetworkDefinition = {
  id: 'linkedin',
  name: 'LinkedIn',
  color: '#0a66c2',
  // As its feed looked to us; no published figures.
  preview: {
    order: 'text-first',
    nameFirst: true,
    showsHandle: false,
    foldAfter: 210,
    mediaAspect: null,
    isInset: false,
    actions: ['like', 'comment', 'repost', 'send'],
  },
  logins: [communityLogin, shareLogin],
  text: {
    value: { maxLength: 3_000, counts: { unit: 'characters' } },
    source: `${docs}/marketing/community-management/shares/posts-api`,
    readOn,
  },
  images: {
    // A byte limit is not published; the pixel limit is. The bytes are our own bound.
    value: {
      maxCount: 20,
      maxBytes: 10_000_000,
      types: ['image/jpeg', 'image/png', 'image/gif'],
      maxAltLength: 4_086,
      maxPixels: 36_152_319,
    },
    source: `${docs}/marketing/community-management/shares/images-api`,
    readOn,
  },
  linkPlacement: 'card',
  needsImage: false,
  fetchesMedia: false,
  canDelete: true,
  quotas: {
    // No header tells them, so our own count is the signal. Development tier: Standard is unpublished.
    value: [
      { name: 'member day', counts: communityCalls, limit: 100, windowSeconds: 86_400, per: 'connection' },
      { name: 'app day', counts: communityCalls, limit: 500, windowSeconds: 86_400, per: 'app' },
      {
        name: 'share member day',
        counts: communityCalls.map((name) => `share.${name}`),
        limit: 150,
        windowSeconds: 86_400,
        per: 'connection',
      },
      {
        name: 'share app day',
        counts: communityCalls.map((name) => `share.${name}`),
        limit: 100_000,
        windowSeconds: 86_400,
        per: 'app',
      },
    ],
    source: `${docs}/shared/api-guide/concepts/rate-limits`,
    readOn,
  },
  // No header and no endpoint tells how much is used.
  counters: { value: [], source: docs, readOn },
  priceBook: priceBook(
    [...communityCalls, 'token'],
    [...communityCalls.map((name) => `share.${name}`), 'token'],
  ),
  version: {
    value: { name: '202609', endsOn: '2027-09-15' },
    source: `${docs}/marketing/integrations/migrations`,
    readOn,
  },
  dataTerms: { value: dataRules, source: `${docs}/marketing/data-storage-requirements`, readOn },
  keeps: {
    account: 'own-profile',
    channel: {
      page: 'page-profile',
      organisation: 'page-profile',
      profile: 'own-profile',
      member: 'own-profile',
    },
    'remote-post': 'own-post',
    reading: { page: 'metric', organisation: 'metric', profile: 'member-metric', member: 'member-metric' },
  },
  metrics: {
    value: [
      { name: 'views', remoteName: 'impressionCount', of: 'post', period: 'lifetime' },
      { name: 'reach', remoteName: 'uniqueImpressionsCount', of: 'post', period: 'lifetime' },
      { name: 'clicks', remoteName: 'clickCount', of: 'post', period: 'lifetime' },
      { name: 'likes', remoteName: 'likeCount', of: 'post', period: 'lifetime' },
      { name: 'comments', remoteName: 'commentCount', of: 'post', period: 'lifetime' },
      { name: 'shares', remoteName: 'shareCount', of: 'post', period: 'lifetime' },
      { name: 'views', remoteName: 'IMPRESSION', of: 'post', period: 'lifetime' },
      { name: 'reach', remoteName: 'MEMBERS_REACHED', of: 'post', period: 'lifetime' },
      { name: 'shares', remoteName: 'RESHARE', of: 'post', period: 'lifetime' },
      { name: 'reactions', remoteName: 'REACTION', of: 'post', period: 'lifetime' },
      { name: 'comments', remoteName: 'COMMENT', of: 'post', period: 'lifetime' },
      { name: 'followers', remoteName: 'firstDegreeSize', of: 'channel', period: 'lifetime' },
      { name: 'followers', remoteName: 'memberFollowersCount', of: 'channel', period: 'lifetime' },
    ],
    source: `${docs}/marketing/community-management/organizations/share-statistics`,
    readOn,
  },
  find: {
    // Pages have a listing. A member has none: the duplicate guard names the live post, for ten minutes.
    value: { how: 'listing', settleSeconds: 5, emptyReads: 2, windowSeconds: 600 },
    source: `ten minutes: ${docs}/marketing/community-management/shares/ugc-post-api; the rest is our own choice`,
    readOn,
  },
  comment: {
    value: {
      text: {
        value: { maxLength: 1_250, counts: { unit: 'characters' } },
        source: 'not published; as other publishing tools enforce it (2026-11-23)',
        readOn,
      },
      // Of pages. The comments of a member are not readable, so what is lost there a person has to settle.
      find: {
        value: { how: 'listing', settleSeconds: 30, emptyReads: 3, windowSeconds: 600 },
        source: 'own choice: LinkedIn states no delay of a post’s list of comments',
        readOn,
      },
      outlivesPost: false,
    },
    source: `${docs}/marketing/community-management/shares/comments-api`,
    readOn: '2026-11-24',
  },
}
