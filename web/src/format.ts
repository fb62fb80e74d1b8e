/** Dates, numbers and money as the person's language writes them, in the workspace's time zone. */
import { useMemo } from 'react'
import { language, t } from './i18n.tsx'
import { useMe } from './session.ts'
import { wallTime } from './wall-time.ts'

export type Money = { amount: string; currency: string }
export type Format = ReturnType<typeof createFormat>

/** British English for dates: day before month, 24 hours. */
function tag(): string {
  return language() === 'de' ? 'de-DE' : 'en-GB'
}

/** `formats.dateTime(instant)` and its siblings; instants are ISO strings as the API gives them. */
export function createFormat(timeZone: string) {
  const dates = (options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(tag(), { timeZone, ...options })
    return (instant: string | Date) => format.format(new Date(instant))
  }
  return {
    timeZone,
    /** Tue 1 Dec 2026, 09:30 */
    dateTime: dates({
      weekday: 'short',
      day: 'numeric',
      month: 'short',
      year: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
    }),
    /** 1 Dec, 09:30 */
    shortDateTime: dates({ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }),
    /** 1 December 2026 */
    date: dates({ day: 'numeric', month: 'long', year: 'numeric' }),
    /** Tuesday, 1 December */
    day: dates({ weekday: 'long', day: 'numeric', month: 'long' }),
    /** December 2026 */
    month: dates({ month: 'long', year: 'numeric' }),
    /** Tue */
    weekday: dates({ weekday: 'short' }),
    /** 30 November – 6 December 2026 */
    dateRange: dateRanges(timeZone),
    /** 09:30 */
    time: dates({ hour: '2-digit', minute: '2-digit' }),
    /** To the second, for receipts. */
    exact: dates({ dateStyle: 'medium', timeStyle: 'long' }),
    /** today, tomorrow, Thu 26 Nov */
    nearDay: nearDays(timeZone),
    number: formatNumber,
    money: formatMoney,
    bytes: formatBytes,
    relative: formatRelative,
  }
}

function dateRanges(timeZone: string) {
  const format = new Intl.DateTimeFormat(tag(), { timeZone, day: 'numeric', month: 'long', year: 'numeric' })
  return (from: string | Date, to: string | Date) => format.formatRange(new Date(from), new Date(to))
}

function nearDays(timeZone: string) {
  const format = new Intl.DateTimeFormat(tag(), {
    timeZone,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
  })
  const words = new Intl.RelativeTimeFormat(tag(), { numeric: 'auto' })
  return (instant: string | Date, now: Date = new Date()) => {
    const days = dayNumber(new Date(instant), timeZone) - dayNumber(now, timeZone)
    return days === 0 || days === 1 ? words.format(days, 'day') : format.format(new Date(instant))
  }
}

/** Days since 1970 on a zone's calendar. */
function dayNumber(instant: Date, timeZone: string): number {
  return Date.parse(`${wallTime(instant, timeZone).slice(0, 10)}T00:00Z`) / 86_400_000
}

export function useFormat(): Format {
  const { timeZone } = useMe().workspace
  return useMemo(() => createFormat(timeZone), [timeZone])
}

export function formatNumber(value: number, options?: Intl.NumberFormatOptions): string {
  return new Intl.NumberFormat(tag(), options).format(value)
}

/** Fractions of a cent are shown, since calls can cost that little. */
export function formatMoney({ amount, currency }: Money): string {
  return new Intl.NumberFormat(tag(), {
    style: 'currency',
    currency,
    minimumFractionDigits: 2,
    maximumFractionDigits: 4,
  }).format(Number(amount))
}

/** Decimal units, as networks state their limits. */
export function formatBytes(bytes: number): string {
  if (bytes < 1e6)
    return formatNumber(Math.max(1, bytes / 1e3), {
      style: 'unit',
      unit: 'kilobyte',
      maximumFractionDigits: 0,
    })
  return formatNumber(bytes / 1e6, { style: 'unit', unit: 'megabyte', maximumFractionDigits: 1 })
}

const units: ReadonlyArray<[Intl.RelativeTimeFormatUnit, number]> = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
]

/** "in 5 minutes", "3 days ago"; below a minute "now". */
export function formatRelative(instant: string | Date, now: Date = new Date()): string {
  const seconds = (new Date(instant).getTime() - now.getTime()) / 1_000
  for (const [unit, length] of units) {
    if (Math.abs(seconds) >= length)
      return new Intl.RelativeTimeFormat(tag(), { numeric: 'auto' }).format(
        Math.trunc(seconds / length),
        unit,
      )
  }
  return t('ui.now')
}
