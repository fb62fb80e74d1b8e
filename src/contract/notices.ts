/** Notices: what needs a person, each with a link to its remedy. */
import { oc } from '@orpc/contract'
import { z } from 'zod'
import { id, instant, listOf, page } from './common.ts'

/** A closed list, so that a client can translate each. */
export const noticeKind = z.enum([
  'delivery-refused',
  'delivery-unsure',
  'delivery-held',
  'delivery-late',
  'connection-expired',
  'connection-ends-soon',
  'version-ends-soon',
  'terms-unread',
  'network-outage',
  'budget-reached',
  'worker-silent',
])
export const notice = z.object({
  id,
  kind: noticeKind,
  severity: z.enum(['info', 'warning', 'error']),
  /** What it is about: a delivery (with its post), a connection, or a network. */
  subject: z.object({
    kind: z.enum(['delivery', 'connection', 'network', 'budget', 'installation']),
    id: z.string(),
    postId: id.nullable(),
  }),
  /** For translation: names, dates, the network's own reason. */
  params: z.record(z.string(), z.union([z.string(), z.number()])),
  message: z.string(),
  remedy: z.string(),
  createdAt: instant,
  readAt: instant.nullable(),
  /** When what it told of ended. */
  resolvedAt: instant.nullable(),
})

export const notices = {
  list: oc
    .route({ method: 'GET', path: '/notices', summary: 'Notices, newest first' })
    .input(z.object({ ...page, open: z.stringbool().default(false) }))
    .output(listOf(notice).extend({ unread: z.number().int() })),
  read: oc
    .route({ method: 'POST', path: '/notices/{id}/read', summary: 'Mark as read' })
    .input(z.object({ id }))
    .output(notice),
  readAll: oc
    .route({ method: 'POST', path: '/notices/read-all', summary: 'Mark all as read' })
    .output(z.object({ read: z.number().int() })),
}
