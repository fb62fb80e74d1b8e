/**
 * X's refusals as outcomes.
 *
 * Problems are told apart by status, title and the end of their type, because the host in the type changed
 * in 2026-08. Four refusals are plain 403s whose detail is the only carrier: duplicate, cashtag, video
 * length, summoned replies.
 */
import type { PublishOutcome, Reason } from '#domain/delivery.ts'
import { problemSchema } from './api.ts'
import type { Answer } from '../metered-fetch.ts'

export type Trouble =
  | Extract<PublishOutcome, { kind: 'refused' | 'throttled' }>
  | { kind: 'unauthorised'; reason: Reason }
  | { kind: 'duplicate'; reason: Reason }
  | { kind: 'down'; reason: Reason }

type Problem = {
  type: string
  title: string
  detail: string
  resetDate: string | undefined
  codes: unknown[]
}
type Refused = Extract<PublishOutcome, { kind: 'refused' }>

const minute = 60_000
const probe = 15 * minute
const longestWait = 6 * 60 * minute

export function problemOf(answer: Answer): Problem {
  const parsed = problemSchema.safeParse(answer.json)
  const body = parsed.success ? parsed.data : {}
  return {
    type: body.type ?? '',
    title: body.title ?? '',
    detail: body.detail ?? '',
    resetDate: body.reset_date,
    codes: body.errors?.map((error) => error.code) ?? [],
  }
}

/** What an answer that is no success means. */
export function troubleOf(answer: Answer, now: Date): Trouble {
  const problem = problemOf(answer)
  const is = (suffix: string) => problem.type.endsWith(`/problems/${suffix}`)
  if (answer.status >= 500) return { kind: 'down', reason: down(answer) }
  if (answer.status === 402 || (answer.status === 403 && is('credits'))) return unpaid(answer, problem, now)
  if (answer.status === 429) return is('usage-capped') ? capped(now) : limited(answer, now)
  if (problem.codes.includes(88)) return limited(answer, now)
  if (answer.status === 401) return { kind: 'unauthorised', reason: reauthorise }
  if (answer.status === 403) return forbidden(problem)
  if (answer.status === 400) return refuse('content', 'content_refused', invalid(problem))
  if (answer.status === 404 && !is('resource-not-found')) return { kind: 'down', reason: down(answer) }
  return refuse('give-up', 'not_possible', `X refused this for good (status ${answer.status}).`)
}

export const reauthorise: Reason = {
  code: 'token_dead',
  message: 'X no longer accepts the sign-in of this account. Connect the account again.',
}

function down(answer: Answer): Reason {
  return { code: 'network_down', message: `X does not work at the moment (status ${answer.status}).` }
}

function invalid(problem: Problem): string {
  const said = problem.detail === '' ? '' : ` X says: ${problem.detail}`
  return `X does not take this content. Check its length and its images, then try again.${said}`
}

function refuse(fix: Refused['fix'], code: string, message: string): Refused {
  return { kind: 'refused', fix, reason: { code, message } }
}

function wait(until: number, now: Date, code: string, message: string): Trouble {
  const bounded = Math.min(until, now.getTime() + longestWait)
  return { kind: 'throttled', until: new Date(bounded), reason: { code, message } }
}

/** Out of credits or over the spend cap is never the post's fault; a probe is free because failures are. */
function unpaid(answer: Answer, problem: Problem, now: Date): Trouble {
  if (answer.status === 402) {
    const message = 'The X app has no credits left. Top up in the X console; the post waits.'
    return wait(now.getTime() + probe, now, 'credits_depleted', message)
  }
  // The reset is a calendar date without a zone; noon UTC is when it has begun nearly everywhere.
  const reset = Date.parse(`${problem.resetDate ?? ''}T12:00:00Z`) || now.getTime() + probe
  const message = 'The spend cap of the X app is reached. Raise it in the X console, or let the post wait.'
  return wait(Math.max(reset, now.getTime() + probe), now, 'spend_cap_reached', message)
}

function capped(now: Date): Trouble {
  const next = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1)
  const message = 'The usage cap of the X app is reached. Raise it in the X console, or let the post wait.'
  return wait(next, now, 'usage_cap_exceeded', message)
}

function limited(answer: Answer, now: Date): Trouble {
  const { headers } = answer
  const spent = ['x-user-limit-24hour', 'x-app-limit-24hour'].find(
    (name) => headers[`${name}-remaining`] === '0' && headers[`${name}-reset`],
  )
  const reset = Number(headers[`${spent ?? 'x-rate-limit'}-reset`]) * 1_000
  const until = reset > now.getTime() ? reset + 2_000 : now.getTime() + minute
  return {
    kind: 'throttled',
    until: new Date(until),
    reason: { code: 'rate_limited', message: 'X asks for a pause. The post goes out when it is over.' },
  }
}

function forbidden(problem: Problem): Trouble {
  const detail = problem.detail.toLowerCase()
  const is = (suffix: string) => problem.type.endsWith(`/problems/${suffix}`)
  if (detail.includes('duplicate content')) {
    const message = 'X says this account posted the same text before. Change the text.'
    return { kind: 'duplicate', reason: { code: 'duplicate_content', message } }
  }
  if (detail.includes('cashtag'))
    return refuse('content', 'too_many_cashtags', 'X allows one cashtag per post. Remove the others.')
  if (detail.includes('not allowed to post a video longer than'))
    return refuse('content', 'video_too_long', 'The video is too long for this account. Shorten it.')
  if (detail.includes('have not been mentioned or otherwise engaged'))
    return refuse('give-up', 'reply_not_allowed', 'X allows replies only where the author mentioned you.')
  if (is('client-forbidden') || is('oauth1-permissions'))
    return refuse('user', 'app_not_enrolled', 'The X app may not do this. Check its plan and permissions.')
  if (is('unsupported-authentication'))
    return refuse('reauthorise', 'wrong_token_kind', 'This needs a sign-in by the account. Connect it again.')
  if (is('not-authorized-for-resource'))
    return refuse('give-up', 'not_authorised', 'This account may not do this on X.')
  return refuse(
    'user',
    'not_permitted',
    'X does not permit this. Look on X whether the account is restricted, and check the content.',
  )
}
