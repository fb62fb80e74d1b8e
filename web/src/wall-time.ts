/** Wall time of a zone: what a clock there shows, as `2026-12-01T09:30`. */

/** What the clock in `timeZone` shows at this instant. */
export function wallTime(instant: Date, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(instant)
  const part = (type: Intl.DateTimeFormatPartTypes) =>
    parts.find((candidate) => candidate.type === type)?.value ?? ''
  return `${part('year')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}`
}

/** The next full hour that is at least half an hour away: where a schedule begins. */
export function nextFullHour(now: Date, timeZone: string): string {
  const hour = 3_600_000
  const soon = new Date(Math.ceil((now.getTime() + hour / 2) / hour) * hour)
  return `${wallTime(soon, timeZone).slice(0, 13)}:00`
}
