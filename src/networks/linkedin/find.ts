/**
 * Finding a post whose answer was lost.
 *
 * A page's posts can be listed. A member's cannot (the scope for it is closed), but LinkedIn refuses a
 * byte-identical post and names the live one. That refusal is documented for ten minutes after a post, so
 * the same body is sent again inside them only: later it would publish twice (ugcPosts page, 2026-09).
 */
import type { FindOutcome } from '#domain/delivery.ts'
import type { FindJob, VerbContext } from '../contract.ts'
import { type Answer, NoAnswer } from '../metered-fetch.ts'
import { encoded, get, isShareOnly, permalink, postsSchema } from './api.ts'
import { definition } from './definition.ts'
import { duplicateUrn } from './errors.ts'
import { type Body, bodyOf, createdUrn, createPost } from './publish.ts'
import { plainText, urnTime } from './text.ts'

const skewMs = 5_000
/** Ten minutes, less the time a request may take and a clock may differ. */
const probeWindowMs = 9 * 60_000

export async function find(context: VerbContext, job: FindJob): Promise<FindOutcome> {
  const kept = job.steps.recall<string>('body')
  if (kept === undefined) return { kind: 'absent' }
  const body = bodyOf(kept)
  try {
    return job.channel.kind === 'organisation'
      ? await findInListing(context, job, body)
      : await findByRefusal(context, job, body)
  } catch (cause) {
    if (!(cause instanceof NoAnswer)) throw cause
    return unknown('network_down', 'LinkedIn did not answer.')
  }
}

const unknown = (code: string, message: string, status?: number): FindOutcome => ({
  kind: 'unknown',
  reason: { code, message },
  ...(status === 401 ? { fix: 'reauthorise' } : {}),
})
const found = (context: VerbContext, urn: string): FindOutcome => ({
  kind: 'found',
  remoteId: urn,
  url: permalink(context, urn),
})

async function findInListing(context: VerbContext, job: FindJob, body: Body): Promise<FindOutcome> {
  const author = encoded(job.channel.remoteId)
  const path = `/rest/posts?q=author&author=${author}&sortBy=CREATED&count=10`
  const answer = await get(context, path, job.channel.accessToken, {
    endpointClass: 'post.read',
    dataClass: 'own-post',
    purpose: 'reconcile',
    restliMethod: 'FINDER',
  })
  const parsed = postsSchema.safeParse(answer.json)
  if (answer.status !== 200 || !parsed.success)
    return unknown(
      'listing_unavailable',
      `LinkedIn answered ${answer.status} to the list of posts.`,
      answer.status,
    )
  const from = job.sentAt.getTime() - skewMs
  const recent = parsed.data.elements.filter((post) => (post.createdAt ?? urnTime(post.id) ?? 0) >= from)
  const matches: string[] = []
  for (const post of recent) {
    const isSame =
      seen(post.commentary ?? '') === seen(body.commentary) && hasSameMedia(post.content, body.content)
    if (isSame && !(await job.isOurs(post.id))) matches.push(post.id)
  }
  if (matches.length > 1) return unknown('several_matches', 'Several posts on LinkedIn look like this one.')
  if (matches[0] !== undefined) return found(context, matches[0])
  // A full page of posts newer than ours may have pushed ours out of it.
  if (recent.length >= 10) return unknown('listing_too_short', 'Too many newer posts are on the page.')
  // A listing lags behind by seconds, so an empty one means nothing so soon.
  const settledAt = job.deadlineAt.getTime() + definition.find.value.settleSeconds * 1_000
  if (context.now().getTime() < settledAt)
    return unknown('too_early', 'The post is not in LinkedIn’s list yet.')
  return { kind: 'absent' }
}

/** LinkedIn may write little text in another way than it was sent, so what people see is compared. */
const seen = (commentary: string) => plainText(commentary).normalize('NFC').trim()

function hasSameMedia(theirs: unknown, ours: unknown): boolean {
  const wanted = mediaIn(ours)
  const present = mediaIn(theirs)
  return wanted.length === present.length && wanted.every((urn) => present.includes(urn))
}

function mediaIn(content: unknown): string[] {
  return [...new Set(JSON.stringify(content ?? {}).match(/urn:li:image:[\w-]+/g))]
}

async function findByRefusal(context: VerbContext, job: FindJob, body: Body): Promise<FindOutcome> {
  const now = context.now().getTime()
  if (isWindowPassed(context, job)) return windowPassed
  // An earlier probe without an answer may itself have made the post, so its time counts too.
  const earlier = job.steps.recall<number>('probed-until')
  const answer = await probe(context, job, body, now)
  if (answer === null) return windowPassed
  if (answer.status === 201 || answer.status === 200) {
    const urn = createdUrn(answer)
    return urn === null
      ? unknown('answer_lost', 'LinkedIn took the post without naming it.')
      : found(context, urn)
  }
  const urn = duplicateUrn(answer)
  if (urn === null)
    return unknown(
      'probe_refused',
      `LinkedIn answered ${answer.status} when asked for the post.`,
      answer.status,
    )
  const until = Math.max(job.deadlineAt.getTime(), earlier ?? 0) + skewMs
  const made = urnTime(urn)
  // An older twin: ours was refused, or would have been. Sending it again says so to a person.
  if (made === null || made < job.sentAt.getTime() - skewMs) return { kind: 'absent' }
  if (made > until || (await job.isOurs(urn)))
    return unknown(
      'foreign_twin',
      `The same post is on LinkedIn as ${urn}, but was not sent by this delivery.`,
    )
  return isShareOnly(context) ? found(context, urn) : confirm(context, job, urn)
}

const windowPassed = unknown(
  'probe_window_passed',
  'LinkedIn cannot be asked safely any more. Look at the profile.',
)

function isWindowPassed(context: VerbContext, { sentAt }: FindJob): boolean {
  return context.now().getTime() - sentAt.getTime() >= probeWindowMs
}

class TooLate extends Error {}

/** Null where the window passed before the request could leave, as on a machine that slept. */
async function probe(context: VerbContext, job: FindJob, body: Body, now: number): Promise<Answer | null> {
  await job.steps.forget('probed-until')
  await job.steps.step('probed-until', async () => now + 30_000)
  const mayLeave = async () => {
    if (isWindowPassed(context, job)) throw new TooLate()
  }
  try {
    return await createPost(context, job, body, 'reconcile', mayLeave)
  } catch (cause) {
    if (cause instanceof TooLate) return null
    throw cause
  }
}

/** Refusals may name a post that nobody can see; a token that can read has to see it. */
async function confirm(context: VerbContext, job: FindJob, urn: string): Promise<FindOutcome> {
  const answer = await get(context, `/rest/socialMetadata/${encoded(urn)}`, job.channel.accessToken, {
    endpointClass: 'post.read',
    dataClass: 'own-post',
    purpose: 'reconcile',
  })
  if (answer.status === 200) return found(context, urn)
  if (answer.status === 404)
    return unknown('ghost_post', `LinkedIn names ${urn} but does not show it. Look at the profile.`)
  if (answer.status === 403) return found(context, urn)
  return unknown('read_failed', `LinkedIn answered ${answer.status} when asked for the post.`, answer.status)
}
