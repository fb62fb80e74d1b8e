/**
 * What X tells of how much was used: windows of each endpoint in headers, and the posts that were read at an endpoint
 * of its own, which wants the app's own bearer token.
 */
import { z } from 'zod'
import type { Fact, Network } from '../contract.ts'
import { type Counter, limitIn, numberIn, protectedPercent, type Told } from '../counters.ts'
import { type Answer, NoAnswer } from '../metered-fetch.ts'
import { callX } from './api.ts'

const docs = 'https://github.com/xdevplatform/docs/blob/287132819074964da9c1c410ba02df5a06c932d3'

const usageClass = 'usage.read'
const usagePath = '/2/usage/tweets'
const fixed = (seconds: number) => ({ kind: 'fixed', seconds }) as const
const ofCall = { counts: 'calls', of: 'told' } as const
const holds = { of: 'told', protectedPercent } as const
/** Answers that bring posts; X counts each post once on a UTC day. */
const posts = { counts: 'items', of: ['timeline.read', 'post.lookup'] } as const

export const counters: Fact<readonly Counter[]> = {
  value: [
    {
      name: 'window',
      of: 'connection',
      what: 'calls',
      unit: 'count',
      toldBy: 'x-rate-limit-*',
      isWithAnswers: true,
      ours: ofCall,
      holds,
      window: fixed(900),
    },
    {
      name: 'app-day',
      of: 'app',
      what: 'calls',
      unit: 'count',
      toldBy: 'x-app-limit-24hour-*',
      isWithAnswers: true,
      ours: ofCall,
      holds,
      window: fixed(86_400),
    },
    {
      name: 'user-day',
      of: 'connection',
      what: 'calls',
      unit: 'count',
      toldBy: 'x-user-limit-24hour-*',
      isWithAnswers: true,
      ours: ofCall,
      holds,
      window: fixed(86_400),
    },
    {
      name: 'posts-month',
      of: 'app',
      what: 'posts-read',
      unit: 'count',
      toldBy: `GET ${usagePath}`,
      isWithAnswers: false,
      ours: posts,
      holds: null,
      window: { kind: 'utc-month' },
    },
    {
      // By X's own billing cycle, of which it tells how it ends, not how it began.
      name: 'posts-cycle',
      of: 'app',
      what: 'posts-read',
      unit: 'count',
      toldBy: `GET ${usagePath}`,
      isWithAnswers: false,
      ours: null,
      holds: { of: posts.of, protectedPercent },
      window: null,
    },
  ],
  source: `${docs}/openapi.json (headers: ${docs}/x-api/fundamentals/rate-limits.mdx)`,
  readOn: '2026-11-24',
}

/** Numbers are strings since version 2.167 and were numbers before. */
const count = z.union([z.string(), z.number()]).nullish()
const usageSchema = z.looseObject({
  data: z.looseObject({
    project_cap: count,
    project_usage: count,
    daily_project_usage: z
      .looseObject({ usage: z.array(z.looseObject({ date: z.string(), usage: count })).nullish() })
      .optional(),
  }),
})

const windows = [
  { counter: 'window', prefix: 'x-rate-limit' },
  { counter: 'app-day', prefix: 'x-app-limit-24hour' },
  { counter: 'user-day', prefix: 'x-user-limit-24hour' },
]

export const told: NonNullable<Network['told']> = (call, answer, now) => [
  ...windows.flatMap(({ counter, prefix }) => {
    const limit = limitIn(answer.headers, prefix)
    return limit === null ? [] : [{ counter, endpointClass: call.endpointClass, ...limit }]
  }),
  ...(call.endpointClass === usageClass ? toldByUsage(answer, now) : []),
]

function toldByUsage(answer: Answer, now: Date): Told[] {
  const data = answer.status === 200 ? usageSchema.safeParse(answer.json).data?.data : undefined
  if (!data) return []
  const month = now.toISOString().slice(0, 7)
  const days = data.daily_project_usage?.usage?.filter(({ date }) => date.startsWith(month))
  const ofMonth = days?.reduce((sum, { usage }) => sum + (numberIn(usage) ?? 0), 0)
  const ofCycle = numberIn(data.project_usage)
  return [
    ...(ofMonth === undefined ? [] : [{ counter: 'posts-month', used: ofMonth, limit: null }]),
    ...(ofCycle === null
      ? []
      : [{ counter: 'posts-cycle', used: ofCycle, limit: numberIn(data.project_cap) }]),
  ]
}

/** The longest month, so that all days of this one are told. */
const query = new URLSearchParams({
  days: '31',
  'usage.fields': 'daily_project_usage,project_cap,project_usage',
})

export const usage: NonNullable<Network['usage']> = {
  of: 'app',
  ask: async (context, token) => {
    try {
      const answer = await callX(context, token, {
        method: 'GET',
        path: `${usagePath}?${query}`,
        endpointClass: usageClass,
        dataClass: 'none',
        purpose: 'connect',
      })
      if (answer.status === 200) return { kind: 'told' }
      const hint = answer.status === 401 || answer.status === 403 ? ' Check the app’s bearer token.' : ''
      return { kind: 'not-told', message: `X did not tell it (status ${answer.status}).${hint}` }
    } catch (cause) {
      if (!(cause instanceof NoAnswer)) throw cause
      return { kind: 'not-told', message: 'X did not answer.' }
    }
  },
}
