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
  /**
   * Runs what sends, while its intent is being committed: its request waits at the door for that. Rejects as
   * `committed` does, with nothing sent.
   */
  after: <Result>(sentAt: Date, committed: Promise<void>, run: () => Promise<Result>) => Promise<Result>
  /** The same door, which keeps the first request after an intent where it comes to it too late. */
  through: (context: VerbContext) => VerbContext
  /** Whether a request may have left since an intent. */
  mayBeLive: () => boolean
}

export function createDeparture(now: () => Date): Departure {
  let intent: { sentAt: Date; committed: Promise<void> } | null = null
  let isCommitted = false
  let isSent = false
  const mayLeave = async () => {
    if (intent === null) return
    const { sentAt, committed } = intent
    await committed
    intent = null
    if (now().getTime() > sentAt.getTime() + departWithinMs) throw new NotNow(tooLate)
    isSent = true
  }
  return {
    after: async (sentAt, committed, run) => {
      intent = { sentAt, committed }
      const ended = run()
      // It may end before the commit does, as where pacing puts it off; whoever awaits it below is told then.
      ended.catch(() => undefined)
      try {
        await committed
        isCommitted = true
      } catch (cause) {
        // What waits at the door is turned away there.
        await ended.catch(() => undefined)
        throw cause
      }
      return ended
    },
    through: (context) => ({
      ...context,
      fetch: (call) =>
        context.fetch({
          ...call,
          mayLeave: async () => {
            await call.mayLeave?.()
            await mayLeave()
          },
        }),
    }),
    // A fault of ours between the two counts as sent: it may never become a plain retry.
    mayBeLive: () => isSent || (isCommitted && intent !== null),
  }
}
