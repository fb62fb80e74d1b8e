/**
 * Whose turn it is: which channels a worker claims from next.
 *
 * The table is asked for everything due a few times a second; between, the answer is used up here. A
 * channel has one delivery in flight, so its posts go out in due order. Between workspaces the one with the
 * least in flight comes first, so ten thousand posts of one hold nobody else's up.
 */
import type { DueChannel } from '#storage/deliveries.ts'

export type Plan = {
  /** Nothing to claim that is not in flight already. */
  isEmpty: () => boolean
  /** Takes the next channels, at most `limit`, leaving out those that are busy. */
  take: (limit: number, inFlight: Iterable<{ channelId: string; workspaceId: string }>) => string[]
}

/** `due` is in due order. */
export function createPlan(due: readonly DueChannel[]): Plan {
  const waiting = new Map<string, Array<{ channelId: string; count: number }>>()
  for (const { workspaceId, channelId, count } of due) {
    const channels = waiting.get(workspaceId) ?? []
    channels.push({ channelId, count })
    waiting.set(workspaceId, channels)
  }
  const takeFrom = (workspaceId: string, busy: ReadonlySet<string>): string | null => {
    const channels = waiting.get(workspaceId) ?? []
    const index = channels.findIndex(({ channelId }) => !busy.has(channelId))
    const [taken] = index === -1 ? [] : channels.splice(index, 1)
    if (!taken) return null
    // Behind its siblings, so that a workspace's channels take turns too.
    if (taken.count > 1) channels.push({ channelId: taken.channelId, count: taken.count - 1 })
    if (channels.length === 0) waiting.delete(workspaceId)
    return taken.channelId
  }
  return {
    isEmpty: () => waiting.size === 0,
    take: (limit, inFlight) => {
      const busy = new Set<string>()
      const load = new Map<string, number>()
      for (const { channelId, workspaceId } of inFlight) {
        busy.add(channelId)
        load.set(workspaceId, (load.get(workspaceId) ?? 0) + 1)
      }
      const taken: string[] = []
      const candidates = [...waiting.keys()]
      while (taken.length < limit && candidates.length > 0) {
        const least = candidates.reduce((a, b) => ((load.get(b) ?? 0) < (load.get(a) ?? 0) ? b : a))
        const channelId = takeFrom(least, busy)
        if (channelId === null) {
          candidates.splice(candidates.indexOf(least), 1)
          continue
        }
        taken.push(channelId)
        busy.add(channelId)
        load.set(least, (load.get(least) ?? 0) + 1)
      }
      return taken
    },
  }
}
