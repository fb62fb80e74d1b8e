/** How often Mastodon's simulator may be called: 300 calls in five minutes, fewer uploads and deletions, with headers. */
import type { SandboxResponse } from '../sandbox-kit.ts'
import { definition } from './definition.ts'
import { problem, type State } from './sandbox-state.ts'

type Taken = { limit: number; left: number; resetAt: number; isFull: boolean }

/** Windows begin at full multiples of their length, as those of the real instance do. */
export async function limited(
  state: State,
  call: { who: string; endpointClass: string },
  run: () => SandboxResponse | Promise<SandboxResponse>,
): Promise<SandboxResponse> {
  const ordered = call.endpointClass === 'post.create' ? state.quota.get('posts') : undefined
  if (ordered !== undefined) state.quota.set('posts', Math.max(0, ordered - 1))
  if (ordered === 0) return tooMany(state)
  const taken = definition.quotas.value
    .filter(({ counts }) => counts.includes(call.endpointClass))
    .map(({ name, limit, windowSeconds }) => take(state, `${name}|${call.who}`, limit, windowSeconds))
  const full = taken.find(({ isFull }) => isFull)
  if (full) return tooMany(state, full)
  const response = await run()
  const tightest = taken.toSorted((a, b) => a.left - b.left)[0]
  return tightest ? { ...response, headers: { ...headersOf(tightest), ...response.headers } } : response
}

function take(state: State, name: string, limit: number, windowSeconds: number): Taken {
  const length = windowSeconds * 1_000
  const startedAt = Math.floor(state.now() / length) * length
  const known = state.windows.get(name)
  const count = known?.startedAt === startedAt ? known.count : 0
  const resetAt = startedAt + length
  if (count >= limit) return { limit, left: 0, resetAt, isFull: true }
  state.windows.set(name, { startedAt, count: count + 1 })
  return { limit, left: limit - count - 1, resetAt, isFull: false }
}

export function tooMany(
  state: State,
  taken: Pick<Taken, 'limit' | 'resetAt'> = { limit: 300, resetAt: state.now() + 300_000 },
): SandboxResponse {
  return problem(429, 'Too many requests', headersOf({ ...taken, left: 0 }))
}

function headersOf({ limit, left, resetAt }: Omit<Taken, 'isFull'>): Record<string, string> {
  return {
    'x-ratelimit-limit': String(limit),
    'x-ratelimit-remaining': String(left),
    'x-ratelimit-reset': new Date(resetAt).toISOString(),
  }
}
