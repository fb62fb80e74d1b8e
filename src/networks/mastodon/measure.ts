/** Figures of a post and of an account, from the instance the account lives at. */
import type { ChannelAccess, MeasureOutcome, Network, ReadingValue, VerbContext } from '../contract.ts'
import { type Answer, NoAnswer } from '../metered-fetch.ts'
import { accountSchema, callInstance, statusSchema } from './api.ts'
import { definition } from './definition.ts'
import { troubleOf, wordsOf } from './errors.ts'

export const measurePost: Network['measurePost'] = (context, channel, remoteId) =>
  patiently(context, async () => {
    const path = `/api/v1/statuses/${encodeURIComponent(remoteId)}`
    const answer = await read(context, channel, path, 'post.read')
    const status = statusSchema.safeParse(answer.json)
    if (answer.status === 200 && status.success)
      return { kind: 'measured', readings: readingsOf(status.data, 'post') }
    return answer.status === 404 && wordsOf(answer) !== '' ? { kind: 'gone' } : notMeasured(answer, context)
  })

export const measureChannel: Network['measureChannel'] = (context, channel) =>
  patiently(context, async () => {
    const path = `/api/v1/accounts/${encodeURIComponent(channel.remoteId)}`
    const answer = await read(context, channel, path, 'account.read')
    const account = accountSchema.safeParse(answer.json)
    if (answer.status !== 200 || !account.success) return notMeasured(answer, context)
    return { kind: 'measured', readings: readingsOf(account.data, 'channel') }
  })

function read(
  context: VerbContext,
  channel: ChannelAccess,
  path: string,
  endpointClass: string,
): Promise<Answer> {
  return callInstance(context, {
    method: 'GET',
    path,
    endpointClass,
    dataClass: 'metric',
    purpose: 'measure',
    token: channel.accessToken,
    countItems: () => 1,
  })
}

/** Quotes are counted since 4.5 only; what is missing is not zero. */
function readingsOf(figures: Record<string, unknown>, of: 'post' | 'channel'): ReadingValue[] {
  return definition.metrics.value.flatMap((metric) => {
    const value = figures[metric.remoteName]
    if (metric.of !== of || typeof value !== 'number' || !Number.isFinite(value)) return []
    return [{ metric: metric.name, remoteName: metric.remoteName, value }]
  })
}

async function patiently(context: VerbContext, run: () => Promise<MeasureOutcome>): Promise<MeasureOutcome> {
  try {
    return await run()
  } catch (cause) {
    if (!(cause instanceof NoAnswer)) throw cause
    return later(context, 'The instance did not answer.')
  }
}

function notMeasured(answer: Answer, context: VerbContext): MeasureOutcome {
  const trouble = troubleOf(answer, context.now())
  if (trouble.kind === 'throttled')
    return { kind: 'later', until: trouble.until, message: trouble.reason.message }
  if (trouble.kind === 'refused' && trouble.fix === 'reauthorise')
    return { kind: 'unauthorised', message: trouble.reason.message }
  return later(context, `The instance gave no figures (status ${answer.status}).`)
}

function later(context: VerbContext, message: string): MeasureOutcome {
  return { kind: 'later', until: new Date(context.now().getTime() + 15 * 60_000), message }
}
