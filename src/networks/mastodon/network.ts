/** Mastodon: posts with text and images, at any instance, where Litfass registers an app of its own. */
import type { Network } from '../contract.ts'
import { pkceAuthorizeUrl } from '../pkce.ts'
import { check } from './check.ts'
import { comment } from './comment.ts'
import { adopt, connect, refresh, register } from './connect.ts'
import { definition } from './definition.ts'
import { find } from './find.ts'
import { ownLimits } from './limits.ts'
import { measureChannel, measurePost } from './measure.ts'
import { publish } from './publish.ts'
import { remove } from './remove.ts'
import { told } from './usage.ts'

export const network: Network = {
  definition,
  register,
  // Instances before 4.3 have no PKCE and do not look at its parameters.
  authorizeUrl: pkceAuthorizeUrl,
  connect,
  adopt,
  refresh,
  check,
  ownLimits,
  publish,
  find,
  remove,
  told,
  comment,
  measurePost,
  measureChannel,
}
