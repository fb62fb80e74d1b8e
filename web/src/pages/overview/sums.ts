/** Latest figures of a post summed over the channels that gave them. Pure. */

type Given = { metrics: Readonly<Record<string, number>> }
type Sum = { value: number; count: number }
/** Without a value: no channel gave it. */
export type Figure = { metric: string; value: number | undefined; count: number }

/** Each metric with its sum and how many channels gave it; one that nobody gave is absent. */
export function sumsByMetric(rows: readonly Given[]): Map<string, Sum> {
  const sums = new Map<string, Sum>()
  for (const { metrics } of rows) {
    for (const [metric, value] of Object.entries(metrics)) {
      const before = sums.get(metric) ?? { value: 0, count: 0 }
      sums.set(metric, { value: before.value + value, count: before.count + 1 })
    }
  }
  return sums
}

/**
 * The most telling figures, in an order that stays. Likes and reactions are counted differently, so they are not added
 * up; a network has one of them, and only where none has either is likes missing. Empty where nothing was given at all.
 */
export function figuresOf(rows: readonly Given[]): Figure[] {
  const sums = sumsByMetric(rows)
  if (sums.size === 0) return []
  const approval = ['reactions', 'likes'].filter((metric) => sums.has(metric))
  return ['views', ...(approval.length === 0 ? ['likes'] : approval), 'comments'].map((metric) => ({
    metric,
    value: sums.get(metric)?.value,
    count: sums.get(metric)?.count ?? 0,
  }))
}
