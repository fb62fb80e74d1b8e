/** Reading figures. One unknown metric fails a whole call, so a failed call is asked again one by one. */
import type {
  ChannelAccess,
  MeasureOutcome,
  MetricDefinition,
  ReadingValue,
  VerbContext,
} from '../contract.ts'
import { graphError, isMissingObject } from '../graph.ts'
import { dayBefore } from '../graph-insights.ts'
import { NoAnswer, type Answer } from '../metered-fetch.ts'
import { countRows, countsAnswer, graph, insightsAnswer } from './api.ts'
import { definition } from './definition.ts'
import { messageOf, outcomeOf } from './errors.ts'

const metricsOf = (of: 'post' | 'channel') =>
  definition.metrics.value.filter((metric) => metric.of === of && /^(?:post|page)_/.test(metric.remoteName))

/** A post younger than this may be missing for readers although it is live. */
const freshMs = 10 * 60_000

export async function measurePost(
  context: VerbContext,
  channel: ChannelAccess,
  remoteId: string,
  publishedAt: Date,
): Promise<MeasureOutcome> {
  return guarded(context, async () => {
    const insights = await insightsOf(context, channel, remoteId, metricsOf('post'), {})
    if (!Array.isArray(insights)) return missingOr(context, channel, remoteId, publishedAt, insights)
    const counts = await countsOf(context, channel, remoteId)
    return { kind: 'measured', readings: [...insights, ...counts] }
  })
}

export async function measureChannel(context: VerbContext, channel: ChannelAccess): Promise<MeasureOutcome> {
  return guarded(context, async () => {
    const since = new Date(context.now().getTime() - 3 * 86_400_000).toISOString().slice(0, 10)
    const query = { period: 'day', since }
    const insights = await insightsOf(context, channel, channel.remoteId, metricsOf('channel'), query)
    return Array.isArray(insights) ? { kind: 'measured', readings: insights } : failed(context, insights)
  })
}

async function guarded(context: VerbContext, run: () => Promise<MeasureOutcome>): Promise<MeasureOutcome> {
  try {
    return await run()
  } catch (cause) {
    if (!(cause instanceof NoAnswer)) throw cause
    return later(context, `Facebook did not answer: ${cause.message}.`)
  }
}

function later(context: VerbContext, message: string): MeasureOutcome {
  return { kind: 'later', until: new Date(context.now().getTime() + 15 * 60_000), message }
}

function failed(context: VerbContext, answer: Answer): MeasureOutcome {
  const outcome = outcomeOf(answer, context.now(), 'invisible')
  const message = messageOf(answer, context.now())
  if (outcome.kind === 'refused' && outcome.fix === 'reauthorise') return { kind: 'unauthorised', message }
  if (outcome.kind === 'throttled') return { kind: 'later', until: outcome.until, message }
  return later(context, message)
}

/** "Does not exist" was reported of fresh posts that were live; it is read twice and not believed early. */
async function missingOr(
  context: VerbContext,
  channel: ChannelAccess,
  remoteId: string,
  publishedAt: Date,
  answer: Answer,
): Promise<MeasureOutcome> {
  if (!isMissingObject(answer)) return failed(context, answer)
  if (context.now().getTime() - publishedAt.getTime() < freshMs)
    return later(context, 'The post cannot be read yet.')
  const again = await readPost(context, channel, remoteId, 'id')
  return isMissingObject(again) ? { kind: 'gone' } : later(context, 'The figures cannot be read yet.')
}

/** Readings, or the answer that tells why there are none. */
async function insightsOf(
  context: VerbContext,
  channel: ChannelAccess,
  objectId: string,
  metrics: readonly MetricDefinition[],
  query: Record<string, string>,
): Promise<ReadingValue[] | Answer> {
  const answer = await graph(context, {
    method: 'GET',
    path: `/${objectId}/insights`,
    query: { metric: metrics.map((metric) => metric.remoteName).join(','), ...query },
    token: channel.accessToken,
    endpointClass: 'insights.read',
    dataClass: 'metric',
    purpose: 'measure',
    countItems: countRows,
  })
  if (answer.status < 400) return readingsIn(answer, metrics)
  const error = graphError(answer)
  if (error?.code !== 100 || error.subcode !== undefined || metrics.length === 1) return answer
  const readings: ReadingValue[] = []
  for (const metric of metrics) {
    const alone = await insightsOf(context, channel, objectId, [metric], query)
    if (Array.isArray(alone)) readings.push(...alone)
    else if (graphError(alone)?.code !== 100) return alone
  }
  return readings
}

function readingsIn(answer: Answer, metrics: readonly MetricDefinition[]): ReadingValue[] {
  const parsed = insightsAnswer.safeParse(answer.json)
  if (!parsed.success) return []
  const readings: ReadingValue[] = []
  for (const metric of metrics) {
    const values = parsed.data.data.find((row) => row.name === metric.remoteName)?.values ?? []
    for (const { value, end_time: endTime } of metric.period === 'day' ? values : values.slice(-1)) {
      const number = numberOf(value)
      if (number === undefined) continue
      const day = metric.period === 'day' && endTime !== undefined ? { day: dayBefore(endTime) } : {}
      readings.push({ metric: metric.name, remoteName: metric.remoteName, value: number, ...day })
    }
  }
  return readings
}

/** Reactions come as a number for each kind; what is counted is their sum. */
function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  if (typeof value !== 'object' || value === null) return undefined
  const numbers = Object.values(value).filter((part): part is number => typeof part === 'number')
  return numbers.length === 0 ? undefined : numbers.reduce((sum, part) => sum + part, 0)
}

function readPost(context: VerbContext, channel: ChannelAccess, remoteId: string, fields: string) {
  return graph(context, {
    method: 'GET',
    path: `/${remoteId}`,
    query: { fields },
    token: channel.accessToken,
    endpointClass: 'post.read',
    dataClass: 'metric',
    purpose: 'measure',
  })
}

/** Counting comments needs a permission that a person may have declined; then they are left out. */
async function countsOf(
  context: VerbContext,
  channel: ChannelAccess,
  remoteId: string,
): Promise<ReadingValue[]> {
  const comments = channel.scopes.includes('pages_read_user_content')
    ? ',comments.limit(0).summary(true)'
    : ''
  const parsed = countsAnswer.safeParse(
    (await readPost(context, channel, remoteId, `shares${comments}`)).json,
  )
  if (!parsed.success) return []
  const { shares, comments: counted } = parsed.data
  const total = counted?.summary?.total_count
  return [
    ...(total === undefined ? [] : [{ metric: 'comments' as const, remoteName: 'comments', value: total }]),
    ...(shares ? [{ metric: 'shares' as const, remoteName: 'shares', value: shares.count }] : []),
  ]
}
