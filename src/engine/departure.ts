/**
 * The request that follows an intent leaves soon after it, or not at all.
 *
 * Others count on its deadline: after it they may find nothing and send again. So what stood still meanwhile, as a
 * machine that slept or a ledger that could not be written, keeps the request back.
 */
import type { Reason } from '#domain/delivery.ts'
import type { VerbContext } from '#networks/contract.ts'
import { NotNow } from './trouble.ts'

const departWithinMs = 5_000

const tooLate: Reason = {
  code: 'paused',
  message: 'Litfass stood still while it was about to send this; it was not sent.',
}

export type Departure = {
  /** An intent is committed. Throws `NotNow` where that took too long. */
  intended: (sentAt: Date) => void
  /** The same door, which keeps the first request after an intent where it comes to it too late. */
  through: (context: VerbContext) => VerbContext
  /** Whether a request may have left since an intent. */
  mayBeLive: () => boolean
}

export function createDeparture(now: () => Date): Departure {
  let intendedAt: Date | null = null
  let isSent = false
  const mayLeave = () => {
    if (intendedAt === null) return
    const isLate = now().getTime() > intendedAt.getTime() + departWithinMs
    intendedAt = null
    if (isLate) throw new NotNow(tooLate)
    isSent = true
  }
  return {
    intended: (sentAt) => {
      intendedAt = sentAt
      if (now().getTime() > sentAt.getTime() + departWithinMs) mayLeave()
    },
    through: (context) => ({ ...context, fetch: (call) => context.fetch({ ...call, mayLeave }) }),
    // A fault of ours between the two counts as sent: it may never become a plain retry.
    mayBeLive: () => isSent || intendedAt !== null,
  }
}
