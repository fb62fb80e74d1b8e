/** Looking for a post whose answer was lost: by text and time in the page's own list. */
import type { FindOutcome } from '#domain/delivery.ts'
import type { z } from 'zod'
import type { FindJob, VerbContext } from '../contract.ts'
import { NoAnswer } from '../metered-fetch.ts'
import { countRows, feedAnswer, graph } from './api.ts'
import { messageOf } from './errors.ts'
import { messageFor, photoStep } from './publish.ts'

type Post = z.infer<typeof feedAnswer>['data'][number]

/** How far Facebook's clock may be from ours. */
const skewMs = 60_000
const maxPages = 5

export async function find(context: VerbContext, job: FindJob): Promise<FindOutcome> {
  const photos = job.payload.images.map((_, index) => job.steps.recall<string>(photoStep(index)))
  let after: string | undefined
  for (let page = 0; page < maxPages; page += 1) {
    const listed = await list(context, job, after)
    if ('kind' in listed) return listed
    // Oldest first: of two equal posts ours is the earlier one that no other delivery owns.
    const posts = listed.data.toReversed()
    for (const post of posts) {
      if (!matches(post, job, photos) || (await job.isOurs(post.id))) continue
      return {
        kind: 'found',
        remoteId: post.id,
        url: post.permalink_url ?? `https://www.facebook.com/${post.id}`,
      }
    }
    after = listed.paging?.next ? listed.paging.cursors?.after : undefined
    if (after === undefined) return { kind: 'absent' }
  }
  return unknown('list_too_long', 'The page has too many new posts to look through.')
}

async function list(
  context: VerbContext,
  job: FindJob,
  after: string | undefined,
): Promise<z.infer<typeof feedAnswer> | FindOutcome> {
  const since = Math.floor((job.sentAt.getTime() - skewMs) / 1_000)
  try {
    const answer = await graph(context, {
      method: 'GET',
      path: `/${job.channel.remoteId}/feed`,
      query: {
        fields: 'id,message,created_time,permalink_url,attachments{target{id},subattachments{target{id}}}',
        since: String(since),
        limit: '100',
        ...(after ? { after } : {}),
      },
      token: job.channel.accessToken,
      endpointClass: 'post.list',
      dataClass: 'own-post',
      purpose: 'reconcile',
      countItems: countRows,
    })
    const parsed = feedAnswer.safeParse(answer.json)
    if (answer.status < 400 && parsed.success) return parsed.data
    return unknown('list_refused', messageOf(answer, context.now()))
  } catch (cause) {
    if (!(cause instanceof NoAnswer)) throw cause
    return unknown('no_answer', `Facebook did not answer: ${cause.message}.`)
  }
}

function unknown(code: string, message: string): FindOutcome {
  return { kind: 'unknown', reason: { code, message } }
}

/** Never the newest post by position: somebody else may have posted to the page in between. */
function matches(post: Post, job: FindJob, photos: readonly (string | undefined)[]): boolean {
  const createdAt = Date.parse(post.created_time.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'))
  if (createdAt < job.sentAt.getTime() - skewMs || createdAt > job.deadlineAt.getTime() + skewMs) return false
  const message = messageFor(job.payload)
  if (plain(post.message) !== plain(message)) return false
  const shown = photosOf(post)
  // Photo ids were known before the request; they are the only mark of a post without text.
  return message === '' ? photos.some((id) => id !== undefined && shown.includes(id)) : true
}

function photosOf(post: Post): string[] {
  const items = post.attachments?.data ?? []
  const targets = items.flatMap((item) => [item, ...(item.subattachments?.data ?? [])])
  return targets.flatMap(({ target }) => (target ? [target.id] : []))
}

/** Facebook trims a message and joins line ends, so both sides are compared without those. */
function plain(text: string): string {
  return text.normalize('NFC').replace(/\r\n?/g, '\n').trim()
}
