/** Figures of a post and of an account, from the instance the account lives at. */
import type { ChannelAccess, MeasureOutcome, Network, VerbContext } from '../contract.ts'
import { later, patiently, readingsOf } from '../measuring.ts'
import type { Answer } from '../metered-fetch.ts'
import { accountSchema, callInstance, statusSchema } from './api.ts'
import { definition } from './definition.ts'
import { troubleOf, wordsOf } from './errors.ts'

const silence = 'The instance did not answer.'

export const measurePost: Network['measurePost'] = (context, channel, remoteId) =>
  patiently(context, silence, async () => {
    const path = `/api/v1/statuses/${encodeURIComponent(remoteId)}`
    const answer = await read(context, channel, path, 'post.read')
    const status = statusSchema.safeParse(answer.json)
    if (answer.status === 200 && status.success)
      return { kind: 'measured', readings: readingsOf(definition, status.data, 'post') }
    return answer.status === 404 && wordsOf(answer) !== '' ? { kind: 'gone' } : notMeasured(answer, context)
  })

export const measureChannel: Network['measureChannel'] = (context, channel) =>
  patiently(context, silence, async () => {
    const path = `/api/v1/accounts/${encodeURIComponent(channel.remoteId)}`
    const answer = await read(context, channel, path, 'account.read')
    const account = accountSchema.safeParse(answer.json)
    if (answer.status !== 200 || !account.success) return notMeasured(answer, context)
    return { kind: 'measured', readings: readingsOf(definition, account.data, 'channel') }
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

function notMeasured(answer: Answer, context: VerbContext): MeasureOutcome {
  const trouble = troubleOf(answer, context.now())
  if (trouble.kind === 'throttled')
    return { kind: 'later', until: trouble.until, message: trouble.reason.message }
  if (trouble.kind === 'refused' && trouble.fix === 'reauthorise')
    return { kind: 'unauthorised', message: trouble.reason.message }
  return later(context, `The instance gave no figures (status ${answer.status}).`)
}
