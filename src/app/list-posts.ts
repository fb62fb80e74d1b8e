/** Posts in pages: newest first, or for a calendar by the time they are due. */
import { type RawBuilder, sql } from 'kysely'
import type { DeliveryState, PostState } from '#domain/delivery.ts'
import { cursorOf, noCursor, readCursor } from './cursor.ts'
import { type PostView, viewPosts } from './post-view.ts'
import type { Actor, System } from './system.ts'

/** Sizes of pages that are read. They stand in the statement: with any other number there, planning it once does not do. */
const pageSizes = [6, 20, 50, 100, 200]

function pageSizeFor(limit: number): number {
  return pageSizes.find((size) => size >= limit) ?? limit
}

export type PostFilter = {
  limit: number
  cursor?: string | undefined
  search?: string | undefined
  state?: PostState | undefined
  channelId?: string | undefined
  network?: string | undefined
  /** Due in [from, to), the soonest first; either makes it that order. */
  from?: string | undefined
  to?: string | undefined
  /** By due time, too; posts without one are left out. */
  order?: 'soonest' | 'latest' | undefined
}

/** Posts that all filters let through. Throws `invalid_input` for a cursor that no page gave. */
export async function listPosts(
  system: System,
  actor: Actor,
  filter: PostFilter,
): Promise<{ items: PostView[]; next: string | null }> {
  const isByTime = [filter.from, filter.to, filter.order].some((value) => value !== undefined)
  const isLatest = filter.order === 'latest'
  const conditions = [sql`p.workspace_id = ${actor.workspaceId}`, ...conditionsOf(actor, filter)]
  if (filter.cursor !== undefined) {
    const { at, id } = readCursor(filter.cursor)
    if (isByTime !== (at !== null)) throw noCursor()
    const beyond = isLatest ? sql`<` : sql`>`
    conditions.push(
      at === null ? sql`p.id < ${id}` : sql`(p.due_at, p.id) ${beyond} (${at}::timestamptz, ${id})`,
    )
  }
  if (isByTime) conditions.push(sql`p.due_at is not null`)
  const byTime = isLatest ? sql`p.due_at desc, p.id desc` : sql`p.due_at, p.id`
  const order = isByTime ? byTime : sql`p.id desc`
  const chosen = sql`
    select p.* from post p ${filter.state === undefined ? sql`` : countedStates}
    where ${sql.join(conditions, sql` and `)} order by ${order} limit ${sql.lit(pageSizeFor(filter.limit) + 1)}`
  const isRare = [filter.search, filter.state, filter.channelId, filter.network].some(
    (one) => one !== undefined,
  )
  const found = await viewPosts(system, actor, chosen, order, isRare ? 'planned-anew' : 'planned-once')
  const items = found.slice(0, filter.limit)
  const last = found.length > filter.limit ? items.at(-1) : undefined
  return { items, next: last === undefined ? null : cursorOf(last.id, isByTime ? last.dueAt : null) }
}

function conditionsOf(actor: Actor, filter: PostFilter): RawBuilder<unknown>[] {
  const conditions: RawBuilder<unknown>[] = []
  const hasVariant = (condition: RawBuilder<unknown>) =>
    sql`exists (select 1 from variant v join channel c on c.workspace_id = v.workspace_id and c.id = v.channel_id
      where v.workspace_id = p.workspace_id and v.post_id = p.id and ${condition})`
  if (filter.search !== undefined && filter.search !== '') {
    const pattern = `%${filter.search.replace(/[\\%_]/g, (special) => `\\${special}`)}%`
    const texts = sql`(v.text ilike ${pattern} or v.first_comment ilike ${pattern})`
    conditions.push(
      sql`(p.text ilike ${pattern} or p.first_comment ilike ${pattern} or ${hasVariant(texts)})`,
    )
  }
  if (filter.state !== undefined) conditions.push(isInState(actor, filter.state))
  if (filter.channelId !== undefined) conditions.push(hasVariant(sql`v.channel_id = ${filter.channelId}`))
  if (filter.network !== undefined) conditions.push(hasVariant(sql`c.network = ${filter.network}`))
  if (filter.from !== undefined) conditions.push(sql`p.due_at >= ${new Date(filter.from)}`)
  if (filter.to !== undefined) conditions.push(sql`p.due_at < ${new Date(filter.to)}`)
  return conditions
}

/** How many deliveries of `p` are in which states, as `s`; first comments are not counted. */
export const countedStates = sql`cross join lateral (
  select count(*) as total,
    count(*) filter (where d.state = 'cancelled') as cancelled,
    count(*) filter (where d.state = 'published') as published,
    count(*) filter (where d.state in ('claimed', 'sending')) as active,
    count(*) filter (where d.state in ('published', 'refused', 'unsure', 'held')) as settled
  from delivery d where d.workspace_id = p.workspace_id and d.post_id = p.id and d.parent_id is null) s`

/** `postState` of `domain/delivery.ts` in SQL; a test holds the two together. */
export const stateOfPost = sql`case
  when p.is_draft or s.total = 0 then 'draft'
  when s.cancelled = s.total then 'cancelled'
  when s.published = s.total - s.cancelled then 'published'
  when s.active > 0 then 'publishing'
  when s.settled < s.total - s.cancelled then case when s.settled = 0 then 'scheduled' else 'publishing' end
  when s.published > 0 then 'partly-published'
  else 'failed' end`

/** Deliveries of which a post in that state has at least one. */
const impliedBy: Readonly<Record<Exclude<PostState, 'draft' | 'published'>, readonly DeliveryState[]>> = {
  scheduled: ['waiting'],
  publishing: ['waiting', 'claimed', 'sending'],
  'partly-published': ['refused', 'unsure', 'held'],
  failed: ['refused', 'unsure', 'held'],
  cancelled: ['cancelled'],
}

/**
 * Whether `p`, beside `countedStates`, is in that state. What its deliveries imply is asked first and of all posts at
 * once: counting those of each post takes several times as long where few are in that state. Most are published, and
 * a page of them is full soon; `coalesce` tells the planner so, which takes an equation for something rare.
 */
export function isInState(actor: Pick<Actor, 'workspaceId'>, state: PostState): RawBuilder<unknown> {
  const exactly = sql`${stateOfPost} = ${state}`
  if (state === 'published') return sql`coalesce(${exactly}, false)`
  const posts = sql`select d.post_id from delivery d where d.workspace_id = ${actor.workspaceId} and d.parent_id is null`
  if (state === 'draft') return sql`(p.is_draft or p.id not in (${posts})) and ${exactly}`
  return sql`p.id in (${posts} and d.state = any(${[...impliedBy[state]]}::text[])) and ${exactly}`
}
