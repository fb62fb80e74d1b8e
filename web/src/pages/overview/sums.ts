/** Latest figures of a post summed over the channels that gave them. Pure. */

type Given = { metrics: Readonly<Record<string, number>> }

/** Each metric with its sum and how many channels gave it; one that nobody gave is absent. */
export function sumsByMetric(rows: readonly Given[]): Map<string, { value: number; count: number }> {
  const sums = new Map<string, { value: number; count: number }>()
  for (const { metrics } of rows) {
    for (const [metric, value] of Object.entries(metrics)) {
      const before = sums.get(metric) ?? { value: 0, count: 0 }
      sums.set(metric, { value: before.value + value, count: before.count + 1 })
    }
  }
  return sums
}
