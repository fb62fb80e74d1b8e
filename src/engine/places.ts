/**
 * The places of a worker: how many deliveries it has under way.
 *
 * One that takes long, as an upload does, or a network that hangs, gives its place back and goes on beside the
 * others, so that it delays nobody. There is an end to that, since each holds a connection and maybe a
 * picture; and a network may have no more under way than it leaves to the others, so that none, nor a few
 * together, can keep the next one out.
 */

export type PlacesOptions = {
  /** How many that are not slow may be under way; eight times as many with the slow ones. */
  concurrency: number
  slowAfterMs: number
  /** A place came free: one is done, or slow. */
  onFree: () => void
}

type Delivery = { network: string }

export type Places = {
  /** How many are under way that are not slow. */
  quick: () => number
  /** How many may start now. */
  free: () => number
  /** Whether one more of a network may start, beside those that are chosen to start already. */
  hasRoom: (network: string, chosen: { ofIt: number; all: number }) => boolean
  /** What it gives is called when the delivery is done. */
  take: (delivery: Delivery) => () => void
  /** It has given its place back. */
  isSlow: (delivery: Delivery) => boolean
}

export function createPlaces({ concurrency, slowAfterMs, onFree }: PlacesOptions): Places {
  const most = 8 * concurrency
  const slow = new Set<Delivery>()
  const runningOf = new Map<string, number>()
  let running = 0
  const count = ({ network }: Delivery, change: 1 | -1) => {
    running += change
    runningOf.set(network, (runningOf.get(network) ?? 0) + change)
  }
  const quick = () => running - slow.size
  return {
    quick,
    free: () => Math.min(concurrency - quick(), most - running),
    hasRoom: (network, { ofIt, all }) => (runningOf.get(network) ?? 0) + ofIt < most - running - all,
    isSlow: (delivery) => slow.has(delivery),
    take: (delivery) => {
      count(delivery, 1)
      const timer = setTimeout(() => {
        slow.add(delivery)
        onFree()
      }, slowAfterMs)
      return () => {
        clearTimeout(timer)
        slow.delete(delivery)
        count(delivery, -1)
        onFree()
      }
    },
  }
}
