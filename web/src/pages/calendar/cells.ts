/**
 * The places of the calendar's grid: a day of a month (`2026-12-01`) or an hour of a week (`2026-12-01T09`), and the
 * ways between them by keyboard. Pure.
 */
import { addDays, addMonths, weekday } from './days.ts'

export type Row = { cells: readonly string[]; hour: string | null }
/** Hours of a day that a week shows, both included. */
export type Hours = { first: number; last: number }

const usual: Hours = { first: 6, last: 22 }

export function dayOf(cell: string): string {
  return cell.slice(0, 10)
}

/** Nights are only shown where something stands in them. */
export function hoursOf(walls: readonly string[]): Hours {
  const hours = walls.map((wall) => Number(wall.slice(11, 13)))
  return { first: Math.min(usual.first, ...hours), last: Math.max(usual.last, ...hours) }
}

export function rowsOfWeek(days: readonly string[], { first, last }: Hours): Row[] {
  return Array.from({ length: last - first + 1 }, (_, index) => {
    const hour = String(first + index).padStart(2, '0')
    return { hour, cells: days.map((day) => `${day}T${hour}`) }
  })
}

export function rowsOfMonth(weeks: readonly (readonly string[])[]): Row[] {
  return weeks.map((cells) => ({ hour: null, cells }))
}

/** When a new post begins that is started here: at nine on a day, but never before `soonest`. */
export function beginningIn(cell: string, soonest: string): string {
  const at = cell.length === 10 ? `${cell}T09:00` : `${cell}:00`
  return at < soonest ? soonest : at
}

/** When something stands that is dropped here: a day keeps its time, an hour its minutes. */
export function timeIn(cell: string, time: string): string {
  return cell.length === 10 ? `${cell}T${time}` : `${cell}:${time.slice(3)}`
}

/** Where a key leads from a cell, which may be outside what is shown; null where it leads nowhere. */
export function cellAfter(cell: string, key: string, hours: Hours): string | null {
  const hour = cell.length === 10 ? null : Number(cell.slice(11))
  const day = dayAfter(dayOf(cell), key, hour !== null)
  if (day !== null) return day + cell.slice(10)
  if (hour === null || (key !== 'ArrowUp' && key !== 'ArrowDown')) return null
  const next = hour + (key === 'ArrowUp' ? -1 : 1)
  if (next < hours.first || next > hours.last) return null
  return `${dayOf(cell)}T${String(next).padStart(2, '0')}`
}

function dayAfter(day: string, key: string, isWeek: boolean): string | null {
  switch (key) {
    case 'ArrowLeft':
      return addDays(day, -1)
    case 'ArrowRight':
      return addDays(day, 1)
    case 'Home':
      return addDays(day, -weekday(day))
    case 'End':
      return addDays(day, 6 - weekday(day))
    case 'PageUp':
      return isWeek ? addDays(day, -7) : addMonths(day, -1)
    case 'PageDown':
      return isWeek ? addDays(day, 7) : addMonths(day, 1)
    case 'ArrowUp':
      return isWeek ? null : addDays(day, -7)
    case 'ArrowDown':
      return isWeek ? null : addDays(day, 7)
    default:
      return null
  }
}
