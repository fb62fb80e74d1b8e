/** How popular each post was: the latest reading of every metric, and all of them over time. */
import { sql } from 'kysely'
import { noSuchPost } from './post-view.ts'
import type { Actor, System } from './system.ts'

export type DeliveryMetrics = {
  deliveryId: string
  postId: string
  channelId: string
  network: string
  url: string | null
  publishedAt: Date | null
  readAt: Date | null
  metrics: Record<string, number>
}

/**
 * Latest values per published delivery, newest first. A metric that was not given is absent, never zero; one past
 * its clock is not shown, even where no sweep has been by yet.
 */
export async function latestMetrics(
  system: System,
  actor: Actor,
  postId: string | null,
  limit: number,
): Promise<DeliveryMetrics[]> {
  const { rows } = await sql<DeliveryMetrics>`
    select d.id as "deliveryId", d.post_id as "postId", d.channel_id as "channelId", d.network, d.url, d.published_at as "publishedAt",
      latest.read_at as "readAt", latest.metrics
    from (
      select * from delivery where workspace_id = ${actor.workspaceId} and published_at is not null and state = 'published' and parent_id is null
        and (${postId}::text is null or post_id = ${postId}) order by published_at desc, id limit ${limit}) d
    cross join lateral (
      select max(r.read_at) as read_at, coalesce(jsonb_object_agg(r.metric, r.value) filter (where r.metric is not null), '{}'::jsonb) as metrics
      from (
        select distinct on (metric) metric, value, read_at from reading
        where workspace_id = d.workspace_id and delivery_id = d.id and (expires_at is null or expires_at > ${system.now()})
        order by metric, read_at desc, id desc) r) latest
    order by d.published_at desc, d.id`.execute(system.db)
  return rows
}

export type Reading = { deliveryId: string; channelId: string; metric: string; value: number; readAt: Date }

/** Every reading of one post, or those of one metric, oldest first. Throws `not_found`. */
export async function readingsOf(
  system: System,
  actor: Actor,
  postId: string,
  metric: string | null = null,
): Promise<Reading[]> {
  const { rows } =
    await sql<Reading>`select r.delivery_id as "deliveryId", r.channel_id as "channelId", r.metric, r.value, r.read_at as "readAt"
    from reading r join delivery d on d.id = r.delivery_id
    where r.workspace_id = ${actor.workspaceId} and d.post_id = ${postId}
      and (${metric}::text is null or r.metric = ${metric}) and (r.expires_at is null or r.expires_at > ${system.now()})
      order by r.read_at, r.id limit 20000`.execute(system.db)
  if (rows.length === 0) await requirePost(system, actor, postId)
  return rows
}

async function requirePost(system: System, actor: Actor, id: string): Promise<void> {
  const { rows } = await sql`
    select 1 from post where workspace_id = ${actor.workspaceId} and id = ${id}`.execute(system.db)
  if (rows.length === 0) throw noSuchPost(id)
}
