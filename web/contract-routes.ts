/** A virtual module with the contract's routes alone, so that the browser gets no schemas and no Zod. */
import { minifyContractRouter } from '@orpc/contract'
import type { Plugin } from 'vite'
import { contract } from '../src/contract/api.ts'

const id = 'virtual:contract-routes'

export function contractRoutes(): Plugin {
  return {
    name: 'litfass-contract-routes',
    resolveId: (source) => (source === id ? `\0${id}` : null),
    load: (loaded) => (loaded === `\0${id}` ? `export const routes = ${JSON.stringify(routes())}` : null),
  }
}

/** Only what a client needs to send a request: method and path. */
function routes(): unknown {
  return JSON.parse(
    JSON.stringify(minifyContractRouter(contract), (key, value: unknown) =>
      key === 'summary' || key === 'description' || key === 'successStatus' ? undefined : value,
    ),
  )
}
