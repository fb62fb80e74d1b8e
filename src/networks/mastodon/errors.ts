/**
 * Refusals as outcomes. The status tells them apart; the words in `error` are for people and may be translated.
 *
 * Other software that speaks this API may answer with an empty body or a page.
 */
import type { PublishOutcome, Reason } from '#domain/delivery.ts'
import type { Answer } from '../metered-fetch.ts'
import { errorSchema } from './api.ts'

export type Trouble =
  | Extract<PublishOutcome, { kind: 'refused' | 'throttled' | 'processing' }>
  | { kind: 'down'; reason: Reason }

const minute = 60_000
const longestWait = 24 * 60 * minute

export const reauthorise: Reason = {
  code: 'token_dead',
  message: 'Mastodon no longer accepts the sign-in of this account. Connect the account again.',
}
export const unreachable: Reason = {
  code: 'unreachable',
  message: 'The Mastodon instance cannot be reached. Litfass tries again.',
}

/** What the instance said, in one line; empty where it said nothing. */
export function wordsOf(answer: Answer): string {
  const parsed = errorSchema.safeParse(answer.json)
  return (parsed.data?.error_description ?? parsed.data?.error ?? '').slice(0, 300)
}

/** What an answer that is no success means. */
export function troubleOf(answer: Answer, now: Date): Trouble {
  const { status } = answer
  const said = wordsOf(answer)
  if (status >= 500 || status < 300) return { kind: 'down', reason: down(answer) }
  if (status === 429) return limited(answer, now)
  if (status === 401 || isWordless422(answer))
    return { kind: 'refused', fix: 'reauthorise', reason: reauthorise }
  if (status === 403) return forbidden(said)
  if (status === 404 || said === '') return { kind: 'down', reason: down(answer) }
  if (status === 413) return refuse('content', 'image_too_large', tooLarge)
  if (status === 422 && /processing/i.test(said))
    return { kind: 'processing', until: new Date(now.getTime() + 3_000) }
  if (status === 422 || status === 400) return refuse('content', 'content_refused', invalid(said))
  return refuse('give-up', 'not_possible', `Mastodon refused this for good (status ${status}).`)
}

/** snac 2.94 says so that it does not know a token. */
function isWordless422(answer: Answer): boolean {
  return answer.status === 422 && answer.text.trim() === ''
}

function forbidden(said: string): Trouble {
  if (/scope/i.test(said))
    return {
      kind: 'refused',
      fix: 'reauthorise',
      reason: { code: 'scope_missing', message: 'The sign-in allows too little. Connect the account again.' },
    }
  return refuse('user', 'not_permitted', `The instance does not let this account do that.${quoted(said)}`)
}

const tooLarge = 'An image is larger than this instance takes. Use a smaller one.'

const invalid = (said: string) =>
  `The instance does not take this content. Check its length and its images.${quoted(said)}`

const quoted = (said: string) => (said === '' ? '' : ` It says: ${said.replace(/[.!]?\s*$/, '')}.`)

function refuse(
  fix: Extract<PublishOutcome, { kind: 'refused' }>['fix'],
  code: string,
  message: string,
): Trouble {
  return { kind: 'refused', fix, reason: { code, message } }
}

function down(answer: Answer): Reason {
  return {
    code: 'network_down',
    message: `The instance does not work at the moment (status ${answer.status}).`,
  }
}

/** `X-RateLimit-Reset` is an instant in ISO 8601 here. */
function limited(answer: Answer, now: Date): Trouble {
  const reset = Date.parse(answer.headers['x-ratelimit-reset'] ?? '')
  const after = now.getTime() + Number(answer.headers['retry-after']) * 1_000
  const until = [reset, after].find((instant) => instant > now.getTime()) ?? now.getTime() + minute
  return {
    kind: 'throttled',
    until: new Date(Math.min(until + 2_000, now.getTime() + longestWait)),
    reason: {
      code: 'rate_limited',
      message: 'The instance asks for a pause. The post goes out when it is over.',
    },
  }
}
