/** Who may call X's simulator, how often, and what it costs. */
import { type CallKind, effectiveBook, entryFor } from '#domain/prices.ts'
import { bearerOf, type Bill, type SandboxRequest, type SandboxResponse } from '../sandbox-kit.ts'
import { priceBook } from './prices.ts'
import {
  type Account,
  type Caller,
  type Headers,
  problem,
  type State,
  unauthorised,
} from './sandbox-state.ts'

type Result = { response: SandboxResponse } | Caller

const limits: Readonly<Record<string, { limit: number; seconds: number }>> = {
  'post.create': { limit: 100, seconds: 900 },
  'post.delete': { limit: 50, seconds: 900 },
  'post.lookup': { limit: 5_000, seconds: 900 },
  'post.read': { limit: 900, seconds: 900 },
  'timeline.read': { limit: 900, seconds: 900 },
  'user.read': { limit: 75, seconds: 900 },
  'media.upload': { limit: 500, seconds: 900 },
  'media.metadata': { limit: 500, seconds: 900 },
}

/** The id is a number above 2^53, as seen on the real API. */
export function creditsDepleted(): SandboxResponse {
  return {
    status: 402,
    headers: { 'content-type': 'application/problem+json', 'x-rate-limit-limit': '40000' },
    body: '{"account_id":1934567890123456789,"title":"CreditsDepleted","detail":"No credits are left.","type":"https://api.x.com/2/problems/credits"}',
  }
}

export function spendCapReached(state: State): SandboxResponse {
  const reset_date = new Date(state.now() + 3 * 86_400_000).toISOString().slice(0, 10)
  return problem(state, 403, 'credits', 'SpendCapReached', 'The spend cap is reached.', { reset_date })
}

export function usageCapExceeded(state: State): SandboxResponse {
  return problem(state, 429, 'usage-capped', 'UsageCapExceeded', 'Usage cap exceeded.', {
    period: 'Monthly',
    scope: 'Product',
  })
}

function billingProblem(state: State): SandboxResponse | null {
  switch (state.config().billing) {
    case 'depleted':
      return creditsDepleted()
    case 'spend-cap':
      return spendCapReached(state)
    case 'usage-cap':
      return usageCapExceeded(state)
    case undefined:
    default:
      return null
  }
}

function authenticate(state: State, request: SandboxRequest): Result {
  const token = state.tokens.get(bearerOf(request) ?? '')
  if (!token || token.expiresAt <= state.now()) return { response: unauthorised(state) }
  const account = state.accounts.get(token.accountId)
  if (!account) return { response: unauthorised(state) }
  const refused = billingProblem(state)
  return refused ? { response: refused } : { token, account }
}

function take(
  state: State,
  name: string,
  limit: number,
  seconds: number,
): { ok: boolean; left: number; reset: number } {
  const known = state.windows.get(name)
  const fresh = !known || known.startedAt + seconds * 1_000 <= state.now()
  const window = fresh ? { startedAt: state.now(), count: 0 } : known
  const reset = Math.ceil(window.startedAt / 1_000) + seconds
  if (window.count >= limit) return { ok: false, left: 0, reset }
  state.windows.set(name, { startedAt: window.startedAt, count: window.count + 1 })
  return { ok: true, left: limit - window.count - 1, reset }
}

/** Counts the call and gives its rate headers; `ok` false means 429. */
function rate(
  state: State,
  endpointClass: string,
  { account, token }: Caller,
): { ok: boolean; headers: Headers } {
  const left = endpointClass === 'post.create' ? state.quota.get('post.create') : undefined
  if (left !== undefined) {
    state.quota.set('post.create', Math.max(0, left - 1))
    const reset = Math.ceil(state.now() / 1_000) + 900
    return { ok: left > 0, headers: rateHeaders(Math.max(100, left), Math.max(0, left - 1), reset) }
  }
  const rule = limits[endpointClass] ?? { limit: 900, seconds: 900 }
  const user = take(state, `${endpointClass}|${account.id}`, rule.limit, rule.seconds)
  const headers = rateHeaders(rule.limit, user.left, user.reset)
  if (!user.ok || endpointClass !== 'post.create') return { ok: user.ok, headers }
  const day = take(state, `${endpointClass}|app|${token.clientId}`, 10_000, 86_400)
  headers['x-app-limit-24hour-limit'] = '10000'
  headers['x-app-limit-24hour-remaining'] = String(day.left)
  headers['x-app-limit-24hour-reset'] = String(day.reset)
  return { ok: day.ok, headers }
}

export async function called(
  state: State,
  request: SandboxRequest,
  endpointClass: string,
  scope: string,
  run: (account: Account) => SandboxResponse | Promise<SandboxResponse>,
): Promise<SandboxResponse> {
  const who = authenticate(state, request)
  if ('response' in who) return who.response
  if (!who.token.scope.split(' ').includes(scope))
    return problem(state, 403, 'about:blank', 'Forbidden', 'Forbidden')
  const { ok, headers } = rate(state, endpointClass, who)
  if (!ok) {
    const refused = problem(state, 429, 'about:blank', 'Too Many Requests', 'Too Many Requests')
    return { ...refused, headers: { ...refused.headers, ...headers } }
  }
  const response = await run(who.account)
  if (response.status < 300 && endpointClass !== 'post.create')
    chargeAnswer(state, endpointClass, response, who.token.clientId)
  return { ...response, headers: { ...response.headers, ...headers } }
}

const book = effectiveBook(priceBook)

/** Without a condition that is not told, as X's own bill has it. */
function kindOf(state: State, endpointClass: string, hasLink?: boolean): CallKind {
  const on = new Date(state.now()).toISOString().slice(0, 10)
  return { plan: book.defaultPlan, endpointClass, on, ...(hasLink === undefined ? {} : { hasLink }) }
}

export function charge(state: State, endpointClass: string, count: number, hasLink?: boolean): void {
  const entry = entryFor(book, kindOf(state, endpointClass, hasLink))
  const name = hasLink ? `${endpointClass}.link` : endpointClass
  const amount = state.priceChanges.get('x')?.[name] ?? entry?.price ?? undefined
  if (amount === undefined) return
  const before = state.charges.get(name) ?? { count: 0, micros: 0 }
  state.charges.set(name, {
    count: before.count + count,
    micros: before.micros + count * Math.round(Number(amount) * 1e6),
  })
}

function chargeAnswer(
  state: State,
  endpointClass: string,
  response: SandboxResponse,
  clientId: string,
): void {
  const entry = entryFor(book, kindOf(state, endpointClass))
  if (entry?.unit !== 'item') return charge(state, endpointClass, 1)
  const ids = idsIn(response)
  const fresh =
    entry.dedupe === undefined
      ? ids.length
      : freshOf(state, `${clientId} ${endpointClass.split('.')[0]}`, ids)
  charge(state, endpointClass, fresh)
  if (postReads.has(endpointClass)) consume(state, fresh)
}

/** What the usage endpoint counts. */
const postReads: ReadonlySet<string> = new Set(['timeline.read', 'post.lookup'])

function consume(state: State, count: number): void {
  const today = new Date(state.now()).toISOString().slice(0, 10)
  state.consumed.set(today, (state.consumed.get(today) ?? 0) + count)
}

/** How many of them the app has not read on this UTC day, in which X charges each once. */
function freshOf(state: State, reader: string, ids: readonly string[]): number {
  const today = new Date(state.now()).toISOString().slice(0, 10)
  const fresh = ids.filter((id) => state.readOn.get(`${reader} ${id}`) !== today)
  for (const id of fresh) state.readOn.set(`${reader} ${id}`, today)
  return fresh.length
}

export function bill(state: State): Bill {
  const items = state.charges
    .entries()
    .map(([endpointClass, { count, micros }]) => ({ endpointClass, count, amount: decimal(micros) }))
  const total = [...state.charges.values()].reduce((sum, { micros }) => sum + micros, 0)
  return { currency: 'USD', total: decimal(total), items }
}

export function rateHeaders(limit: number, remaining: number, reset: number): Headers {
  return {
    'x-rate-limit-limit': String(limit),
    'x-rate-limit-remaining': String(remaining),
    'x-rate-limit-reset': String(reset),
  }
}

function idsIn(response: SandboxResponse): string[] {
  const { data } = JSON.parse(String(response.body ?? '{}')) as { data?: unknown }
  const items = Array.isArray(data) ? data : data === undefined ? [] : [data]
  return items.map((item: { id?: unknown }) => String(item.id))
}

/** Millionths as a decimal string. */
const decimal = (micros: number) => (micros / 1e6).toFixed(6).replace(/\.?0+$/, '')
