/** The log of requests a simulator saw, and which requests made each post. No query, token or body is kept. */
import type { Collections } from '#networks/sandbox-journal.ts'
import type { Effect } from '#networks/sandbox-kit.ts'

export type LoggedRequest = {
  method: string
  path: string
  effect: Effect
  /** Null where the connection was reset. */
  status: number | null
  at: string
  /** The fault that was applied, and the rule it came from. */
  fault?: string
  ruleId?: string
}

export type RequestLog = {
  add: (request: LoggedRequest) => void
  /** Oldest first. */
  list: () => Array<LoggedRequest & { number: number }>
  clear: () => void
}

const keptRequests = 5_000

/** The newest requests; each takes the place of the one that many before it. */
export function openRequestLog(collections: Collections): RequestLog {
  const kept = collections<LoggedRequest & { number: number }>('_requests')
  let next = 1
  for (const request of kept.values()) next = Math.max(next, request.number + 1)
  return {
    add: (request) => {
      kept.set(String(next % keptRequests), { number: next, ...request })
      next += 1
    },
    list: () => [...kept.values()].toSorted((a, b) => a.number - b.number),
    clear: () => {
      for (const [key] of kept.entries()) kept.delete(key)
    },
  }
}

export type TrailStep = { method: string; path: string; status: number; at: string }

export type Trails = {
  /** The object came about by this request, out of other objects with trails of their own. */
  add: (objectId: string, outOf: readonly string[], step: TrailStep) => void
  of: (objectId: string) => readonly TrailStep[]
}

export function openTrails(collections: Collections): Trails {
  const kept = collections<TrailStep[]>('_trails')
  return {
    add: (objectId, outOf, step) => {
      const before = [...outOf, objectId].flatMap((id) => kept.get(id) ?? [])
      kept.set(objectId, [...before, step])
    },
    of: (objectId) => kept.get(objectId) ?? [],
  }
}
