/** Insights of posts and accounts. */
import type { ChannelAccess, MeasureOutcome, ReadingValue, VerbContext } from '../contract.ts'
import { graphError } from '../graph.ts'
import { type InsightsSource, readInsights, readPostInsights, unlessSilent } from '../graph-insights.ts'
import type { Answer } from '../metered-fetch.ts'
import { followersAnswer, graph } from './api.ts'
import { definition } from './definition.ts'
import { instagramRows } from './errors.ts'

const { name } = definition
const dayMs = 86_400_000

const postMetrics = definition.metrics.value.filter((metric) => metric.of === 'post')
const dayMetrics = definition.metrics.value.filter(
  (metric) => metric.of === 'channel' && metric.period === 'day',
)

function source(context: VerbContext, channel: ChannelAccess, id: string): InsightsSource {
  const path = `/${id}/insights`
  return { name, rows: instagramRows, graph, context, channel, path, params: {}, isNeverMeasured }
}

/** Code 10 on insights says "too few viewers"; 2108006 that the post is older than the business account. */
function isNeverMeasured(answer: Answer): boolean {
  const error = graphError(answer)
  return (error?.code === 10 && error.subcode === undefined) || error?.subcode === 2108006
}

export async function measurePost(
  context: VerbContext,
  channel: ChannelAccess,
  remoteId: string,
  publishedAt: Date,
): Promise<MeasureOutcome> {
  return unlessSilent({ name, now: context.now() }, () =>
    readPostInsights(source(context, channel, remoteId), postMetrics, remoteId, publishedAt),
  )
}

export async function measureChannel(context: VerbContext, channel: ChannelAccess): Promise<MeasureOutcome> {
  const today = Math.floor(context.now().getTime() / dayMs) * dayMs
  const day = new Date(today - dayMs).toISOString().slice(0, 10)
  const params = {
    period: 'day',
    metric_type: 'total_value',
    since: String((today - dayMs) / 1_000),
    until: String(today / 1_000),
  }
  const own = { ...source(context, channel, channel.remoteId), params, day }
  return unlessSilent({ name, now: context.now() }, async () => {
    const outcome = await readInsights(own, dayMetrics)
    if (outcome.kind !== 'measured') return outcome
    return { kind: 'measured', readings: [...(await followers(context, channel)), ...outcome.readings] }
  })
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
  const value = answer.status < 400 ? followersAnswer.safeParse(answer.json).data?.followers_count : undefined
  return value === undefined ? [] : [{ metric: 'followers', remoteName: 'followers_count', value }]
}
