/** Facebook Pages. */
import type { Network } from '../contract.ts'
import { graphCallbacks } from '../graph-callbacks.ts'
import { refusedByGraph, toldInHeaders } from '../graph-usage.ts'
import { comment } from './comment.ts'
import { adopt, authorizeUrl, check, connect, refresh } from './connect.ts'
import { definition } from './definition.ts'
import { find } from './find.ts'
import { measureChannel, measurePost } from './measure.ts'
import { publish } from './publish.ts'
import { remove } from './remove.ts'

export const network: Network = {
  definition,
  callbacks: graphCallbacks,
  authorizeUrl,
  connect,
  adopt,
  refresh,
  check,
  publish,
  find,
  remove,
  comment,
  told: toldInHeaders,
  refusal: refusedByGraph,
  measurePost,
  measureChannel,
}
