/**
 * The first comment below a post of a page or a member, by the social actions of the post.
 *
 * Its text goes as it is: whether reserved characters mean anything in a comment is not documented.
 */
import type { FindOutcome, PublishOutcome } from '#domain/delivery.ts'
import { hasLink } from '#domain/text.ts'
import type { CommentJob, CommentVerbs, FindCommentJob, VerbContext } from '../contract.ts'
import { type Answer, NoAnswer } from '../metered-fetch.ts'
import { commentSchema, commentsSchema, encoded, get, rest } from './api.ts'
import { pagesByRole } from './connect.ts'
import { outcomeOf, outcomeOfSilence } from './errors.ts'
import { removed } from './remove.ts'

export const comment: CommentVerbs = {
  publish: (context, job) => job.steps.visible('comment', () => send(context, job)),
  find: async (context, job) => {
    try {
      return await look(context, job)
    } catch (cause) {
      if (!(cause instanceof NoAnswer)) throw cause
      return unknown('no_answer', 'LinkedIn did not answer.')
    }
  },
  remove: (context, channel, remoteId, parent) =>
    removed(() =>
      rest(context, {
        method: 'DELETE',
        path: `${commentsOf(parent.remoteId)}/${idIn(remoteId)}?actor=${encoded(channel.remoteId)}`,
        accessToken: channel.accessToken,
        endpointClass: 'comment.delete',
        dataClass: 'none',
        purpose: 'remove',
        restliMethod: 'DELETE',
      }),
    ),
}

const commentsOf = (urn: string) => `/rest/socialActions/${encoded(urn)}/comments`

/** The number within `urn:li:comment:(urn:li:activity:1,2)`. */
const idIn = (urn: string) => /(\d+)\)?$/.exec(urn)?.[1] ?? ''

async function send(context: VerbContext, job: CommentJob): Promise<PublishOutcome> {
  const { channel, parent, payload, steps } = job
  let answer: Answer
  try {
    answer = await rest(context, {
      method: 'POST',
      path: commentsOf(parent.remoteId),
      accessToken: channel.accessToken,
      endpointClass: 'comment.create',
      dataClass: 'own-post',
      purpose: 'publish',
      body: { actor: channel.remoteId, object: parent.remoteId, message: { text: payload.text } },
      hasLink: hasLink(payload.text),
    })
  } catch (cause) {
    return outcomeOfSilence(cause, true)
  }
  if (answer.status >= 400) return outcomeOf(answer, steps, context.now(), true)
  const id = answer.headers['x-restli-id'] ?? ''
  const named = commentSchema.safeParse(answer.json).data?.commentUrn
  const urn = named ?? (/^\d+$/.test(id) ? `urn:li:comment:(${parent.remoteId},${id})` : undefined)
  return { kind: 'published', ...(urn === undefined ? {} : { remoteId: urn }) }
}

const atOnce = 100

async function look(context: VerbContext, job: FindCommentJob): Promise<FindOutcome> {
  const { channel, parent, payload } = job
  if (channel.kind !== 'organisation')
    return unknown('not_readable', 'LinkedIn shows an app no comments of members. Look below the post.')
  const path = `${commentsOf(parent.remoteId)}?start=0&count=${atOnce}`
  const answer = await get(context, path, channel.accessToken, {
    endpointClass: 'comment.read',
    dataClass: 'member-activity',
    purpose: 'reconcile',
  })
  const listed = commentsSchema.safeParse(answer.json)
  if (answer.status !== 200 || !listed.success)
    return unknown('listing_unavailable', `LinkedIn answered ${answer.status} to the list of comments.`)
  const { elements } = listed.data
  for (const { commentUrn, actor, message, created } of elements) {
    const isOurs = actor === channel.remoteId && plain(message?.text ?? '') === plain(payload.text)
    if (!isOurs || !isOfTime(created?.time, job) || (await job.isOurs(commentUrn))) continue
    return { kind: 'found', remoteId: commentUrn }
  }
  if (elements.length >= atOnce)
    return unknown('list_too_long', 'The post has too many comments to look through.')
  return (await seesComments(context, job)) ? { kind: 'absent' } : unknown('not_readable', mayNotRead)
}

const plain = (text: string) => text.normalize('NFC').replaceAll('\r\n', '\n').trim()

const isOfTime = (at: number | undefined, { sentAt, deadlineAt }: FindCommentJob) =>
  at === undefined || (at >= sentAt.getTime() - 60_000 && at <= deadlineAt.getTime() + 60_000)

const mayNotRead =
  'Only an administrator of the page is shown its comments, and the connected person is none. Look below the post.'

/** Whoever may post but is no administrator is shown an empty list, which proves nothing. */
async function seesComments(context: VerbContext, { channel }: FindCommentJob): Promise<boolean> {
  const pages = await pagesByRole(context, channel.accessToken, 'ADMINISTRATOR', 'reconcile')
  return pages?.includes(channel.remoteId) ?? false
}

const unknown = (code: string, message: string): FindOutcome => ({
  kind: 'unknown',
  reason: { code, message },
})
