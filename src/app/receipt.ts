/** The receipt of a delivery: what was sent exactly, when, how often it was tried, and what it cost. */
import { sql } from 'kysely'
import { type DeliveryState, type PostState, postState } from '#domain/delivery.ts'
import { fromMicros, toMicros } from '#domain/money.ts'
import { showDelivery } from './deliveries.ts'
import type { AttachmentView, DeliveryView } from './post-view.ts'
import type { Actor, System } from './system.ts'

export type Receipt = {
  delivery: DeliveryView
  postState: PostState
  sent: { text: string; link: string | null; attachments: AttachmentView[] }
  fingerprint: string | null
  createdAt: Date
  startedAt: Date | null
  sentAt: Date | null
  attempts: Attempt[]
  charges: Charge[]
}
type Attempt = {
  number: number
  startedAt: Date
  finishedAt: Date | null
  outcome: string | null
  detail: string | null
}
type Charge = { at: Date; endpointClass: string; purpose: string; amount: string; currency: string }

type Row = Pick<Receipt, 'fingerprint' | 'createdAt' | 'startedAt' | 'sentAt'> & {
  payload: { text: string; link?: string; images: Array<{ mediaFileId: string; altText: string }> }
}

/** Throws `not_found`. */
export async function receiptOf(system: System, actor: Actor, id: string): Promise<Receipt> {
  const delivery = await showDelivery(system, actor, id)
  const { rows } = await sql<Row>`
    select payload, fingerprint, created_at as "createdAt", started_at as "startedAt", sent_at as "sentAt"
    from delivery where workspace_id = ${actor.workspaceId} and id = ${id}`.execute(system.db)
  const row = rows[0]
  if (!row) throw new Error('the delivery just shown is not there')
  const { payload, ...times } = row
  return {
    delivery,
    postState: await stateOf(system, actor, delivery.postId),
    sent: {
      text: payload.text,
      link: payload.link ?? null,
      attachments: await attachmentsOf(system, actor, payload.images),
    },
    ...times,
    attempts: await attemptsOf(system, actor, id),
    charges: await chargesOf(system, actor, id),
  }
}

async function stateOf(system: System, actor: Actor, postId: string): Promise<PostState> {
  const { rows } = await sql<{ state: DeliveryState }>`
    select state from delivery where workspace_id = ${actor.workspaceId} and post_id = ${postId} and parent_id is null`.execute(
    system.db,
  )
  return postState(
    false,
    rows.map((row) => row.state),
  )
}

async function attachmentsOf(
  system: System,
  actor: Actor,
  images: Row['payload']['images'],
): Promise<AttachmentView[]> {
  const { rows } = await sql<Omit<AttachmentView, 'altText'>>`
    select id as "mediaFileId", file_name as "fileName", mime_type as "mimeType", bytes::int as bytes, width, height
    from media_file where workspace_id = ${actor.workspaceId}
      and id = any(${images.map((image) => image.mediaFileId)}::text[])`.execute(system.db)
  return images.flatMap(({ mediaFileId, altText }) =>
    rows.filter((row) => row.mediaFileId === mediaFileId).map((row) => ({ ...row, altText })),
  )
}

/** Fencing numbers have gaps, so attempts are counted anew. The one under way stands in the delivery's own row. */
async function attemptsOf(system: System, actor: Actor, id: string): Promise<Attempt[]> {
  const { rows } = await sql<Attempt>`
    select (row_number() over (order by number, started_at, id))::int as number, started_at as "startedAt",
      finished_at as "finishedAt", outcome, detail
    from (
      select id, number, started_at, finished_at, outcome, detail from attempt
        where workspace_id = ${actor.workspaceId} and delivery_id = ${id}
      union all
      select '', token, claimed_at, null, null, null from delivery
        where workspace_id = ${actor.workspaceId} and id = ${id} and lease_until is not null and claimed_at is not null
    ) a order by 1`.execute(system.db)
  return rows
}

async function chargesOf(system: System, actor: Actor, id: string): Promise<Charge[]> {
  const { rows } = await sql<Charge>`
    select at, endpoint_class as "endpointClass", purpose, amount::text as amount, currency from charge
    where workspace_id = ${actor.workspaceId} and delivery_id = ${id} order by at, id limit 1000`.execute(
    system.db,
  )
  return rows.map((charge) => ({ ...charge, amount: fromMicros(toMicros(charge.amount)) }))
}
