/** Rows of a post: locked, checked for changes made meanwhile, and written together with its deliveries. */
import { sql } from 'kysely'
import type { DeliveryState } from '#domain/delivery.ts'
import { LitfassError } from '#domain/errors.ts'
import { newId } from '#domain/id.ts'
import type { Handle } from '#storage/deliveries.ts'
import { commentOf, type Content, type Due, planContent, type Plan, requireSendable } from './post-content.ts'
import { noSuchPost } from './post-view.ts'
import type { Actor, System } from './system.ts'

export type LockedPost = Due & {
  id: string
  text: string
  firstComment: string
  isDraft: boolean
  revision: number
  updatedAt: Date
  /** Who changed it last. */
  changedBy: string | null
}
export type LockedDelivery = {
  id: string
  channelId: string
  state: DeliveryState
  startedAt: Date | null
  /** The first comment below it, which starts only when this is published. */
  commentId: string | null
}

/** The post, which nobody else changes until the transaction ends. Throws `not_found`. */
export async function lockPost(transaction: Handle, actor: Actor, id: string): Promise<LockedPost> {
  const { rows } = await sql<LockedPost>`
    select p.id, p.text, p.first_comment as "firstComment", p.is_draft as "isDraft", p.revision, p.updated_at as "updatedAt", p.due_at as "dueAt",
      p.due_wall as wall, p.due_zone as zone,
      (select m.name from member m where m.workspace_id = p.workspace_id and m.id = coalesce(p.updated_by, p.created_by)) as "changedBy"
    from post p where p.workspace_id = ${actor.workspaceId} and p.id = ${id} for update`.execute(transaction)
  if (rows[0]) return rows[0]
  throw noSuchPost(id)
}

/**
 * The post's deliveries, which no worker claims until the transaction ends. One that was claimed a moment
 * before is waited for and seen as claimed.
 */
export async function lockDeliveries(
  transaction: Handle,
  actor: Actor,
  postId: string,
): Promise<LockedDelivery[]> {
  const { rows } = await sql<LockedDelivery>`
    select d.id, d.channel_id as "channelId", d.state, d.started_at as "startedAt",
      (select c.id from delivery c where c.parent_id = d.id) as "commentId"
    from delivery d where d.workspace_id = ${actor.workspaceId} and d.post_id = ${postId} and d.parent_id is null
    order by d.id for update`.execute(transaction)
  return rows
}

/** Throws `revision_conflict`, saying who changed the post and when, where `revision` is not the current one. */
export function requireRevision(post: LockedPost, revision: number): void {
  if (post.revision === revision) return
  const who = post.changedBy ?? 'Somebody'
  const when = post.updatedAt.toISOString()
  throw new LitfassError('revision_conflict', `${who} changed this post at ${when}`, {
    remedy: `Load it again and make your change on revision ${post.revision}; yours was made on ${revision}.`,
    issues: [
      { path: 'revision', message: String(post.revision) },
      { path: 'updatedBy', message: who },
      { path: 'updatedAt', message: when },
    ],
  })
}

function hasStarted({ state, startedAt }: LockedDelivery): boolean {
  return startedAt !== null || !['waiting', 'held', 'cancelled'].includes(state)
}

/** Throws `post_not_editable` where a delivery has started. */
export function requireUnstarted(deliveries: readonly LockedDelivery[]): void {
  if (!deliveries.some(hasStarted)) return
  throw new LitfassError('post_not_editable', 'This post is being published or has been', {
    remedy: 'Duplicate it and change the copy.',
  })
}

/** Throws `post_not_editable` where a delivery has started or everything was cancelled. */
export function requireEditable(deliveries: readonly LockedDelivery[]): void {
  requireUnstarted(deliveries)
  if (deliveries.length > 0 && deliveries.every(({ state }) => state === 'cancelled')) {
    throw new LitfassError('post_not_editable', 'This post was cancelled', {
      remedy: 'Make it a draft again, or duplicate it.',
    })
  }
}

/** Checks a content and writes it with its deliveries; `before` is null for a new post. */
export async function writePost(
  transaction: Handle,
  system: System,
  actor: Actor,
  post: { id: string; isDraft: boolean; before: LockedPost | null; deliveries: readonly LockedDelivery[] },
  content: Content,
): Promise<void> {
  const now = system.now()
  const { id, isDraft, before } = post
  const plan = await planContent(transaction, system, actor, content, {
    isDraft,
    before: before ?? undefined,
  })
  if (!isDraft) requireSendable(plan)
  const { dueAt, wall, zone } = plan
  if (before === null)
    await sql`insert into post (id, workspace_id, text, first_comment, is_draft, due_wall, due_zone, due_at, created_by, created_at, updated_at)
      values (${id}, ${actor.workspaceId}, ${content.text}, ${content.firstComment ?? ''}, ${isDraft}, ${wall}, ${zone}, ${dueAt}, ${actor.memberId}, ${now}, ${now})`.execute(
      transaction,
    )
  else
    await sql`update post set text = ${content.text}, first_comment = ${content.firstComment ?? ''}, is_draft = ${isDraft}, due_wall = ${wall}, due_zone = ${zone}, due_at = ${dueAt},
      revision = revision + 1, updated_by = ${actor.memberId}, updated_at = ${now}
      where workspace_id = ${actor.workspaceId} and id = ${id}`.execute(transaction)
  await writeAttachments(transaction, actor, id, content.attachments)
  await writeVariants(transaction, actor, id, content, plan, now)
  if (!isDraft) await writeDeliveries(transaction, actor, id, post.deliveries, content, plan, now)
}

async function writeAttachments(
  transaction: Handle,
  actor: Actor,
  postId: string,
  attachments: Content['attachments'],
): Promise<void> {
  await sql`delete from attachment where workspace_id = ${actor.workspaceId} and post_id = ${postId}`.execute(
    transaction,
  )
  const rows = attachments.map(({ mediaFileId, altText }, position) => ({
    position,
    media_file_id: mediaFileId,
    alt_text: altText,
  }))
  await sql`insert into attachment (workspace_id, post_id, position, media_file_id, alt_text)
    select ${actor.workspaceId}, ${postId}, a.position, a.media_file_id, a.alt_text
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as a (position integer, media_file_id text, alt_text text)`.execute(
    transaction,
  )
}

async function writeVariants(
  transaction: Handle,
  actor: Actor,
  postId: string,
  content: Content,
  plan: Plan,
  now: Date,
): Promise<void> {
  const rows = plan.targets.map(({ id }) => ({
    id: newId('var', now),
    channel_id: id,
    text: content.variants?.[id] ?? null,
    first_comment: content.firstComments?.[id] ?? null,
  }))
  await sql`delete from variant where workspace_id = ${actor.workspaceId} and post_id = ${postId}
    and channel_id <> all(${rows.map((row) => row.channel_id)}::text[])`.execute(transaction)
  await sql`insert into variant (id, workspace_id, post_id, channel_id, text, first_comment)
    select v.id, ${actor.workspaceId}, ${postId}, v.channel_id, v.text, v.first_comment
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as v (id text, channel_id text, text text, first_comment text)
    on conflict (post_id, channel_id) do update set text = excluded.text, first_comment = excluded.first_comment`.execute(
    transaction,
  )
}

/**
 * One delivery for each channel, and one for the first comment below it. Those that exist are rewritten under a new
 * fencing number, so that whatever read the old content can no longer act on it; what is held stays held and what
 * was cancelled cancelled. A comment has no time: it gets one from what settles its post as published.
 */
async function writeDeliveries(
  transaction: Handle,
  actor: Actor,
  postId: string,
  existing: readonly LockedDelivery[],
  content: Content,
  plan: Plan,
  now: Date,
): Promise<void> {
  const { dueAt } = plan
  const rows = plan.targets.flatMap((target, index) => {
    const known = existing.find(({ channelId }) => channelId === target.id)
    const id = known?.id ?? newId('dlv', now)
    const common = { channel_id: target.id, network: target.network }
    const payload = { text: content.variants?.[target.id] ?? content.text, images: content.attachments }
    const post = { id, parent_id: null, state: 'waiting', payload, ...common }
    const text = commentOf(plan.verdicts[index]?.comment ?? null, content, target)
    if (text === null) return [post]
    return [
      post,
      {
        id: known?.commentId ?? newId('dlv', now),
        parent_id: id,
        state: known?.state === 'cancelled' ? 'cancelled' : 'waiting',
        payload: { text, images: [] },
        ...common,
      },
    ]
  })
  await sql`delete from delivery where workspace_id = ${actor.workspaceId} and post_id = ${postId}
    and id <> all(${rows.map((row) => row.id)}::text[])`.execute(transaction)
  await sql`insert into delivery (id, workspace_id, post_id, parent_id, channel_id, network, state, due_at, next_at, payload, created_at, updated_at)
    select d.id, ${actor.workspaceId}, ${postId}, d.parent_id, d.channel_id, d.network, d.state, ${dueAt},
      case when d.parent_id is null then ${dueAt}::timestamptz end, d.payload, ${now}, ${now}
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      as d (id text, parent_id text, channel_id text, network text, state text, payload jsonb)
    on conflict (id) do update set payload = excluded.payload, due_at = excluded.due_at, token = delivery.token + 1,
      next_at = case when delivery.state = 'waiting' then excluded.next_at end,
      hold_reason = case when delivery.state <> 'waiting' then delivery.hold_reason end,
      reason = case when delivery.hold_reason is distinct from 'breaker' then delivery.reason end, updated_at = excluded.updated_at`.execute(
    transaction,
  )
}
