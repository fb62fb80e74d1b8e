/**
 * Budgets that are proposed where calls cost and nothing limits them. Only proposed: a limit nobody chose would keep
 * posts back that nobody expects to be kept back.
 */
import { sql } from 'kysely'
import { periodEnd } from '#domain/budget.ts'
import { fromMicros, type Money, toMicros } from '#domain/money.ts'
import { plannedCosts } from './planned-costs.ts'
import { dayOf } from './prices.ts'
import { isPriced, type LinkCost, linkCost } from './publish-cost.ts'
import type { Actor, System } from './system.ts'

export type Proposal = {
  network: string
  /** For a month. */
  amount: Money
  /** What one post costs; null where links make no difference. */
  perPost: LinkCost | null
  /** Only simulated accounts are connected: nothing real is charged. */
  isPractice: boolean
}

/** Twice what the plan foresees is proposed, in steps of five; less would be reached at once. */
const step = 5_000_000n

export async function proposeBudgets(system: System, actor: Actor): Promise<Proposal[]> {
  const now = system.now()
  const prices = await system.prices.of(actor.workspaceId)
  const { rows } = await sql<{ network: string; isPractice: boolean }>`
    select network, bool_and(sandbox) as "isPractice" from connection
    where workspace_id = ${actor.workspaceId} and state <> 'disconnected' group by network order by network`.execute(
    system.db,
  )
  const unlimited = rows.filter(
    ({ network }) => isPriced(prices.of(network), dayOf(now)) && !isLimited(prices.budgets, network),
  )
  if (unlimited.length === 0) return []
  const plan = await plannedCosts(system, actor, { from: now, to: periodEnd('month', now) })
  return unlimited.map(({ network, isPractice }) => {
    const own = prices.of(network)
    const planned = plan
      .filter((one) => one.network === network && one.cost.currency === own.book.currency)
      .reduce((sum, { cost }) => sum + toMicros(cost.amount), 0n)
    return {
      network,
      amount: { amount: fromMicros(proposed(planned)), currency: own.book.currency },
      perPost: linkCost(own, { connectionId: null, on: dayOf(now) }),
      isPractice,
    }
  })
}

function proposed(planned: bigint): bigint {
  const steps = (planned * 2n + step - 1n) / step
  return (steps > 0n ? steps : 1n) * step
}

type Scope = { network: string | null; connectionId: string | null; purpose: string | null }

/** Whether some budget covers all that the network is asked for. */
function isLimited(budgets: readonly Scope[], network: string): boolean {
  return budgets.some(
    (budget) =>
      (budget.network === null || budget.network === network) &&
      budget.connectionId === null &&
      budget.purpose === null,
  )
}
