/** First comments as rows: deliveries below the delivery of their post, which share its end but never decide it. */
import { sql } from 'kysely'
import type { DeliveryState } from '#domain/delivery.ts'
import type { Handle } from './deliveries.ts'

/** What a claimed comment is told of the delivery of its post. */
export type ParentDelivery = {
  state: DeliveryState
  remoteId: string | null
  url: string | null
  isRemoved: boolean
}

/** A `ParentDelivery` for `t` a delivery; null for a post. */
export const parentRow = sql`(select json_build_object('state', p.state, 'remoteId', p.remote_id, 'url', p.url,
  'isRemoved', p.removed_at is not null) from delivery p where p.id = t.parent_id)`

/** In the statement that settled `done`, of `s`: the comments of what is published now are due at once. */
export function wokenBy(publishedIds: readonly string[]) {
  return sql`update delivery c set next_at = s.at, updated_at = s.at from s join done on done.id = s.id
    where c.parent_id = done.id and done.state = 'published' and c.state = 'waiting'
      and c.parent_id = any(${[...publishedIds]}::text[])`
}

/** What was cancelled or deleted needs no comment any more. Returns the ids of those that had not started. */
export async function cancelComments(
  db: Handle,
  workspaceId: string,
  postDeliveryIds: readonly string[],
  now: Date,
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    update delivery set state = 'cancelled', next_at = null, hold_reason = null, token = token + 1, updated_at = ${now}
    where workspace_id = ${workspaceId} and parent_id = any(${[...postDeliveryIds]}::text[])
      and state in ('waiting', 'held') and operation_id is null
    returning id`.execute(db)
  return rows.map((row) => row.id)
}

/** The comment of a post that turned out to be live goes out now. */
export async function wakeComment(
  db: Handle,
  workspaceId: string,
  postDeliveryId: string,
  now: Date,
): Promise<void> {
  await sql`update delivery set next_at = ${now}, updated_at = ${now}
    where workspace_id = ${workspaceId} and parent_id = ${postDeliveryId} and state = 'waiting'`.execute(db)
}

/** A comment that went with its post. */
export async function endComment(
  db: Handle,
  workspaceId: string,
  postDeliveryId: string,
  now: Date,
): Promise<void> {
  await sql`update delivery set removed_at = ${now}, updated_at = ${now}
    where workspace_id = ${workspaceId} and parent_id = ${postDeliveryId} and state = 'published' and removed_at is null`.execute(
    db,
  )
}
