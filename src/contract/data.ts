/** Data read from networks: the rules about it, what is kept, what has to go, and proof of what went. */
import { oc } from '@orpc/contract'
import { z } from 'zod'
import { id, instant, listOf, page, written } from './common.ts'

/** An ISO 8601 duration such as `PT24H`, `P6M` or `P1Y`. */
const period = z.string()
export const endReason = z.enum(['removed', 'disconnected', 'request', 'terminated'])

export const dataRule = z.object({
  /** Of the rule book, for example `X1`. */
  id: z.string(),
  /** The class it is about; `*` is all of them. */
  dataClass: z.string(),
  keepFor: period.nullable(),
  /** What ends data before its clock, and within which time; null: without delay. */
  deleteOn: z.partialRecord(endReason, period.nullable()),
  /** Day of the text it stands in. */
  since: z.string(),
  rule: z.string(),
  source: z.string(),
  confidence: z.enum(['high', 'medium', 'low']),
  use: z
    .object({
      showFor: period.optional(),
      showTo: z.enum(['its-author', 'team-of-the-channel']).optional(),
      export: z
        .discriminatedUnion('kind', [
          z.object({ kind: z.literal('never') }),
          z.object({ kind: z.literal('limited'), perPersonAndDay: z.number().int() }),
        ])
        .optional(),
      /** Whether it may go to a model; absent where the rule is not about that. */
      model: z.enum(['forbidden', 'unclear', 'free']).optional(),
    })
    .optional(),
})

const keptClass = z.object({
  dataClass: z.string(),
  /** The shortest of its rules. */
  keepFor: period.nullable(),
  deleteOn: z.array(endReason),
  rules: z.array(dataRule),
  /** How many items a person may take out on one day: 0 for none, null for as many as there are. */
  exportLimit: z.number().int().nullable(),
  rows: z.number().int(),
  oldestReadAt: instant.nullable(),
  /** When the next of them is deleted by its clock. */
  nextDeletionAt: instant.nullable(),
})

export const keptNetwork = z.object({
  network: z.string(),
  name: z.string(),
  /** Changes with every rule. */
  termsVersion: z.string(),
  readOn: z.string(),
  /** What accounts there are to delete the data of. */
  connections: z.array(z.object({ id, name: z.string(), isConnected: z.boolean(), sandbox: z.boolean() })),
  classes: z.array(keptClass),
  /** Rules about everything of the network. */
  general: z.array(dataRule),
})

export const deletion = z.object({
  id,
  reason: endReason,
  network: z.string(),
  scope: z.enum(['delivery', 'connection', 'network']),
  connectionId: id.nullable(),
  /** What the account is called now. */
  connection: z.string().nullable(),
  deliveryId: id.nullable(),
  /** A member's id, `network`, or the job that found out. */
  askedBy: z.string(),
  note: z.string(),
  receivedAt: instant,
  deadlineAt: instant,
  createdAt: instant,
  doneAt: instant.nullable(),
  /** Items deleted so far. */
  deleted: z.number().int(),
})

export const certificate = z.object({
  id: z.string(),
  deletionId: id.nullable(),
  network: z.string(),
  item: z.enum(['reading', 'channel', 'account', 'remote-post']),
  dataClass: z.string(),
  reason: z.enum(['clock', ...endReason.options]),
  termsVersion: z.string(),
  rule: z.string(),
  source: z.string(),
  count: z.number().int(),
  oldestReadAt: instant.nullable(),
  newestReadAt: instant.nullable(),
  firstAt: instant,
  lastAt: instant,
})

const exportedReading = z.object({
  network: z.string(),
  channelId: id,
  postId: id.nullable(),
  deliveryId: id.nullable(),
  metric: z.string(),
  /** What the network calls it. */
  remoteName: z.string(),
  value: z.number(),
  day: z.string().nullable(),
  readAt: instant,
  dataClass: z.string(),
  keptUntil: instant.nullable(),
})

export const dataExport = z.object({
  readings: z.array(exportedReading),
  leftOut: z.array(
    z.object({ network: z.string(), dataClass: z.string(), rows: z.number().int(), rule: z.string() }),
  ),
})

export const data = {
  kept: oc
    .route({
      method: 'GET',
      path: '/data/kept',
      summary: 'What is kept of each network, how long, and by which rules',
    })
    .output(z.object({ items: z.array(keptNetwork) })),
  deletions: oc
    .route({ method: 'GET', path: '/data/deletions', summary: 'Deletions, newest first' })
    .input(z.object(page))
    .output(listOf(deletion)),
  order: oc
    .route({
      method: 'POST',
      path: '/data/deletions',
      summary: 'Delete what was read of a post, an account, or a whole network; disconnects the account',
      successStatus: 201,
    })
    .input(
      z.object({
        /** `terminated`: the agreement with the network ended, and everything read from it goes. */
        reason: z.enum(['request', 'terminated']).default('request'),
        /** One of the three. */
        deliveryId: id.optional(),
        connectionId: id.optional(),
        network: z.string().max(40).optional(),
        /** When it came in, with an offset or as the workspace's wall time; a day later it must be done. */
        receivedAt: z.string().max(40).optional(),
        /** For finding the request again; nothing personal. */
        note: written(200).default(''),
      }),
    )
    .output(deletion),
  certificates: oc
    .route({ method: 'GET', path: '/data/certificates', summary: 'Proof of what was deleted, newest first' })
    .input(z.object({ ...page, deletionId: id.optional() }))
    .output(listOf(certificate)),
  export: oc
    .route({
      method: 'POST',
      path: '/data/export',
      summary: 'Figures, as far as the networks’ rules let them leave; says what was left out',
    })
    .output(dataExport),
}
