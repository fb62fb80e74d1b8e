/**
 * What the plan will cost: what is scheduled, and reading its figures and those of what is live. By today's price
 * book as it is dated, so that a price that changes on a day counts from that day on.
 */
import { sql } from 'kysely'
import type { Money } from '#domain/money.ts'
import { readsWithin } from '#engine/read-times.ts'
import type { NetworkPrices, WorkspacePrices } from '#engine/price-books.ts'
import { commentCost, isChargedOnceADay, type Place, priceOf, publishCost } from './publish-cost.ts'
import type { Actor, System } from './system.ts'

/** One cost to come. Reads of figures stand together, by post or channel and UTC day. */
export type PlannedCost = {
  at: Date
  network: string
  connectionId: string
  channelId: string
  purpose: 'publish' | 'measure'
  sandbox: boolean
  cost: Money
}

type Span = { from: Date; to: Date }

/** In [from, to); what should have happened before `from` counts as happening then. */
export async function plannedCosts(system: System, actor: Actor, span: Span): Promise<PlannedCost[]> {
  const prices = await system.prices.of(actor.workspaceId)
  const [due, live, channels] = await Promise.all([
    dueRows(system, actor, span),
    liveRows(system, actor, span),
    channelRows(system, actor, span),
  ])
  const first = (row: { at: Date }) => new Date(row.at.getTime() + 15_000)
  return [
    ...due.flatMap((row) => publishing(prices, row, span)),
    ...due.flatMap((row) =>
      row.isComment ? [] : reading(prices, { ...row, what: 'post', since: row.at, next: first(row) }, span),
    ),
    ...live.flatMap((row) => reading(prices, { ...row, what: 'post' }, span)),
    ...channels.flatMap((row) => reading(prices, { ...row, what: 'channel' }, span)),
  ]
}

type Row = { network: string; connectionId: string; channelId: string; sandbox: boolean }
type DueRow = Row & {
  at: Date
  isComment: boolean
  text: string
  images: ReadonlyArray<{ altText: string }> | null
}
type ReadRow = Row & { since: Date; next: Date }

const columns = sql`c.network, c.connection_id as "connectionId", c.id as "channelId", c.sandbox`

/** A comment waits without a time for its post, and is no cost to come where that has come to rest. */
async function dueRows(system: System, { workspaceId }: Actor, { from, to }: Span): Promise<DueRow[]> {
  const { rows } = await sql<DueRow>`
    select ${columns}, greatest(d.due_at, ${from}) as at, d.parent_id is not null as "isComment",
      d.payload->>'text' as text, d.payload->'images' as images
    from delivery d join channel c on c.id = d.channel_id
    where d.workspace_id = ${workspaceId} and d.state in ('waiting', 'claimed') and d.due_at < ${to}
      and (d.parent_id is null or d.next_at is not null or exists (
        select 1 from delivery p where p.id = d.parent_id and p.state in ('waiting', 'claimed')))`.execute(
    system.db,
  )
  return rows
}

async function liveRows(system: System, { workspaceId }: Actor, { to }: Span): Promise<ReadRow[]> {
  const { rows } = await sql<ReadRow>`
    select ${columns}, d.published_at as since, p.next_at as next
    from poll p join delivery d on d.id = p.delivery_id join channel c on c.id = d.channel_id
    where p.workspace_id = ${workspaceId} and p.next_at < ${to} and d.published_at is not null`.execute(
    system.db,
  )
  return rows
}

async function channelRows(system: System, { workspaceId }: Actor, { to }: Span): Promise<ReadRow[]> {
  const { rows } = await sql<ReadRow>`
    select ${columns}, c.created_at as since, p.next_at as next
    from channel_poll p join channel c on c.id = p.channel_id
    where p.workspace_id = ${workspaceId} and p.next_at < ${to} and c.state = 'active'`.execute(system.db)
  return rows
}

function publishing(prices: WorkspacePrices, row: DueRow, { from }: Span): PlannedCost[] {
  const own = prices.of(row.network)
  const at = row.at > from ? row.at : from
  const place = placeOf(row, at)
  const content = { text: row.text, images: row.images ?? [], comment: null }
  const { cost } = row.isComment ? commentCost(own, place, row.text) : publishCost(own, place, content)
  return cost === null ? [] : [planned(row, 'publish', at, cost)]
}

function reading(
  prices: WorkspacePrices,
  row: ReadRow & { what: 'post' | 'channel' },
  { from, to }: Span,
): PlannedCost[] {
  const own: NetworkPrices = prices.of(row.network)
  const endpointClass = own.book.figures?.[row.what]
  if (endpointClass === undefined) return []
  const reads = readsWithin(row.what, row.since, row.next, { from, to, isSandbox: row.sandbox })
  const days = new Set<string>()
  return reads.flatMap((at) => {
    const place = placeOf(row, at)
    const isRepeat = days.has(place.on) && isChargedOnceADay(own, place, { endpointClass })
    days.add(place.on)
    const cost = isRepeat ? null : priceOf(own, place, { endpointClass })
    return cost === null ? [] : [planned(row, 'measure', at, cost)]
  })
}

function placeOf({ connectionId }: Row, at: Date): Place {
  return { connectionId, on: at.toISOString().slice(0, 10) }
}

function planned(
  { network, connectionId, channelId, sandbox }: Row,
  purpose: PlannedCost['purpose'],
  at: Date,
  cost: Money,
): PlannedCost {
  return { at, network, connectionId, channelId, sandbox, purpose, cost }
}
