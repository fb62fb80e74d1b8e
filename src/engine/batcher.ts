/**
 * Groups writes that arrive while one is under way into the next statement.
 *
 * A commit costs the same for one row as for a hundred; under load this is what keeps deliveries fast, and a
 * single caller waits for one turn of the event loop only. What one batch sets free comes back within the
 * same turn, so waiting for it keeps batches whole.
 */
export function createBatcher<Item, Result>(
  flush: (items: Item[]) => Promise<(item: Item) => Result>,
  maxSize = 200,
) {
  type Waiting = { item: Item; resolve: (result: Result) => void; reject: (cause: unknown) => void }
  let waiting: Waiting[] = []
  let isFlushing = false

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      await new Promise<void>((resolve) => setImmediate(resolve))
      const batch = waiting.slice(0, maxSize)
      waiting = waiting.slice(maxSize)
      await send(batch)
    }
    isFlushing = false
  }

  async function send(batch: readonly Waiting[]): Promise<void> {
    try {
      const resultOf = await flush(batch.map((entry) => entry.item))
      for (const entry of batch) entry.resolve(resultOf(entry.item))
    } catch (cause) {
      if (batch.length > 1 && isRefusedForItsContent(cause)) {
        for (const entry of batch) await send([entry])
        return
      }
      for (const entry of batch) entry.reject(cause)
    }
  }

  return (item: Item): Promise<Result> =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      if (isFlushing) return
      isFlushing = true
      void drain()
    })
}

/**
 * PostgreSQL took nothing of the statement because of what one of its rows holds (SQLSTATE classes 22 and
 * 23), so the others may be sent again. After a lost connection nobody knows, and nothing is.
 */
function isRefusedForItsContent(cause: unknown): boolean {
  if (typeof cause !== 'object' || cause === null || !('code' in cause)) return false
  return typeof cause.code === 'string' && /^2[23][0-9A-Z]{3}$/.test(cause.code)
}
