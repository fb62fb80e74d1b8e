/** Taking a post down. */
import type { ChannelAccess, RemoveOutcome, VerbContext } from '../contract.ts'
import { isMissingObject } from '../graph.ts'
import { NoAnswer } from '../metered-fetch.ts'
import { graph } from './api.ts'
import { messageOf, outcomeOf } from './errors.ts'

export async function remove(
  context: VerbContext,
  channel: ChannelAccess,
  remoteId: string,
): Promise<RemoveOutcome> {
  const call = (method: 'DELETE' | 'GET') =>
    graph(context, {
      method,
      path: `/${remoteId}`,
      token: channel.accessToken,
      endpointClass: method === 'GET' ? 'post.read' : 'post.delete',
      purpose: 'remove',
    })
  try {
    const answer = await call('DELETE')
    if (answer.status < 400) return { kind: 'removed' }
    // "Does not exist" is believed when a second read says so too.
    if (isMissingObject(answer) && isMissingObject(await call('GET'))) return { kind: 'removed' }
    const message = messageOf(answer, context.now())
    const isRefused = outcomeOf(answer, context.now(), 'invisible').kind === 'refused'
    return { kind: isRefused ? 'refused' : 'unknown', message }
  } catch (cause) {
    if (!(cause instanceof NoAnswer)) throw cause
    return { kind: 'unknown', message: `Facebook did not answer: ${cause.message}.` }
  }
}
