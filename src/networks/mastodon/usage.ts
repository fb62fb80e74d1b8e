/** What a Mastodon server tells in headers: how much of its windows an account has used. */
import type { Fact, Network } from '../contract.ts'
import { type Counter, isoInstant, limitIn, protectedPercent } from '../counters.ts'

const base = {
  of: 'connection',
  what: 'calls',
  unit: 'count',
  toldBy: 'X-RateLimit-*',
  isWithAnswers: true,
} as const

/** Calls that carry an account's token. All others count for the address they come from, and their headers tell of that. */
export const callsOfAccount = [
  'post.create',
  'comment.create',
  'post.delete',
  'post.read',
  'timeline.read',
  'media.upload',
  'media.read',
  'account.read',
]

/** Uploads and deletions have windows of their own; every other answer tells of the one for all calls. */
const own: Readonly<Record<string, string>> = { 'media.upload': 'uploads', 'post.delete': 'deletions' }

export const counters: Fact<readonly Counter[]> = {
  value: [
    {
      ...base,
      name: 'window',
      ours: { counts: 'calls', of: callsOfAccount },
      holds: { of: callsOfAccount, protectedPercent },
      window: { kind: 'fixed', seconds: 300, isAligned: true },
    },
    ...Object.values(own).map((name): Counter => ({
      ...base,
      name,
      ours: { counts: 'calls', of: 'told' },
      holds: { of: 'told', protectedPercent: 0 },
      window: { kind: 'fixed', seconds: 1_800, isAligned: true },
    })),
  ],
  source: 'https://docs.joinmastodon.org/api/rate-limits/',
  readOn: '2026-11-24',
}

export const told: NonNullable<Network['told']> = ({ endpointClass }, { headers }) => {
  const limit = limitIn(headers, 'x-ratelimit', isoInstant)
  if (limit === null || !callsOfAccount.includes(endpointClass)) return []
  const counter = own[endpointClass]
  return [counter === undefined ? { counter: 'window', ...limit } : { counter, endpointClass, ...limit }]
}
