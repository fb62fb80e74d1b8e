/** Times that reports are asked for. */
import { describe, expect, it } from 'vitest'
import { readPeriodSearch, spanOf } from './period.ts'

const now = new Date('2026-03-31T23:30:00Z')

describe('a time to report on', () => {
  it('is the last thirty days with today, unless another is chosen', () => {
    expect(spanOf({}, now)).toEqual({ from: '2026-03-02', to: '2026-04-01' })
  })

  it('is this month up to today, or the whole of the last', () => {
    expect(spanOf({ period: 'month' }, now)).toEqual({ from: '2026-03-01', to: '2026-04-01' })
    expect(spanOf({ period: 'lastMonth' }, now)).toEqual({ from: '2026-02-01', to: '2026-03-01' })
    expect(spanOf({ period: 'lastMonth' }, new Date('2026-01-15T00:00Z'))).toEqual({
      from: '2025-12-01',
      to: '2026-01-01',
    })
  })

  it('has its last day in it where people choose the days', () => {
    const one = { period: 'own', from: '2026-02-28', to: '2026-02-28' } as const
    expect(spanOf(one, now)).toEqual({ from: '2026-02-28', to: '2026-03-01' })
    expect(spanOf({ ...one, to: '2026-02-27' }, now)).toBeNull()
    expect(spanOf({ period: 'own', from: '2026-02-28' }, now)).toBeNull()
  })

  it('is read from an address, without what is none', () => {
    expect(readPeriodSearch({ period: 'own', from: '2026-02-28', to: 'soon' })).toEqual({
      period: 'own',
      from: '2026-02-28',
    })
    expect(readPeriodSearch({ period: 'last30' })).toEqual({})
    expect(readPeriodSearch({ period: 'for ever', from: '2026-13-45' })).toEqual({})
  })
})
