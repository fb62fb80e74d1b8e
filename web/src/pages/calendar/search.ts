/** What the address of the calendar says. */
import { isDay } from './days.ts'

export type CalendarSearch = { view?: 'month' | 'week'; day?: string }

export function readCalendarSearch(search: Record<string, unknown>): CalendarSearch {
  const { view, day } = search
  return {
    ...(view === 'month' || view === 'week' ? { view } : {}),
    ...(typeof day === 'string' && isDay(day) ? { day } : {}),
  }
}
