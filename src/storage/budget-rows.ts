/** Budgets as people set them, each with what was used of it in a period. */
import { sql } from 'kysely'
import { type Budget, periodStart, type Used } from '#domain/budget.ts'
import { toMicros } from '#domain/money.ts'
import { budgetJson, budgetOf, type BudgetRow, chargedSince } from './budgets.ts'
import type { Handle } from './deliveries.ts'

/** `practice`: by simulated accounts, which count apart. */
export type UsedBudget = { budget: Budget; used: Used; practice: Used; createdAt: Date; updatedAt: Date }

/** All of a workspace, the oldest first, with what is used in the period that `at` lies in. */
export async function readBudgets(db: Handle, workspaceId: string, at: Date): Promise<UsedBudget[]> {
  const startsOn = sql`case b.period when 'day' then ${periodStart('day', at)} else ${periodStart('month', at)} end`
  const amounts = (isSandbox: boolean, name: string) => {
    const use = sql.ref(name)
    return sql`json_build_array(coalesce(${use}.spent, ${chargedSince(startsOn, sql`${isSandbox}::boolean`)})::text,
      coalesce(${use}.reserved, 0)::text)`
  }
  const { rows } = await sql<{
    budget: BudgetRow
    used: Amounts
    practice: Amounts
    createdAt: Date
    updatedAt: Date
  }>`
    select ${budgetJson} as budget, ${amounts(false, 'u')} as used, ${amounts(true, 'p')} as practice,
      b.created_at as "createdAt", b.updated_at as "updatedAt"
    from budget b
      left join budget_use u on u.budget_id = b.id and u.workspace_id = b.workspace_id and u.starts_on = ${startsOn}
        and not u.is_sandbox
      left join budget_use p on p.budget_id = b.id and p.workspace_id = b.workspace_id and p.starts_on = ${startsOn}
        and p.is_sandbox
    where b.workspace_id = ${workspaceId} order by b.created_at, b.id`.execute(db)
  return rows.map(({ budget, used, practice, ...times }) => ({
    budget: budgetOf(budget),
    used: usedOf(used),
    practice: usedOf(practice),
    ...times,
  }))
}

type Amounts = [spent: string, reserved: string]

const usedOf = ([spent, reserved]: Amounts): Used => ({
  spent: toMicros(spent),
  reserved: toMicros(reserved),
})

type Change = { workspaceId: string; by: string; at: Date }

/** By which every process notices. */
async function raiseRevision(transaction: Handle, workspaceId: string): Promise<void> {
  await sql`update workspace set price_revision = price_revision + 1 where id = ${workspaceId}`.execute(
    transaction,
  )
}

export async function insertBudget(
  transaction: Handle,
  { workspaceId, by, at }: Change,
  budget: Budget,
): Promise<void> {
  await raiseRevision(transaction, workspaceId)
  await sql`insert into budget (id, workspace_id, network, connection_id, purpose, period, amount, currency, alerts, is_hard,
      protected_percent, created_by, created_at, updated_at)
    values (${budget.id}, ${workspaceId}, ${budget.network}, ${budget.connectionId}, ${budget.purpose}, ${budget.period},
      ${budget.amount.amount}, ${budget.amount.currency}, ${[...budget.alerts]}::int[], ${budget.isHard},
      ${budget.protectedPercent}, ${by}, ${at}, ${at})`.execute(transaction)
}

/** As it was, for the change that follows in the same transaction; null where there is none. */
export async function lockBudget(
  transaction: Handle,
  workspaceId: string,
  id: string,
): Promise<Budget | null> {
  await raiseRevision(transaction, workspaceId)
  const { rows } = await sql<{ budget: BudgetRow }>`
    select ${budgetJson} as budget from budget b where b.workspace_id = ${workspaceId} and b.id = ${id}
    for no key update`.execute(transaction)
  return rows[0] ? budgetOf(rows[0].budget) : null
}

export async function updateBudget(
  transaction: Handle,
  { workspaceId, at }: Omit<Change, 'by'>,
  { id, amount, alerts, isHard, protectedPercent }: Budget,
): Promise<void> {
  await sql`update budget set amount = ${amount.amount}, alerts = ${[...alerts]}::int[], is_hard = ${isHard},
      protected_percent = ${protectedPercent}, updated_at = ${at}
    where workspace_id = ${workspaceId} and id = ${id}`.execute(transaction)
}

export async function deleteBudget(transaction: Handle, workspaceId: string, id: string): Promise<void> {
  await sql`delete from budget where workspace_id = ${workspaceId} and id = ${id}`.execute(transaction)
}

/** What people were told of it counts no more. */
export async function forgetAlerts(
  transaction: Handle,
  workspaceId: string,
  id: string,
  now: Date,
): Promise<void> {
  await sql`update budget_use set alerted = 0 where workspace_id = ${workspaceId} and budget_id = ${id}`.execute(
    transaction,
  )
  await sql`update notice set resolved_at = ${now} where workspace_id = ${workspaceId} and kind = 'budget-reached'
    and split_part(subject_id, '/', 1) = ${id} and resolved_at is null`.execute(transaction)
}

/**
 * Lets go what a budget kept back and what was due since `dueSince`; what is older stays for a person. Reads that were
 * put off until the budget's next period are due, too.
 */
export async function releaseKept(
  transaction: Handle,
  workspaceId: string,
  { network, periodEndsAt }: { network: string | null; periodEndsAt: Date },
  { now, dueSince }: { now: Date; dueSince: Date },
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    update delivery set state = 'waiting', next_at = ${now}, hold_reason = null, reason = null, token = token + 1,
      updated_at = ${now}
    where workspace_id = ${workspaceId} and id in (
      select d.id from delivery d where d.workspace_id = ${workspaceId} and d.due_at >= ${dueSince}
        and (${network}::text is null or d.network = ${network})
        and ((d.state = 'held' and d.hold_reason = 'budget')
          or (d.state = 'waiting' and d.reason->>'code' = 'budget_exhausted' and d.next_at > ${now}))
      order by d.id for update)
    returning id`.execute(transaction)
  const inScope = sql`${network}::text is null or c.network = ${network}`
  await sql`update poll p set next_at = ${now} from delivery d join channel c on c.id = d.channel_id
    where p.workspace_id = ${workspaceId} and d.id = p.delivery_id and p.next_at = ${periodEndsAt} and (${inScope})`.execute(
    transaction,
  )
  await sql`update channel_poll p set next_at = ${now} from channel c
    where p.workspace_id = ${workspaceId} and c.id = p.channel_id and p.next_at = ${periodEndsAt} and (${inScope})`.execute(
    transaction,
  )
  return rows.map(({ id }) => id)
}

/** Every process has noticed a budget that is older. */
const noticedAfterMs = 10 * 60_000

/** Counts anew what was charged to budgets just set: processes that had not noticed them yet left it out. */
export async function recountNew(db: Handle, now: Date): Promise<void> {
  const isNew = sql`b.id = u.budget_id and b.workspace_id = u.workspace_id
    and b.created_at > ${new Date(now.getTime() - noticedAfterMs)}`
  await db.transaction().execute(async (transaction) => {
    await sql`select from budget_use u join budget b on ${isNew}
      order by u.budget_id, u.starts_on, u.is_sandbox for update of u`.execute(transaction)
    await sql`update budget_use u set spent = ${chargedSince(sql`u.starts_on`, sql`u.is_sandbox`)}
      from budget b where ${isNew}`.execute(transaction)
  })
}
