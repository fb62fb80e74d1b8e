/** Readings as lines over time. Missing is not zero: a channel that gave nothing has no line. Pure. */

export type Reading = { deliveryId: string; channelId: string; metric: string; value: number; readAt: string }
export type Point = { at: number; value: number }
export type Series = { id: string; name: string; network: string; points: readonly Point[] }
type Delivery = { id: string; channelName: string; network: string }

/** Metrics that were given at all, those of most channels first, then by the order people care about. */
export function metricsIn(readings: readonly Reading[], order: readonly string[]): string[] {
  const channels = new Map<string, Set<string>>()
  for (const { metric, deliveryId } of readings)
    channels.set(metric, (channels.get(metric) ?? new Set()).add(deliveryId))
  const rank = (metric: string) => (order.includes(metric) ? order.indexOf(metric) : order.length)
  return [...channels.keys()].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b))
}

/** One line per delivery that gave this metric, in the order of the deliveries. */
export function seriesOf(
  readings: readonly Reading[],
  metric: string,
  deliveries: readonly Delivery[],
): Series[] {
  return deliveries.flatMap(({ id, channelName, network }) => {
    const points = readings
      .filter((reading) => reading.deliveryId === id && reading.metric === metric)
      .map(({ readAt, value }) => ({ at: Date.parse(readAt), value }))
    return points.length === 0 ? [] : [{ id, name: channelName, network, points }]
  })
}

/** The last value at or before an instant; undefined before the first. */
export function valueAt(points: readonly Point[], at: number): number | undefined {
  let low = 0
  let high = points.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((points[middle]?.at ?? Infinity) <= at) low = middle + 1
    else high = middle
  }
  return points[low - 1]?.value
}

/**
 * The sum over all lines. It begins when every line has a first value, since a sum of some of them would look like a
 * small total.
 */
export function totalOf(series: readonly Series[]): Point[] {
  if (series.length === 0) return []
  const begins = Math.max(...series.map(({ points }) => points[0]?.at ?? Infinity))
  const times = [...new Set(series.flatMap(({ points }) => points.map(({ at }) => at)))].filter(
    (at) => at >= begins,
  )
  return times
    .sort((a, b) => a - b)
    .map((at) => ({ at, value: series.reduce((sum, { points }) => sum + (valueAt(points, at) ?? 0), 0) }))
}

/** Every instant at which some line has a value, thinned to at most `most`, the last kept. */
export function timesOf(series: readonly Series[], most: number): number[] {
  const times = [...new Set(series.flatMap(({ points }) => points.map(({ at }) => at)))].sort((a, b) => a - b)
  if (times.length <= most) return times
  const step = (times.length - 1) / (most - 1)
  return Array.from({ length: most }, (_, index) => times[Math.round(index * step)] ?? 0)
}
