/**
 * Insights of Instagram and Threads. What is missing is left out: the networks say "no data" with an empty set.
 *
 * One metric they do not know fails a whole call (IG media insights, 2026-11-23), so after such a failure
 * each is asked for alone.
 */
import { z } from 'zod'
import type {
  ChannelAccess,
  MeasureOutcome,
  MetricDefinition,
  ReadingValue,
  VerbContext,
} from './contract.ts'
import { graphError, graphOutcome, type GraphErrorRow, isMissingObject } from './graph.ts'
import type { GraphVerb } from './graph-call.ts'
import { NoAnswer, type Answer } from './metered-fetch.ts'

const value = z.looseObject({ value: z.unknown(), end_time: z.string().optional() })
const insightsAnswer = z.looseObject({
  data: z.array(
    z.looseObject({
      name: z.string(),
      values: z.array(value).optional(),
      total_value: value.optional(),
      /** A row for each link that was clicked. */
      link_total_values: z.array(value).optional(),
    }),
  ),
})
type Row = z.infer<typeof insightsAnswer>['data'][number]

/** A fresh post may read as missing while it is there. */
const freshMs = 10 * 60_000

/** Where figures are read, and how the network's answers are understood. */
export type InsightsSource = {
  name: string
  rows: readonly GraphErrorRow[]
  graph: GraphVerb
  context: VerbContext
  channel: ChannelAccess
  path: string
  params: Record<string, string>
  /** The UTC day of figures that do not tell their own. */
  day?: string
  /** Whether a refusal says that there will never be figures. */
  isNeverMeasured?: (answer: Answer) => boolean
}

/** Asks for all metrics at once, and one by one where that fails for one of them. */
export async function readInsights(
  source: InsightsSource,
  metrics: readonly MetricDefinition[],
): Promise<MeasureOutcome> {
  return collected(source, await ask(source, metrics), metrics)
}

/** The same for a post, which may be gone. */
export async function readPostInsights(
  source: InsightsSource,
  metrics: readonly MetricDefinition[],
  remoteId: string,
  publishedAt: Date,
): Promise<MeasureOutcome> {
  const answer = await ask(source, metrics)
  if (isMissingObject(answer)) return missing(source, remoteId, publishedAt, answer)
  return collected(source, answer, metrics)
}

function ask(source: InsightsSource, metrics: readonly MetricDefinition[]): Promise<Answer> {
  return source.graph(source.context, 'GET', source.channel.accessToken, {
    path: source.path,
    params: { ...source.params, metric: metrics.map((metric) => metric.remoteName).join(',') },
    endpointClass: 'insights.read',
    dataClass: 'metric',
    purpose: 'measure',
    countItems: (body) => insightsAnswer.safeParse(body).data?.data.length ?? 0,
  })
}

async function collected(
  source: InsightsSource,
  answer: Answer,
  metrics: readonly MetricDefinition[],
): Promise<MeasureOutcome> {
  const readings = readingsOf(answer, metrics, source.day)
  if (readings) return { kind: 'measured', readings }
  if (source.isNeverMeasured?.(answer)) return { kind: 'measured', readings: [] }
  if (!mayBeOneMetric(answer)) return failed(source, answer)
  const single: ReadingValue[] = []
  let answered = 0
  for (const metric of metrics) {
    const own = await ask(source, [metric])
    const values = readingsOf(own, [metric], source.day)
    if (values) {
      answered += 1
      single.push(...values)
    } else if (!mayBeOneMetric(own)) return failed(source, own)
  }
  return answered === 0 ? failed(source, answer) : { kind: 'measured', readings: single }
}

/** By `name`: the id of a row may carry another one. */
function readingsOf(
  answer: Answer,
  metrics: readonly MetricDefinition[],
  day: string | undefined,
): ReadingValue[] | null {
  const body = insightsAnswer.safeParse(answer.json)
  if (answer.status >= 400 || !body.success) return null
  return body.data.data.flatMap((row) => {
    const metric = metrics.find((candidate) => candidate.remoteName === row.name)
    return metric ? readingsIn(row, metric, day) : []
  })
}

function readingsIn(row: Row, metric: MetricDefinition, day: string | undefined): ReadingValue[] {
  const reading = (found: unknown, ofDay: string | undefined): ReadingValue[] => {
    if (typeof found !== 'number') return []
    const dayPart = metric.period === 'day' && ofDay !== undefined ? { day: ofDay } : {}
    return [{ metric: metric.name, remoteName: row.name, value: found, ...dayPart }]
  }
  const { values = [], total_value: total, link_total_values: links } = row
  if (links) return reading(sumOf(links.map((link) => link.value)), day)
  if (total) return reading(total.value, day)
  if (metric.period === 'day')
    return values.flatMap((one) =>
      reading(one.value, one.end_time === undefined ? day : dayBefore(one.end_time)),
    )
  return reading(values.at(-1)?.value, day)
}

/** No links at all are no figure. */
function sumOf(found: readonly unknown[]): number | undefined {
  const numbers = found.filter((part) => typeof part === 'number')
  return numbers.length === 0 ? undefined : numbers.reduce((sum, part) => sum + part, 0)
}

/** `end_time` is the end of the day measured, so the day is the one before it. */
export function dayBefore(endTime: string): string {
  const end = Date.parse(endTime.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'))
  return new Date(end - 86_400_000).toISOString().slice(0, 10)
}

/** An unsupported metric comes as "unknown error" (1) or as an invalid parameter (100). */
function mayBeOneMetric(answer: Answer): boolean {
  const error = graphError(answer)
  return (error?.code === 1 || error?.code === 100) && error.subcode === undefined
}

/** 100/33 is believed when the post itself reads as missing too and is old enough. */
async function missing(
  source: InsightsSource,
  remoteId: string,
  publishedAt: Date,
  answer: Answer,
): Promise<MeasureOutcome> {
  const { context, channel, graph } = source
  if (context.now().getTime() - publishedAt.getTime() < freshMs) return failed(source, answer)
  const own = await graph(context, 'GET', channel.accessToken, {
    path: `/${remoteId}`,
    params: { fields: 'id' },
    endpointClass: 'media.read',
    dataClass: 'own-post',
    purpose: 'measure',
    countItems: () => 1,
  })
  return isMissingObject(own) ? { kind: 'gone' } : failed(source, answer)
}

function failed({ name, rows, context }: InsightsSource, answer: Answer): MeasureOutcome {
  const now = context.now()
  const outcome = graphOutcome(rows, answer, now, 'invisible')
  const message = 'reason' in outcome ? outcome.reason.message : `${name} gave no usable answer.`
  if (outcome.kind === 'refused' && outcome.fix === 'reauthorise') return { kind: 'unauthorised', message }
  if (outcome.kind === 'throttled') return { kind: 'later', until: outcome.until, message }
  return { kind: 'later', until: new Date(now.getTime() + 30 * 60_000), message }
}

/** A network that does not answer is asked again later. */
export async function unlessSilent(
  { name, now }: { name: string; now: Date },
  run: () => Promise<MeasureOutcome>,
): Promise<MeasureOutcome> {
  try {
    return await run()
  } catch (cause) {
    if (!(cause instanceof NoAnswer)) throw cause
    const until = new Date(now.getTime() + 5 * 60_000)
    return { kind: 'later', until, message: `${name} did not answer: ${cause.message}.` }
  }
}
