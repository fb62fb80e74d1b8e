import { describe, expect, it } from 'vitest'
import { beginningIn, cellAfter, hoursOf, rowsOfWeek, timeIn } from './cells.ts'

const hours = { first: 6, last: 22 }
const from = (cell: string, ...keys: string[]) => keys.map((key) => cellAfter(cell, key, hours))

describe('the keyboard in a calendar', () => {
  it('goes by days and weeks in a month, and on into the months beside it', () => {
    expect(from('2026-12-01', 'ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown')).toEqual([
      '2026-11-30',
      '2026-12-02',
      '2026-11-24',
      '2026-12-08',
    ])
    expect(from('2026-12-31', 'Home', 'End', 'PageUp', 'PageDown')).toEqual([
      '2026-12-28',
      '2027-01-03',
      '2026-11-30',
      '2027-01-31',
    ])
  })

  it('goes by days and hours in a week, and stays within the hours that show', () => {
    expect(from('2026-12-01T09', 'ArrowLeft', 'ArrowUp', 'ArrowDown', 'PageDown')).toEqual([
      '2026-11-30T09',
      '2026-12-01T08',
      '2026-12-01T10',
      '2026-12-08T09',
    ])
    expect(from('2026-12-01T06', 'ArrowUp')).toEqual([null])
    expect(from('2026-12-01T22', 'ArrowDown')).toEqual([null])
  })

  it('leaves every other key alone', () => {
    expect(from('2026-12-01', 'Tab', 'a', ' ')).toEqual([null, null, null])
  })
})

describe('a place in a calendar', () => {
  it('keeps the time of what is dropped on a day, and the minutes on an hour', () => {
    expect(timeIn('2026-12-01', '17:45')).toBe('2026-12-01T17:45')
    expect(timeIn('2026-12-01T08', '17:45')).toBe('2026-12-01T08:45')
  })

  it('begins a new post at nine or on its hour, but never in the past', () => {
    expect(beginningIn('2026-12-02', '2026-12-01T15:00')).toBe('2026-12-02T09:00')
    expect(beginningIn('2026-12-01', '2026-12-01T15:00')).toBe('2026-12-01T15:00')
    expect(beginningIn('2026-12-01T20', '2026-12-01T15:00')).toBe('2026-12-01T20:00')
  })

  it('is a night hour only where something stands in it', () => {
    expect(hoursOf([])).toEqual({ first: 6, last: 22 })
    expect(hoursOf(['2026-12-01T02:30', '2026-12-01T23:59'])).toEqual({ first: 2, last: 23 })
    expect(rowsOfWeek(['2026-12-01'], { first: 9, last: 10 })).toEqual([
      { hour: '09', cells: ['2026-12-01T09'] },
      { hour: '10', cells: ['2026-12-01T10'] },
    ])
  })
})
