/** Composing, scheduling, showing and cancelling posts. One use case, one transaction. */
import { type Kysely, sql } from 'kysely'
import { type DeliveryState, type PostState, postState } from '#domain/delivery.ts'
import { LitfassError } from '#domain/errors.ts'
import { newId } from '#domain/id.ts'
import { addMoney, type Money } from '#domain/money.ts'
import { resolveSchedule } from '#domain/schedule.ts'
import type { Handle } from '#storage/deliveries.ts'
import { priceOf } from '#engine/meter.ts'
import { hasLink } from '#domain/text.ts'
import type { MediaFile } from './media.ts'
import { requireRole } from './permissions.ts'
import type { Actor, System } from './system.ts'
import { problemsOf } from './validate.ts'

export type NewPost = {
  text: string
  channelIds: readonly string[]
  attachments: ReadonlyArray<{ mediaFileId: string; altText: string }>
  /** A text of its own for one channel, by channel id. */
  variants?: Readonly<Record<string, string>>
  /** Absent: now. Without offset: wall time in the workspace's zone. */
  at?: string
  draft?: boolean
}

export type DeliveryView = {
  id: string
  network: string
  channelId: string
  state: DeliveryState
  remoteId: string | null
  url: string | null
  attempts: number
  reason: { code: string; message: string; fix?: string } | null
  holdReason: string | null
  dueAt: Date
  publishedAt: Date | null
  cost: Money
}
export type PostView = {
  id: string
  state: PostState
  text: string
  dueAt: Date | null
  revision: number
  createdAt: Date
  deliveries: DeliveryView[]
}

type Target = { id: string; network: string }

/** Saves a post and its jobs in one transaction. Throws `post_invalid` with every reason; then nothing is saved. */
export async function createPost(system: System, actor: Actor, input: NewPost): Promise<PostView> {
  requireRole(actor, 'editor')
  const now = system.now()
  const plan = await planPost(system, actor, input)
  const id = newId('pst', now)
  await system.db.transaction().execute(async (transaction) => {
    await sql`insert into post (id, workspace_id, text, is_draft, due_wall, due_zone, due_at, created_by, created_at, updated_at) values
      (${id}, ${actor.workspaceId}, ${input.text}, ${input.draft ?? false}, ${plan.wall}, ${plan.zone}, ${plan.dueAt}, ${actor.memberId}, ${now}, ${now})`.execute(
      transaction,
    )
    for (const [position, attachment] of input.attachments.entries()) {
      await sql`insert into attachment (workspace_id, post_id, position, media_file_id, alt_text)
        values (${actor.workspaceId}, ${id}, ${position}, ${attachment.mediaFileId}, ${attachment.altText})`.execute(
        transaction,
      )
    }
    for (const target of plan.targets) {
      const own = input.variants?.[target.id] ?? null
      await sql`insert into variant (id, workspace_id, post_id, channel_id, text) values (${newId('var', now)}, ${actor.workspaceId}, ${id}, ${target.id}, ${own})`.execute(
        transaction,
      )
      if (!input.draft)
        await scheduleDelivery(
          transaction,
          actor,
          id,
          target,
          own ?? input.text,
          input.attachments,
          plan.dueAt,
          now,
        )
    }
  })
  system.wake()
  return showPost(system, actor, id)
}

async function scheduleDelivery(
  db: Kysely<never> | Handle,
  actor: Actor,
  postId: string,
  target: Target,
  text: string,
  attachments: NewPost['attachments'],
  dueAt: Date,
  now: Date,
): Promise<void> {
  const payload = JSON.stringify({ text, images: attachments })
  await sql`insert into delivery (id, workspace_id, post_id, channel_id, network, state, due_at, next_at, payload, created_at, updated_at) values
    (${newId('dlv', now)}, ${actor.workspaceId}, ${postId}, ${target.id}, ${target.network}, 'waiting', ${dueAt}, ${dueAt}, ${payload}::jsonb, ${now}, ${now})`.execute(
    db as Handle,
  )
}

export type Verdict = {
  channelId: string
  network: string
  problems: ReadonlyArray<{ code: string; message: string }>
  cost: Money | null
}

/** What would happen: verdict and price per channel. Saves nothing. */
export async function dryRun(
  system: System,
  actor: Actor,
  input: NewPost,
): Promise<{ dueAt: Date; verdicts: Verdict[]; cost: Money }> {
  const { dueAt, verdicts } = await verdictsOf(system, actor, input)
  const costs = verdicts.flatMap((verdict) => (verdict.cost ? [verdict.cost] : []))
  return { dueAt, verdicts, cost: addMoney(costs, 'USD') }
}

async function planPost(system: System, actor: Actor, input: NewPost) {
  const plan = await verdictsOf(system, actor, input)
  if (input.draft) return plan
  const issues = plan.verdicts.flatMap((verdict) =>
    verdict.problems.map((problem) => ({
      path: `channels.${verdict.channelId}`,
      message: `${problem.code}: ${problem.message}`,
    })),
  )
  if (issues.length > 0) {
    throw new LitfassError('post_invalid', issues.map((issue) => issue.message).join('; '), {
      remedy: 'Change the text or images, give that channel a variant of its own, or leave the channel out.',
      issues,
    })
  }
  return plan
}

async function verdictsOf(system: System, actor: Actor, input: NewPost) {
  const now = system.now()
  if (input.channelIds.length === 0 && !input.draft) {
    throw new LitfassError('post_invalid', 'No channel was chosen', {
      remedy: 'Choose at least one; `litfass channel list` shows them.',
    })
  }
  const zone = await zoneOf(system, actor)
  const schedule =
    input.at === undefined ? { dueAt: now, wall: null, zone: null } : resolveSchedule(input.at, zone)
  if (input.at !== undefined && schedule.dueAt.getTime() < now.getTime() - 60_000) {
    throw new LitfassError('due_in_past', `${input.at} has passed`, {
      remedy: 'Choose a time in the future, or leave it out to publish now.',
    })
  }
  const targets = await targetsOf(system, actor, input.channelIds)
  const images = await imagesOf(
    system,
    actor,
    input.attachments.map((attachment) => attachment.mediaFileId),
  )
  const on = now.toISOString().slice(0, 10)
  const verdicts = targets.map((target): Verdict => {
    const network = system.networks.find((candidate) => candidate.definition.id === target.network)
    if (!network) throw new Error(`channel ${target.id} is of an unknown network`)
    const text = input.variants?.[target.id] ?? input.text
    const cost = priceOf(network.definition, { endpointClass: 'post.create', hasLink: hasLink(text) }, 1, on)
    return {
      channelId: target.id,
      network: target.network,
      problems: problemsOf(network.definition, text, images),
      cost,
    }
  })
  return { ...schedule, targets, verdicts }
}

export async function zoneOf(system: System, actor: Actor): Promise<string> {
  const { rows } = await sql<{
    zone: string
  }>`select time_zone as zone from workspace where id = ${actor.workspaceId}`.execute(system.db)
  return rows[0]?.zone ?? 'UTC'
}

async function targetsOf(system: System, actor: Actor, ids: readonly string[]): Promise<Target[]> {
  const wanted = [...new Set(ids)]
  const { rows } =
    await sql<Target>`select id, network from channel where workspace_id = ${actor.workspaceId} and state = 'active' and id = any(${wanted}::text[])`.execute(
      system.db,
    )
  const missing = wanted.find((id) => !rows.some((row) => row.id === id))
  if (missing === undefined) return wanted.flatMap((id) => rows.filter((row) => row.id === id))
  throw new LitfassError('unknown_channel', `There is no channel ${missing}`, {
    remedy: 'List the channels with `litfass channel list`.',
  })
}

async function imagesOf(system: System, actor: Actor, ids: readonly string[]): Promise<MediaFile[]> {
  if (ids.length === 0) return []
  const { rows } =
    await sql<MediaFile>`select id, file_name as "fileName", mime_type as "mimeType", bytes::int as bytes, width, height from media_file
    where workspace_id = ${actor.workspaceId} and id = any(${[...ids]}::text[])`.execute(system.db)
  return ids.map((id) => {
    const row = rows.find((candidate) => candidate.id === id)
    if (row) return row
    throw new LitfassError('not_found', `There is no media file ${id}`, {
      remedy: 'Upload the file first, then attach it by the id that comes back.',
    })
  })
}

type PostRow = {
  id: string
  text: string
  isDraft: boolean
  dueAt: Date | null
  revision: number
  createdAt: Date
}
type DeliveryRow = Omit<DeliveryView, 'cost'> & { postId: string; amount: string | null }

export async function showPost(system: System, actor: Actor, id: string): Promise<PostView> {
  const [post] = await viewPosts(system, actor, [id])
  if (post) return post
  throw new LitfassError('not_found', `There is no post ${id}`, {
    remedy: 'List them with `litfass post list`.',
  })
}

/** Newest first, `limit` at most; `before` is the id of the last post seen. */
export async function listPosts(
  system: System,
  actor: Actor,
  options: { limit: number; before?: string; search?: string },
): Promise<{ items: PostView[]; next: string | null }> {
  const pattern = options.search
    ? `%${options.search.replace(/[\\%_]/g, (special) => `\\${special}`)}%`
    : null
  const { rows } = await sql<{ id: string }>`select id from post where workspace_id = ${actor.workspaceId}
    and (${options.before ?? null}::text is null or id < ${options.before ?? null}) and (${pattern}::text is null or text ilike ${pattern})
    order by id desc limit ${options.limit}`.execute(system.db)
  const items = await viewPosts(
    system,
    actor,
    rows.map((row) => row.id),
  )
  return { items, next: rows.length === options.limit ? (rows.at(-1)?.id ?? null) : null }
}

async function viewPosts(system: System, actor: Actor, ids: readonly string[]): Promise<PostView[]> {
  const { rows: posts } =
    await sql<PostRow>`select id, text, is_draft as "isDraft", due_at as "dueAt", revision, created_at as "createdAt" from post
    where workspace_id = ${actor.workspaceId} and id = any(${[...ids]}::text[]) order by id desc`.execute(
      system.db,
    )
  const { rows: deliveries } =
    await sql<DeliveryRow>`select d.id, d.post_id as "postId", d.network, d.channel_id as "channelId", d.state, d.remote_id as "remoteId",
      d.url, d.attempts, d.reason, d.hold_reason as "holdReason", d.due_at as "dueAt", d.published_at as "publishedAt",
      (select sum(c.amount)::text from charge c where c.workspace_id = d.workspace_id and c.delivery_id = d.id and c.purpose in ('publish', 'reconcile')) as amount
    from delivery d where d.workspace_id = ${actor.workspaceId} and d.post_id = any(${[...ids]}::text[]) order by d.id`.execute(
      system.db,
    )
  return posts.map(({ isDraft, ...post }) => {
    const own = deliveries.filter((delivery) => delivery.postId === post.id)
    const views = own.map(({ postId: _, amount, ...delivery }) => ({
      ...delivery,
      cost: { amount: amount ?? '0', currency: 'USD' },
    }))
    return {
      ...post,
      state: postState(
        isDraft,
        own.map((delivery) => delivery.state),
      ),
      deliveries: views,
    }
  })
}

/** Cancels what has not started. Throws `post_not_editable` when nothing is left to cancel. */
export async function cancelPost(system: System, actor: Actor, id: string): Promise<PostView> {
  requireRole(actor, 'editor')
  await showPost(system, actor, id)
  const { numAffectedRows } =
    await sql`update delivery set state = 'cancelled', next_at = null, token = token + 1, updated_at = ${system.now()}
    where workspace_id = ${actor.workspaceId} and post_id = ${id} and state in ('waiting', 'held')`.execute(
      system.db,
    )
  if (!numAffectedRows)
    throw new LitfassError('post_not_editable', 'Nothing of this post is still waiting', {
      remedy: 'A published post can be deleted on the network; a draft needs no cancelling.',
    })
  return showPost(system, actor, id)
}

export type Resolution = { kind: 'live'; url: string } | { kind: 'send-again' } | { kind: 'leave' }

/** A person settles what cannot be settled by itself. Throws `delivery_not_resolvable`. */
export async function resolveDelivery(
  system: System,
  actor: Actor,
  id: string,
  resolution: Resolution,
): Promise<DeliveryView> {
  requireRole(actor, 'editor')
  const now = system.now()
  const { rows: known } = await sql<{
    postId: string
    state: string
  }>`select post_id as "postId", state from delivery where workspace_id = ${actor.workspaceId} and id = ${id}`.execute(
    system.db,
  )
  const before = known[0]
  if (!before)
    throw new LitfassError('not_found', `There is no delivery ${id}`, {
      remedy: 'Show the post to see its deliveries.',
    })
  if (!['unsure', 'refused', 'held'].includes(before.state)) {
    throw new LitfassError('delivery_not_resolvable', `This delivery is ${before.state}`, {
      remedy: 'Only an unsure, refused or held delivery can be settled by a person.',
    })
  }
  const url = resolution.kind === 'live' ? resolution.url : null
  const [state, nextAt] =
    resolution.kind === 'live'
      ? ['published', null]
      : resolution.kind === 'send-again'
        ? ['waiting', now]
        : ['cancelled', null]
  await sql`update delivery set state = ${state}, next_at = ${nextAt}, token = token + 1, lease_until = null, hold_reason = null, url = coalesce(${url}, url),
      published_at = case when ${state} = 'published' then coalesce(sent_at, ${now}) else published_at end, updated_at = ${now}
    where workspace_id = ${actor.workspaceId} and id = ${id} and state = ${before.state}`.execute(system.db)
  system.wake()
  const post = await showPost(system, actor, before.postId)
  const view = post.deliveries.find((delivery) => delivery.id === id)
  if (!view) throw new Error('the delivery just settled is not there')
  return view
}
