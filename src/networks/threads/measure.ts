/** Insights of posts and profiles. What Threads does not tell is left out. */
import type { ChannelAccess, MeasureOutcome, VerbContext } from '../contract.ts'
import { callGraph } from '../graph-call.ts'
import { type InsightsSource, readInsights, readPostInsights, unlessSilent } from '../graph-insights.ts'
import { definition } from './definition.ts'
import { threadsRows } from './errors.ts'

const { name } = definition
const dayMs = 86_400_000

const metricsOf = (of: 'post' | 'channel', period: 'lifetime' | 'day') =>
  definition.metrics.value.filter((metric) => metric.of === of && metric.period === period)

function source(context: VerbContext, channel: ChannelAccess, path: string): InsightsSource {
  return { name, rows: threadsRows, graph: callGraph, context, channel, path, params: {} }
}

export async function measurePost(
  context: VerbContext,
  channel: ChannelAccess,
  remoteId: string,
  publishedAt: Date,
): Promise<MeasureOutcome> {
  const own = source(context, channel, `/${remoteId}/insights`)
  return unlessSilent({ name, now: context.now() }, () =>
    readPostInsights(own, metricsOf('post', 'lifetime'), remoteId, publishedAt),
  )
}

/** Figures of yesterday; followers are asked for apart, because they take no range of days. */
export async function measureChannel(context: VerbContext, channel: ChannelAccess): Promise<MeasureOutcome> {
  const today = Math.floor(context.now().getTime() / dayMs) * dayMs
  const own = source(context, channel, `/${channel.remoteId}/threads_insights`)
  const params = { since: String((today - dayMs) / 1_000), until: String(today / 1_000) }
  const day = new Date(today - dayMs).toISOString().slice(0, 10)
  return unlessSilent({ name, now: context.now() }, async () => {
    const ofDay = await readInsights({ ...own, params, day }, metricsOf('channel', 'day'))
    if (ofDay.kind !== 'measured') return ofDay
    const ofLife = await readInsights(own, metricsOf('channel', 'lifetime'))
    if (ofLife.kind !== 'measured') return ofLife
    return { kind: 'measured', readings: [...ofLife.readings, ...ofDay.readings] }
  })
}
