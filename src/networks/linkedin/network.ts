/** LinkedIn: pages and members by the Community Management API, members alone by Share on LinkedIn. */
import type { Network } from '../contract.ts'
import { comment } from './comment.ts'
import { adopt, authorizeUrl, check, connect, refresh } from './connect.ts'
import { definition } from './definition.ts'
import { refusal } from './errors.ts'
import { find } from './find.ts'
import { measureChannel, measurePost } from './measure.ts'
import { publish } from './publish.ts'
import { remove } from './remove.ts'

export const network: Network = {
  definition,
  authorizeUrl,
  connect,
  adopt,
  refresh,
  check,
  publish,
  find,
  remove,
  comment,
  measurePost,
  measureChannel,
  refusal,
}
