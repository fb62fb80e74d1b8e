/** Changing, moving, taking back, cancelling and deleting posts. One use case, one transaction. */
import { sql } from 'kysely'
import { LitfassError } from '#domain/errors.ts'
import type { Handle } from '#storage/deliveries.ts'
import { cancelComments } from '#storage/first-comments.ts'
import { resolveNotices } from '#storage/notices.ts'
import { requireRole } from './permissions.ts'
import type { Content } from './post-content.ts'
import { type PostView, showPost } from './post-view.ts'
import {
  lockDeliveries,
  type LockedPost,
  lockPost,
  requireEditable,
  requireRevision,
  requireUnstarted,
  writePost,
} from './post-writing.ts'
import type { Actor, System } from './system.ts'

/**
 * Replaces the content of a draft, or of what is scheduled and has not started.
 *
 * Throws `revision_conflict` where somebody changed it since, and `post_not_editable` where a worker was quicker.
 */
export async function changePost(
  system: System,
  actor: Actor,
  id: string,
  revision: number,
  content: Content,
): Promise<PostView> {
  requireRole(actor, 'editor')
  await system.db.transaction().execute(async (transaction) => {
    const before = await lockPost(transaction, actor, id)
    requireRevision(before, revision)
    const deliveries = await lockDeliveries(transaction, actor, id)
    requireEditable(deliveries)
    const { isDraft } = before
    await writePost(transaction, system, actor, { id, isDraft, before, deliveries }, content)
  })
  system.wake()
  return showPost(system, actor, id)
}

export type When = Pick<Content, 'at' | 'timeZone'>

/** Schedules a draft, moves what is scheduled, or without a time publishes now. Throws as `changePost` does. */
export async function schedulePost(
  system: System,
  actor: Actor,
  id: string,
  revision: number,
  when: When,
): Promise<PostView> {
  requireRole(actor, 'editor')
  await system.db.transaction().execute(async (transaction) => {
    const before = await lockPost(transaction, actor, id)
    requireRevision(before, revision)
    const deliveries = await lockDeliveries(transaction, actor, id)
    requireEditable(deliveries)
    const content = { ...(await contentOf(transaction, actor, before)), ...when }
    await writePost(transaction, system, actor, { id, isDraft: false, before, deliveries }, content)
  })
  system.wake()
  return showPost(system, actor, id)
}

async function contentOf(transaction: Handle, actor: Actor, post: LockedPost): Promise<Content> {
  const { rows: variants } = await sql<{
    channelId: string
    text: string | null
    firstComment: string | null
  }>`
    select channel_id as "channelId", text, first_comment as "firstComment" from variant
    where workspace_id = ${actor.workspaceId} and post_id = ${post.id} order by id`.execute(transaction)
  const { rows: attachments } = await sql<{ mediaFileId: string; altText: string }>`
    select media_file_id as "mediaFileId", alt_text as "altText" from attachment
    where workspace_id = ${actor.workspaceId} and post_id = ${post.id} order by position`.execute(transaction)
  return {
    text: post.text,
    channelIds: variants.map((variant) => variant.channelId),
    firstComment: post.firstComment,
    variants: Object.fromEntries(
      variants.flatMap(({ channelId, text }) => (text === null ? [] : [[channelId, text]])),
    ),
    firstComments: Object.fromEntries(
      variants.flatMap(({ channelId, firstComment }) =>
        firstComment === null ? [] : [[channelId, firstComment]],
      ),
    ),
    attachments,
  }
}

/** Back to a draft that keeps its time. Throws `post_not_editable` where something has started. */
export async function unschedulePost(system: System, actor: Actor, id: string): Promise<PostView> {
  requireRole(actor, 'editor')
  await system.db.transaction().execute(async (transaction) => {
    const post = await lockPost(transaction, actor, id)
    const deliveries = await lockDeliveries(transaction, actor, id)
    if (post.isDraft) return
    requireUnstarted(deliveries)
    await sql`delete from delivery where workspace_id = ${actor.workspaceId} and post_id = ${id}`.execute(
      transaction,
    )
    await sql`update post set is_draft = true, due_at = case when due_wall is not null then due_at end, revision = revision + 1,
      updated_by = ${actor.memberId}, updated_at = ${system.now()}
      where workspace_id = ${actor.workspaceId} and id = ${id}`.execute(transaction)
  })
  return showPost(system, actor, id)
}

/**
 * Cancels what has not started. A delivery whose request may have arrived is no such thing: it is settled by
 * looking. Throws `post_not_editable` when nothing is left to cancel.
 */
export async function cancelPost(system: System, actor: Actor, id: string): Promise<PostView> {
  requireRole(actor, 'editor')
  const now = system.now()
  await system.db.transaction().execute(async (transaction) => {
    await lockPost(transaction, actor, id)
    const { rows } = await sql<{ id: string }>`
      update delivery set state = 'cancelled', next_at = null, token = token + 1, updated_at = ${now}
      where workspace_id = ${actor.workspaceId} and post_id = ${id} and parent_id is null
        and state in ('waiting', 'held') and operation_id is null
      returning id`.execute(transaction)
    if (rows.length === 0)
      throw new LitfassError('post_not_editable', 'Nothing of this post is still waiting', {
        remedy: 'A published post can be deleted on the network; a draft needs no cancelling.',
      })
    const ids = rows.map((row) => row.id)
    const commentIds = await cancelComments(transaction, actor.workspaceId, ids, now)
    await resolveNotices(transaction, actor.workspaceId, [...ids, ...commentIds], now)
    await sql`update post set revision = revision + 1, updated_by = ${actor.memberId}, updated_at = ${now}
      where workspace_id = ${actor.workspaceId} and id = ${id}`.execute(transaction)
  })
  return showPost(system, actor, id)
}

/** Deletes a draft or a cancelled post. Throws `post_not_editable` for any other. */
export async function removePost(system: System, actor: Actor, id: string): Promise<void> {
  requireRole(actor, 'editor')
  await system.db.transaction().execute(async (transaction) => {
    const post = await lockPost(transaction, actor, id)
    const deliveries = await lockDeliveries(transaction, actor, id)
    if (!post.isDraft && deliveries.some(({ state }) => state !== 'cancelled')) {
      throw new LitfassError('post_not_editable', 'Only a draft or a cancelled post can be deleted', {
        remedy: 'Cancel it first; what is published is deleted on the network, and its record stays.',
      })
    }
    await sql`delete from post where workspace_id = ${actor.workspaceId} and id = ${id}`.execute(transaction)
  })
}
