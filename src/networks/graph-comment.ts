/** First comments on Facebook and Instagram: one visible request, and a look at the post's comments where its answer is lost. */
import { z } from 'zod'
import type { FindOutcome, PublishOutcome } from '#domain/delivery.ts'
import type { CommentJob, CommentVerbs, FindCommentJob, Steps, VerbContext } from './contract.ts'
import { graphError, graphOutcome, type GraphErrorRow, isMissingObject } from './graph.ts'
import { graphId, idAnswer } from './graph-call.ts'
import { comparable } from './graph-find.ts'
import { NoAnswer, type Answer } from './metered-fetch.ts'

/** What differs from network to network. */
export type CommentNetwork = {
  name: string
  rows: readonly GraphErrorRow[]
  create: (context: VerbContext, job: CommentJob) => Promise<Answer>
  /** The comments of the post, a hundred at a time. */
  list: (context: VerbContext, job: FindCommentJob, after: string | undefined) => Promise<Answer>
}

/** Facebook says `message`, `created_time` and `permalink_url`, Instagram `text` and `timestamp`. */
const comment = z.looseObject({
  id: graphId,
  message: z.string().optional(),
  text: z.string().optional(),
  created_time: z.string().optional(),
  timestamp: z.string().optional(),
  permalink_url: z.string().optional(),
})
type Comment = z.infer<typeof comment>
export const commentsAnswer = z.looseObject({
  data: z.array(comment),
  paging: z
    .looseObject({
      cursors: z.looseObject({ after: z.string().optional() }).optional(),
      next: z.string().optional(),
    })
    .optional(),
})

export function graphComments(network: CommentNetwork): Pick<CommentVerbs, 'publish' | 'find'> {
  return {
    publish: (context, job) => job.steps.visible('comment', () => send(network, context, job)),
    find: async (context, job) => {
      try {
        return await look(network, context, job)
      } catch (cause) {
        if (!(cause instanceof NoAnswer)) throw cause
        return unknown('no_answer', `${network.name} did not answer: ${cause.message}.`)
      }
    },
  }
}

async function send(network: CommentNetwork, context: VerbContext, job: CommentJob): Promise<PublishOutcome> {
  let answer: Answer
  try {
    answer = await network.create(context, job)
  } catch (cause) {
    if (!(cause instanceof NoAnswer)) throw cause
    const reason = { code: 'no_answer', message: `${network.name} did not answer: ${cause.message}.` }
    return cause.sent ? { kind: 'unsure', reason } : { kind: 'networkDown', reason }
  }
  const created = idAnswer.safeParse(answer.json)
  if (answer.status < 400 && created.success) return { kind: 'published', remoteId: created.data.id }
  if (isMissingObject(answer)) return postNotSeen(network, job.steps, context.now())
  return ofComment(network, answer, graphOutcome(network.rows, answer, context.now(), 'visible'))
}

/** The words of a refusal are about posts, which are changed in a new draft; a comment is reworded where it is. */
function ofComment({ name }: CommentNetwork, answer: Answer, outcome: PublishOutcome): PublishOutcome {
  if (outcome.kind !== 'refused' || outcome.fix !== 'content') return outcome
  const { userMessage, message = '' } = graphError(answer) ?? {}
  const said = userMessage ?? message
  const quoted = said === '' ? '' : ` Meta says: “${said}”`
  const reason = { code: outcome.reason.code, message: `${name} does not accept the comment.${quoted}` }
  return { ...outcome, reason }
}

const missingStep = 'post-missing-since'
const freshMs = 10 * 60_000

/** A post that was only just published reads as missing for some seconds (seen of Instagram); nothing was made then. */
async function postNotSeen({ name }: CommentNetwork, steps: Steps, now: Date): Promise<PublishOutcome> {
  const since = await steps.step(missingStep, async () => now.toISOString())
  if (now.getTime() - Date.parse(since) < freshMs)
    return { kind: 'processing', until: new Date(now.getTime() + 10_000) }
  await steps.forget(missingStep)
  const message = `${name} does not find the post that the comment belongs below. Look whether it is still there.`
  return { kind: 'refused', fix: 'user', reason: { code: 'post_not_found', message } }
}

const maxPages = 5

async function look(
  network: CommentNetwork,
  context: VerbContext,
  job: FindCommentJob,
): Promise<FindOutcome> {
  let after: string | undefined
  for (let page = 0; page < maxPages; page += 1) {
    const answer = await network.list(context, job, after)
    const listed = commentsAnswer.safeParse(answer.json)
    if (answer.status >= 400 || !listed.success)
      return unknown('list_refused', `${network.name} does not show the comments of the post.`)
    for (const row of listed.data.data) {
      if (!isOurs(row, job) || (await job.isOurs(row.id))) continue
      return {
        kind: 'found',
        remoteId: row.id,
        ...(row.permalink_url === undefined ? {} : { url: row.permalink_url }),
      }
    }
    after = listed.data.paging?.next ? listed.data.paging.cursors?.after : undefined
    if (after === undefined) return { kind: 'absent' }
  }
  return unknown('list_too_long', 'The post has too many comments to look through.')
}

/** By text and time: whoever answers with the very same words within the minute is taken for us. */
function isOurs(row: Comment, job: FindCommentJob): boolean {
  const at = Date.parse((row.created_time ?? row.timestamp ?? '').replace(/([+-]\d{2})(\d{2})$/, '$1:$2'))
  if (!(at >= job.sentAt.getTime() - 60_000 && at <= job.deadlineAt.getTime() + 60_000)) return false
  return comparable(row.message ?? row.text ?? '') === comparable(job.payload.text)
}

function unknown(code: string, message: string): FindOutcome {
  return { kind: 'unknown', reason: { code, message } }
}
