import type { Network } from '../contract.ts'
import { pkceAuthorizeUrl } from '../pkce.ts'
import { adopt, check, connect, refresh } from './connect.ts'
import { definition } from './definition.ts'
import { find } from './find.ts'
import { measureChannel, measurePost } from './measure.ts'
import { publish } from './publish.ts'
import { remove } from './remove.ts'
import { told, usage } from './usage.ts'

export const network: Network = {
  definition,
  authorizeUrl: pkceAuthorizeUrl,
  connect,
  adopt,
  refresh,
  check,
  publish,
  find,
  remove,
  told,
  usage,
  measurePost,
  measureChannel,
}
