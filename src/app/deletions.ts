/** What people ask to have deleted, how far it is, and the proof that it was done. */
import { sql } from 'kysely'
import { LitfassError } from '#domain/errors.ts'
import type { DeletionReason, EndReason } from '#domain/retention.ts'
import { resolveSchedule } from '#domain/schedule.ts'
import { writeDeletion } from '#storage/deletions.ts'
import type { Handle } from '#storage/deliveries.ts'
import type { Item, Scope } from '#storage/kept.ts'
import { disconnect, showConnection } from './connections.ts'
import { cursorOf, readCursor } from './cursor.ts'
import { showDelivery } from './deliveries.ts'
import { deadlineFor } from './order-deletion.ts'
import { requireRole } from './permissions.ts'
import { zoneOf } from './post-content.ts'
import type { Actor, System } from './system.ts'

export type DeletionView = {
  id: string
  reason: EndReason
  network: string
  scope: Scope['scope']
  connectionId: string | null
  connection: string | null
  deliveryId: string | null
  askedBy: string
  note: string
  receivedAt: Date
  deadlineAt: Date
  createdAt: Date
  doneAt: Date | null
  deleted: number
}

export type DeletionRequest = {
  reason: 'request' | 'terminated'
  deliveryId?: string
  connectionId?: string
  network?: string
  /** With an offset, or as wall time of the workspace. Without: now. */
  receivedAt?: string
  note: string
}

/**
 * Writes the order down and ends what would read the same again: the accounts are disconnected, what is scheduled
 * on them is held. The next sweep deletes, within a minute where a worker runs.
 */
export async function orderDeletion(
  system: System,
  actor: Actor,
  request: DeletionRequest,
): Promise<DeletionView> {
  requireRole(actor, 'admin')
  const now = system.now()
  const receivedAt =
    request.receivedAt === undefined
      ? now
      : resolveSchedule(request.receivedAt, await zoneOf(system.db, actor)).dueAt
  if (receivedAt > now) throw invalid('receivedAt', 'The request cannot have come in after now')
  const scope = await scopeOf(system, actor, request)
  const deadlineAt = deadlineFor(system, scope.network, request.reason, receivedAt)
  if (deadlineAt === null) throw new Error('a request always has a deadline')
  const { reason, note } = request
  const id = await system.db.transaction().execute(async (transaction) => {
    await endReading(transaction, actor, scope, reason, now)
    return writeDeletion(
      transaction,
      { ...scope, reason, note, askedBy: actor.memberId, receivedAt, deadlineAt },
      now,
    )
  })
  if (id === null) throw new Error('a request is never the same as another one')
  return showDeletion(system, actor, id)
}

async function scopeOf(system: System, actor: Actor, request: DeletionRequest): Promise<Scope> {
  const { workspaceId } = actor
  const none = { connectionId: null, deliveryId: null }
  const named = [request.deliveryId, request.connectionId, request.network].filter((one) => one !== undefined)
  if (named.length !== 1) throw invalid('network', 'Name either a delivery, or a connection, or a network')
  if (request.deliveryId !== undefined) {
    const { network, id } = await showDelivery(system, actor, request.deliveryId)
    return { scope: 'delivery', workspaceId, network, ...none, deliveryId: id }
  }
  if (request.connectionId !== undefined) {
    const { network, id } = await showConnection(system, actor, request.connectionId)
    return { scope: 'connection', workspaceId, network, ...none, connectionId: id }
  }
  const network = request.network ?? ''
  if (system.networks.some(({ definition }) => definition.id === network))
    return { scope: 'network', workspaceId, network, ...none }
  throw new LitfassError('network_unknown', `There is no network ${network}`, {
    remedy: `Use one of: ${system.networks.map(({ definition }) => definition.id).join(', ')}.`,
  })
}

function invalid(path: string, message: string): LitfassError {
  return new LitfassError('invalid_input', message, {
    remedy: 'Correct the request and send it again.',
    issues: [{ path, message }],
  })
}

const endings = {
  request: 'Disconnected because its owner asked to have the data deleted',
  terminated: 'Disconnected because the agreement with the network ended',
} as const

async function endReading(
  db: Handle,
  actor: Actor,
  scope: Scope,
  reason: 'request' | 'terminated',
  now: Date,
): Promise<void> {
  if (scope.scope === 'delivery') {
    await sql`update poll set next_at = null, lease_until = null, token = token + 1
      where workspace_id = ${actor.workspaceId} and delivery_id = ${scope.deliveryId}`.execute(db)
    return
  }
  const { rows } = await sql<{
    id: string
  }>`select id from connection where workspace_id = ${actor.workspaceId}
    and network = ${scope.network} and (${scope.connectionId}::text is null or id = ${scope.connectionId})
    and state <> 'disconnected' order by id for update`.execute(db)
  for (const { id } of rows) await disconnect(db, actor, id, endings[reason], now)
}

export type Page = { limit: number; cursor?: string | undefined }

export async function listDeletions(
  system: System,
  actor: Actor,
  { limit, cursor }: Page,
): Promise<{ items: DeletionView[]; next: string | null }> {
  requireRole(actor, 'admin')
  const rows = await deletionsOf(
    system,
    actor,
    null,
    cursor === undefined ? null : readCursor(cursor),
    limit + 1,
  )
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return { items, next: rows.length > limit && last ? cursorOf(last.id, last.createdAt) : null }
}

async function showDeletion(system: System, actor: Actor, id: string): Promise<DeletionView> {
  const [view] = await deletionsOf(system, actor, id, null, 1)
  if (!view) throw new Error('the deletion just written is not there')
  return view
}

async function deletionsOf(
  system: System,
  actor: Actor,
  id: string | null,
  before: { at: Date | null; id: string } | null,
  limit: number,
): Promise<DeletionView[]> {
  const { rows } = await sql<DeletionView>`
    select d.id, d.reason, d.network, d.scope, d.connection_id as "connectionId", k.name as connection,
      d.delivery_id as "deliveryId", d.asked_by as "askedBy", d.note, d.received_at as "receivedAt",
      d.deadline_at as "deadlineAt", d.created_at as "createdAt", d.done_at as "doneAt",
      (select coalesce(sum(c.count), 0)::int from deletion_certificate c
        where c.workspace_id = d.workspace_id and c.deletion_id = d.id) as deleted
    from deletion d left join connection k on k.id = d.connection_id
    where d.workspace_id = ${actor.workspaceId} and (${id}::text is null or d.id = ${id})
      and (${before?.at ?? null}::timestamptz is null or (d.created_at, d.id) < (${before?.at ?? null}, ${before?.id ?? null}))
    order by d.created_at desc, d.id desc limit ${limit}`.execute(system.db)
  return rows
}

export type CertificateView = {
  id: string
  deletionId: string | null
  network: string
  item: Item
  dataClass: string
  reason: DeletionReason
  termsVersion: string
  rule: string
  source: string
  count: number
  oldestReadAt: Date | null
  newestReadAt: Date | null
  firstAt: Date
  lastAt: Date
}

export async function listCertificates(
  system: System,
  actor: Actor,
  { limit, cursor, deletionId }: Page & { deletionId?: string | undefined },
): Promise<{ items: CertificateView[]; next: string | null }> {
  requireRole(actor, 'admin')
  const before = cursor === undefined ? null : readCursor(cursor).id
  const { rows } = await sql<CertificateView>`
    select id, nullif(deletion_id, '') as "deletionId", network, item, data_class as "dataClass", reason,
      terms_version as "termsVersion", rule, source, count, oldest_read_at as "oldestReadAt",
      newest_read_at as "newestReadAt", first_at as "firstAt", last_at as "lastAt"
    from deletion_certificate where workspace_id = ${actor.workspaceId}
      and (${deletionId ?? null}::text is null or deletion_id = ${deletionId ?? null})
      and (${before}::text is null or id < ${before}) order by id desc limit ${limit + 1}`.execute(system.db)
  const items = rows.slice(0, limit)
  return { items, next: rows.length > limit ? cursorOf(items.at(-1)?.id ?? '') : null }
}
