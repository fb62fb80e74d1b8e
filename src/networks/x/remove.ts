/** Deleting a post. X answers the same for a post that is gone already. */
import type { Network } from '../contract.ts'
import { NoAnswer } from '../metered-fetch.ts'
import { callX } from './api.ts'
import { problemOf, troubleOf } from './errors.ts'

export const remove: Network['remove'] = async (context, channel, remoteId) => {
  try {
    const answer = await callX(context, channel.accessToken, {
      method: 'DELETE',
      path: `/2/tweets/${encodeURIComponent(remoteId)}`,
      endpointClass: 'post.delete',
      dataClass: 'none',
      purpose: 'remove',
    })
    if (answer.status === 200) return { kind: 'removed' }
    if (answer.status === 404 && problemOf(answer).type.endsWith('/problems/resource-not-found'))
      return { kind: 'removed' }
    const trouble = troubleOf(answer, context.now())
    return { kind: trouble.kind === 'refused' ? 'refused' : 'unknown', message: trouble.reason.message }
  } catch (cause) {
    if (!(cause instanceof NoAnswer)) throw cause
    return { kind: 'unknown', message: 'X did not answer. Look on X whether the post is gone.' }
  }
}
