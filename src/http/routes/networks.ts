/** Networks and the operator's apps at them. */
import { removeAppToken, saveAppToken } from '#app/app-tokens.ts'
import { listNetworkApps, removeNetworkApp, saveNetworkApp, showNetworkApp } from '#app/network-apps.ts'
import { guideOf } from '#app/network-files.ts'
import type { System } from '#app/system.ts'
import { json } from './json.ts'
import type { Api } from './kit.ts'

export function networkRoutes(api: Api, system: System) {
  return {
    networks: {
      list: api.networks.list.handler(async () => ({
        items: json(
          system.networks.map(({ definition }) => ({
            ...definition,
            logins: definition.logins.map((login) => ({
              kind: 'consent' as const,
              fields: [],
              needsHost: false,
              asksAccount: false,
              isOwnClient: false,
              canMeasure: true,
              canDelete: definition.canDelete,
              canComment: definition.comment.value !== null,
              ...login,
            })),
          })),
        ),
      })),
      guide: api.networks.guide.handler(async ({ input }) => ({
        markdown: await guideOf(system, input.id),
      })),
    },
    networkApps: {
      list: api.networkApps.list.handler(async ({ context }) => ({
        items: json(await listNetworkApps(system, context.actor)),
      })),
      save: api.networkApps.save.handler(async ({ context, input }) =>
        json(await saveNetworkApp(system, context.actor, input)),
      ),
      remove: api.networkApps.remove.handler(async ({ context, input }) =>
        json(await removeNetworkApp(system, context.actor, input.login)),
      ),
      saveToken: api.networkApps.saveToken.handler(async ({ context, input }) => {
        const { id } = await saveAppToken(system, context.actor, input)
        return json(await showNetworkApp(system, context.actor, id))
      }),
      removeToken: api.networkApps.removeToken.handler(async ({ context, input }) => {
        const { id } = await removeAppToken(system, context.actor, input.login)
        return json(await showNetworkApp(system, context.actor, id))
      }),
    },
  }
}
