/** Figures of a post and of an account, from the public view of the network. They need no sign-in. */
import type { ChannelAccess, MeasureOutcome, Network, VerbContext } from '../contract.ts'
import { later, patiently, readingsOf } from '../measuring.ts'
import type { Answer } from '../metered-fetch.ts'
import { callPublic, keyOf, postsSchema, profileSchema } from './api.ts'
import { definition } from './definition.ts'
import { errorOf } from './error-body.ts'
import { troubleOf } from './errors.ts'
import { readRecord } from './read.ts'

const silence = 'Bluesky did not answer.'

export const measurePost: Network['measurePost'] = (context, channel, remoteId) =>
  patiently(context, silence, async () => {
    const answer = await callPublic(context, {
      method: 'GET',
      operation: 'app.bsky.feed.getPosts',
      query: { uris: remoteId },
      endpointClass: 'post.figures',
      dataClass: 'metric',
      purpose: 'measure',
      countItems: () => 1,
    })
    const posts = postsSchema.safeParse(answer.json)
    if (answer.status !== 200 || !posts.success) return notMeasured(answer, context)
    const post = posts.data.posts.find((candidate) => candidate.uri === remoteId)
    return post
      ? { kind: 'measured', readings: readingsOf(definition, post, 'post') }
      : missing(context, channel, remoteId)
  })

export const measureChannel: Network['measureChannel'] = (context, channel) =>
  patiently(context, silence, async () => {
    const answer = await callPublic(context, {
      method: 'GET',
      operation: 'app.bsky.actor.getProfile',
      query: { actor: channel.remoteId },
      endpointClass: 'profile.figures',
      dataClass: 'metric',
      purpose: 'measure',
      countItems: () => 1,
    })
    const profile = profileSchema.safeParse(answer.json)
    if (answer.status !== 200 || !profile.success) return notMeasured(answer, context)
    return { kind: 'measured', readings: readingsOf(definition, profile.data, 'channel') }
  })

/** The public view learns of posts late and may hide one; only the account's own server knows that it is gone. */
async function missing(
  context: VerbContext,
  channel: ChannelAccess,
  remoteId: string,
): Promise<MeasureOutcome> {
  const answer = await readRecord(context, channel.remoteId, keyOf(remoteId), 'measure')
  if (errorOf(answer).error === 'RecordNotFound') return { kind: 'gone' }
  return later(context, 'Bluesky shows no figures of this post yet.')
}

/** No sign-in is sent along, so none can be the reason. */
function notMeasured(answer: Answer, context: VerbContext): MeasureOutcome {
  const trouble = troubleOf(answer, context.now())
  if (trouble.kind === 'throttled')
    return { kind: 'later', until: trouble.until, message: trouble.reason.message }
  return later(context, `Bluesky gave no figures (status ${answer.status}).`)
}
