import { describe, expect, it } from 'vitest'
import { metricsIn, type Reading, seriesOf, timesOf, totalOf, valueAt } from './series.ts'

const minute = (count: number) => new Date(count * 60_000).toISOString()
const reading = (deliveryId: string, metric: string, at: number, value: number): Reading => ({
  deliveryId,
  channelId: `channel of ${deliveryId}`,
  metric,
  value,
  readAt: minute(at),
})
const deliveries = ['a', 'b', 'c'].map((id) => ({ id, channelName: id, network: 'n' }))
const readings = [
  reading('a', 'views', 1, 10),
  reading('b', 'views', 2, 5),
  reading('a', 'views', 3, 20),
  reading('a', 'likes', 3, 1),
]

describe('popularity over time', () => {
  it('has a line only for channels that gave the metric', () => {
    expect(seriesOf(readings, 'views', deliveries).map(({ id }) => id)).toEqual(['a', 'b'])
    expect(seriesOf(readings, 'likes', deliveries).map(({ id }) => id)).toEqual(['a'])
  })

  it('sums up from the moment every channel has a first value', () => {
    expect(totalOf(seriesOf(readings, 'views', deliveries))).toEqual([
      { at: 120_000, value: 15 },
      { at: 180_000, value: 25 },
    ])
    expect(totalOf([])).toEqual([])
  })

  it('knows no value before the first reading', () => {
    const [line] = seriesOf(readings, 'views', deliveries)
    expect(valueAt(line?.points ?? [], 59_999)).toBeUndefined()
    expect(valueAt(line?.points ?? [], 60_000)).toBe(10)
    expect(valueAt(line?.points ?? [], 999_999)).toBe(20)
  })

  it('lists the metrics people care about first, and no metric nobody gave', () => {
    expect(metricsIn(readings, ['reach', 'likes', 'views'])).toEqual(['likes', 'views'])
  })

  it('is thinned for tables without losing the latest', () => {
    const many = [
      {
        id: 'a',
        name: 'a',
        network: 'n',
        points: Array.from({ length: 500 }, (_, at) => ({ at, value: at })),
      },
    ]
    const times = timesOf(many, 10)
    expect(times).toHaveLength(10)
    expect([times[0], times.at(-1)]).toEqual([0, 499])
  })
})
