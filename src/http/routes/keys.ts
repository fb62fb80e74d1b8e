/** API keys and backups. */
import { createKey, listKeys, revokeKey } from '#app/initialise.ts'
import { requireRole } from '#app/permissions.ts'
import type { System } from '#app/system.ts'
import { json } from './json.ts'
import type { Api } from './kit.ts'

export function keyRoutes(api: Api, system: System) {
  return {
    backups: {
      create: api.backups.create.handler(async ({ context }) => {
        requireRole(context.actor, 'owner')
        return system.backUp()
      }),
    },
    keys: {
      list: api.keys.list.handler(async ({ context }) => ({
        items: json(await listKeys(system.db, context.actor)),
      })),
      create: api.keys.create.handler(({ context, input }) => {
        requireRole(context.actor, 'admin')
        return createKey(system.db, context.actor, input.name, system.now())
      }),
      revoke: api.keys.revoke.handler(async ({ context, input }) => {
        requireRole(context.actor, 'admin')
        await revokeKey(system.db, context.actor, input.id, system.now())
        return { id: input.id }
      }),
    },
  }
}
