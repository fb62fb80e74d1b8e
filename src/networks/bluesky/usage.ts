/** What a server of Bluesky's tells in headers: the tightest of the windows a call counts in. */
import type { Fact, Network } from '../contract.ts'
import { type Counter, limitIn, protectedPercent } from '../counters.ts'

const base = { unit: 'count', toldBy: 'RateLimit-*', isWithAnswers: true } as const

/** By the length of the window, which the policy states: `3000;w=300`. Writes cost points, uploads count by day. */
const byWindow: Readonly<Record<string, string>> = {
  300: 'window',
  3_600: 'points-hour',
  86_400: 'points-day',
}

/** What costs points. */
const writes = ['post.create', 'comment.create', 'post.delete']

export const counters: Fact<readonly Counter[]> = {
  value: [
    {
      // Of an address on the internet, and so of all workspaces here: no ledger of one has it.
      ...base,
      name: 'window',
      of: 'app',
      what: 'calls',
      ours: null,
      holds: { of: 'all', protectedPercent },
      window: { kind: 'fixed', seconds: 300 },
    },
    {
      ...base,
      name: 'points-hour',
      of: 'connection',
      what: 'points',
      ours: null,
      holds: { of: writes, protectedPercent: 0 },
      window: { kind: 'fixed', seconds: 3_600 },
    },
    {
      ...base,
      name: 'points-day',
      of: 'connection',
      what: 'points',
      ours: null,
      holds: { of: writes, protectedPercent: 0 },
      window: { kind: 'fixed', seconds: 86_400 },
    },
  ],
  source: 'https://docs.bsky.app/docs/advanced-guides/rate-limits',
  readOn: '2026-11-24',
}

/** Signing in has windows of its own, which say nothing of other calls; uploads count without points. */
const ownWindows: ReadonlySet<string> = new Set(['session.create', 'media.upload'])

export const told: NonNullable<Network['told']> = (call, { headers }) => {
  const limit = limitIn(headers, 'ratelimit')
  const counter = byWindow[/;w=(\d+)/.exec(headers['ratelimit-policy'] ?? '')?.[1] ?? '']
  return limit === null || counter === undefined || ownWindows.has(call.endpointClass)
    ? []
    : [{ counter, ...limit }]
}
