/** Terms and prices of networks: how old what is known of them is, and reading them again. */
import type { System } from '#app/system.ts'
import { listTerms, readTermsAgain } from '#app/terms.ts'
import { json } from './json.ts'
import type { Api } from './kit.ts'

export function termsRoutes(api: Api, system: System) {
  return {
    terms: {
      list: api.terms.list.handler(async ({ context }) => json(await listTerms(system, context.actor))),
      read: api.terms.read.handler(async ({ context, input }) =>
        json(await readTermsAgain(system, context.actor, input)),
      ),
    },
  }
}
