/** What keeps an attempt from an answer, thrown: the claim that is lost, what may work later, faults of our own. */
import type { PublishOutcome, Reason } from '#domain/delivery.ts'
import { LitfassError } from '#domain/errors.ts'

/** Thrown into a verb when its claim is lost; nothing may be sent or written any more. */
export class Fenced extends Error {
  override name = 'Fenced'
}

/** Thrown where a channel cannot be opened now but may be later; says why in words for a person. */
export class NotNow extends Error {
  override name = 'NotNow'
  readonly reason: Reason
  constructor(reason: Reason) {
    super(reason.message)
    this.reason = reason
  }
}

/** A fault or an unusable channel. After the intent nothing is known, so it may never become a plain retry. */
export function outcomeOfError(cause: unknown, didIntend: boolean): PublishOutcome {
  const reason = reasonOf(cause)
  if (didIntend) return { kind: 'unsure', reason }
  if (!(cause instanceof LitfassError)) return { kind: 'networkDown', reason }
  return { kind: 'refused', fix: isLost(cause) ? 'reauthorise' : 'user', reason }
}

export function isFault(cause: unknown): boolean {
  return !(cause instanceof LitfassError) && !(cause instanceof NotNow)
}

/** What a person reads of a bug; what it was stands in the log. */
const ownFault: Reason = {
  code: 'internal_error',
  message: 'Litfass could not do this because of a fault of its own. The log says more.',
}

export function reasonOf(cause: unknown): Reason {
  if (cause instanceof NotNow) return cause.reason
  if (cause instanceof LitfassError) return { code: cause.code, message: `${cause.message}. ${cause.remedy}` }
  return ownFault
}

/** The connection has to be made again before anything can be done. */
export function isLost(cause: unknown): boolean {
  if (!(cause instanceof LitfassError)) return false
  return cause.code === 'connection_expired' || cause.code === 'channel_unavailable'
}
