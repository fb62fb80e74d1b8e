/** When figures are read: of posts ever more rarely as they age, of channels a few times a day. */

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** Age below which it is read every so often; older than the last it is left alone. Milliseconds. */
type Tier = { below: number; every: number }

const postTiers: readonly Tier[] = [
  { below: hour, every: 15 * minute },
  { below: day, every: hour },
  { below: 7 * day, every: 6 * hour },
  { below: 30 * day, every: day },
]
/** Simulators cost nothing, so a newcomer sees figures move. */
const sandboxPostTiers: readonly Tier[] = [{ below: 10 * minute, every: 10_000 }, ...postTiers]

const channelTiers: readonly Tier[] = [
  { below: day, every: hour },
  { below: Number.POSITIVE_INFINITY, every: 6 * hour },
]
const sandboxChannelTiers: readonly Tier[] = [{ below: 2 * hour, every: 30_000 }, ...channelTiers]

/** When a post of this age is read next, or null when no more. */
export function nextReadAt(publishedAt: Date, now: Date, isSandbox: boolean): Date | null {
  return nextOf(isSandbox ? sandboxPostTiers : postTiers, publishedAt, now)
}

/** When a channel's own figures are read next. */
export function nextChannelReadAt(addedAt: Date, now: Date, isSandbox: boolean): Date {
  const next = nextOf(isSandbox ? sandboxChannelTiers : channelTiers, addedAt, now)
  if (next === null) throw new Error('a channel is read for ever')
  return next
}

/** When a post's or channel's figures are read within [from, to), if the next time is `first`. */
export function readsWithin(
  what: 'post' | 'channel',
  since: Date,
  first: Date,
  { from, to, isSandbox }: { from: Date; to: Date; isSandbox: boolean },
): Date[] {
  const next = what === 'post' ? nextReadAt : nextChannelReadAt
  const reads: Date[] = []
  let at: Date | null = first > from ? first : from
  while (at !== null && at < to) {
    reads.push(at)
    at = next(since, at, isSandbox)
  }
  return reads
}

function nextOf(tiers: readonly Tier[], since: Date, now: Date): Date | null {
  const age = now.getTime() - since.getTime()
  const tier = tiers.find((candidate) => age < candidate.below)
  return tier ? new Date(now.getTime() + tier.every) : null
}
