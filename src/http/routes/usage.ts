/** What networks counted, and asking them. */
import type { System } from '#app/system.ts'
import { askUsage, listUsage } from '#app/usage.ts'
import { json } from './json.ts'
import type { Api } from './kit.ts'

export function usageRoutes(api: Api, system: System) {
  return {
    usage: {
      list: api.usage.list.handler(async ({ context: { actor } }) =>
        json({ items: await listUsage(system, actor) }),
      ),
      ask: api.usage.ask.handler(async ({ context: { actor } }) => {
        const notTold = await askUsage(system, actor)
        return json({ items: await listUsage(system, actor), notTold })
      }),
    },
  }
}
