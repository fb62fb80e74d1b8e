/** Wall time plus IANA zone to an instant. A person schedules a wall time; the instant follows from it. */
import { Temporal } from 'temporal-polyfill'
import { LitfassError } from './errors.ts'

/** `zone` is an IANA name, or `UTC` or an offset such as `+05:30` where the time was given with one. */
export type Schedule = { dueAt: Date; wall: string; zone: string }

/**
 * The instant of `at`: ISO 8601 with offset, or without one as wall time in `zone`.
 *
 * A time with offset names an instant, so it keeps its offset as zone and never moves when a country changes
 * its clocks. Throws `due_in_gap` for a wall time that a change to summer time skips, and `invalid_input`
 * for anything that is no time. A wall time that happens twice means the first.
 */
export function resolveSchedule(at: string, zone: string): Schedule {
  const schedule = resolved(at, zone)
  const year = schedule.dueAt.getUTCFullYear()
  if (year < 1970 || year > 9_998) throw notATime(at)
  return schedule
}

function resolved(at: string, zone: string): Schedule {
  const offset = /T.*?(Z|[+-]\d{2}:?\d{2})$/i.exec(at.replace(' ', 'T'))?.[1]
  if (offset !== undefined) {
    const fixed = /^[+-]/.test(offset) ? offset.replace(/^(.\d{2}):?(\d{2})$/, '$1:$2') : 'UTC'
    const instant = instantOf(at)
    const wall = wallIn(fixed, instant)
    return { dueAt: instant, wall, zone: /^[+-]00:00$/.test(fixed) ? 'UTC' : fixed }
  }
  let wall: Temporal.PlainDateTime
  try {
    wall = Temporal.PlainDateTime.from(at.replace(' ', 'T'), { overflow: 'reject' })
  } catch (cause) {
    throw notATime(at, cause)
  }
  const zoned = wall.toZonedDateTime(zoneOrThrow(zone), { disambiguation: 'earlier' })
  if (!zoned.toPlainDateTime().equals(wall)) {
    const after = wall
      .toZonedDateTime(zone, { disambiguation: 'later' })
      .toPlainDateTime()
      .toString({ smallestUnit: 'minute' })
    throw new LitfassError(
      'due_in_gap',
      `${at} does not exist in ${zone}: the clocks are put forward over it`,
      { remedy: `Choose another time, for example ${after}.` },
    )
  }
  return { dueAt: new Date(zoned.epochMilliseconds), wall: wall.toString({ smallestUnit: 'second' }), zone }
}

/** Whether a schedule's zone is an offset, so that its instant never moves. */
export function isFixedZone(zone: string): boolean {
  return zone === 'UTC' || /^[+-]/.test(zone)
}

/** Wall time of an instant in a zone, to the second. */
export function wallIn(zone: string, instant: Date): string {
  return zonedAt(zone, instant).toPlainDateTime().toString({ smallestUnit: 'second' })
}

/**
 * The instant a wall time has by today's rules of its zone, where `dueAt` was resolved by older ones; null
 * where `dueAt` is still right, also as the second of two instants with this wall time.
 *
 * A wall time that new rules skip is moved forward by as much as the clocks are.
 */
export function movedInstant(wall: string, zone: string, dueAt: Date): Date | null {
  const wanted = Temporal.PlainDateTime.from(wall)
  const current = zonedAt(zone, dueAt)
    .toPlainDateTime()
    .round({ smallestUnit: 'second', roundingMode: 'floor' })
  if (current.equals(wanted)) return null
  const moved = new Date(wanted.toZonedDateTime(zone, { disambiguation: 'compatible' }).epochMilliseconds)
  return moved.getTime() === dueAt.getTime() ? null : moved
}

/** The instant of an ISO 8601 time with offset. Throws `invalid_input`. */
function instantOf(at: string): Date {
  try {
    return new Date(Temporal.Instant.from(at.replace(' ', 'T')).epochMilliseconds)
  } catch (cause) {
    throw notATime(at, cause)
  }
}

function zonedAt(zone: string, instant: Date): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(instant.getTime()).toZonedDateTimeISO(zoneOrThrow(zone))
}

function zoneOrThrow(zone: string): string {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone)
    return zone
  } catch (cause) {
    throw new LitfassError('invalid_input', `${zone} is no time zone`, {
      remedy: 'Use an IANA name such as Europe/Berlin.',
      cause,
    })
  }
}

function notATime(at: string, cause?: unknown): LitfassError {
  return new LitfassError('invalid_input', `${at} is no date and time`, {
    remedy: 'Write it like 2026-12-01T09:30, or with an offset like 2026-12-01T09:30+01:00.',
    cause,
  })
}
