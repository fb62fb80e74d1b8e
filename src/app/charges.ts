/** What calls to networks did cost: each charge, sums of them, and what is to come by day. */
import { type RawBuilder, sql } from 'kysely'
import { fromMicros, type Money, toMicros } from '#domain/money.ts'
import { wallIn } from '#domain/schedule.ts'
import { cursorOf, noCursor, readCursor } from './cursor.ts'
import { plannedCosts } from './planned-costs.ts'
import { zoneOf } from './post-content.ts'
import type { Actor, System } from './system.ts'

export type ChargeView = {
  id: string
  at: Date
  network: string
  connectionId: string | null
  deliveryId: string | null
  postId: string | null
  endpointClass: string
  purpose: string
  amount: Money
  /** The answer was lost, and this is the most it may have cost. */
  isAssumed: boolean
  /** Of a simulated account: nothing real was charged. */
  sandbox: boolean
}

/** UTC days; `to` is the first that is left out. */
export type ChargeFilter = {
  from?: string | undefined
  to?: string | undefined
  network?: string | undefined
  connectionId?: string | undefined
  purpose?: string | undefined
  deliveryId?: string | undefined
  assumed?: boolean | undefined
}

function conditionsOf(filter: ChargeFilter): RawBuilder<unknown> {
  const { from, to, network, connectionId, purpose, deliveryId, assumed } = filter
  const conditions = [sql`true`]
  if (from !== undefined) conditions.push(sql`h.at >= ${from}::timestamp at time zone 'UTC'`)
  if (to !== undefined) conditions.push(sql`h.at < ${to}::timestamp at time zone 'UTC'`)
  if (network !== undefined) conditions.push(sql`h.network = ${network}`)
  if (connectionId !== undefined) conditions.push(sql`h.connection_id = ${connectionId}`)
  if (purpose !== undefined) conditions.push(sql`h.purpose = ${purpose}`)
  if (deliveryId !== undefined) conditions.push(sql`h.delivery_id = ${deliveryId}`)
  if (assumed === true) conditions.push(sql`h.is_assumed`)
  return sql.join(conditions, sql` and `)
}

type Row = Omit<ChargeView, 'amount'> & { amount: string; currency: string }

/** Newest first. */
export async function listCharges(
  system: System,
  actor: Actor,
  { limit, cursor, ...filter }: ChargeFilter & { limit: number; cursor?: string | undefined },
): Promise<{ items: ChargeView[]; next: string | null }> {
  const after = cursor === undefined ? null : readCursor(cursor)
  if (after && after.at === null) throw noCursor()
  const { rows } = await sql<Row>`
    select h.id, h.at, h.network, h.connection_id as "connectionId", h.delivery_id as "deliveryId", d.post_id as "postId",
      h.endpoint_class as "endpointClass", h.purpose, h.amount::text as amount, h.currency, h.is_assumed as "isAssumed",
      h.is_sandbox as sandbox
    from charge h left join delivery d on d.workspace_id = h.workspace_id and d.id = h.delivery_id
    where h.workspace_id = ${actor.workspaceId} and ${conditionsOf(filter)}
      and (${after?.id ?? null}::text is null or (h.at, h.id) < (${after?.at ?? null}::timestamptz, ${after?.id ?? null}))
    order by h.at desc, h.id desc limit ${limit + 1}`.execute(system.db)
  const shown = rows.slice(0, limit)
  const last = rows.length > limit ? shown.at(-1) : undefined
  return {
    items: shown.map(({ amount, currency, ...row }) => ({ ...row, amount: moneyOf(amount, currency) })),
    next: last ? cursorOf(last.id, last.at) : null,
  }
}

const moneyOf = (amount: string, currency: string): Money => ({
  amount: fromMicros(toMicros(amount)),
  currency,
})

export type ChargeSum = {
  /** A network, a purpose, or a UTC day. */
  of: string
  charges: number
  amount: Money
  /** Of it, what is assumed. */
  assumed: Money
  /** Of it, what is practice in the sandbox. */
  sandbox: Money
}

const keys = {
  network: sql`h.network`,
  purpose: sql`h.purpose`,
  day: sql`to_char(h.at at time zone 'UTC', 'YYYY-MM-DD')`,
}

/** By currency too, as different ones are not added up. */
export async function sumCharges(
  system: System,
  actor: Actor,
  { by, ...filter }: ChargeFilter & { by: keyof typeof keys },
): Promise<ChargeSum[]> {
  const { rows } = await sql<{
    of: string
    currency: string
    charges: number
    amount: string
    assumed: string
    sandbox: string
  }>`
    select ${keys[by]} as of, h.currency, count(*)::int as charges, sum(h.amount)::text as amount,
      coalesce(sum(h.amount) filter (where h.is_assumed), 0)::text as assumed,
      coalesce(sum(h.amount) filter (where h.is_sandbox), 0)::text as sandbox
    from charge h where h.workspace_id = ${actor.workspaceId} and ${conditionsOf(filter)} group by 1, 2 order by 1, 2`.execute(
    system.db,
  )
  return rows.map(({ of, currency, charges, amount, assumed, sandbox }) => ({
    of,
    charges,
    amount: moneyOf(amount, currency),
    assumed: moneyOf(assumed, currency),
    sandbox: moneyOf(sandbox, currency),
  }))
}

export type PlannedDay = { day: string; network: string; purpose: 'publish' | 'measure'; amount: Money }

const day = 86_400_000

/** What is to come in [from, to), by day in the workspace’s zone; nothing of the past, and at most a year. */
export async function plannedByDay(
  system: System,
  actor: Actor,
  span: { from?: string | undefined; to?: string | undefined },
): Promise<PlannedDay[]> {
  const now = system.now()
  const from = new Date(Math.max(Date.parse(span.from ?? now.toISOString()), now.getTime()))
  const wanted = span.to === undefined ? from.getTime() + 31 * day : Date.parse(span.to)
  const to = new Date(Math.min(wanted, now.getTime() + 366 * day))
  if (to <= from) return []
  const [plan, zone] = await Promise.all([
    plannedCosts(system, actor, { from, to }),
    zoneOf(system.db, actor),
  ])
  const days = new Map<string, PlannedDay>()
  for (const { at, network, purpose, cost } of plan) {
    const on = wallIn(zone, at).slice(0, 10)
    const name = `${on} ${network} ${purpose} ${cost.currency}`
    const before = days.get(name)?.amount.amount ?? '0'
    const amount = fromMicros(toMicros(before) + toMicros(cost.amount))
    days.set(name, { day: on, network, purpose, amount: { amount, currency: cost.currency } })
  }
  return [...days.values()].sort((a, b) => (a.day < b.day ? -1 : 1))
}
