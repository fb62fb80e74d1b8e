/** The first comment: a reply of the profile to its own post, by a container like any post. */
import type { CommentVerbs, ParentPost } from '../contract.ts'
import type { ContainerNetwork } from '../graph-containers.ts'
import { textProblem } from '../graph-content.ts'
import { findByContainer } from '../graph-find.ts'
import { publishByContainer } from '../graph-publish.ts'
import { definition } from './definition.ts'
import { plain } from './find.ts'
import { containers } from './publish.ts'
import { remove } from './remove.ts'

const rules = definition.comment.value

/** Without a card of its own a reply shows the first link of its text as one. */
function repliesTo(parent: ParentPost): ContainerNetwork {
  return {
    ...containers,
    publishClass: 'comment.create',
    contentProblem: ({ text }) => (rules ? textProblem(definition.name, rules.text.value, text) : null),
    plan: ({ text }) => ({
      items: [],
      whole: () => ({ media_type: 'TEXT', text, reply_to_id: parent.remoteId }),
    }),
  }
}

export const comment: CommentVerbs = {
  publish: (context, job) => publishByContainer(repliesTo(job.parent), context, job),
  find: (context, job) =>
    findByContainer(
      repliesTo(job.parent),
      {
        of: job.parent.remoteId,
        edge: 'replies',
        endpointClass: 'comment.list',
        dataClass: 'comment',
        fields: 'id,text,timestamp,permalink',
        isOurPost: ({ text }, { payload }) => plain(text ?? '') === plain(payload.text),
      },
      context,
      job,
    ),
  remove,
}
