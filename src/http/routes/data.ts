/** Data read from networks: what is kept, what has to go, proof, export. */
import { exportReadings, keptData } from '#app/data-kept.ts'
import { listCertificates, listDeletions, orderDeletion } from '#app/deletions.ts'
import type { System } from '#app/system.ts'
import { defined } from './defined.ts'
import { json } from './json.ts'
import type { Api } from './kit.ts'

export function dataRoutes(api: Api, system: System) {
  return {
    data: {
      kept: api.data.kept.handler(async ({ context }) => ({
        items: json(await keptData(system, context.actor)),
      })),
      deletions: api.data.deletions.handler(async ({ context, input }) =>
        json(await listDeletions(system, context.actor, input)),
      ),
      order: api.data.order.handler(async ({ context, input }) =>
        json(await orderDeletion(system, context.actor, defined(input))),
      ),
      certificates: api.data.certificates.handler(async ({ context, input }) =>
        json(await listCertificates(system, context.actor, input)),
      ),
      export: api.data.export.handler(async ({ context }) =>
        json(await exportReadings(system, context.actor)),
      ),
    },
  }
}
