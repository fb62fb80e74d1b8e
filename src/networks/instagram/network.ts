/** Instagram, put together. */
import type { Network } from '../contract.ts'
import { graphCallbacks } from '../graph-callbacks.ts'
import { adopt, authorizeUrl, check, connect, refresh } from './connect.ts'
import { definition } from './definition.ts'
import { find } from './find.ts'
import { measureChannel, measurePost } from './measure.ts'
import { publish } from './publish.ts'
import { remove } from './remove.ts'

export const network: Network = {
  definition,
  authorizeUrl,
  callbacks: graphCallbacks,
  connect,
  adopt,
  refresh,
  check,
  publish,
  find,
  remove,
  measurePost,
  measureChannel,
}
