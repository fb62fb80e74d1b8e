/** API budgets and charges. */
import { proposeBudgets } from '#app/budget-proposals.ts'
import { changeBudget, createBudget, listBudgets, removeBudget } from '#app/budgets.ts'
import { listCharges, plannedByDay, sumCharges } from '#app/charges.ts'
import type { System } from '#app/system.ts'
import { json } from './json.ts'
import type { Api } from './kit.ts'

export function budgetRoutes(api: Api, system: System) {
  return {
    budgets: {
      list: api.budgets.list.handler(async ({ context: { actor } }) =>
        json({ items: await listBudgets(system, actor), proposals: await proposeBudgets(system, actor) }),
      ),
      create: api.budgets.create.handler(async ({ context, input }) =>
        json(await createBudget(system, context.actor, input)),
      ),
      change: api.budgets.change.handler(async ({ context, input: { id, ...change } }) =>
        json(await changeBudget(system, context.actor, id, change)),
      ),
      remove: api.budgets.remove.handler(async ({ context, input }) => {
        await removeBudget(system, context.actor, input.id)
        return { id: input.id }
      }),
    },
    charges: {
      list: api.charges.list.handler(async ({ context, input }) =>
        json(await listCharges(system, context.actor, input)),
      ),
      sums: api.charges.sums.handler(async ({ context, input }) => ({
        items: await sumCharges(system, context.actor, input),
      })),
      planned: api.charges.planned.handler(async ({ context, input }) => ({
        items: await plannedByDay(system, context.actor, input),
      })),
    },
  }
}
