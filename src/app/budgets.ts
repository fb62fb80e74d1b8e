/**
 * API budgets: what calls to networks may cost in a day or month, what is used, and what will be.
 *
 * Nobody gets a limit they did not set: where calls cost and none holds, one is proposed.
 */
import { sql } from 'kysely'
import {
  atPace,
  type Budget,
  type BudgetPeriod,
  concerns,
  givesMoreRoom,
  leftOf,
  periodEnd,
  periodStart,
  type SpendingPurpose,
  type Used,
} from '#domain/budget.ts'
import { lateByItselfMs } from '#domain/delivery.ts'
import { LitfassError } from '#domain/errors.ts'
import { newId } from '#domain/id.ts'
import { fromMicros, type Money, toMicros } from '#domain/money.ts'
import {
  deleteBudget,
  forgetAlerts,
  insertBudget,
  lockBudget,
  readBudgets,
  releaseKept,
  updateBudget,
  type UsedBudget,
} from '#storage/budget-rows.ts'
import type { Handle } from '#storage/deliveries.ts'
import { resolveNotices } from '#storage/notices.ts'
import { requireRole } from './permissions.ts'
import { type PlannedCost, plannedCosts } from './planned-costs.ts'
import { findDefinition } from './prices.ts'
import type { Actor, System } from './system.ts'

export type BudgetView = Omit<Budget, 'alerts' | 'purpose'> & {
  purpose: SpendingPurpose | null
  alerts: number[]
  /** First day of the present period, and the instant the next one begins. */
  startsOn: string
  endsAt: Date
  /** By simulated accounts, which cost nothing real and count apart by the same amount; null where there was none. */
  practice: Standing | null
  createdAt: Date
  updatedAt: Date
} & Standing

export type Standing = {
  spent: Money
  /** By calls under way. */
  reserved: Money
  /** For publishing; reads have `leftForReads`. */
  left: Money
  leftForReads: Money
  forecast: Forecast
}

/** What the period will have cost in the end. */
export type Forecast = {
  /** If it goes on as it did; null while it is too early to tell. */
  byPace: Money | null
  /** If what is scheduled goes out, and figures are read as they are: used so far and all of that. */
  byPlan: Money
}

/** More than anybody looks through; every process holds them in memory. */
const atMost = 100

export async function listBudgets(system: System, actor: Actor): Promise<BudgetView[]> {
  const now = system.now()
  const rows = await readBudgets(system.db, actor.workspaceId, now)
  if (rows.length === 0) return []
  const plan = await plannedCosts(system, actor, { from: now, to: periodEnd('month', now) })
  return rows.map((row) => viewOf(row, plan, now))
}

function viewOf(
  { budget, used, practice, ...times }: UsedBudget,
  plan: readonly PlannedCost[],
  now: Date,
): BudgetView {
  const endsAt = periodEnd(budget.period, now)
  const concerned = plan.filter(
    ({ at, cost, ...call }) => at < endsAt && concerns(budget, { ...call, currency: cost.currency }),
  )
  const [real, simulated] = [false, true].map((is) => concerned.filter(({ sandbox }) => sandbox === is))
  const isPractised = practice.spent + practice.reserved > 0n || (simulated ?? []).length > 0
  return {
    ...budget,
    purpose: budget.purpose as SpendingPurpose | null,
    alerts: [...budget.alerts],
    startsOn: periodStart(budget.period, now),
    endsAt,
    ...standingOf(budget, used, real ?? [], now),
    practice: isPractised ? standingOf(budget, practice, simulated ?? [], now) : null,
    ...times,
  }
}

function standingOf(budget: Budget, used: Used, plan: readonly PlannedCost[], now: Date): Standing {
  const { currency } = budget.amount
  const money = (micros: bigint): Money => ({ amount: fromMicros(micros), currency })
  const toCome = plan.reduce((sum, { cost }) => sum + toMicros(cost.amount), 0n)
  const pace = atPace(budget.period, used.spent, now)
  return {
    spent: money(used.spent),
    reserved: money(used.reserved),
    left: leftOf(budget, used, 'publish'),
    leftForReads: leftOf(budget, used, 'measure'),
    forecast: {
      byPace: pace === null ? null : money(pace),
      byPlan: money(used.spent + used.reserved + toCome),
    },
  }
}

export type NewBudget = {
  network?: string | null | undefined
  connectionId?: string | null | undefined
  purpose?: SpendingPurpose | null | undefined
  period: BudgetPeriod
  amount: string
  currency?: string | undefined
} & BudgetTerms
type BudgetTerms = {
  alerts?: readonly number[] | undefined
  isHard?: boolean | undefined
  protectedPercent?: number | undefined
}

/** Throws `conflict` where one for the same holds already. */
export async function createBudget(system: System, actor: Actor, input: NewBudget): Promise<BudgetView> {
  requireRole(actor, 'admin')
  const at = system.now()
  const budget: Budget = {
    id: newId('bud', at),
    network: await networkOf(system, actor, input),
    connectionId: input.connectionId ?? null,
    purpose: input.purpose ?? null,
    period: input.period,
    amount: { amount: fromMicros(toMicros(input.amount)), currency: currencyOf(system, input) },
    alerts: inOrder(input.alerts ?? [50, 80, 100]),
    isHard: input.isHard ?? true,
    // What is for one purpose has nobody to be kept from.
    protectedPercent: input.protectedPercent ?? 20,
  }
  await system.db.transaction().execute(async (transaction) => {
    await insertBudget(transaction, { workspaceId: actor.workspaceId, by: actor.memberId, at }, budget)
    await requireOnlyOne(transaction, actor, budget)
  })
  system.prices.forget(actor.workspaceId)
  return showBudget(system, actor, budget.id)
}

function inOrder(alerts: readonly number[]): number[] {
  return [...new Set(alerts)].sort((a, b) => a - b)
}

/** The network of the connection where that alone is named. Throws where one of them does not exist. */
async function networkOf(
  system: System,
  actor: Actor,
  { network, connectionId }: NewBudget,
): Promise<string | null> {
  if (network != null) findDefinition(system, network)
  if (connectionId == null) return network ?? null
  const { rows } = await sql<{ network: string }>`select network from connection
    where workspace_id = ${actor.workspaceId} and id = ${connectionId}`.execute(system.db)
  const [row] = rows
  if (row && (network == null || row.network === network)) return row.network
  throw new LitfassError('not_found', `There is no connection ${connectionId} to this network`, {
    remedy: 'List the connections and name one of this network.',
  })
}

/** What the networks it is for charge in. Throws `invalid_input` where none of them charges in the one that is named. */
function currencyOf(system: System, { network, currency }: NewBudget): string {
  const known = system.networks
    .filter(({ definition }) => network == null || definition.id === network)
    .map(({ definition }) => definition.priceBook.currency)
  const chosen = currency ?? known[0]
  if (chosen !== undefined && known.includes(chosen)) return chosen
  throw new LitfassError('invalid_input', `Nothing is charged in ${chosen ?? 'that currency'}`, {
    remedy: `Use ${[...new Set(known)].join(' or ')}.`,
    issues: [{ path: 'currency', message: 'is none that calls are charged in' }],
  })
}

/** The workspace's row is locked by then, so nobody adds another meanwhile. */
async function requireOnlyOne(transaction: Handle, actor: Actor, budget: Budget): Promise<void> {
  const { rows } = await sql<{ same: number; all: number }>`
    select count(*)::int as all, count(*) filter (where network is not distinct from ${budget.network}
      and connection_id is not distinct from ${budget.connectionId} and purpose is not distinct from ${budget.purpose}
      and period = ${budget.period} and currency = ${budget.amount.currency})::int as same
    from budget where workspace_id = ${actor.workspaceId}`.execute(transaction)
  const { same, all } = rows[0] ?? { same: 0, all: 0 }
  if (same > 1) {
    throw new LitfassError('conflict', 'There is an API budget for this already', {
      remedy: 'Change that one, or remove it first.',
    })
  }
  if (all > atMost) {
    throw new LitfassError('conflict', `There can be ${atMost} API budgets at most`, {
      remedy: 'Remove one that is needed no more.',
    })
  }
}

/** Throws `not_found`. */
export async function showBudget(system: System, actor: Actor, id: string): Promise<BudgetView> {
  const found = (await listBudgets(system, actor)).find((budget) => budget.id === id)
  if (found) return found
  throw noSuchBudget(id)
}

function noSuchBudget(id: string): LitfassError {
  return new LitfassError('not_found', `There is no API budget ${id}`, { remedy: 'List the API budgets.' })
}

export type BudgetChange = BudgetTerms & { amount?: string | undefined }

/**
 * What is absent stays. What the change makes room for goes on: the rest is kept back again by itself.
 * What a budget is for does not change: what was used of it would be another's.
 */
export async function changeBudget(
  system: System,
  actor: Actor,
  id: string,
  change: BudgetChange,
): Promise<BudgetView> {
  requireRole(actor, 'admin')
  const { workspaceId } = actor
  const now = system.now()
  await system.db.transaction().execute(async (transaction) => {
    const before = await lockBudget(transaction, workspaceId, id)
    if (!before) throw noSuchBudget(id)
    const { amount: amountBefore } = before
    const after: Budget = {
      ...before,
      amount: { ...amountBefore, amount: fromMicros(toMicros(change.amount ?? amountBefore.amount)) },
      alerts: inOrder(change.alerts ?? before.alerts),
      isHard: change.isHard ?? before.isHard,
      protectedPercent: change.protectedPercent ?? before.protectedPercent,
    }
    await updateBudget(transaction, { workspaceId, at: now }, after)
    if (toMicros(after.amount.amount) > toMicros(amountBefore.amount))
      await forgetAlerts(transaction, workspaceId, id, now)
    if (givesMoreRoom(before, after)) await release(transaction, workspaceId, before, now)
  })
  system.prices.forget(workspaceId)
  system.wake()
  return showBudget(system, actor, id)
}

/** What it kept back goes on. */
export async function removeBudget(system: System, actor: Actor, id: string): Promise<void> {
  requireRole(actor, 'admin')
  const { workspaceId } = actor
  const now = system.now()
  await system.db.transaction().execute(async (transaction) => {
    const before = await lockBudget(transaction, workspaceId, id)
    if (!before) throw noSuchBudget(id)
    await forgetAlerts(transaction, workspaceId, id, now)
    await deleteBudget(transaction, workspaceId, id)
    await release(transaction, workspaceId, before, now)
  })
  system.prices.forget(workspaceId)
  system.wake()
}

async function release(
  transaction: Handle,
  workspaceId: string,
  { network, period }: Budget,
  now: Date,
): Promise<void> {
  const dueSince = new Date(now.getTime() - lateByItselfMs)
  const kept = { network, periodEndsAt: periodEnd(period, now) }
  const released = await releaseKept(transaction, workspaceId, kept, { now, dueSince })
  await resolveNotices(transaction, workspaceId, released, now)
}
