/** Taking a post back. Deleting twice is answered like deleting once. */
import type { ChannelAccess, RemoveOutcome, VerbContext } from '../contract.ts'
import { type Answer, NoAnswer } from '../metered-fetch.ts'
import { encoded, rest } from './api.ts'

export function remove(
  context: VerbContext,
  channel: ChannelAccess,
  remoteId: string,
): Promise<RemoveOutcome> {
  return removed(() =>
    rest(context, {
      method: 'DELETE',
      path: `/rest/posts/${encoded(remoteId)}`,
      accessToken: channel.accessToken,
      endpointClass: 'post.delete',
      dataClass: 'none',
      purpose: 'remove',
      restliMethod: 'DELETE',
    }),
  )
}

/** What the answer to a deletion means, of a post or a comment. */
export async function removed(ask: () => Promise<Answer>): Promise<RemoveOutcome> {
  let answer: Answer
  try {
    answer = await ask()
  } catch (cause) {
    if (!(cause instanceof NoAnswer)) throw cause
    return { kind: 'unknown', message: 'LinkedIn did not answer. Try again: deleting twice does no harm.' }
  }
  if (answer.status < 300) return { kind: 'removed' }
  if (answer.status === 401 || answer.status === 403)
    return { kind: 'refused', message: 'LinkedIn does not let this connection delete this.' }
  // A 404 can hide a missing permission, so it is no proof that the post is gone.
  return { kind: 'unknown', message: `LinkedIn answered ${answer.status} to the deletion.` }
}
