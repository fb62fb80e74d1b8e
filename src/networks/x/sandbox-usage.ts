/** The usage endpoint of X's simulator: posts that were read, by day, told to an app's own token alone. */
import { bearerOf, jsonResponse, type SandboxRequest, type SandboxResponse } from '../sandbox-kit.ts'
import { definition } from './definition.ts'
import { rateHeaders } from './sandbox-limits.ts'
import { problem, type State, unauthorised } from './sandbox-state.ts'

/** Since 2026-08-13, in a month. */
const projectCap = 3_000_000
const callsPerWindow = 50
const windowMs = 900_000
const dayMs = 86_400_000

const appToken = definition.logins[0]?.appToken?.sandboxValue

/** Every app of the simulator belongs to one project. */
export function projectUsage(state: State, request: SandboxRequest): SandboxResponse {
  if (bearerOf(request) !== appToken) {
    return state.tokens.get(bearerOf(request) ?? '')
      ? problem(
          state,
          403,
          'unsupported-authentication',
          'Unsupported Authentication',
          'Authenticating with OAuth 2.0 User Context is forbidden for this endpoint.',
        )
      : unauthorised(state)
  }
  const { ok, headers } = takeCall(state)
  if (!ok) return { ...problem(state, 429, 'about:blank', 'Too Many Requests', 'Too Many Requests'), headers }
  const days = Math.min(90, Math.max(1, Number(request.query.get('days') ?? '7') || 7))
  const answer = jsonResponse(200, { data: usageOf(state, days) })
  return { ...answer, headers: { ...answer.headers, ...headers } }
}

function takeCall(state: State): { ok: boolean; headers: Record<string, string> } {
  const known = state.windows.get('usage')
  const window =
    known && known.startedAt + windowMs > state.now() ? known : { startedAt: state.now(), count: 0 }
  const count = window.count + 1
  state.windows.set('usage', { startedAt: window.startedAt, count })
  const reset = Math.ceil((window.startedAt + windowMs) / 1_000)
  return {
    ok: count <= callsPerWindow,
    headers: rateHeaders(callsPerWindow, Math.max(0, callsPerWindow - count), reset),
  }
}

/** Numbers are strings, as since version 2.167. */
function usageOf(state: State, days: number) {
  const today = state.now()
  const dates = Array.from({ length: days }, (_, ago) => dayOf(today - (days - 1 - ago) * dayMs))
  const usage = dates.map((date) => ({ date: `${date}T00:00:00.000Z`, usage: String(readOn(state, date)) }))
  const month = dayOf(today).slice(0, 7)
  const ofMonth = [...state.consumed.entries()].reduce(
    (sum, [day, count]) => (day.startsWith(month) ? sum + count : sum),
    0,
  )
  const end = new Date(today)
  const ends = Date.UTC(end.getUTCFullYear(), end.getUTCMonth() + 1, 1)
  return {
    cap_reset_day: Math.ceil((ends - today) / dayMs),
    daily_project_usage: { project_id: '1', usage },
    project_cap: String(projectCap),
    project_id: '1',
    project_usage: String(ofMonth),
  }
}

const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10)
const readOn = (state: State, day: string) => state.consumed.get(day) ?? 0
