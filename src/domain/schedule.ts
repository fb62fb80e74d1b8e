/** Wall time plus IANA zone to an instant. A person schedules a wall time; the instant follows from it. */
import { Temporal } from 'temporal-polyfill'
import { LitfassError } from './errors.ts'

export type Schedule = { dueAt: Date; wall: string; zone: string }

/**
 * The instant of `at`: ISO 8601 with offset, or without one as wall time in `zone`.
 *
 * Throws `due_in_gap` for a wall time that a change to summer time skips, and `invalid_input` for anything
 * that is no time. A wall time that happens twice means the first.
 */
export function resolveSchedule(at: string, zone: string): Schedule {
  if (/(?:Z|[+-]\d{2}:?\d{2})$/i.test(at)) {
    const dueAt = new Date(at)
    if (Number.isNaN(dueAt.getTime())) throw notATime(at)
    const wall = Temporal.Instant.fromEpochMilliseconds(dueAt.getTime())
      .toZonedDateTimeISO(zoneOrThrow(zone))
      .toPlainDateTime()
    return { dueAt, wall: wall.toString({ smallestUnit: 'second' }), zone }
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
