/** Taking a post down; a profile has 100 deletions in 24 hours. */
import type { ChannelAccess, RemoveOutcome, VerbContext } from '../contract.ts'
import { removeMedia } from '../graph-remove.ts'
import { containers } from './publish.ts'

export function remove(
  context: VerbContext,
  channel: ChannelAccess,
  remoteId: string,
): Promise<RemoveOutcome> {
  return removeMedia(containers, context, channel, remoteId)
}
