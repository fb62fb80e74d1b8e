/**
 * Looking for a lost post in the account's own timeline.
 *
 * X bills listings per post returned (2026-08-22), so an empty answer is free and a hit costs half a cent.
 */
import type { FindOutcome } from '#domain/delivery.ts'
import { linksIn } from '#domain/text.ts'
import type { FindJob, Network, VerbContext } from '../contract.ts'
import { NoAnswer } from '../metered-fetch.ts'
import { billedItems, callX, permalink, postsSchema, type RemotePost } from './api.ts'
import { troubleOf } from './errors.ts'
import { textOf } from './publish.ts'

const skewMs = 5_000
const lateMs = 60_000
const maxPages = 10
/** The least X takes; each post that comes back costs. */
const perPage = 5

export const find: Network['find'] = async (context, job) => {
  try {
    let next: string | undefined
    for (let page = 0; page < maxPages; page += 1) {
      const listing = await list(context, job, next)
      if ('kind' in listing) return listing
      const match = await firstMatch(listing.posts, job)
      if (match) return { kind: 'found', remoteId: match.id, url: permalink(context, match.id) }
      if (listing.next === undefined) return { kind: 'absent' }
      next = listing.next
    }
    return unknown('timeline_too_long', 'Too many posts since then to be sure. Look on X yourself.')
  } catch (cause) {
    if (!(cause instanceof NoAnswer)) throw cause
    return unknown('no_answer', 'X did not answer. Litfass looks again.')
  }
}

function unknown(code: string, message: string): FindOutcome {
  return { kind: 'unknown', reason: { code, message } }
}

/** A refusal says nothing about the post: timelines answered 404 for eight hours on 2025-09-10. */
async function list(
  context: VerbContext,
  job: FindJob,
  next: string | undefined,
): Promise<{ posts: readonly RemotePost[]; next: string | undefined } | FindOutcome> {
  const from = new Date(job.sentAt.getTime() - skewMs).toISOString().replace(/\.\d+Z$/, 'Z')
  const query = new URLSearchParams({
    start_time: from,
    max_results: String(perPage),
    exclude: 'retweets',
    'tweet.fields': 'created_at,entities,note_tweet,attachments',
    ...(next === undefined ? {} : { pagination_token: next }),
  })
  const answer = await callX(context, job.channel.accessToken, {
    method: 'GET',
    path: `/2/users/${encodeURIComponent(job.channel.remoteId)}/tweets?${query}`,
    endpointClass: 'timeline.read',
    dataClass: 'own-post',
    purpose: 'reconcile',
    countItems: billedItems,
    mostItems: perPage,
  })
  if (answer.status !== 200) {
    const { kind, reason } = troubleOf(answer, context.now())
    return { kind: 'unknown', reason, ...(kind === 'unauthorised' ? { fix: 'reauthorise' } : {}) }
  }
  const parsed = postsSchema.safeParse(answer.json)
  const unreadable = unknown('unreadable', 'X gave no readable timeline. Litfass looks again.')
  if (!parsed.success) return unreadable
  // Errors beside no data mean that X could not list, not that there is nothing.
  if (!parsed.data.data && parsed.data.errors?.length) return unreadable
  return { posts: parsed.data.data ?? [], next: parsed.data.meta?.next_token }
}

async function firstMatch(posts: readonly RemotePost[], job: FindJob): Promise<RemotePost | undefined> {
  const wanted = comparable(textOf(job.payload))
  for (const post of posts) {
    if (!isInWindow(post, job) || !isSame(post, wanted)) continue
    if (!(await job.isOurs(post.id))) return post
  }
  return undefined
}

function isInWindow(post: RemotePost, job: FindJob): boolean {
  const at = post.created_at === undefined ? snowflakeTime(post.id) : Date.parse(post.created_at)
  // `created_at` may be cut to the second, so the window opens one second early.
  return at >= job.sentAt.getTime() - skewMs - 1_000 && at <= job.deadlineAt.getTime() + lateMs
}

/** Ids carry their time of creation in milliseconds. */
function snowflakeTime(id: string): number {
  return /^\d+$/.test(id) ? Number((BigInt(id) >> 22n) + 1_288_834_974_657n) : Number.NaN
}

function isSame(post: RemotePost, wanted: string): boolean {
  const note = post.note_tweet ?? post.note_post
  const plain = withoutShortLinks(note?.text ?? post.text, note?.entities ?? post.entities)
  return comparable(plain) === wanted || comparable(unescaped(plain)) === wanted
}

function withoutShortLinks(text: string, entities: RemotePost['entities']): string {
  let plain = text
  for (const link of (entities?.urls ?? []).toReversed()) {
    const isMedia =
      link.media_key !== undefined || /\/status\/\d+\/(photo|video)\/\d+$/.test(link.expanded_url ?? '')
    const at = plain.lastIndexOf(link.url)
    if (at < 0) continue
    plain =
      plain.slice(0, at) +
      (isMedia ? '' : (link.expanded_url ?? link.url)) +
      plain.slice(at + link.url.length)
  }
  return plain
}

function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}

/** X adds a scheme to bare domains and a slash to bare hosts, and trims; none of that is another text. */
function comparable(text: string): string {
  let plain = text.normalize('NFC')
  for (const link of new Set(linksIn(plain)))
    plain = plain.replaceAll(link, link.replace(/^https?:\/\//i, '').replace(/\/$/, ''))
  return plain.replace(/\s+/g, ' ').trim()
}
