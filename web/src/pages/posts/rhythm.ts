/** How often a page looks again at a post that changes by itself. Pure. */

type Watched = { state: string; deliveries: ReadonlyArray<{ state: string; nextAt: string | null }> }

const movingMs = 1_500
/** A timer of a browser holds no more than 24 days, and a machine that slept should notice in time. */
const longestMs = 600_000

/** Milliseconds until the next look; false where nothing happens by itself any more. */
export function lookAgainMs(post: Watched, now: number): number | false {
  if (post.state === 'publishing') return movingMs
  const next = post.deliveries.flatMap(({ state, nextAt }) =>
    nextAt !== null && ['waiting', 'claimed', 'sending', 'unsure'].includes(state)
      ? [Date.parse(nextAt)]
      : [],
  )
  if (next.length === 0) return false
  return Math.min(longestMs, Math.max(movingMs, Math.min(...next) - now))
}
