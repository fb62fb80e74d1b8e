/** Taking a post back. The server answers the same for one that is gone already. */
import type { Network } from '../contract.ts'
import { NoAnswer } from '../metered-fetch.ts'
import { callServer, collection, keyOf } from './api.ts'
import { troubleOf } from './errors.ts'

export const remove: Network['remove'] = async (context, channel, remoteId) => {
  try {
    const answer = await callServer(context, {
      method: 'POST',
      operation: 'com.atproto.repo.deleteRecord',
      endpointClass: 'post.delete',
      dataClass: 'none',
      purpose: 'remove',
      access: channel,
      body: { repo: channel.remoteId, collection, rkey: keyOf(remoteId) },
    })
    if (answer.status === 200) return { kind: 'removed' }
    const trouble = troubleOf(answer, context.now())
    const isRefused = trouble.kind === 'refused' || trouble.kind === 'expired'
    return { kind: isRefused ? 'refused' : 'unknown', message: trouble.reason.message }
  } catch (cause) {
    if (!(cause instanceof NoAnswer)) throw cause
    return { kind: 'unknown', message: 'Bluesky did not answer. Try again: deleting twice does no harm.' }
  }
}
