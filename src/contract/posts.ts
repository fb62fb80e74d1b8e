/** Posts, their variants and deliveries. */
import { oc } from '@orpc/contract'
import { z } from 'zod'
import { budgetRoom } from './budgets.ts'
import { id, instant, listOf, money, page, problem, written } from './common.ts'

export const deliveryState = z.enum([
  'waiting',
  'claimed',
  'sending',
  'published',
  'refused',
  'unsure',
  'held',
  'cancelled',
])
export const postState = z.enum([
  'draft',
  'scheduled',
  'publishing',
  'published',
  'partly-published',
  'failed',
  'cancelled',
])
/** The first comment below a delivery: a delivery of its own, whose outcome never changes the post's. */
export const firstComment = z.object({
  id,
  state: deliveryState,
  text: z.string(),
  remoteId: z.string().nullable(),
  url: z.string().nullable(),
  attempts: z.number().int(),
  reason: z.object({ code: z.string(), message: z.string(), fix: z.string().optional() }).nullable(),
  holdReason: z.string().nullable(),
  /** Null while it waits for its post. */
  nextAt: instant.nullable(),
  publishedAt: instant.nullable(),
  removedAt: instant.nullable(),
  cost: money,
  /** Whether it may be given another text and sent: refused, held or cancelled below a post that is out. */
  isRewordable: z.boolean(),
})
export const delivery = z.object({
  id,
  postId: id,
  /** Of a first comment, the delivery of the post it belongs below. */
  parentId: id.nullable(),
  network: z.string(),
  channelId: id,
  channelName: z.string(),
  sandbox: z.boolean(),
  state: deliveryState,
  remoteId: z.string().nullable(),
  url: z.string().nullable(),
  attempts: z.number().int(),
  reason: z
    .object({
      code: z.string(),
      message: z.string(),
      fix: z.string().optional(),
      /** Since when it is so, where it is not about this delivery: `network_outage`. */
      since: instant.optional(),
    })
    .nullable(),
  holdReason: z.string().nullable(),
  dueAt: instant,
  /** When something is done next by itself; null where nothing is, or where it waits for an outage to end (`holdReason` is `breaker`). */
  nextAt: instant.nullable(),
  publishedAt: instant.nullable(),
  /** When it was deleted on the network by Litfass; the record stays. */
  removedAt: instant.nullable(),
  cost: money,
  comment: firstComment.nullable(),
  /** Of a first comment, as below a delivery; false of a post. */
  isRewordable: z.boolean(),
})
const attachment = z.object({
  mediaFileId: id,
  altText: z.string(),
  fileName: z.string(),
  mimeType: z.string(),
  bytes: z.number().int(),
  width: z.number().int(),
  height: z.number().int(),
})
export const post = z.object({
  id,
  state: postState,
  text: z.string(),
  channelIds: z.array(id),
  /** Texts of their own, by channel id; a channel without one takes the post's. */
  variants: z.record(id, z.string()),
  /** Put below the post by the account itself, on every channel that takes one; empty for none. */
  firstComment: z.string(),
  /** First comments of their own, by channel id; empty for none there. */
  firstComments: z.record(id, z.string()),
  attachments: z.array(attachment),
  /**
   * Wall time as it was chosen, and the zone it stands in; null where none was chosen. What was chosen with an
   * offset stands in the workspace's zone here.
   */
  at: z.string().nullable(),
  timeZone: z.string().nullable(),
  dueAt: instant.nullable(),
  /** Raised by every change; a change must name the one it was made on. */
  revision: z.number().int(),
  createdAt: instant,
  updatedAt: instant,
  createdBy: z.object({ id, name: z.string() }).nullable(),
  updatedBy: z.object({ id, name: z.string() }).nullable(),
  deliveries: z.array(delivery),
})

const time = {
  /** ISO 8601; without offset wall time in `timeZone`. Absent: as soon as possible. */
  at: z.string().max(64).optional(),
  /** IANA zone of an `at` without offset. Absent: the zone the post stands in, else the workspace's. */
  timeZone: z.string().max(64).optional(),
}
const content = {
  text: written(100_000).default(''),
  channelIds: z.array(id).max(200).default([]),
  attachments: z
    .array(z.object({ mediaFileId: id, altText: written(5_000).default('') }))
    .max(35)
    .default([]),
  /** Texts of their own, by the id of a chosen channel. */
  variants: z.record(id, written(100_000)).optional(),
  /**
   * What the account itself writes below the post as soon as it is live. Left out where the network or the login
   * takes none, as the verdict says.
   */
  firstComment: written(20_000).optional(),
  /** First comments of their own, by the id of a chosen channel; empty for none there. */
  firstComments: z.record(id, written(20_000)).optional(),
  ...time,
}
export const newPost = z.object({ ...content, draft: z.boolean().optional() })
export const postChange = z.object({ id, revision: z.number().int(), ...content })

const verdict = z.object({
  channelId: id,
  network: z.string(),
  /** Length in the network's own counting, and the most it takes. */
  length: z.number().int(),
  maxLength: z.number().int(),
  problems: z.array(problem),
  /** Of the first comment; null where none is wanted. `isOffered`: false where the post goes out without. */
  comment: z
    .object({
      isOffered: z.boolean(),
      length: z.number().int(),
      maxLength: z.number().int(),
      problems: z.array(problem),
    })
    .nullable(),
  /** Of the calls whose price is known; null where none is. */
  cost: money.nullable(),
  /** Kinds of calls it takes whose price is not known. */
  unpriced: z.array(z.string()),
  /** What the post alone costs with and without a link, where that makes a difference. */
  linkCost: z.object({ withLink: money, withoutLink: money }).nullable(),
})
export const dryRun = z.object({
  dueAt: instant,
  verdicts: z.array(verdict),
  /** Of all calls whose price is known. */
  cost: money,
  /** Every API budget that concerns the post, those without room first. */
  budgets: z.array(budgetRoom),
})

const reading = z.object({
  deliveryId: id,
  channelId: id,
  metric: z.string(),
  value: z.number(),
  readAt: instant,
})

export const posts = {
  create: oc
    .route({
      method: 'POST',
      path: '/posts',
      summary: 'Compose: schedule, publish now, or keep as a draft',
      successStatus: 201,
    })
    .input(newPost)
    .output(post),
  dryRun: oc
    .route({
      method: 'POST',
      path: '/posts/dry-run',
      summary: 'Verdicts, cost and what the budgets say, saving nothing',
    })
    .input(newPost)
    .output(dryRun),
  list: oc
    .route({ method: 'GET', path: '/posts', summary: 'Posts, newest first; with from and to by due time' })
    .input(
      z.object({
        ...page,
        search: written(200).optional(),
        state: postState.optional(),
        channelId: id.optional(),
        network: written(40).optional(),
        /** Instants; posts due in [from, to), oldest first. */
        from: instant.optional(),
        to: instant.optional(),
        /** By due time, the soonest or the latest first; posts without one are left out. */
        order: z.enum(['soonest', 'latest']).optional(),
      }),
    )
    .output(listOf(post)),
  show: oc
    .route({ method: 'GET', path: '/posts/{id}', summary: 'One post with its deliveries' })
    .input(z.object({ id }))
    .output(post),
  change: oc
    .route({
      method: 'PUT',
      path: '/posts/{id}',
      summary: 'Change a draft, or what is scheduled and has not started',
    })
    .input(postChange)
    .output(post),
  schedule: oc
    .route({
      method: 'POST',
      path: '/posts/{id}/schedule',
      summary: 'Schedule a draft, move what is scheduled, or (without `at`) publish now',
    })
    .input(z.object({ id, revision: z.number().int(), ...time }))
    .output(post),
  unschedule: oc
    .route({
      method: 'POST',
      path: '/posts/{id}/unschedule',
      summary: 'Back to a draft, if nothing has started',
    })
    .input(z.object({ id }))
    .output(post),
  cancel: oc
    .route({ method: 'POST', path: '/posts/{id}/cancel', summary: 'Cancel what has not started' })
    .input(z.object({ id }))
    .output(post),
  duplicate: oc
    .route({
      method: 'POST',
      path: '/posts/{id}/duplicate',
      summary: 'A new draft with the same content',
      successStatus: 201,
    })
    .input(z.object({ id }))
    .output(post),
  remove: oc
    .route({ method: 'DELETE', path: '/posts/{id}', summary: 'Delete a draft or a cancelled post' })
    .input(z.object({ id }))
    .output(z.object({ id })),
  readings: oc
    .route({
      method: 'GET',
      path: '/posts/{id}/readings',
      summary: 'Every reading of one post, or those of one metric',
    })
    .input(z.object({ id, metric: written(60).optional() }))
    .output(z.object({ items: z.array(reading) })),
}

const resolution = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('live'), url: z.url({ protocol: /^https?$/ }) }),
  z.object({ kind: z.literal('send-again') }),
  z.object({ kind: z.literal('leave') }),
])
/** One try, as the receipt shows it. */
const attempt = z.object({
  number: z.number().int(),
  startedAt: instant,
  finishedAt: instant.nullable(),
  outcome: z.string().nullable(),
  detail: z.string().nullable(),
})
export const receipt = z.object({
  delivery,
  postState,
  /** What was or will be sent, exactly. */
  sent: z.object({ text: z.string(), link: z.string().nullable(), attachments: z.array(attachment) }),
  fingerprint: z.string().nullable(),
  createdAt: instant,
  startedAt: instant.nullable(),
  sentAt: instant.nullable(),
  attempts: z.array(attempt),
  charges: z.array(
    z.object({
      at: instant,
      endpointClass: z.string(),
      purpose: z.string(),
      amount: z.string(),
      currency: z.string(),
    }),
  ),
})

export const deliveries = {
  list: oc
    .route({ method: 'GET', path: '/deliveries', summary: 'Deliveries, newest first' })
    .input(
      z.object({
        ...page,
        state: deliveryState.optional(),
        channelId: id.optional(),
        /** `comment`: those of first comments. Default `post`. */
        kind: z.enum(['post', 'comment']).optional(),
      }),
    )
    .output(listOf(delivery)),
  show: oc
    .route({ method: 'GET', path: '/deliveries/{id}', summary: 'The receipt of a delivery' })
    .input(z.object({ id }))
    .output(receipt),
  resolve: oc
    .route({
      method: 'POST',
      path: '/deliveries/{id}/resolve',
      summary: 'Settle what cannot be settled by itself; `send-again` also retries a refused or held one',
    })
    .input(z.object({ id, resolution }))
    .output(delivery),
  reword: oc
    .route({
      method: 'POST',
      path: '/deliveries/{id}/reword',
      summary: 'Give a refused, held or cancelled first comment another text, and send it',
    })
    .input(z.object({ id, text: written(20_000) }))
    .output(delivery),
  cancel: oc
    .route({
      method: 'POST',
      path: '/deliveries/{id}/cancel',
      summary: 'Cancel one delivery that has not started',
    })
    .input(z.object({ id }))
    .output(delivery),
  remove: oc
    .route({
      method: 'POST',
      path: '/deliveries/{id}/remove',
      summary: 'Delete a published post on its network',
    })
    .input(z.object({ id }))
    .output(delivery),
}

const metrics = z.object({
  deliveryId: id,
  postId: id,
  channelId: id,
  network: z.string(),
  url: z.string().nullable(),
  publishedAt: instant.nullable(),
  readAt: instant.nullable(),
  metrics: z.record(z.string(), z.number()),
})
export const metricsRoutes = {
  list: oc
    .route({
      method: 'GET',
      path: '/metrics',
      summary: 'Latest value of each metric per published delivery; absent ones are left out',
    })
    .input(z.object({ postId: id.optional(), limit: z.coerce.number().int().min(1).max(500).default(100) }))
    .output(z.object({ items: z.array(metrics) })),
}
