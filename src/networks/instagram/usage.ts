/** What Instagram tells of how much was used: percent in headers, and the day's posts at an endpoint. */
import type { Network } from '../contract.ts'
import { askQuota, toldByQuota, toldInHeaders } from '../graph-usage.ts'
import { graph } from './api.ts'

const quotaEdge = 'content_publishing_limit'

export const told: NonNullable<Network['told']> = (call, answer, now) => [
  ...toldInHeaders(call, answer, now),
  ...toldByQuota(call, answer, { edge: quotaEdge, numbers: [{ counter: 'posts-day', prefix: '' }] }),
]

export const usage: NonNullable<Network['usage']> = {
  of: 'channel',
  ask: (context, channel) =>
    askQuota(graph, context, channel, {
      edge: quotaEdge,
      fields: 'config,quota_usage',
      name: 'Instagram',
    }),
}
