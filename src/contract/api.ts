/** The HTTP interface under `/api/v1`: one contract gives routes, OpenAPI 3.1 and the typed client. */
import { oc } from '@orpc/contract'
import { z } from 'zod'

const instant = z.iso.datetime({ offset: true })
const money = z.object({ amount: z.string(), currency: z.string() })
const id = z.string().min(3).max(80)

export const channel = z.object({
  id,
  connectionId: id,
  network: z.string(),
  kind: z.string(),
  name: z.string(),
  handle: z.string().nullable(),
  url: z.string().nullable(),
  sandbox: z.boolean(),
})
export const connection = z.object({
  id,
  network: z.string(),
  login: z.string(),
  name: z.string(),
  sandbox: z.boolean(),
  state: z.enum(['active', 'needs-reauthorisation', 'disconnected']),
  stateReason: z.string().nullable(),
  accessExpiresAt: instant.nullable(),
  refreshExpiresAt: instant.nullable(),
  dataAccessExpiresAt: instant.nullable(),
})
const connected = z.object({ connection, channels: z.array(channel) })
export const delivery = z.object({
  id,
  network: z.string(),
  channelId: id,
  state: z.enum(['waiting', 'claimed', 'sending', 'published', 'refused', 'unsure', 'held', 'cancelled']),
  remoteId: z.string().nullable(),
  url: z.string().nullable(),
  attempts: z.number().int(),
  reason: z.object({ code: z.string(), message: z.string(), fix: z.string().optional() }).nullable(),
  holdReason: z.string().nullable(),
  dueAt: instant,
  publishedAt: instant.nullable(),
  cost: money,
})
export const post = z.object({
  id,
  state: z.enum(['draft', 'scheduled', 'publishing', 'published', 'partly-published', 'failed', 'cancelled']),
  text: z.string(),
  dueAt: instant.nullable(),
  revision: z.number().int(),
  createdAt: instant,
  deliveries: z.array(delivery),
})
export const mediaFile = z.object({
  id,
  fileName: z.string(),
  mimeType: z.string(),
  bytes: z.number().int(),
  width: z.number().int(),
  height: z.number().int(),
})
export const newPost = z.object({
  text: z.string().max(100_000).default(''),
  channelIds: z.array(id).max(200).default([]),
  attachments: z
    .array(z.object({ mediaFileId: id, altText: z.string().max(5_000).default('') }))
    .max(35)
    .default([]),
  variants: z.record(id, z.string().max(100_000)).optional(),
  at: z.string().max(64).optional(),
  draft: z.boolean().optional(),
})
const verdict = z.object({
  channelId: id,
  network: z.string(),
  problems: z.array(z.object({ code: z.string(), message: z.string() })),
  cost: money.nullable(),
})
const dryRun = z.object({ dueAt: instant, verdicts: z.array(verdict), cost: money })
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
const reading = z.object({
  deliveryId: id,
  channelId: id,
  metric: z.string(),
  value: z.number(),
  readAt: instant,
})
const key = z.object({
  id,
  name: z.string(),
  prefix: z.string(),
  createdAt: instant,
  lastUsedAt: instant.nullable(),
  revokedAt: instant.nullable(),
})
const grant = z.object({
  accessToken: z.string().min(1),
  refreshToken: z.string().min(1).optional(),
  expiresAt: instant.optional(),
  scopes: z.array(z.string()).default([]),
})
const resolution = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('live'), url: z.url({ protocol: /^https?$/ }) }),
  z.object({ kind: z.literal('send-again') }),
  z.object({ kind: z.literal('leave') }),
])

export const contract = {
  networks: {
    list: oc
      .route({ method: 'GET', path: '/networks', summary: 'Networks and what each can do' })
      .output(z.object({ items: z.array(z.record(z.string(), z.unknown())) })),
  },
  connections: {
    list: oc
      .route({ method: 'GET', path: '/connections', summary: 'Connections' })
      .output(z.object({ items: z.array(connection) })),
    start: oc
      .route({
        method: 'POST',
        path: '/connections/start',
        summary: 'Start a consent; send the person to the url',
      })
      .input(z.object({ login: z.string(), sandbox: z.boolean().default(false) }))
      .output(z.object({ url: z.string(), state: z.string() })),
    add: oc
      .route({
        method: 'POST',
        path: '/connections',
        summary: 'Add a sandbox connection, or a grant that exists already',
        successStatus: 201,
      })
      .input(z.object({ login: z.string(), sandbox: z.boolean().default(false), grant: grant.optional() }))
      .output(connected),
    remove: oc
      .route({
        method: 'DELETE',
        path: '/connections/{id}',
        summary: 'Disconnect; posts are kept, what is scheduled is held',
      })
      .input(z.object({ id }))
      .output(z.object({ connectionId: id, channels: z.number().int(), heldDeliveries: z.number().int() })),
  },
  channels: {
    list: oc
      .route({ method: 'GET', path: '/channels', summary: 'Channels' })
      .output(z.object({ items: z.array(channel) })),
    check: oc
      .route({
        method: 'GET',
        path: '/channels/{id}/check',
        summary: 'Readiness of a channel, in plain words',
      })
      .input(z.object({ id }))
      .output(
        z.object({
          items: z.array(
            z.object({
              name: z.string(),
              ok: z.boolean(),
              message: z.string(),
              remedy: z.string().optional(),
            }),
          ),
        }),
      ),
  },
  media: {
    add: oc
      .route({ method: 'POST', path: '/media', summary: 'Add an image', successStatus: 201 })
      .input(z.object({ file: z.file() }))
      .output(mediaFile),
  },
  posts: {
    create: oc
      .route({ method: 'POST', path: '/posts', summary: 'Compose and schedule', successStatus: 201 })
      .input(newPost)
      .output(post),
    dryRun: oc
      .route({ method: 'POST', path: '/posts/dry-run', summary: 'Verdicts and cost, saving nothing' })
      .input(newPost)
      .output(dryRun),
    list: oc
      .route({ method: 'GET', path: '/posts', summary: 'Posts, newest first' })
      .input(
        z.object({
          limit: z.coerce.number().int().min(1).max(200).default(50),
          before: id.optional(),
          search: z.string().max(200).optional(),
        }),
      )
      .output(z.object({ items: z.array(post), next: id.nullable() })),
    show: oc
      .route({ method: 'GET', path: '/posts/{id}', summary: 'One post with its deliveries' })
      .input(z.object({ id }))
      .output(post),
    cancel: oc
      .route({ method: 'POST', path: '/posts/{id}/cancel', summary: 'Cancel what has not started' })
      .input(z.object({ id }))
      .output(post),
    readings: oc
      .route({ method: 'GET', path: '/posts/{id}/readings', summary: 'Every reading of one post' })
      .input(z.object({ id }))
      .output(z.object({ items: z.array(reading) })),
  },
  deliveries: {
    resolve: oc
      .route({
        method: 'POST',
        path: '/deliveries/{id}/resolve',
        summary: 'Settle what cannot be settled by itself',
      })
      .input(z.object({ id, resolution }))
      .output(delivery),
  },
  metrics: {
    list: oc
      .route({
        method: 'GET',
        path: '/metrics',
        summary: 'Latest value of each metric per published delivery',
      })
      .input(z.object({ postId: id.optional(), limit: z.coerce.number().int().min(1).max(500).default(100) }))
      .output(z.object({ items: z.array(metrics) })),
  },
  backups: {
    create: oc
      .route({
        method: 'POST',
        path: '/backups',
        summary: 'Write a backup into the data folder',
        successStatus: 201,
      })
      .output(z.object({ file: z.string() })),
  },
  keys: {
    list: oc
      .route({ method: 'GET', path: '/keys', summary: 'API keys' })
      .output(z.object({ items: z.array(key) })),
    create: oc
      .route({
        method: 'POST',
        path: '/keys',
        summary: 'Create an API key; it is shown once',
        successStatus: 201,
      })
      .input(z.object({ name: z.string().min(1).max(100) }))
      .output(z.object({ id, name: z.string(), apiKey: z.string() })),
    revoke: oc
      .route({ method: 'DELETE', path: '/keys/{id}', summary: 'Revoke an API key' })
      .input(z.object({ id }))
      .output(z.object({ id })),
  },
}

/** Set-up, used by the command line while no key exists. */
export const initialiseInput = z.object({
  workspace: z.string().min(1).max(100).default('Litfass'),
  name: z.string().min(1).max(100).default('Owner'),
  email: z.email().default('owner@localhost.invalid'),
  timeZone: z.string().min(1).max(64).default('UTC'),
})
