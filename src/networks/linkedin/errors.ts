/** What LinkedIn's errors mean for a delivery. Read 2026-11-23 from the vendor's error pages and reports. */
import type { PublishOutcome, RefusalFix } from '#domain/delivery.ts'
import type { Network, Steps } from '../contract.ts'
import { type Answer, NoAnswer } from '../metered-fetch.ts'
import { errorSchema } from './api.ts'

export type Problem = { status: number; serviceErrorCode?: number; code?: string; message: string }

export function problemOf(answer: Answer): Problem {
  const parsed = errorSchema.safeParse(answer.json)
  const { serviceErrorCode, code, message } = parsed.success ? parsed.data : {}
  return {
    status: answer.status,
    message: message ?? '',
    ...(serviceErrorCode === undefined ? {} : { serviceErrorCode }),
    ...(code === undefined ? {} : { code }),
  }
}

const refused = (fix: RefusalFix, code: string, message: string): PublishOutcome => ({
  kind: 'refused',
  fix,
  reason: { code, message },
})

const throttled = (until: Date, code: string, message: string): PublishOutcome => ({
  kind: 'throttled',
  until,
  reason: { code, message },
})

const later = (now: Date, seconds: number) => new Date(now.getTime() + seconds * 1_000)

/** Counters of a day start again at 00:00 UTC. */
export function nextUtcMidnight(now: Date): Date {
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + 1))
}

/** When a refused call may be made again. The message alone tells the counter; no header does. */
export function throttleEnd(problem: Problem, now: Date): Date {
  if (problem.message.includes(' DAY limit')) return nextUtcMidnight(now)
  return later(now, problem.message.includes('creation rate limit') ? 60 : 300)
}

/** Limits are told by refusals alone, each of one resource. */
export const refusal: NonNullable<Network['refusal']> = (answer, now) =>
  answer.status === 429 ? { of: 'endpoint-class', until: throttleEnd(problemOf(answer), now) } : null

const contentCodes = new Map<string, string>([
  ['FIELD_LENGTH_TOO_LONG', 'The text, title or alt text is longer than LinkedIn allows. Shorten it.'],
  ['INVALID_VALUE_BLANK_FIELD', 'LinkedIn wants text here. Write some.'],
  ['INVALID_VALUE_FOR_FIELD', 'LinkedIn does not take a part of this post. Check its text, link and images.'],
  ['INVALID_URN_ID', 'LinkedIn does not know an image or account of this post. Attach the images again.'],
  ['INVALID_URN_TYPE', 'LinkedIn does not take a part of this post. Attach the images again.'],
  ['MISSING_FIELD', 'LinkedIn misses a part of this post. Check its text, link and images.'],
  ['ILLEGAL_ARGUMENT', 'LinkedIn does not take a part of this post. Check its text, link and images.'],
  [
    'MEDIA_ASSET_PROCESSING_FAILED',
    'LinkedIn could not read an image. Save it again as JPEG or PNG and attach it.',
  ],
])

/** The live post a duplicate refusal names. Only its message carries it. */
export function duplicateUrn(answer: Answer): string | null {
  const problem = problemOf(answer)
  if (problem.status !== 422 || problem.code !== 'DUPLICATE_POST') return null
  return /urn:li:(?:share|ugcPost):\d+/.exec(problem.message)?.[0] ?? null
}

/**
 * A first 401 proves nothing: new tokens are answered 65601 for seconds (reports 2014 to 2024).
 *
 * It is remembered and looked at once more after three seconds; `processing` because nothing failed yet
 * and no attempt is to be counted. The second one asks a person to sign in again.
 */
export async function unauthorised(steps: Steps, now: Date): Promise<PublishOutcome> {
  if (steps.recall<string>('first-401') === undefined) {
    await steps.step('first-401', async () => now.toISOString())
    return { kind: 'processing', until: later(now, 3) }
  }
  await steps.forget('first-401')
  return refused(
    'reauthorise',
    'token_dead',
    'LinkedIn no longer accepts this connection. Connect the account again.',
  )
}

/** Outcome of an answered refusal; `isVisible` where the request itself would have shown something. */
export async function outcomeOf(
  answer: Answer,
  steps: Steps,
  now: Date,
  isVisible: boolean,
): Promise<PublishOutcome> {
  const problem = problemOf(answer)
  const { status, code } = problem
  if (status === 401) return unauthorised(steps, now)
  if (status === 426)
    return throttled(
      later(now, 3_600),
      'network_version_ended',
      'LinkedIn no longer serves the API version Litfass asks for. Update Litfass or set a newer version.',
    )
  if (status === 429)
    return throttled(
      throttleEnd(problem, now),
      'rate_limited',
      'LinkedIn’s limit of requests is used up for now.',
    )
  if (status >= 500) return brokenOutcome(isVisible, `LinkedIn answered ${status}.`)
  if (status === 422 && code === 'DUPLICATE_POST') {
    const urn = duplicateUrn(answer)
    const where = urn ? ` as ${urn}` : ''
    return refused(
      'content',
      'duplicate_post',
      `The same post is already on LinkedIn${where}. Change the text.`,
    )
  }
  if (status === 409) return throttled(later(now, 5), 'conflict', 'LinkedIn is busy with this account.')
  if (status === 403) return forbidden(problem)
  if (code === 'MEDIA_ASSET_WAITING_UPLOAD')
    return throttled(later(now, 10), 'image_not_ready', 'LinkedIn is not done with an image yet.')
  // LinkedIn's text is the only carrier of this case: a path the pinned version does not have.
  if (status === 404 && problem.message.startsWith('No virtual resource found'))
    return throttled(
      later(now, 3_600),
      'network_version_unknown',
      'The LinkedIn API version in use does not know this call. Check the version setting.',
    )
  return refused(
    'content',
    code ? `linkedin_${code.toLowerCase()}` : `linkedin_${status}`,
    contentCodes.get(code ?? '') ?? `LinkedIn refused the post (${status}). Check its text, link and images.`,
  )
}

/** 403: scope missing (100), or the person lost the role on the page. */
function forbidden(problem: Problem): PublishOutcome {
  if (problem.serviceErrorCode === 100)
    return refused(
      'reauthorise',
      'scope_missing',
      'The connection lacks a permission. Connect LinkedIn again and agree to everything it asks.',
    )
  return refused(
    'user',
    'role_missing',
    'The connected person may not post here. Ask an administrator of the page for the role of content admin.',
  )
}

export function brokenOutcome(isVisible: boolean, what: string): PublishOutcome {
  if (!isVisible) return { kind: 'networkDown', reason: { code: 'network_down', message: what } }
  return {
    kind: 'unsure',
    reason: { code: 'answer_lost', message: `${what} The post may be live; Litfass looks for it.` },
  }
}

/** A request without an answer; rethrows what is no such thing. */
export function outcomeOfSilence(cause: unknown, isVisible: boolean): PublishOutcome {
  if (!(cause instanceof NoAnswer)) throw cause
  return brokenOutcome(isVisible && cause.sent, 'LinkedIn did not answer.')
}
