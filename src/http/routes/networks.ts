/** Networks and the operator's apps at them. */
import type { System } from '#app/system.ts'
import { json } from './json.ts'
import { type Api, notThereYet } from './kit.ts'

export function networkRoutes(api: Api, system: System) {
  return {
    networks: {
      list: api.networks.list.handler(async () => ({
        items: json(
          system.networks.map(({ definition }) => ({
            ...definition,
            logins: definition.logins.map((login) => ({ canMeasure: true, ...login })),
          })),
        ),
      })),
      guide: api.networks.guide.handler(notThereYet),
    },
    networkApps: {
      list: api.networkApps.list.handler(notThereYet),
      save: api.networkApps.save.handler(notThereYet),
      remove: api.networkApps.remove.handler(notThereYet),
    },
  }
}
