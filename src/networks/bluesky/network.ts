/** Bluesky: posts with text and images, by a key of our own, for accounts signed in there or with an app password. */
import type { Network } from '../contract.ts'
import { adopt, check, noFixedPage, signIn } from './connect.ts'
import { comment } from './comment.ts'
import { definition } from './definition.ts'
import { find } from './find.ts'
import { measureChannel, measurePost } from './measure.ts'
import { begin, connect, revoke } from './oauth.ts'
import { publish } from './publish.ts'
import { refresh } from './refresh.ts'
import { remove } from './remove.ts'
import { told } from './usage.ts'

export const network: Network = {
  definition,
  authorizeUrl: noFixedPage,
  begin,
  connect,
  signIn,
  adopt,
  refresh,
  revoke,
  check,
  publish,
  find,
  remove,
  told,
  comment,
  measurePost,
  measureChannel,
}
