/**
 * Whose turn it is: which channels a worker claims from next.
 *
 * The table is asked for everything due a few times a second; between, the answer is used up here. A
 * channel has one delivery in flight, so its posts go out in due order. Between workspaces the one with the
 * least in flight comes first, slow ones aside, so ten thousand posts of one hold nobody else's up.
 */
import type { DueChannel } from '#storage/deliveries.ts'
import type { Places } from './places.ts'

type Waiting = Pick<DueChannel, 'channelId' | 'network' | 'count'>

export type Plan = {
  /** Nothing to claim that is not in flight already. */
  isEmpty: () => boolean
  /** Takes the next channels, at most `limit`, leaving out those that are busy and networks without room. */
  take: (
    limit: number,
    inFlight: Iterable<{ channelId: string; workspaceId: string; network: string }>,
    places: Pick<Places, 'hasRoom' | 'isSlow'>,
  ) => string[]
}

/** `due` is in due order. */
export function createPlan(due: readonly DueChannel[]): Plan {
  const waiting = new Map<string, Waiting[]>()
  for (const { workspaceId, channelId, network, count } of due) {
    const channels = waiting.get(workspaceId) ?? []
    channels.push({ channelId, network, count })
    waiting.set(workspaceId, channels)
  }
  const takeFrom = (workspaceId: string, isFree: (channel: Waiting) => boolean): Waiting | null => {
    const channels = waiting.get(workspaceId) ?? []
    const index = channels.findIndex(isFree)
    const [taken] = index === -1 ? [] : channels.splice(index, 1)
    if (!taken) return null
    // Behind its siblings, so that a workspace's channels take turns too.
    if (taken.count > 1) channels.push({ ...taken, count: taken.count - 1 })
    if (channels.length === 0) waiting.delete(workspaceId)
    return taken
  }
  return {
    isEmpty: () => waiting.size === 0,
    take: (limit, inFlight, places) => {
      const busy = new Set<string>()
      const load = new Map<string, number>()
      for (const delivery of inFlight) {
        busy.add(delivery.channelId)
        if (places.isSlow(delivery)) continue
        load.set(delivery.workspaceId, (load.get(delivery.workspaceId) ?? 0) + 1)
      }
      const taken: string[] = []
      const ofNetwork = new Map<string, number>()
      const isFree = ({ channelId, network }: Waiting) =>
        !busy.has(channelId) &&
        places.hasRoom(network, { ofIt: ofNetwork.get(network) ?? 0, all: taken.length })
      const candidates = [...waiting.keys()]
      while (taken.length < limit && candidates.length > 0) {
        const least = candidates.reduce((a, b) => ((load.get(b) ?? 0) < (load.get(a) ?? 0) ? b : a))
        const next = takeFrom(least, isFree)
        if (next === null) {
          candidates.splice(candidates.indexOf(least), 1)
          continue
        }
        taken.push(next.channelId)
        ofNetwork.set(next.network, (ofNetwork.get(next.network) ?? 0) + 1)
        busy.add(next.channelId)
        load.set(least, (load.get(least) ?? 0) + 1)
      }
      return taken
    },
  }
}
