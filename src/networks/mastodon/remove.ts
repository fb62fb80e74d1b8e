/** Taking a post back. One that is gone already is answered with 404, and gone is what was wanted. */
import type { Network } from '../contract.ts'
import { NoAnswer } from '../metered-fetch.ts'
import { callInstance } from './api.ts'
import { troubleOf, wordsOf } from './errors.ts'

export const remove: Network['remove'] = async (context, channel, remoteId) => {
  try {
    const answer = await callInstance(context, {
      method: 'DELETE',
      path: `/api/v1/statuses/${encodeURIComponent(remoteId)}`,
      endpointClass: 'post.delete',
      dataClass: 'own-post',
      purpose: 'remove',
      token: channel.accessToken,
    })
    // A 404 without words may as well come from something in front of the instance.
    if (answer.status === 200 || (answer.status === 404 && wordsOf(answer) !== '')) return { kind: 'removed' }
    const trouble = troubleOf(answer, context.now())
    const message = 'reason' in trouble ? trouble.reason.message : 'The instance is not done with it yet.'
    return { kind: trouble.kind === 'refused' ? 'refused' : 'unknown', message }
  } catch (cause) {
    if (!(cause instanceof NoAnswer)) throw cause
    return {
      kind: 'unknown',
      message: 'The instance did not answer. Try again: deleting twice does no harm.',
    }
  }
}
