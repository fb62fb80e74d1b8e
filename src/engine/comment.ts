/**
 * What a claimed delivery is sent and looked for by: the verbs of a post, or those of the first comment below one.
 *
 * A comment is due only once its post is published, so all that can stand in its way here is what happened to the
 * post since; none of it ever changes the post.
 */
import type { FindOutcome, PublishOutcome, RefusalFix } from '#domain/delivery.ts'
import type { FindJob, FindRules, Network, ParentPost, PublishJob, VerbContext } from '#networks/contract.ts'
import type { ParentDelivery } from '#storage/first-comments.ts'

export type Sending = {
  publish: (context: VerbContext, job: PublishJob) => Promise<PublishOutcome>
  find: (context: VerbContext, job: FindJob) => Promise<FindOutcome>
  rules: FindRules
}

/** `parent` is the delivery of the post above, null for a post itself. */
export function sendingOf(network: Network, parent: ParentDelivery | null): Sending {
  const { definition, comment: verbs } = network
  if (parent === null) {
    return { publish: network.publish, find: network.find, rules: definition.find.value }
  }
  const post = postOf(parent)
  return {
    publish: async (context, job) => {
      if ('kind' in post) return post.kind === 'processing' ? later(context) : post
      return verbs ? verbs.publish(context, { ...job, parent: post }) : notOffered(definition.name)
    },
    find: async (context, job) => {
      if (verbs && 'remoteId' in post) return verbs.find(context, { ...job, parent: post })
      return { kind: 'unknown', reason: unknownPost }
    },
    rules: definition.comment.value?.find.value ?? definition.find.value,
  }
}

type Obstacle = Extract<PublishOutcome, { kind: 'refused' }> | { kind: 'processing' }

function postOf({ state, remoteId, url, isRemoved }: ParentDelivery): ParentPost | Obstacle {
  if (isRemoved) return refused('give-up', 'post_deleted', 'The post above was deleted.')
  if (state !== 'published') return { kind: 'processing' }
  if (remoteId === null) return refused('user', unknownPost.code, unknownPost.message)
  return { remoteId, ...(url === null ? {} : { url }) }
}

const unknownPost = {
  code: 'post_id_unknown',
  message: 'Litfass does not know the id of the post above. Write the comment on the network itself.',
}

function refused(fix: RefusalFix, code: string, message: string): Extract<Obstacle, { kind: 'refused' }> {
  return { kind: 'refused', fix, reason: { code, message } }
}

function notOffered(name: string): PublishOutcome {
  return refused('give-up', 'comment_not_offered', `${name} lets Litfass write no first comment.`)
}

/** Its post is not published (any more): nothing was tried, and it is looked at again in a minute. */
function later(context: VerbContext): PublishOutcome {
  return { kind: 'processing', until: new Date(context.now().getTime() + 60_000) }
}
