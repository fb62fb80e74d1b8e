/** How much Facebook's simulator was used: counted by hour and day, and told in headers. */
import type { Effect, SandboxRequest, SandboxResponse } from '../sandbox-kit.ts'
import { failure, type State } from './sandbox-state.ts'

const callsPerHour = 2_000

/** 4,800 for each person who did something with the page lately; here ten. */
const pageCallsPerDay = 48_000

/** Headers show up only when enough calls were made. */
export function withUsage(state: State, request: SandboxRequest, response: SandboxResponse): SandboxResponse {
  if (effectOf(request) === 'page') return response
  const headers: Record<string, string> = { ...response.headers }
  const left = state.quota.get('calls')
  const app = left === undefined ? percent(callsThisHour(state), callsPerHour) : left > 0 ? 90 : 100
  if (app > 0) headers['x-app-usage'] = JSON.stringify({ call_count: app, total_time: 0, total_cputime: 0 })
  const pageId = pageOf(request)
  const page = pageId === undefined ? 0 : percent(state.calls.get(dayOf(state, pageId)) ?? 0, pageCallsPerDay)
  if (pageId !== undefined && page > 0) headers['x-business-use-case-usage'] = businessUsage(pageId, page, 0)
  return { ...response, headers }
}

const percent = (used: number, limit: number) => Math.floor((used / limit) * 100)

export function businessUsage(pageId: string, callCount: number, minutes: number): string {
  const row = {
    type: 'pages',
    call_count: callCount,
    total_cputime: 0,
    total_time: 0,
    estimated_time_to_regain_access: minutes,
  }
  return JSON.stringify({ [pageId]: [row] })
}

/** The page a call is about. */
export function pageOf({ path }: Pick<SandboxRequest, 'path'>): string | undefined {
  return /^(?:\/v\d+\.\d+)?\/(\d+)(?:[/_]|$)/.exec(path)?.[1]
}

function dayOf(state: State, pageId: string): string {
  return `${pageId}:${Math.floor(state.now() / 86_400_000)}`
}

function hourOf(state: State): string {
  return String(Math.floor(state.now() / 3_600_000))
}

function callsThisHour(state: State): number {
  return state.calls.get(hourOf(state)) ?? 0
}

/** Counts the call, of the app and of the page it is about; false where no more are left. */
export function countCall(state: State, request: SandboxRequest): boolean {
  state.calls.set(hourOf(state), callsThisHour(state) + 1)
  const pageId = pageOf(request)
  if (pageId !== undefined) {
    const today = dayOf(state, pageId)
    state.calls.set(today, (state.calls.get(today) ?? 0) + 1)
  }
  const left = state.quota.get('calls')
  if (left === undefined) return callsThisHour(state) <= callsPerHour
  state.quota.set('calls', Math.max(0, left - 1))
  return left > 0
}

export function limited(): SandboxResponse {
  return failure(4, '(#4) Application request limit reached', { status: 400 })
}

export function effectOf({ method, path }: Pick<SandboxRequest, 'method' | 'path'>): Effect {
  const bare = path.replace(/^\/v\d+\.\d+(?=\/)/, '')
  if (bare === '/dialog/oauth' || /^\/\d+\/posts\//.test(bare) || bare.startsWith('/_files/')) return 'page'
  if (bare === '/oauth/access_token') return 'token'
  if (method === 'DELETE') return 'remove'
  if (method !== 'POST') return 'read'
  // A photo of its own is visible too; whether it is stands in the body only.
  return bare.endsWith('/photos') ? 'upload' : 'publish'
}
