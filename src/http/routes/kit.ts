/** What every route file is handed. */
import { implement } from '@orpc/server'
import type { Actor } from '#app/system.ts'
import { contract } from '#contract/api.ts'

/** `headers` are what a public route that signs somebody in answers with, besides its body. */
export type RouteContext = { actor: Actor; requestId: string; headers: Headers }

export const api = implement(contract).$context<RouteContext>()
export type Api = typeof api

export function notThereYet(): never {
  throw new Error('not there yet')
}
