/**
 * Refusals as outcomes. The name in `error` is what tells them apart; statuses are shared by many.
 *
 * Messages, statuses and names as @atproto/pds 0.5.35 sent them (2026-11-24).
 */
import type { PublishOutcome, Reason } from '#domain/delivery.ts'
import { LitfassError } from '#domain/errors.ts'
import { NoAnswer, type Answer } from '../metered-fetch.ts'
import { errorOf } from './error-body.ts'
import { clockTrouble, setClock } from './proof-refusals.ts'

export type Trouble =
  | Extract<PublishOutcome, { kind: 'refused' | 'throttled' }>
  /** There is a record under this key already. */
  | { kind: 'exists'; reason: Reason }
  /** Uploads are forgotten when no post uses them for some hours. */
  | { kind: 'uploads-gone'; reason: Reason }
  /** The access token ended under way; the sign-in may still renew it. */
  | { kind: 'expired'; reason: Reason }
  | { kind: 'down'; reason: Reason }

const minute = 60_000
const longestWait = 24 * 60 * minute

/** Whether the sign-in itself is over, and a person has to sign in again. */
export function isTokenDead(answer: Answer): boolean {
  const { error } = errorOf(answer)
  if (['ExpiredToken', 'InvalidToken', 'AuthMissing', 'AuthenticationRequired'].includes(error)) return true
  return answer.status === 401 && !isAccountTrouble(error)
}

function isAccountTrouble(error: string): boolean {
  return /^(?:Account|Repo)(?:Takedown|Takendown|Deactivated|Suspended|Deleted)$/.test(error)
}

export const reauthorise: Reason = {
  code: 'token_dead',
  message: 'Bluesky no longer accepts the sign-in of this account. Connect the account again.',
}
export const unreachable: Reason = {
  code: 'unreachable',
  message: 'The Bluesky server cannot be reached. Litfass tries again.',
}

/** What an answer that is no success means. */
export function troubleOf(answer: Answer, now: Date): Trouble {
  const { error, message } = errorOf(answer)
  if (answer.status >= 500 || answer.status < 300) return { kind: 'down', reason: down(answer) }
  if (answer.status === 429) return limited(answer, now)
  if (isAccountTrouble(error)) return refuse('user', 'account_closed', accountClosed)
  if (error === 'ExpiredToken') return { kind: 'expired', reason: reauthorise }
  const clock = clockTrouble(answer, now)
  if (clock !== null) return refuse('user', 'clock_wrong', `${clock}. ${setClock} Then send again.`)
  if (isTokenDead(answer)) return { kind: 'refused', fix: 'reauthorise', reason: reauthorise }
  if (error === 'InvalidSwap') return { kind: 'exists', reason: exists }
  if (error === 'BlobNotFound') return { kind: 'uploads-gone', reason: uploadsGone }
  if (answer.status === 413) return refuse('content', 'image_too_large', tooLarge)
  if (error === 'InvalidMimeType') return refuse('content', 'image_type', wrongType)
  if (answer.status === 403) return refuse('user', 'not_permitted', notPermitted)
  if (answer.status === 404 || message.startsWith('No service configured'))
    return { kind: 'down', reason: down(answer) }
  if (answer.status === 400) return refuse('content', 'content_refused', invalid(message))
  return refuse('give-up', 'not_possible', `Bluesky refused this for good (status ${answer.status}).`)
}

/** What a call without an answer means, where nothing can have become visible by it. */
export function troubleOfSilence(cause: unknown): Trouble {
  if (cause instanceof NoAnswer) return { kind: 'down', reason: unreachable }
  throw cause
}

/** A sign-in that came to nothing. */
export function refused(message: string, remedy: string): LitfassError {
  return new LitfassError('connection_refused', message.replace(/\.$/, ''), { remedy })
}

const accountClosed =
  'This account is deactivated or was taken down. Look on Bluesky what happened to it, then send again.'
const tooLarge = 'An image is larger than the Bluesky server takes. Use a smaller one.'
const wrongType = 'Bluesky does not take this kind of image. Save it as JPEG or PNG and attach it again.'
const notPermitted = 'The Bluesky server does not let this account post. Ask who runs it.'
const exists: Reason = { code: 'already_there', message: 'The post is on Bluesky already.' }
const uploadsGone: Reason = {
  code: 'uploads_gone',
  message: 'Bluesky has forgotten the images. Litfass uploads them again.',
}

function refuse(
  fix: Extract<PublishOutcome, { kind: 'refused' }>['fix'],
  code: string,
  message: string,
): Trouble {
  return { kind: 'refused', fix, reason: { code, message } }
}

function down(answer: Answer): Reason {
  return { code: 'network_down', message: `Bluesky does not work at the moment (status ${answer.status}).` }
}

function invalid(message: string): string {
  const said = message.slice(0, 300).replace(/\.?\s*$/, '')
  return `Bluesky does not take this content. Check its length and its images.${said === '' ? '' : ` Bluesky says: ${said}.`}`
}

function limited(answer: Answer, now: Date): Trouble {
  const reset = Number(answer.headers['ratelimit-reset']) * 1_000
  const after = now.getTime() + Number(answer.headers['retry-after']) * 1_000
  const until = [reset, after].find((instant) => instant > now.getTime()) ?? now.getTime() + minute
  return {
    kind: 'throttled',
    until: new Date(Math.min(until + 2_000, now.getTime() + longestWait)),
    reason: { code: 'rate_limited', message: 'Bluesky asks for a pause. The post goes out when it is over.' },
  }
}
