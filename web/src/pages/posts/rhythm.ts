/** How often a page looks again at a post that changes by itself. Pure. */

type WatchedDelivery = { state: string; nextAt: string | null; holdReason: string | null }
type Watched = {
  state: string
  deliveries: ReadonlyArray<WatchedDelivery & { comment?: WatchedDelivery | null }>
}

const movingMs = 1_500
/** What waits for a network to work again goes out within minutes of that. */
const outageMs = 15_000
/** A timer of a browser holds no more than 24 days, and a machine that slept should notice in time. */
const longestMs = 600_000

/** Milliseconds until the next look; false where nothing happens by itself any more. */
export function lookAgainMs(post: Watched, now: number): number | false {
  if (post.state === 'publishing') return movingMs
  const all = post.deliveries.flatMap((delivery) => [
    delivery,
    ...(delivery.comment ? [delivery.comment] : []),
  ])
  const next = all.flatMap((delivery) => {
    if (!movesByItself(delivery)) return []
    return [delivery.nextAt === null ? now + outageMs : Date.parse(delivery.nextAt)]
  })
  if (next.length === 0) return false
  return Math.min(longestMs, Math.max(movingMs, Math.min(...next) - now))
}

/** Whether something is done with it without a person. */
export function movesByItself({ state, nextAt, holdReason }: WatchedDelivery): boolean {
  if (!['waiting', 'claimed', 'sending', 'unsure'].includes(state)) return false
  return nextAt !== null || holdReason === 'breaker'
}
