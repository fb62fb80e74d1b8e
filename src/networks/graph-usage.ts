/**
 * How much of Meta's allowances is used, as its headers and quota endpoints tell it. Headers speak in percent, come
 * only after enough calls, and say in minutes when calls are let in again.
 */
import type { ChannelAccess, Fact, VerbContext } from './contract.ts'
import {
  type Counter,
  numberIn,
  protectedPercent,
  type Refusal,
  type Told,
  type UsageOutcome,
} from './counters.ts'
import { graphError } from './graph.ts'
import { type GraphVerb, quotaAnswer } from './graph-call.ts'
import { type Answer, type Call, NoAnswer } from './metered-fetch.ts'

const readOn = '2026-11-24'
const limits = 'https://developers.facebook.com/docs/graph-api/overview/rate-limiting'

const hour = 3_600
const day = 86_400

/** Of all that the app does, and of one page or profile. */
const headers = { app: 'x-app-usage', business: 'x-business-use-case-usage' } as const

const all = { of: 'all', protectedPercent } as const
const percent = { unit: 'percent', isWithAnswers: true } as const

/** The app's hour, and the day of a page or profile, in which these classes count. */
export function graphCounters(
  calls: readonly string[],
  more: readonly Counter[] = [],
): Fact<readonly Counter[]> {
  return {
    value: [
      {
        ...percent,
        name: 'app-calls',
        of: 'app',
        what: 'calls',
        toldBy: 'X-App-Usage',
        ours: { counts: 'calls', of: 'all' },
        holds: all,
        window: { kind: 'rolling', seconds: hour },
      },
      {
        ...percent,
        name: 'app-time',
        of: 'app',
        what: 'time',
        toldBy: 'X-App-Usage',
        ours: null,
        holds: all,
        window: { kind: 'rolling', seconds: hour },
      },
      {
        ...percent,
        name: 'channel-calls',
        of: 'channel',
        what: 'calls',
        toldBy: 'X-Business-Use-Case-Usage',
        ours: { counts: 'calls', of: calls },
        holds: { of: calls, protectedPercent },
        window: { kind: 'rolling', seconds: day },
      },
      {
        ...percent,
        name: 'channel-time',
        of: 'channel',
        what: 'time',
        toldBy: 'X-Business-Use-Case-Usage',
        ours: null,
        holds: { of: calls, protectedPercent },
        window: { kind: 'rolling', seconds: day },
      },
      ...more,
    ],
    source: limits,
    readOn,
  }
}

/** A daily number of a profile that an endpoint tells. */
export function dailyQuota(
  edge: string,
  { name, what, calls }: { name: string; what: Counter['what']; calls: readonly string[] },
): Counter {
  return {
    name,
    of: 'channel',
    what,
    unit: 'count',
    toldBy: `GET /{id}/${edge}`,
    isWithAnswers: false,
    ours: { counts: 'successes', of: calls },
    holds: { of: calls, protectedPercent: 0 },
    window: { kind: 'rolling', seconds: day },
  }
}

/** What the usage headers of an answer say. */
export function toldInHeaders(_call: Call, answer: Answer, now: Date): Told[] {
  const app = recordIn(answer.headers[headers.app])
  const business = recordIn(answer.headers[headers.business])
  return [
    ...(app === null ? [] : usageOf(app, 'app', now)),
    ...Object.entries(business ?? {}).flatMap(([subject, rows]) =>
      (Array.isArray(rows) ? rows : []).flatMap((row: unknown) =>
        isRecord(row) ? usageOf(row, 'channel', now).map((told) => ({ ...told, subject })) : [],
      ),
    ),
  ]
}

/** Codes that say whose calls are used up, where no header came with them; 15 minutes are to be waited then. */
const usedUp: Readonly<Record<number, Refusal['of']>> = { 4: 'app', 17: 'connection', 613: 'connection' }
const waitMs = 15 * 60_000

/** One with a subcode is about something else, such as a post that may be live. */
export function refusedByGraph(answer: Answer, now: Date): Refusal | null {
  const error = answer.status < 400 ? null : graphError(answer)
  const of = error === null || error.subcode !== undefined ? undefined : usedUp[error.code]
  return of === undefined ? null : { of, until: new Date(now.getTime() + waitMs) }
}

function usageOf(row: Readonly<Record<string, unknown>>, of: 'app' | 'channel', now: Date): Told[] {
  const calls = numberIn(row['call_count'])
  const times = [row['total_time'], row['total_cputime']].flatMap((value) => numberIn(value) ?? [])
  const minutes = numberIn(row['estimated_time_to_regain_access']) ?? 0
  const told = {
    limit: 100,
    ...(minutes > 0 ? { resetsAt: new Date(now.getTime() + minutes * 60_000) } : {}),
  }
  return [
    ...(calls === null ? [] : [{ ...told, counter: `${of}-calls`, used: calls }]),
    ...(times.length === 0 ? [] : [{ ...told, counter: `${of}-time`, used: Math.max(...times) }]),
  ]
}

/** The endpoint class that quota endpoints are asked under, and the name of each number in the answer. */
export function toldByQuota(
  call: Call,
  answer: Answer,
  { edge, numbers }: { edge: string; numbers: ReadonlyArray<{ counter: string; prefix: string }> },
): Told[] {
  const subject = new RegExp(`/(\\d+)/${edge}\\?`).exec(call.url)?.[1]
  const [row] = answer.status < 400 ? (quotaAnswer.safeParse(answer.json).data?.data ?? []) : []
  if (subject === undefined || row === undefined) return []
  return numbers.flatMap(({ counter, prefix }) => {
    const used = numberIn(row[`${prefix}quota_usage`])
    const config = row[`${prefix}config`]
    const limit = isRecord(config) ? numberIn(config['quota_total']) : null
    return used === null ? [] : [{ counter, subject, used, limit }]
  })
}

/** Asks a quota endpoint; the door sees what it tells. */
export async function askQuota(
  graph: GraphVerb,
  context: VerbContext,
  channel: ChannelAccess,
  { edge, fields, name }: { edge: string; fields: string; name: string },
): Promise<UsageOutcome> {
  try {
    const answer = await graph(context, 'GET', channel.accessToken, {
      path: `/${channel.remoteId}/${edge}`,
      params: { fields },
      endpointClass: 'account.read',
      dataClass: 'none',
      purpose: 'connect',
    })
    return answer.status < 400
      ? { kind: 'told' }
      : { kind: 'not-told', message: `${name} did not tell it (status ${answer.status}).` }
  } catch (cause) {
    if (!(cause instanceof NoAnswer)) throw cause
    return { kind: 'not-told', message: `${name} did not answer.` }
  }
}

function recordIn(text: string | undefined): Readonly<Record<string, unknown>> | null {
  if (text === undefined) return null
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : null
  } catch {
    return null
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
