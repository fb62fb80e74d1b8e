/** A first comment that was refused, held or cancelled gets another text and is sent, while its post is out. */
import { type RawBuilder, sql } from 'kysely'
import type { DeliveryState } from '#domain/delivery.ts'
import { LitfassError } from '#domain/errors.ts'
import type { Handle } from '#storage/deliveries.ts'
import { resolveNotices } from '#storage/notices.ts'
import { noteByPerson, noSuchDelivery, sendAgainAt, showDelivery } from './deliveries.ts'
import { commentVerdictOf } from './first-comment.ts'
import { requireRole } from './permissions.ts'
import { issueAt, rulesOf, targetsOf, unavailable } from './post-content.ts'
import type { DeliveryView } from './post-view.ts'
import type { Problem } from './validate.ts'
import { lockPost } from './post-writing.ts'
import type { Actor, System } from './system.ts'

type Row = {
  postId: string
  network: string
  channelId: string
  state: DeliveryState
  token: number
  deadlineAt: Date | null
  isInDoubt: boolean
  parentState: DeliveryState | null
  isParentRemoved: boolean
  isParentKnown: boolean
}

/**
 * Throws `comment_not_editable` where it is no such comment, and `post_invalid` for what composing would refuse.
 *
 * The new text becomes the channel's own, so that a copy of the post has it, too. What was remembered of the steps
 * of the old one, such as a container that holds it, is forgotten.
 */
export async function rewordComment(
  system: System,
  actor: Actor,
  id: string,
  text: string,
): Promise<DeliveryView> {
  requireRole(actor, 'editor')
  const now = system.now()
  await system.db.transaction().execute(async (transaction) => {
    const { postId } = await rowOf(transaction, actor, id)
    await lockPost(transaction, actor, postId)
    const row = await rowOf(transaction, actor, id, sql`for update of d`)
    requireEditableComment(row)
    await requireSendable(transaction, system, actor, row.channelId, text)
    const nextAt = sendAgainAt(system, { ...row, isComment: true }, now)
    await sql`update delivery set payload = jsonb_set(payload, '{text}', to_jsonb(${text}::text)), state = 'waiting', next_at = ${nextAt},
        reason = null, hold_reason = null, memory = '{}', empty_reads = 0, token = token + 1, lease_until = null, worker_id = null,
        updated_at = ${now}
      where workspace_id = ${actor.workspaceId} and id = ${id}`.execute(transaction)
    await sql`update variant set first_comment = ${text}
      where workspace_id = ${actor.workspaceId} and post_id = ${postId} and channel_id = ${row.channelId}`.execute(
      transaction,
    )
    await sql`update post set revision = revision + 1, updated_by = ${actor.memberId}, updated_at = ${now}
      where workspace_id = ${actor.workspaceId} and id = ${postId}`.execute(transaction)
    await resolveNotices(transaction, actor.workspaceId, [id], now)
    await noteByPerson(
      transaction,
      actor,
      { id, token: row.token + 1, outcome: 'reworded', detail: null },
      now,
    )
  })
  system.wake()
  return showDelivery(system, actor, id)
}

async function rowOf(db: Handle, actor: Actor, id: string, lock: RawBuilder<unknown> = sql``): Promise<Row> {
  const { rows } = await sql<Row>`
    select d.post_id as "postId", d.network, d.channel_id as "channelId", d.state, d.token::int as token, d.deadline_at as "deadlineAt",
      d.operation_id is not null as "isInDoubt", p.state as "parentState", p.removed_at is not null as "isParentRemoved",
      p.remote_id is not null as "isParentKnown"
    from delivery d left join delivery p on p.workspace_id = d.workspace_id and p.id = d.parent_id
    where d.workspace_id = ${actor.workspaceId} and d.id = ${id} ${lock}`.execute(db)
  if (rows[0]) return rows[0]
  throw noSuchDelivery(id)
}

/** As when composing, with every reason. */
async function requireSendable(
  db: Handle,
  system: System,
  actor: Actor,
  channelId: string,
  text: string,
): Promise<void> {
  const problems = await problemsOf(db, system, actor, channelId, text)
  if (problems.length === 0) return
  throw new LitfassError('post_invalid', problems.map(({ message }) => message).join('; '), {
    remedy: 'Change the comment, or connect its channel anew where that is what is missing.',
    issues: problems.map((problem) => issueAt('text', problem)),
  })
}

async function problemsOf(
  db: Handle,
  system: System,
  actor: Actor,
  channelId: string,
  text: string,
): Promise<Problem[]> {
  const [target] = await targetsOf(db, actor, [channelId])
  if (!target) throw new Error('a delivery has a channel')
  const definition = rulesOf(system, target)
  const verdict = commentVerdictOf(definition, target, { firstComments: { [channelId]: text } })
  const problems = verdict?.problems ?? [empty]
  return target.isActive ? problems : [unavailable(definition, target), ...problems]
}

const empty: Problem = { code: 'comment_empty', message: 'The comment has no text', params: {} }

function requireEditableComment(row: Row): void {
  const { state, parentState } = row
  if (parentState === null)
    throw notEditable(
      'This is a post, not a first comment',
      'Copy the post into a new draft and change that.',
    )
  if (parentState !== 'published')
    throw notEditable('The post above is not published', 'Change the comment with its post, or wait for it.')
  if (row.isParentRemoved)
    throw notEditable('The post above was deleted', 'Copy the post into a new draft and publish that.')
  if (!row.isParentKnown)
    throw notEditable(
      'Litfass does not know the id of the post above',
      'Write the comment on the network itself.',
    )
  if (row.isInDoubt || state === 'unsure')
    throw notEditable('The comment may be live already', 'Say first whether it is: live, or not.')
  if (!['refused', 'held', 'cancelled'].includes(state))
    throw notEditable(
      `This comment is ${state}`,
      'Only a refused, held or cancelled one can be reworded; a published one can be deleted.',
    )
}

function notEditable(message: string, remedy: string): LitfassError {
  return new LitfassError('comment_not_editable', message, { remedy })
}
