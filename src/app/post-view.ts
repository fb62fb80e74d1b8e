/** Posts and deliveries as people see them. Reads only, and only of the actor's workspace. */
import { type RawBuilder, sql } from 'kysely'
import { type DeliveryState, type PostState, postState } from '#domain/delivery.ts'
import { LitfassError } from '#domain/errors.ts'
import { fromMicros, type Money, toMicros } from '#domain/money.ts'
import { isFixedZone, wallIn } from '#domain/schedule.ts'
import { prepared } from '#storage/pieces.ts'
import type { Actor, System } from './system.ts'

export type DeliveryView = {
  id: string
  postId: string
  network: string
  channelId: string
  channelName: string
  sandbox: boolean
  state: DeliveryState
  remoteId: string | null
  url: string | null
  attempts: number
  reason: { code: string; message: string; fix?: string; since?: string } | null
  holdReason: string | null
  dueAt: Date
  nextAt: Date | null
  publishedAt: Date | null
  removedAt: Date | null
  cost: Money
  /** Of a first comment, the delivery of its post. */
  parentId: string | null
  /** The first comment below it, a delivery of its own. */
  comment: CommentView | null
  /** Of a first comment: whether it may be given another text and sent, as `rewordComment` does. */
  isRewordable: boolean
}

/** `id` shows its receipt, and is what it is settled by. */
export type CommentView = Omit<
  DeliveryView,
  'postId' | 'network' | 'channelId' | 'channelName' | 'sandbox' | 'dueAt' | 'parentId' | 'comment'
> & { text: string }

export type AttachmentView = {
  mediaFileId: string
  altText: string
  fileName: string
  mimeType: string
  bytes: number
  width: number
  height: number
}

type Person = { id: string; name: string } | null

export type PostView = {
  id: string
  state: PostState
  text: string
  firstComment: string
  channelIds: string[]
  variants: Record<string, string>
  firstComments: Record<string, string>
  attachments: AttachmentView[]
  at: string | null
  timeZone: string | null
  dueAt: Date | null
  revision: number
  createdAt: Date
  updatedAt: Date
  createdBy: Person
  updatedBy: Person
  deliveries: DeliveryView[]
}

type PostRow = Pick<
  PostView,
  'id' | 'text' | 'firstComment' | 'dueAt' | 'revision' | 'createdAt' | 'updatedAt'
> & {
  isDraft: boolean
  wall: string | null
  zone: string | null
  createdBy: string | null
  createdByName: string | null
  updatedBy: string | null
  updatedByName: string | null
  workspaceZone: string
  variants: VariantRow[]
  attachments: AttachmentView[]
  deliveries: AsJson<DeliveryRow>[]
}
type VariantRow = { channelId: string; text: string | null; firstComment: string | null }

export async function showPost(system: System, actor: Actor, id: string): Promise<PostView> {
  const one = sql`select * from post p where p.workspace_id = ${actor.workspaceId} and p.id = ${id}`
  const [post] = await viewPosts(system, actor, one, sql`p.id`)
  if (post) return post
  throw noSuchPost(id)
}

export function noSuchPost(id: string): LitfassError {
  return new LitfassError('not_found', `There is no post ${id}`, {
    remedy: 'List them with `litfass post list`.',
  })
}

/**
 * The posts that `chosen` selects of the table `post`, in the order of `order`, which calls them `p`; those of
 * another workspace are left out. In one statement with all that hangs on them: each way to the database costs more
 * than what it brings.
 */
export async function viewPosts(
  system: System,
  actor: Actor,
  chosen: RawBuilder<unknown>,
  order: RawBuilder<unknown>,
  /** Once for each connection, where the statement is always the same or nearly so. */
  planning: 'planned-once' | 'planned-anew' = 'planned-once',
): Promise<PostView[]> {
  const { rows } = await sql<PostRow>`
    select p.id, p.text, p.first_comment as "firstComment", p.is_draft as "isDraft", p.due_wall as wall, p.due_zone as zone, p.due_at as "dueAt", p.revision,
      p.created_at as "createdAt", p.updated_at as "updatedAt",
      p.created_by as "createdBy", c.name as "createdByName", p.updated_by as "updatedBy", u.name as "updatedByName",
      w.time_zone as "workspaceZone", ${variantsOfPost} as variants, ${attachmentsOfPost} as attachments,
      (select coalesce(json_agg(r order by r.network, r."channelName", r.id), '[]')
        from (${deliveryRows(actor, sql`d.post_id = p.id`)}) r) as deliveries
    from (${chosen}) p join workspace w on w.id = p.workspace_id
      left join member c on c.workspace_id = p.workspace_id and c.id = p.created_by
      left join member u on u.workspace_id = p.workspace_id and u.id = p.updated_by
    where p.workspace_id = ${actor.workspaceId} order by ${order} ${planning === 'planned-once' ? prepared : sql``}`.execute(
    system.db,
  )
  return rows.map((row) => viewOf(row, deliveryViews(system, row.deliveries.map(withInstants))))
}

function viewOf(post: PostRow, deliveries: DeliveryView[]): PostView {
  const { variants } = post
  const states = deliveries.map((delivery) => delivery.state)
  const byChannel = (name: 'text' | 'firstComment') =>
    Object.fromEntries(
      variants.flatMap((row) => (row[name] === null ? [] : [[row.channelId, row[name]] as const])),
    )
  return {
    id: post.id,
    state: postState(post.isDraft, states),
    text: post.text,
    firstComment: post.firstComment,
    channelIds: variants.map((variant) => variant.channelId),
    variants: byChannel('text'),
    firstComments: byChannel('firstComment'),
    attachments: post.attachments,
    ...chosenTime(post),
    dueAt: post.dueAt,
    revision: post.revision,
    createdAt: post.createdAt,
    updatedAt: post.updatedAt,
    createdBy: person(post.createdBy, post.createdByName),
    updatedBy: person(post.updatedBy, post.updatedByName),
    deliveries,
  }
}

/** A time chosen with an offset is shown in the workspace's zone, where people plan. */
function chosenTime(post: PostRow): { at: string | null; timeZone: string | null } {
  if (post.wall === null || post.zone === null || post.dueAt === null) return { at: null, timeZone: null }
  if (!isFixedZone(post.zone)) return { at: post.wall, timeZone: post.zone }
  return { at: wallIn(post.workspaceZone, post.dueAt), timeZone: post.workspaceZone }
}

function person(id: string | null, name: string | null): Person {
  return id === null || name === null ? null : { id, name }
}

const variantsOfPost = sql`(select coalesce(json_agg(
    json_build_object('channelId', v.channel_id, 'text', v.text, 'firstComment', v.first_comment)
    order by n.network, n.name, n.id), '[]')
  from variant v join channel n on n.workspace_id = v.workspace_id and n.id = v.channel_id
  where v.workspace_id = p.workspace_id and v.post_id = p.id)`

const attachmentsOfPost = sql`(select coalesce(json_agg(
    json_build_object('mediaFileId', a.media_file_id, 'altText', a.alt_text, 'fileName', m.file_name,
      'mimeType', m.mime_type, 'bytes', m.bytes, 'width', m.width, 'height', m.height)
    order by a.position), '[]')
  from attachment a join media_file m on m.workspace_id = a.workspace_id and m.id = a.media_file_id
  where a.workspace_id = p.workspace_id and a.post_id = p.id)`

/** Of `d`: what `rewordComment` asks for. */
const isRewordable = sql`(d.parent_id is not null and d.state in ('refused', 'held', 'cancelled') and d.operation_id is null
  and exists (select 1 from delivery p where p.workspace_id = d.workspace_id and p.id = d.parent_id
    and p.state = 'published' and p.removed_at is null and p.remote_id is not null))`

type DeliveryRow = Omit<DeliveryView, 'cost' | 'comment'> & {
  /** Of a first comment. */
  text: string | null
  amount: string | null
  currency: string | null
}

/** Deliveries with the first comments below them, with `d` as the table in `where`. Ordered by network and channel. */
export async function viewDeliveries(
  system: System,
  actor: Actor,
  where: RawBuilder<unknown>,
): Promise<DeliveryView[]> {
  const { rows } =
    await sql<DeliveryRow>`${deliveryRows(actor, where)} order by d.network, c.name, d.id`.execute(system.db)
  return deliveryViews(system, rows)
}

function deliveryRows(actor: Actor, where: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`select d.id, d.post_id as "postId", d.network, d.channel_id as "channelId", c.name as "channelName", c.sandbox, d.state,
    d.remote_id as "remoteId", d.url, d.attempts, d.reason, d.hold_reason as "holdReason", d.due_at as "dueAt",
    d.next_at as "nextAt", d.published_at as "publishedAt", d.removed_at as "removedAt", d.parent_id as "parentId",
    case when d.parent_id is not null then d.payload->>'text' end as text, ${isRewordable} as "isRewordable", spent.amount, spent.currency
  from delivery d join channel c on c.workspace_id = d.workspace_id and c.id = d.channel_id
    left join lateral (
      select sum(h.amount)::text as amount, min(h.currency) as currency from charge h
      where h.workspace_id = d.workspace_id and h.delivery_id = d.id and h.purpose in ('publish', 'reconcile')) spent on true
  where d.workspace_id = ${actor.workspaceId} and ${where}`
}

/** A row as it comes within JSON: its instants are texts. */
type AsJson<Row> = {
  [Key in keyof Row]: Row[Key] extends Date | null ? Exclude<Row[Key], Date> | string : Row[Key]
}

function withInstants(row: AsJson<DeliveryRow>): DeliveryRow {
  const instant = (text: string | null) => (text === null ? null : new Date(text))
  return {
    ...row,
    dueAt: new Date(row.dueAt),
    nextAt: instant(row.nextAt),
    publishedAt: instant(row.publishedAt),
    removedAt: instant(row.removedAt),
  }
}

function deliveryViews(system: System, rows: readonly DeliveryRow[]): DeliveryView[] {
  const ids = new Set(rows.map((row) => row.id))
  return rows
    .filter(({ parentId }) => parentId === null || !ids.has(parentId))
    .map((row) => {
      const below = rows.find(({ parentId }) => parentId === row.id)
      const { text: _, amount: __, currency: ___, ...shown } = row
      return { ...shown, cost: costOf(system, row), comment: below ? commentView(system, below) : null }
    })
}

function commentView(system: System, row: DeliveryRow): CommentView {
  const { id, state, text, remoteId, url, attempts, reason, holdReason, isRewordable: mayReword } = row
  const { nextAt, publishedAt, removedAt } = row
  const shown = {
    id,
    state,
    text: text ?? '',
    remoteId,
    url,
    attempts,
    reason,
    holdReason,
    nextAt,
    publishedAt,
    removedAt,
  }
  return { ...shown, cost: costOf(system, row), isRewordable: mayReword }
}

function costOf(system: System, { amount, currency, network }: DeliveryRow): Money {
  return {
    amount: fromMicros(toMicros(amount ?? '0')),
    currency: currency ?? currencyOf(system, network),
  }
}

/** What a network charges in, also while nothing was charged yet. */
function currencyOf(system: System, networkId: string): string {
  const network = system.networks.find(({ definition }) => definition.id === networkId)
  return network?.definition.priceBook.currency ?? 'USD'
}
