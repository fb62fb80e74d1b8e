/** Whether the budgets have room for a post, told before it is saved. */
import { type Budget, concerns, hasRoom, leftOf, periodEnd, type Used } from '#domain/budget.ts'
import { fromMicros, type Money, toMicros } from '#domain/money.ts'
import { readBudgets } from '#storage/budget-rows.ts'
import type { Actor, System } from './system.ts'

export type BudgetRoom = Pick<Budget, 'id' | 'network' | 'connectionId' | 'period' | 'isHard' | 'amount'> & {
  purpose: string | null
  /** For publishing, in the period the post is due in. */
  left: Money
  /** What this post takes of it. */
  needed: Money
  hasRoom: boolean
  /** By simulated accounts, which count apart. */
  sandbox: boolean
  /** When it starts anew. */
  endsAt: Date
}

export type PricedChannel = { network: string; connectionId: string; sandbox: boolean; cost: Money }

/** Every budget that concerns the post, those without room first. */
export async function roomFor(
  system: System,
  actor: Actor,
  channels: readonly PricedChannel[],
  dueAt: Date,
): Promise<BudgetRoom[]> {
  if (channels.length === 0) return []
  const budgets = await readBudgets(system.db, actor.workspaceId, dueAt)
  const rooms = budgets.flatMap(({ budget, used, practice }) => [
    ...roomOf(budget, used, channels, dueAt, false),
    ...roomOf(budget, practice, channels, dueAt, true),
  ])
  return rooms.sort((a, b) => Number(a.hasRoom) - Number(b.hasRoom))
}

function roomOf(
  budget: Budget,
  used: Used,
  channels: readonly PricedChannel[],
  dueAt: Date,
  isSandbox: boolean,
): BudgetRoom[] {
  const needed = channels
    .filter(
      ({ cost, sandbox, ...channel }) =>
        sandbox === isSandbox &&
        concerns(budget, { ...channel, purpose: 'publish', currency: cost.currency }),
    )
    .reduce((sum, { cost }) => sum + toMicros(cost.amount), 0n)
  if (needed === 0n) return []
  const { id, network, connectionId, purpose, period, isHard, amount } = budget
  const room = {
    id,
    network,
    connectionId,
    purpose,
    period,
    isHard,
    amount,
    left: leftOf(budget, used, 'publish'),
    needed: { amount: fromMicros(needed), currency: amount.currency },
    hasRoom: hasRoom({ ...budget, isHard: true }, used, 'publish', needed),
    sandbox: isSandbox,
    endsAt: periodEnd(period, dueAt),
  }
  return [room]
}
