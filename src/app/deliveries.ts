/** Deliveries as people see and settle them: lists, receipts, cancelling, resolving. */
import { type RawBuilder, sql } from 'kysely'
import { type DeliveryState, letGoName } from '#domain/delivery.ts'
import { LitfassError } from '#domain/errors.ts'
import { newId } from '#domain/id.ts'
import type { Handle } from '#storage/deliveries.ts'
import { cancelComments, wakeComment } from '#storage/first-comments.ts'
import { resolveNotices } from '#storage/notices.ts'
import { cursorOf, readCursor } from './cursor.ts'
import { requireRole } from './permissions.ts'
import { definitionOf } from './post-content.ts'
import { type DeliveryView, viewDeliveries } from './post-view.ts'
import type { Actor, System } from './system.ts'

export type DeliveryFilter = {
  limit: number
  cursor?: string | undefined
  state?: DeliveryState | undefined
  channelId?: string | undefined
  /** First comments are deliveries, too, and listed only where they are asked for. */
  kind?: 'post' | 'comment' | undefined
}

/** Newest first. Throws `invalid_input` for a cursor that no page gave. */
export async function listDeliveries(
  system: System,
  actor: Actor,
  { limit, cursor, state, channelId, kind }: DeliveryFilter,
): Promise<{ items: DeliveryView[]; next: string | null }> {
  const conditions = [sql`workspace_id = ${actor.workspaceId}`, ofKind(kind)]
  if (state !== undefined) conditions.push(sql`state = ${state}`)
  if (channelId !== undefined) conditions.push(sql`channel_id = ${channelId}`)
  if (cursor !== undefined) conditions.push(sql`id < ${readCursor(cursor).id}`)
  const { rows } = await sql<{ id: string }>`
    select id from delivery where ${sql.join(conditions, sql` and `)} order by id desc limit ${limit + 1}`.execute(
    system.db,
  )
  const ids = rows.slice(0, limit).map((row) => row.id)
  const below = kind === 'comment' ? sql`false` : sql`d.parent_id = any(${ids}::text[])`
  const views = await viewDeliveries(system, actor, sql`(d.id = any(${ids}::text[]) or ${below})`)
  const items = ids.flatMap((id) => views.filter((view) => view.id === id))
  const last = rows.length > limit ? ids.at(-1) : undefined
  return { items, next: last === undefined ? null : cursorOf(last) }
}

function ofKind(kind: DeliveryFilter['kind']): RawBuilder<unknown> {
  return kind === 'comment' ? sql`parent_id is not null` : sql`parent_id is null`
}

/** Throws `not_found`. */
export async function showDelivery(system: System, actor: Actor, id: string): Promise<DeliveryView> {
  const [view] = await viewDeliveries(system, actor, sql`(d.id = ${id} or d.parent_id = ${id})`)
  if (view) return view
  throw noSuchDelivery(id)
}

export function noSuchDelivery(id: string): LitfassError {
  return new LitfassError('not_found', `There is no delivery ${id}`, {
    remedy: 'Show the post to see its deliveries.',
  })
}

type LockedDelivery = {
  network: string
  isComment: boolean
  state: DeliveryState
  token: number
  operationId: string | null
  deadlineAt: Date | null
}

async function lockDelivery(transaction: Handle, actor: Actor, id: string): Promise<LockedDelivery> {
  const { rows } = await sql<LockedDelivery>`
    select network, parent_id is not null as "isComment", state, token::int as token, operation_id as "operationId", deadline_at as "deadlineAt" from delivery
    where workspace_id = ${actor.workspaceId} and id = ${id} for update`.execute(transaction)
  if (rows[0]) return rows[0]
  throw noSuchDelivery(id)
}

/** Cancels one delivery that has not started. Throws `post_not_editable`. */
export async function cancelDelivery(system: System, actor: Actor, id: string): Promise<DeliveryView> {
  requireRole(actor, 'editor')
  const now = system.now()
  await system.db.transaction().execute(async (transaction) => {
    const { state, operationId } = await lockDelivery(transaction, actor, id)
    if (!['waiting', 'held'].includes(state) || operationId !== null) {
      throw new LitfassError('post_not_editable', `This delivery is ${state}`, {
        remedy:
          'Only a waiting or held delivery can be cancelled; a published one can be deleted on its network.',
      })
    }
    await sql`update delivery set state = 'cancelled', next_at = null, token = token + 1, updated_at = ${now}
      where workspace_id = ${actor.workspaceId} and id = ${id}`.execute(transaction)
    const commentIds = await cancelComments(transaction, actor.workspaceId, [id], now)
    await resolveNotices(transaction, actor.workspaceId, [id, ...commentIds], now)
  })
  return showDelivery(system, actor, id)
}

export type Resolution = { kind: 'live'; url: string } | { kind: 'send-again' } | { kind: 'leave' }

/**
 * A person settles what cannot be settled by itself. Throws `delivery_not_resolvable`.
 *
 * The new fencing number stops a worker that is just looking for it. Sending again still waits for the
 * deadline of a request that may be in flight; what was held while nobody could look is looked for first.
 */
export async function resolveDelivery(
  system: System,
  actor: Actor,
  id: string,
  resolution: Resolution,
): Promise<DeliveryView> {
  requireRole(actor, 'editor')
  await system.db.transaction().execute(async (transaction) => {
    const delivery = await lockDelivery(transaction, actor, id)
    if (!['unsure', 'refused', 'held'].includes(delivery.state)) {
      throw new LitfassError('delivery_not_resolvable', `This delivery is ${delivery.state}`, {
        remedy: 'Only an unsure, refused or held delivery can be settled by a person.',
      })
    }
    await settleByPerson(transaction, system, actor, id, delivery, resolution)
  })
  system.wake()
  return showDelivery(system, actor, id)
}

async function settleByPerson(
  transaction: Handle,
  system: System,
  actor: Actor,
  id: string,
  delivery: LockedDelivery,
  resolution: Resolution,
): Promise<void> {
  const now = system.now()
  const common = sql`token = token + 1, lease_until = null, worker_id = null, hold_reason = null, updated_at = ${now}`
  const row = sql`workspace_id = ${actor.workspaceId} and id = ${id}`
  const ended = [id]
  switch (resolution.kind) {
    case 'live':
      await sql`update delivery set state = 'published', next_at = null, operation_id = null, reason = null, url = ${resolution.url},
        published_at = coalesce(published_at, sent_at, ${now}), ${common} where ${row}`.execute(transaction)
      await wakeComment(transaction, actor.workspaceId, id, now)
      break
    case 'send-again':
      await sql`update delivery set state = 'waiting', next_at = ${sendAgainAt(system, delivery, now)}, reason = null,
        empty_reads = 0, operation_id = case when state = 'held' then operation_id end,
        memory = memory || jsonb_build_object(${letGoName}::text, ${now.toISOString()}::text), ${common} where ${row}`.execute(
        transaction,
      )
      break
    case 'leave':
      await sql`update delivery set state = 'cancelled', next_at = null, operation_id = null, ${common} where ${row}`.execute(
        transaction,
      )
      ended.push(...(await cancelComments(transaction, actor.workspaceId, [id], now)))
      break
  }
  await resolveNotices(transaction, actor.workspaceId, ended, now)
  const detail = resolution.kind === 'live' ? resolution.url : null
  await noteByPerson(
    transaction,
    actor,
    { id, token: delivery.token + 1, outcome: `resolved-${resolution.kind}`, detail },
    now,
  )
}

/** Now, but not before a request whose answer is lost has had its time to arrive and to be seen. */
export function sendAgainAt(
  system: System,
  delivery: Pick<LockedDelivery, 'network' | 'isComment' | 'deadlineAt'>,
  now: Date,
): Date {
  const { network, isComment, deadlineAt } = delivery
  if (deadlineAt === null) return now
  const { find, comment } = definitionOf(system, network)
  const { settleSeconds } = (isComment ? (comment.value?.find ?? find) : find).value
  return new Date(Math.max(now.getTime(), deadlineAt.getTime() + settleSeconds * 1_000))
}

export type Note = { id: string; token: number; outcome: string; detail: string | null }

/** What a person did to a delivery stands among its attempts, with the person's name. */
export async function noteByPerson(db: Handle, actor: Actor, note: Note, now: Date): Promise<void> {
  await sql`insert into attempt (id, workspace_id, delivery_id, number, worker_id, started_at, finished_at, outcome, detail)
    select ${newId('att', now)}, m.workspace_id, ${note.id}, ${note.token}, m.id, ${now}, ${now}, ${note.outcome},
      concat_ws(': ', m.name, ${note.detail}::text)
    from member m where m.workspace_id = ${actor.workspaceId} and m.id = ${actor.memberId}`.execute(db)
}
