/** What every route file is handed. */
import { implement } from '@orpc/server'
import type { Actor } from '#app/system.ts'
import { contract } from '#contract/api.ts'

/**
 * `actor` is absent on public operations only; `setCookie` signs somebody in; `left` aborts when whoever asked does
 * not wait for the answer any more.
 */
export type RouteContext = {
  actor: Actor
  requestId: string
  setCookie: (cookie: string) => void
  left: AbortSignal
}

export const api = implement(contract).$context<RouteContext>()
export type Api = typeof api
