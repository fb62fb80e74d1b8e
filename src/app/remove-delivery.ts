/** Deleting a published post, or its first comment alone, on the network. The record of what was published stays. */
import { sql } from 'kysely'
import { LitfassError } from '#domain/errors.ts'
import type { CommentVerbs, Network, ParentPost } from '#networks/contract.ts'
import { orderRemoved } from '#engine/removed.ts'
import { cancelComments, endComment } from '#storage/first-comments.ts'
import { resolveNotices } from '#storage/notices.ts'
import { openChannel } from './channel-access.ts'
import { noteByPerson, showDelivery } from './deliveries.ts'
import { requireRole } from './permissions.ts'
import { definitionOf } from './post-content.ts'
import type { DeliveryView } from './post-view.ts'
import type { Actor, System } from './system.ts'

/**
 * Throws `removal_impossible` where there is nothing Litfass could delete, `removal_refused` with the network's
 * reason, and `removal_unsure` where its answer is lost. Asking again is safe: what is gone counts as deleted.
 *
 * A first comment goes with its post: by itself, or where it is a post of its own by a second removal, whose failure
 * is thrown after the post is gone.
 */
export async function removeDelivery(system: System, actor: Actor, id: string): Promise<DeliveryView> {
  requireRole(actor, 'editor')
  const delivery = await showDelivery(system, actor, id)
  if (delivery.removedAt !== null) return delivery
  const remoteId = removableId(system, delivery)
  const { network, context, access } = await openChannel(system, {
    workspaceId: actor.workspaceId,
    channelId: delivery.channelId,
    deliveryId: id,
    actor: actor.memberId,
  })
  const parent = await parentOf(system, actor, delivery)
  const outcome = parent
    ? await commentVerbs(network).remove(context, access, remoteId, parent)
    : await network.remove(context, access, remoteId)
  const detail = outcome.kind === 'removed' ? null : outcome.message
  await system.db.transaction().execute(async (transaction) => {
    const now = system.now()
    const { rows } = await sql<{ token: number }>`
      update delivery set removed_at = case when ${outcome.kind === 'removed'} then ${now}::timestamptz end,
        token = token + 1, updated_at = ${now}
      where workspace_id = ${actor.workspaceId} and id = ${id} and removed_at is null returning token::int as token`.execute(
      transaction,
    )
    if (rows[0])
      await noteByPerson(
        transaction,
        actor,
        { id, token: rows[0].token, outcome: `removal-${outcome.kind}`, detail },
        now,
      )
    if (outcome.kind !== 'removed') return
    if (network.definition.comment.value?.outlivesPost !== true)
      await endComment(transaction, actor.workspaceId, id, now)
    const ended = await cancelComments(transaction, actor.workspaceId, [id], now)
    await resolveNotices(transaction, actor.workspaceId, ended, now)
    await sql`update poll set next_at = null, lease_until = null, token = token + 1
      where workspace_id = ${actor.workspaceId} and delivery_id = ${id}`.execute(transaction)
    const post = { workspaceId: actor.workspaceId, deliveryId: id, askedBy: actor.memberId, since: null }
    await orderRemoved(transaction, network.definition, post, now)
  })
  switch (outcome.kind) {
    case 'removed':
      return commentToo(system, actor, id)
    case 'refused':
      throw new LitfassError('removal_refused', outcome.message, {
        remedy: 'Delete it on the network itself, or do what it asks for and try again.',
      })
    case 'unknown':
      throw new LitfassError('removal_unsure', outcome.message, {
        remedy: `Look at ${delivery.url ?? 'the channel'}; if it is still there, delete it again.`,
      })
  }
}

/** A comment that stays without its post is taken back, too. */
async function commentToo(system: System, actor: Actor, id: string): Promise<DeliveryView> {
  const { comment } = await showDelivery(system, actor, id)
  if (comment?.state === 'published' && comment.removedAt === null && comment.remoteId !== null)
    await removeDelivery(system, actor, comment.id)
  return showDelivery(system, actor, id)
}

/** The post above a first comment, or null for a post. */
async function parentOf(
  system: System,
  actor: Actor,
  { parentId }: DeliveryView,
): Promise<ParentPost | null> {
  if (parentId === null) return null
  const { remoteId, url } = await showDelivery(system, actor, parentId)
  return { remoteId: remoteId ?? '', ...(url === null ? {} : { url }) }
}

function commentVerbs({ definition, comment }: Network): CommentVerbs {
  if (comment) return comment
  throw new LitfassError('removal_impossible', `${definition.name}: Litfass cannot delete this comment`, {
    remedy: 'Delete it on the network itself.',
  })
}

function removableId(system: System, delivery: DeliveryView): string {
  const definition = definitionOf(system, delivery.network)
  if (delivery.state !== 'published') {
    throw new LitfassError('removal_impossible', `This delivery is ${delivery.state}, not published`, {
      remedy: 'Cancel it while it waits; settle it where nobody knows whether it is live.',
    })
  }
  const isPossible = definition.canDelete || delivery.parentId !== null
  if (!isPossible || delivery.remoteId === null) {
    const why = isPossible ? 'Litfass does not know its id' : 'the network gives no way to'
    throw new LitfassError('removal_impossible', `${definition.name}: this post cannot be deleted; ${why}`, {
      remedy: 'Delete it on the network itself.',
    })
  }
  return delivery.remoteId
}
