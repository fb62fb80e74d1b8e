/** The first comment: a reply of the account to its own post, made and found as any post. */
import type { CommentVerbs } from '../contract.ts'
import { look } from './find.ts'
import { make } from './publish.ts'
import { remove } from './remove.ts'

export const comment: CommentVerbs = {
  publish: (context, job) => make(context, job, job.parent.remoteId),
  find: (context, job) => look(context, job, job.parent.remoteId),
  remove,
}
