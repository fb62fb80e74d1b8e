/** Models: writing help and its settings. */
import { allowNetwork, hasWritingHelp, saveAi, showAi } from '#app/ai-settings.ts'
import type { System } from '#app/system.ts'
import { suggest } from '#app/writing-help.ts'
import { json } from './json.ts'
import type { Api } from './kit.ts'

export function aiRoutes(api: Api, system: System) {
  return {
    ai: {
      show: api.ai.show.handler(async ({ context }) => json(await showAi(system, context.actor))),
      help: api.ai.help.handler(async ({ context }) => ({
        isOffered: await hasWritingHelp(system, context.actor),
      })),
      save: api.ai.save.handler(async ({ context, input }) =>
        json(await saveAi(system, context.actor, input)),
      ),
      allow: api.ai.allow.handler(async ({ context, input: { network, isAllowed } }) =>
        json(await allowNetwork(system, context.actor, network, isAllowed)),
      ),
      suggest: api.ai.suggest.handler(({ context, input }) =>
        suggest(system, context.actor, input, context.left),
      ),
    },
  }
}
