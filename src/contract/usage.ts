/** What networks say was used of their interface, beside what the ledger counted in the same window. */
import { oc } from '@orpc/contract'
import { z } from 'zod'
import { id, instant } from './common.ts'

export const usageCounter = z.object({
  network: z.string(),
  /** The counter's name in the network's definition. */
  counter: z.string(),
  /** Whose use is counted. */
  of: z.enum(['app', 'connection', 'channel']),
  what: z.enum(['calls', 'posts-read', 'posts', 'replies', 'deletions', 'points', 'time']),
  /** `percent`: of a limit that the network does not tell. */
  unit: z.enum(['count', 'percent']),
  /** The header or endpoint that tells it. */
  toldBy: z.string(),
  /** Whether it comes with other answers; else it is asked for. */
  isWithAnswers: z.boolean(),
  connectionId: id.nullable(),
  connectionName: z.string().nullable(),
  channelId: id.nullable(),
  channelName: z.string().nullable(),
  sandbox: z.boolean(),
  /** The kind of call, where each is counted by itself. */
  endpointClass: z.string().nullable(),
  /** As the network told it. */
  used: z.number(),
  limit: z.number().nullable(),
  resetsAt: instant.nullable(),
  toldAt: instant,
  /** Since when it is counted; null where the network does not say. */
  from: instant.nullable(),
  /** What the ledger of this workspace counted from then until it was told; null where it has nothing to compare. */
  ours: z.number().int().nullable(),
  /** `used` less `ours`; null where they are no numbers of the same thing. */
  drift: z.number().nullable(),
  /** Where the counter is described, and the day that was read. */
  source: z.string(),
  readOn: z.iso.date(),
})

/** A counter that was asked for in vain. */
export const notTold = z.object({
  network: z.string(),
  channelId: id.nullable(),
  sandbox: z.boolean(),
  message: z.string(),
})

export const usage = {
  list: oc
    .route({
      method: 'GET',
      path: '/usage',
      summary: 'What networks counted, as they last told it, what the ledger counted, and the drift',
    })
    .output(z.object({ items: z.array(usageCounter) })),
  ask: oc
    .route({
      method: 'POST',
      path: '/usage/ask',
      summary: 'Ask the networks for the counters that do not come with other answers',
    })
    .output(z.object({ items: z.array(usageCounter), notTold: z.array(notTold) })),
}
