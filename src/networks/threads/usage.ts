/** What Threads tells of how much was used: percent in headers, and the day's posts, replies and deletions. */
import type { Network } from '../contract.ts'
import { callGraph } from '../graph-call.ts'
import { askQuota, toldByQuota, toldInHeaders } from '../graph-usage.ts'

const quotaEdge = 'threads_publishing_limit'

const numbers = [
  { counter: 'posts-day', prefix: '' },
  { counter: 'replies-day', prefix: 'reply_' },
  { counter: 'deletions-day', prefix: 'delete_' },
]

export const told: NonNullable<Network['told']> = (call, answer, now) => [
  ...toldInHeaders(call, answer, now),
  ...toldByQuota(call, answer, { edge: quotaEdge, numbers }),
]

export const usage: NonNullable<Network['usage']> = {
  of: 'channel',
  ask: (context, channel) =>
    askQuota(callGraph, context, channel, {
      edge: quotaEdge,
      fields: numbers.flatMap(({ prefix }) => [`${prefix}quota_usage`, `${prefix}config`]).join(','),
      name: 'Threads',
    }),
}
