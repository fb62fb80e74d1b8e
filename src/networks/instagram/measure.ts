/**
 * Insights of posts and accounts. What is missing is left out: the network says "no data" with an empty set.
 *
 * One metric it does not know fails a whole call (IG media insights, 2026-11-23), so after such a failure
 * each is asked for alone.
 */
import type {
  ChannelAccess,
  MeasureOutcome,
  MetricDefinition,
  ReadingValue,
  VerbContext,
} from '../contract.ts'
import { graphError } from '../graph.ts'
import { NoAnswer, type Answer } from '../metered-fetch.ts'
import { accountAnswer, graph, insightsAnswer } from './api.ts'
import { definition } from './definition.ts'
import { isMissing, outcomeOf } from './errors.ts'

const dayMs = 86_400_000
/** A fresh post may read as missing while it is there. */
const freshMs = 10 * 60_000

const postMetrics = definition.metrics.value.filter((metric) => metric.of === 'post')
const dayMetrics = definition.metrics.value.filter(
  (metric) => metric.of === 'channel' && metric.period === 'day',
)

export async function measurePost(
  context: VerbContext,
  channel: ChannelAccess,
  remoteId: string,
  publishedAt: Date,
): Promise<MeasureOutcome> {
  const ask = (metrics: readonly MetricDefinition[]) => insights(context, channel, remoteId, metrics, {})
  return guarded(context, async () => {
    const answer = await ask(postMetrics)
    if (isMissing(answer)) return missing(context, channel, remoteId, publishedAt, answer)
    return collected(context, answer, postMetrics, ask)
  })
}

export async function measureChannel(context: VerbContext, channel: ChannelAccess): Promise<MeasureOutcome> {
  const today = Math.floor(context.now().getTime() / dayMs) * dayMs
  const day = new Date(today - dayMs).toISOString().slice(0, 10)
  const range = {
    period: 'day',
    metric_type: 'total_value',
    since: String((today - dayMs) / 1_000),
    until: String(today / 1_000),
  }
  const ask = (metrics: readonly MetricDefinition[]) =>
    insights(context, channel, channel.remoteId, metrics, range)
  return guarded(context, async () => {
    const outcome = await collected(context, await ask(dayMetrics), dayMetrics, ask, day)
    if (outcome.kind !== 'measured') return outcome
    return { kind: 'measured', readings: [...(await followers(context, channel)), ...outcome.readings] }
  })
}

function insights(
  context: VerbContext,
  channel: ChannelAccess,
  id: string,
  metrics: readonly MetricDefinition[],
  params: Record<string, string>,
): Promise<Answer> {
  return graph(context, 'GET', channel.accessToken, {
    path: `/${id}/insights`,
    params: { ...params, metric: metrics.map((metric) => metric.remoteName).join(',') },
    endpointClass: 'insights.read',
    dataClass: 'metric',
    purpose: 'measure',
    countItems: (body) => insightsAnswer.safeParse(body).data?.data.length ?? 0,
  })
}

async function collected(
  context: VerbContext,
  answer: Answer,
  metrics: readonly MetricDefinition[],
  ask: (metrics: readonly MetricDefinition[]) => Promise<Answer>,
  day?: string,
): Promise<MeasureOutcome> {
  const readings = readingsOf(answer, metrics, day)
  if (readings) return { kind: 'measured', readings }
  if (isNeverMeasured(answer)) return { kind: 'measured', readings: [] }
  if (!mayBeOneMetric(answer)) return failed(context, answer)
  const single: ReadingValue[] = []
  let answered = 0
  for (const metric of metrics) {
    const own = await ask([metric])
    const values = readingsOf(own, [metric], day)
    if (values) {
      answered += 1
      single.push(...values)
    } else if (!mayBeOneMetric(own)) return failed(context, own)
  }
  return answered === 0 ? failed(context, answer) : { kind: 'measured', readings: single }
}

function readingsOf(
  answer: Answer,
  metrics: readonly MetricDefinition[],
  day: string | undefined,
): ReadingValue[] | null {
  const body = insightsAnswer.safeParse(answer.json)
  if (answer.status >= 400 || !body.success) return null
  const readings: ReadingValue[] = []
  for (const { name, values, total_value: total } of body.data.data) {
    const metric = metrics.find((candidate) => candidate.remoteName === name)
    const value = total ? total.value : values?.at(-1)?.value
    if (!metric || typeof value !== 'number') continue
    readings.push({ metric: metric.name, remoteName: name, value, ...(day === undefined ? {} : { day }) })
  }
  return readings
}

/** Code 10 on insights says "too few viewers"; 2108006 that the post is older than the business account. */
function isNeverMeasured(answer: Answer): boolean {
  const error = graphError(answer)
  return (error?.code === 10 && error.subcode === undefined) || error?.subcode === 2108006
}

/** An unsupported metric comes as "unknown error" (1) or as an invalid parameter (100). */
function mayBeOneMetric(answer: Answer): boolean {
  const error = graphError(answer)
  return (error?.code === 1 || error?.code === 100) && error.subcode === undefined
}

/** 100/33 is believed when the post itself reads as missing too and is old enough. */
async function missing(
  context: VerbContext,
  channel: ChannelAccess,
  remoteId: string,
  publishedAt: Date,
  answer: Answer,
): Promise<MeasureOutcome> {
  if (context.now().getTime() - publishedAt.getTime() < freshMs) return failed(context, answer)
  const own = await graph(context, 'GET', channel.accessToken, {
    path: `/${remoteId}`,
    params: { fields: 'id' },
    endpointClass: 'media.read',
    dataClass: 'own-post',
    purpose: 'measure',
    countItems: () => 1,
  })
  return isMissing(own) ? { kind: 'gone' } : failed(context, answer)
}

async function followers(context: VerbContext, channel: ChannelAccess): Promise<ReadingValue[]> {
  const answer = await graph(context, 'GET', channel.accessToken, {
    path: context.login.id === 'instagram' ? '/me' : `/${channel.remoteId}`,
    params: { fields: 'followers_count' },
    endpointClass: 'account.read',
    dataClass: 'metric',
    purpose: 'measure',
    countItems: () => 1,
  })
  const value = answer.status < 400 ? accountAnswer.safeParse(answer.json).data?.followers_count : undefined
  return value === undefined ? [] : [{ metric: 'followers', remoteName: 'followers_count', value }]
}

function failed(context: VerbContext, answer: Answer): MeasureOutcome {
  const now = context.now()
  const outcome = outcomeOf(answer, now, 'invisible')
  const message = 'reason' in outcome ? outcome.reason.message : 'Instagram gave no usable answer.'
  if (outcome.kind === 'refused' && outcome.fix === 'reauthorise') return { kind: 'unauthorised', message }
  if (outcome.kind === 'throttled') return { kind: 'later', until: outcome.until, message }
  return { kind: 'later', until: new Date(now.getTime() + 30 * 60_000), message }
}

async function guarded(context: VerbContext, run: () => Promise<MeasureOutcome>): Promise<MeasureOutcome> {
  try {
    return await run()
  } catch (cause) {
    if (!(cause instanceof NoAnswer)) throw cause
    const until = new Date(context.now().getTime() + 5 * 60_000)
    return { kind: 'later', until, message: `Instagram did not answer: ${cause.message}.` }
  }
}
