/** Times that reports are asked for. Days are UTC days, as networks and the ledger count them. */

export const presets = ['last30', 'month', 'lastMonth', 'own'] as const
export type Preset = (typeof presets)[number]

/** As it stands in an address. `from` and `to` are of an own time; `to` is its last day, as people say it. */
export type PeriodSearch = { period?: Preset; from?: string; to?: string }
/** `to` is the first day that is left out, as the API takes it. */
export type Span = { from: string; to: string }

export function readPeriodSearch(search: Record<string, unknown>): PeriodSearch {
  const period = presets.find((one) => one === search['period'] && one !== 'last30')
  return {
    ...(period === undefined ? {} : { period }),
    ...dayOf('from', search['from']),
    ...dayOf('to', search['to']),
  }
}

function dayOf(name: 'from' | 'to', value: unknown): PeriodSearch {
  return typeof value === 'string' && isDay(value) ? { [name]: value } : {}
}

export function isDay(value: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(`${value}T00:00Z`))
}

/** Null while an own time has no first or last day, or ends before it begins. */
export function spanOf({ period = 'last30', from, to }: PeriodSearch, now: Date = new Date()): Span | null {
  const today = now.toISOString().slice(0, 10)
  const monthStart = `${today.slice(0, 7)}-01`
  if (period === 'month') return { from: monthStart, to: shiftDay(today, 1) }
  if (period === 'lastMonth') return { from: `${shiftDay(monthStart, -1).slice(0, 7)}-01`, to: monthStart }
  if (period === 'last30') return { from: shiftDay(today, -29), to: shiftDay(today, 1) }
  return from === undefined || to === undefined || to < from ? null : { from, to: shiftDay(to, 1) }
}

export function shiftDay(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)
}
