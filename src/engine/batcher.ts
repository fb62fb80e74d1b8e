/**
 * Groups writes that arrive while one is under way into the next statement.
 *
 * A commit costs the same for one row as for a hundred; under load this is what keeps deliveries fast,
 * and with a single caller it adds no wait.
 */
export function createBatcher<Item, Result>(
  flush: (items: Item[]) => Promise<(item: Item) => Result>,
  maxSize = 200,
) {
  type Waiting = { item: Item; resolve: (result: Result) => void; reject: (cause: unknown) => void }
  let waiting: Waiting[] = []
  let isFlushing = false

  async function drain(): Promise<void> {
    isFlushing = true
    while (waiting.length > 0) {
      const batch = waiting.slice(0, maxSize)
      waiting = waiting.slice(maxSize)
      try {
        const resultOf = await flush(batch.map((entry) => entry.item))
        for (const entry of batch) entry.resolve(resultOf(entry.item))
      } catch (cause) {
        for (const entry of batch) entry.reject(cause)
      }
    }
    isFlushing = false
  }

  return (item: Item): Promise<Result> =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      if (!isFlushing) void drain()
    })
}
