import { describe, expect, it } from 'vitest'
import { addDays, addMonths, isDay, monthOf, weekday, weekOf } from './days.ts'

describe('the days of a calendar', () => {
  it('come in weeks from Monday to Sunday', () => {
    expect(weekday('2026-11-30')).toBe(0)
    expect(weekOf('2026-12-02')).toEqual([
      '2026-11-30',
      '2026-12-01',
      '2026-12-02',
      '2026-12-03',
      '2026-12-04',
      '2026-12-05',
      '2026-12-06',
    ])
  })

  it('fill whole weeks of a month, also one that begins on a Monday or ends a year', () => {
    expect(monthOf('2027-02-14')).toHaveLength(4)
    expect(monthOf('2026-12-24').at(-1)).toContain('2027-01-03')
    for (const week of monthOf('2026-08-31')) expect(week).toHaveLength(7)
    expect(monthOf('2026-08-31').flat()).toContain('2026-08-31')
  })

  it('are only those that there are', () => {
    expect(['2028-02-29', '2026-12-31'].every(isDay)).toBe(true)
    expect(['2027-02-29', '2026-13-01', '2026-1-1', 'today', '2026-12-01T09'].some(isDay)).toBe(false)
  })

  it('are counted over the change to summer time and by months of different length', () => {
    expect(addDays('2027-03-27', 2)).toBe('2027-03-29')
    expect(addMonths('2027-01-31', 1)).toBe('2027-02-28')
    expect(addMonths('2027-01-15', -1)).toBe('2026-12-15')
  })
})
