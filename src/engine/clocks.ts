/**
 * Whether this machine's clock and the network's agree.
 *
 * Posts are looked for around the time they were sent, so with a wrong clock a live post is not seen, and
 * waiting for a deadline means nothing. Every answer tells the network's time.
 */
import type { MeteredFetch } from '#networks/metered-fetch.ts'

/** Less than what networks' listings are asked for before the sending. Milliseconds. */
const toleratedMs = 4_000

export type ClockWatch = {
  fetch: MeteredFetch
  /** By how many seconds the network's clock was ahead (or behind, below zero) of ours; 0 where they agree. */
  differenceSeconds: () => number
}

/** The memory of a delivery that was looked for by a wrong clock: by how many seconds. No network's step is called so. */
export const clockName = '#clock-off'

/**
 * When the network had a request that was sent by a clock which may have been wrong by so many seconds: from the
 * earliest to the latest that it can have been.
 */
export function windowBy(
  offSeconds: number,
  sentAt: Date,
  deadlineAt: Date,
): { sentAt: Date; deadlineAt: Date } {
  const offMs = offSeconds * 1_000
  return {
    sentAt: new Date(sentAt.getTime() + Math.min(0, offMs)),
    deadlineAt: new Date(deadlineAt.getTime() + Math.max(0, offMs)),
  }
}

export function watchClocks(fetch: MeteredFetch, now: () => Date): ClockWatch {
  let difference = 0
  return {
    differenceSeconds: () => Math.round(difference / 1_000),
    fetch: async (call) => {
      const askedAt = now().getTime()
      const answer = await fetch(call)
      const theirs = Date.parse(answer.headers['date'] ?? '')
      // The answer was written at some time between the two.
      if (theirs > now().getTime() + toleratedMs) difference = theirs - now().getTime()
      else if (theirs < askedAt - toleratedMs) difference = theirs - askedAt
      return answer
    },
  }
}
