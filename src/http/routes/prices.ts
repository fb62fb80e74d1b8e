/** The price book: list, set, remove, plans, import, export, re-pricing. */
import { listAppOwners, setAppOwner } from '#app/app-owners.ts'
import { exportPrices, importPrices } from '#app/price-import.ts'
import { replayPrices } from '#app/price-replay.ts'
import { choosePlan, listPrices, removePrice, setPrice } from '#app/prices.ts'
import type { System } from '#app/system.ts'
import { json } from './json.ts'
import type { Api } from './kit.ts'

export function priceRoutes(api: Api, system: System) {
  return {
    prices: {
      list: api.prices.list.handler(async ({ context, input }) =>
        json(await listPrices(system, context.actor, input)),
      ),
      set: api.prices.set.handler(async ({ context, input }) =>
        json(await setPrice(system, context.actor, input)),
      ),
      remove: api.prices.remove.handler(async ({ context, input }) => {
        await removePrice(system, context.actor, input.id)
        return { id: input.id }
      }),
      choosePlan: api.prices.choosePlan.handler(({ context, input }) =>
        choosePlan(system, context.actor, input),
      ),
      owners: api.prices.owners.handler(async ({ context }) => ({
        items: await listAppOwners(system, context.actor),
      })),
      setOwner: api.prices.setOwner.handler(({ context, input }) =>
        setAppOwner(system, context.actor, input),
      ),
      import: api.prices.import.handler(({ context, input }) => importPrices(system, context.actor, input)),
      export: api.prices.export.handler(async ({ context, input }) =>
        json(await exportPrices(system, context.actor, input)),
      ),
      replay: api.prices.replay.handler(({ context, input }) => replayPrices(system, context.actor, input)),
    },
  }
}
