/** Figures of a post and of an account. Public figures need no more than the sign-in for posting. */
import type { ChannelAccess, MeasureOutcome, Network, ReadingValue, VerbContext } from '../contract.ts'
import { later, patiently } from '../measuring.ts'
import type { Answer } from '../metered-fetch.ts'
import { billedItems, callX, postsSchema, userSchema } from './api.ts'
import { readMe } from './connect.ts'
import { definition } from './definition.ts'
import { troubleOf } from './errors.ts'

/** Names since version 2.167 of X's description (2026-08-07), which live answers may or may not use. */
const renamed: Readonly<Record<string, string>> = { retweet_count: 'repost_count' }

export const measurePost: Network['measurePost'] = (context, channel, remoteId) =>
  patiently(context, 'X did not answer.', async () => {
    const answer = await lookUp(context, channel, remoteId)
    if (answer.status !== 200) return notMeasured(answer, context)
    const parsed = postsSchema.safeParse(answer.json)
    if (!parsed.success) return later(context, 'X gave no readable figures.')
    const post = parsed.data.data?.find((candidate) => candidate.id === remoteId)
    if (post) return { kind: 'measured', readings: readingsOf(post.public_metrics ?? {}) }
    const isGone = parsed.data.errors?.some((error) => error.type?.endsWith('/problems/resource-not-found'))
    return isGone ? { kind: 'gone' } : later(context, 'X gave no figures for this post.')
  })

export const measureChannel: Network['measureChannel'] = (context, channel) =>
  patiently(context, 'X did not answer.', async () => {
    const answer = await readMe(context, channel.accessToken, 'measure')
    if (answer.status !== 200) return notMeasured(answer, context)
    const parsed = userSchema.safeParse(answer.json)
    const value = parsed.success ? parsed.data.data.public_metrics?.followers_count : undefined
    if (value === undefined) return later(context, 'X gave no number of followers.')
    return { kind: 'measured', readings: [{ metric: 'followers', remoteName: 'followers_count', value }] }
  })

function lookUp(context: VerbContext, channel: ChannelAccess, remoteId: string): Promise<Answer> {
  return callX(context, channel.accessToken, {
    method: 'GET',
    path: `/2/tweets?${new URLSearchParams({ ids: remoteId, 'tweet.fields': 'created_at,public_metrics' })}`,
    endpointClass: 'post.lookup',
    dataClass: 'metric',
    purpose: 'measure',
    countItems: billedItems,
    mostItems: 1,
  })
}

/** A figure X leaves out is left out here: missing is not zero. Numbers came as strings in places since 2.167. */
function readingsOf(metrics: Record<string, unknown>): ReadingValue[] {
  const readings: ReadingValue[] = []
  for (const { name, remoteName, of } of definition.metrics.value) {
    if (of !== 'post') continue
    const actual = remoteName in metrics ? remoteName : (renamed[remoteName] ?? remoteName)
    const raw = metrics[actual]
    if (raw === undefined || raw === null || raw === '' || !Number.isFinite(Number(raw))) continue
    readings.push({ metric: name, remoteName: actual, value: Number(raw) })
  }
  return readings
}

function notMeasured(answer: Answer, context: VerbContext): MeasureOutcome {
  const trouble = troubleOf(answer, context.now())
  if (trouble.kind === 'unauthorised') return { kind: 'unauthorised', message: trouble.reason.message }
  if (trouble.kind === 'throttled')
    return { kind: 'later', until: trouble.until, message: trouble.reason.message }
  return later(context, trouble.reason.message)
}
