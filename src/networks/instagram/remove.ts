/** Taking a post down, which Instagram allows with the Facebook login only. */
import type { ChannelAccess, RemoveOutcome, VerbContext } from '../contract.ts'
import { NoAnswer, type Answer } from '../metered-fetch.ts'
import { graph } from './api.ts'
import { facebookLogin } from './definition.ts'
import { outcomeOf } from './errors.ts'

export async function remove(
  context: VerbContext,
  channel: ChannelAccess,
  remoteId: string,
): Promise<RemoveOutcome> {
  if (context.login.id !== facebookLogin.id) {
    const message =
      'Instagram lets an app delete posts only when connected through Facebook. Delete it in the Instagram app.'
    return { kind: 'refused', message }
  }
  let answer: Answer
  try {
    answer = await graph(context, 'DELETE', channel.accessToken, {
      path: `/${remoteId}`,
      endpointClass: 'media.delete',
      dataClass: 'none',
      purpose: 'remove',
    })
  } catch (cause) {
    if (!(cause instanceof NoAnswer)) throw cause
    return {
      kind: 'unknown',
      message: `Instagram did not answer: ${cause.message}. Look whether it is gone.`,
    }
  }
  if (answer.status < 300) return { kind: 'removed' }
  const outcome = outcomeOf(answer, context.now(), 'invisible')
  const message = 'reason' in outcome ? outcome.reason.message : 'Instagram gave no usable answer.'
  return outcome.kind === 'refused' ? { kind: 'refused', message } : { kind: 'unknown', message }
}
