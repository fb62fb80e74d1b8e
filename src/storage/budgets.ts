/** API budgets at rest: what they are, and what was used of them in each period. */
import { type RawBuilder, sql } from 'kysely'
import type { Budget, Used } from '#domain/budget.ts'
import { fromMicros, toMicros } from '#domain/money.ts'
import type { Handle } from './deliveries.ts'

/** A budget as one JSON value, for `b budget`; read back by `budgetOf`. */
export const budgetJson = sql`json_build_object('id', b.id, 'network', b.network, 'connectionId', b.connection_id,
  'purpose', b.purpose, 'period', b.period, 'amount', b.amount::text, 'currency', b.currency, 'alerts', b.alerts,
  'isHard', b.is_hard, 'protectedPercent', b.protected_percent)`

export type BudgetRow = Omit<Budget, 'amount'> & { amount: string; currency: string }

export function budgetOf({ amount, currency, ...rest }: BudgetRow): Budget {
  return { ...rest, amount: { amount: fromMicros(toMicros(amount)), currency } }
}

/** One budget in one period; `startsOn` is its first day, YYYY-MM-DD. Practice on simulated accounts counts apart. */
export type UseKey = { budgetId: string; workspaceId: string; startsOn: string; isSandbox: boolean }
export type Use = UseKey & Used & { alerted: number; budget: Budget }

export const nameOfUse = ({ budgetId, startsOn, isSandbox }: Omit<UseKey, 'workspaceId'>) =>
  `${budgetId} ${startsOn}${isSandbox ? ' sandbox' : ''}`

/** What was charged of `b budget` since a day, within its period. */
export const chargedSince = (startsOn: RawBuilder<unknown>, isSandbox: RawBuilder<unknown>) => sql`coalesce((
      select sum(c.amount) from charge c where c.workspace_id = b.workspace_id and c.currency = b.currency
        and c.is_sandbox = ${isSandbox}
        and c.at >= ${startsOn}::timestamp at time zone 'UTC'
        and c.at < (${startsOn}::timestamp + case b.period when 'day' then interval '1 day' else interval '1 month' end) at time zone 'UTC'
        and (b.network is null or c.network = b.network) and (b.connection_id is null or c.connection_id = b.connection_id)
        and (b.purpose is null or c.purpose = b.purpose)), 0)`

/**
 * Locks them until the transaction ends, all in one order, so that no two wait for each other. One that is new starts
 * from what was charged in its period already. A budget that was removed meanwhile is left out; one that was changed
 * comes as it is now.
 */
export async function lockUses(transaction: Handle, keys: readonly UseKey[]): Promise<Map<string, Use>> {
  const wanted = sql`jsonb_to_recordset(${JSON.stringify(keys)}::jsonb) as w ("budgetId" text, "workspaceId" text, "startsOn" text,
    "isSandbox" boolean)`
  await sql`
    insert into budget_use (budget_id, workspace_id, starts_on, is_sandbox, spent)
    select b.id, b.workspace_id, w."startsOn", w."isSandbox", ${chargedSince(sql`w."startsOn"`, sql`w."isSandbox"`)}
    from ${wanted} join budget b on b.id = w."budgetId" and b.workspace_id = w."workspaceId"
    where not exists (select 1 from budget_use u where u.budget_id = b.id and u.starts_on = w."startsOn"
      and u.is_sandbox = w."isSandbox")
    order by b.id, w."startsOn", w."isSandbox"
    on conflict (budget_id, starts_on, is_sandbox) do nothing`.execute(transaction)
  const { rows } = await sql<
    UseKey & { spent: string; reserved: string; alerted: number; budget: BudgetRow }
  >`
    select u.budget_id as "budgetId", u.workspace_id as "workspaceId", u.starts_on as "startsOn",
      u.is_sandbox as "isSandbox", u.spent::text as spent, u.reserved::text as reserved, u.alerted, ${budgetJson} as budget
    from budget_use u join ${wanted} on u.budget_id = w."budgetId" and u.workspace_id = w."workspaceId"
      and u.starts_on = w."startsOn" and u.is_sandbox = w."isSandbox"
      join budget b on b.id = u.budget_id and b.workspace_id = u.workspace_id
    order by u.budget_id, u.starts_on, u.is_sandbox for update of u`.execute(transaction)
  return new Map(
    rows.map((row) => [
      nameOfUse(row),
      {
        ...row,
        spent: toMicros(row.spent),
        reserved: toMicros(row.reserved),
        budget: budgetOf(row.budget),
      },
    ]),
  )
}

export async function writeUses(transaction: Handle, uses: readonly Use[]): Promise<void> {
  const rows = uses.map(({ budgetId, workspaceId, startsOn, isSandbox, spent, reserved, alerted }) => ({
    budgetId,
    workspaceId,
    startsOn,
    isSandbox,
    spent: fromMicros(spent),
    reserved: fromMicros(reserved),
    alerted,
  }))
  await sql`update budget_use u set spent = w.spent, reserved = w.reserved, alerted = w.alerted
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      as w ("budgetId" text, "workspaceId" text, "startsOn" text, "isSandbox" boolean, spent numeric, reserved numeric,
        alerted integer)
    where u.budget_id = w."budgetId" and u.workspace_id = w."workspaceId" and u.starts_on = w."startsOn"
      and u.is_sandbox = w."isSandbox"`.execute(transaction)
}

/** What a call under way has reserved, in the periods it began in. Micro-units. */
export type Reservation = {
  callId: string
  workspaceId: string
  deliveryId: string | null
  amount: bigint
  uses: readonly UseKey[]
  at: Date
}

export async function addReservations(
  transaction: Handle,
  reservations: readonly Reservation[],
): Promise<void> {
  if (reservations.length === 0) return
  const rows = reservations.map(({ callId, workspaceId, deliveryId, amount, uses, at }) => ({
    call_id: callId,
    workspace_id: workspaceId,
    delivery_id: deliveryId,
    uses,
    amount: fromMicros(amount),
    reserved_at: at,
  }))
  await sql`insert into reservation (call_id, workspace_id, delivery_id, uses, amount, reserved_at)
    select call_id, workspace_id, delivery_id, uses, amount, reserved_at from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      as r (call_id text, workspace_id text, delivery_id text, uses jsonb, amount numeric, reserved_at timestamptz)`.execute(
    transaction,
  )
}

/** Takes them back and returns those that were still there: what another took back is not given twice. */
export async function takeReservations(
  transaction: Handle,
  calls: ReadonlyArray<{ callId: string; workspaceId: string }>,
): Promise<Map<string, Reservation>> {
  if (calls.length === 0) return new Map()
  const { rows } = await sql<Omit<Reservation, 'amount'> & { amount: string }>`
    delete from reservation r using unnest(${calls.map(({ callId }) => callId)}::text[],
      ${calls.map(({ workspaceId }) => workspaceId)}::text[]) as w (call_id, workspace_id)
    where r.call_id = w.call_id and r.workspace_id = w.workspace_id
    returning r.call_id as "callId", r.workspace_id as "workspaceId", r.delivery_id as "deliveryId", r.amount::text as amount, r.uses, r.reserved_at as at`.execute(
    transaction,
  )
  return new Map(rows.map((row) => [row.callId, { ...row, amount: toMicros(row.amount) }]))
}
