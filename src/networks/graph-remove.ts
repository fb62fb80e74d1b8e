/** Taking a post of Instagram or Threads down. */
import type { ChannelAccess, RemoveOutcome, VerbContext } from './contract.ts'
import { graphOutcome, type GraphErrorRow, isMissingObject } from './graph.ts'
import type { GraphVerb } from './graph-call.ts'
import { NoAnswer } from './metered-fetch.ts'

export async function removeMedia(
  network: { name: string; rows: readonly GraphErrorRow[]; graph: GraphVerb },
  context: VerbContext,
  channel: ChannelAccess,
  remoteId: string,
): Promise<RemoveOutcome> {
  const { name, rows, graph } = network
  const call = (method: 'DELETE' | 'GET') =>
    graph(context, method, channel.accessToken, {
      path: `/${remoteId}`,
      endpointClass: method === 'GET' ? 'media.read' : 'media.delete',
      dataClass: 'none',
      purpose: 'remove',
    })
  try {
    const answer = await call('DELETE')
    if (answer.status < 300) return { kind: 'removed' }
    // "Does not exist" is believed when a second read says so too.
    if (isMissingObject(answer) && isMissingObject(await call('GET'))) return { kind: 'removed' }
    const outcome = graphOutcome(rows, answer, context.now(), 'invisible')
    if (outcome.kind === 'throttled')
      return { kind: 'refused', message: `${name} takes no more for now. Delete the post later.` }
    const message = 'reason' in outcome ? outcome.reason.message : `${name} gave no usable answer.`
    return { kind: outcome.kind === 'refused' ? 'refused' : 'unknown', message }
  } catch (cause) {
    if (!(cause instanceof NoAnswer)) throw cause
    return { kind: 'unknown', message: `${name} did not answer: ${cause.message}. Look whether it is gone.` }
  }
}
