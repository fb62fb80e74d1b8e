/** How often Bluesky's simulator may be called: points for writes, counts for the rest, and their headers. */
import type { SandboxRequest, SandboxResponse } from '../sandbox-kit.ts'
import { jsonOf } from '../sandbox-kit.ts'
import { callerOf, problem, type State } from './sandbox-state.ts'

type Bucket = { name: string; limit: number; seconds: number; points: number }

const sessions: readonly Bucket[] = [
  { name: 'session', limit: 30, seconds: 300, points: 1 },
  { name: 'session-day', limit: 300, seconds: 86_400, points: 1 },
]
const writes = (points: number): readonly Bucket[] => [
  { name: 'write-hour', limit: 5_000, seconds: 3_600, points },
  { name: 'write-day', limit: 35_000, seconds: 86_400, points },
]
/** The 3,000 calls in five minutes are of one address, and everybody here has the same: they are only shown. */
const calls: Bucket = { name: 'calls', limit: 3_000, seconds: 300, points: 1 }

const bucketsOf: Readonly<Record<string, readonly Bucket[]>> = {
  'com.atproto.server.createSession': sessions,
  'com.atproto.repo.putRecord': writes(2),
  'com.atproto.repo.deleteRecord': writes(1),
  'com.atproto.repo.uploadBlob': [{ name: 'upload', limit: 1_000, seconds: 86_400, points: 1 }],
}

export async function limited(
  state: State,
  request: SandboxRequest,
  operation: string,
  run: () => SandboxResponse | Promise<SandboxResponse>,
): Promise<SandboxResponse> {
  const left = operation === 'com.atproto.repo.putRecord' ? state.quota.get('posts') : undefined
  if (left !== undefined) state.quota.set('posts', Math.max(0, left - 1))
  const taken =
    left === undefined
      ? (bucketsOf[operation] ?? []).map((bucket) => take(state, bucket, whoOf(state, request, operation)))
      : [{ bucket: calls, isFull: left <= 0, left: Math.max(0, left - 1), reset: resetOf(state, 300) }]
  const full = taken.find(({ isFull }) => isFull)
  if (full) return tooMany(state, full)
  const tightest = taken.toSorted((a, b) => a.left - b.left)[0]
  const shown = tightest ?? { bucket: calls, left: calls.limit - 1, reset: resetOf(state, calls.seconds) }
  const response = await run()
  return { ...response, headers: { ...headersOf(shown), ...response.headers } }
}

export function tooMany(
  state: State,
  taken: Omit<Taken, 'isFull'> = { bucket: calls, left: 0, reset: resetOf(state, calls.seconds) },
): SandboxResponse {
  const wait = Math.max(1, taken.reset - Math.ceil(state.now() / 1_000))
  const headers = { ...headersOf({ ...taken, left: 0 }), 'retry-after': String(wait) }
  return problem(429, 'RateLimitExceeded', 'Rate Limit Exceeded', headers)
}

type Taken = { bucket: Bucket; isFull: boolean; left: number; reset: number }

function take(state: State, bucket: Bucket, who: string): Taken {
  const name = `${bucket.name}|${who}`
  const known = state.windows.get(name)
  const isFresh = !known || known.startedAt + bucket.seconds * 1_000 <= state.now()
  const window = isFresh ? { startedAt: state.now(), points: 0 } : known
  const reset = Math.ceil(window.startedAt / 1_000) + bucket.seconds
  const points = window.points + bucket.points
  if (points > bucket.limit) return { bucket, isFull: true, left: 0, reset }
  state.windows.set(name, { ...window, points })
  return { bucket, isFull: false, left: bucket.limit - points, reset }
}

function whoOf(state: State, request: SandboxRequest, operation: string): string {
  if (operation === 'com.atproto.server.createSession') return String(jsonOf(request)['identifier'])
  const who = callerOf(state, request)
  return 'account' in who ? who.account.did : 'nobody'
}

const resetOf = (state: State, seconds: number) => Math.ceil(state.now() / 1_000) + seconds

function headersOf({ bucket, left, reset }: Omit<Taken, 'isFull'>): Record<string, string> {
  return {
    'ratelimit-limit': String(bucket.limit),
    'ratelimit-remaining': String(left),
    'ratelimit-reset': String(reset),
    'ratelimit-policy': `${bucket.limit};w=${bucket.seconds}`,
  }
}
