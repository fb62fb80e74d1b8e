/** The first comment: an answer of the account to its own post, under a key of its own. */
import type { PublishOutcome } from '#domain/delivery.ts'
import type { CommentJob, CommentVerbs, VerbContext } from '../contract.ts'
import { type Answer, NoAnswer } from '../metered-fetch.ts'
import { keyOf, recordSchema } from './api.ts'
import { errorOf } from './error-body.ts'
import { unreachable } from './errors.ts'
import { find } from './find.ts'
import { make } from './publish.ts'
import { readRecord } from './read.ts'
import { remove } from './remove.ts'

export const comment: CommentVerbs = { publish, find, remove }

const parentStep = 'parent'

/** An answer names the post with the digest of its content, which only the server knows. */
async function publish(context: VerbContext, job: CommentJob): Promise<PublishOutcome> {
  const { steps, parent } = job
  let cid = steps.recall<string>(parentStep)
  if (cid === undefined) {
    const read = await readParent(context, job)
    if (typeof read !== 'string') return read
    cid = await steps.step(parentStep, async () => read)
  }
  const ref = { uri: parent.remoteId, cid }
  return make(context, job, { root: ref, parent: ref })
}

async function readParent(context: VerbContext, job: CommentJob): Promise<string | PublishOutcome> {
  let answer: Answer
  try {
    answer = await readRecord(context, job.channel.remoteId, keyOf(job.parent.remoteId), 'publish')
  } catch (cause) {
    if (!(cause instanceof NoAnswer)) throw cause
    return { kind: 'networkDown', reason: unreachable }
  }
  const record = recordSchema.safeParse(answer.json)
  if (answer.status === 200 && record.success) return record.data.cid
  if (errorOf(answer).error !== 'RecordNotFound') return { kind: 'networkDown', reason: unreachable }
  const message = 'The post that the comment belongs below is not on Bluesky any more.'
  return { kind: 'refused', fix: 'user', reason: { code: 'post_not_found', message } }
}
