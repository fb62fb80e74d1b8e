/** Taking a post down, which Instagram allows with the Facebook login only. */
import type { ChannelAccess, RemoveOutcome, VerbContext } from '../contract.ts'
import { removeMedia } from '../graph-remove.ts'
import { facebookLogin } from './definition.ts'
import { containers } from './publish.ts'

export async function remove(
  context: VerbContext,
  channel: ChannelAccess,
  remoteId: string,
): Promise<RemoveOutcome> {
  if (context.login.id === facebookLogin.id) return removeMedia(containers, context, channel, remoteId)
  const message =
    'Instagram lets an app delete posts only when connected through Facebook. Delete it in the Instagram app.'
  return { kind: 'refused', message }
}
