/** Taking a post back. Deleting twice is answered like deleting once. */
import type { ChannelAccess, RemoveOutcome, VerbContext } from '../contract.ts'
import { type Answer, NoAnswer } from '../metered-fetch.ts'
import { encoded, rest } from './api.ts'

export async function remove(
  context: VerbContext,
  channel: ChannelAccess,
  remoteId: string,
): Promise<RemoveOutcome> {
  let answer: Answer
  try {
    answer = await rest(context, {
      method: 'DELETE',
      path: `/rest/posts/${encoded(remoteId)}`,
      accessToken: channel.accessToken,
      endpointClass: 'post.delete',
      dataClass: 'none',
      purpose: 'remove',
      restliMethod: 'DELETE',
    })
  } catch (cause) {
    if (!(cause instanceof NoAnswer)) throw cause
    return { kind: 'unknown', message: 'LinkedIn did not answer. Try again: deleting twice does no harm.' }
  }
  if (answer.status < 300) return { kind: 'removed' }
  if (answer.status === 401 || answer.status === 403)
    return { kind: 'refused', message: 'LinkedIn does not let this connection delete the post.' }
  // A 404 can hide a missing permission, so it is no proof that the post is gone.
  return { kind: 'unknown', message: `LinkedIn answered ${answer.status} to the deletion.` }
}
