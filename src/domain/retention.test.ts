import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  after,
  clockOf,
  type DataRule,
  deadlineOf,
  exportLimit,
  type Period,
  shownUntil,
} from './retention.ts'

const read = new Date('2026-08-31T12:00:00Z')
const rule = (change: Partial<DataRule>): DataRule => ({
  id: 'R',
  dataClass: 'metric',
  keepFor: null,
  deleteOn: {},
  since: '2020-01-01',
  ...change,
})

describe('a period', () => {
  it.each<[Period, string]>([
    ['PT24H', '2026-09-01T12:00:00Z'],
    ['PT48H', '2026-09-02T12:00:00Z'],
    ['P42D', '2026-10-12T12:00:00Z'],
    ['P6M', '2027-02-28T12:00:00Z'],
    ['P1Y', '2027-08-31T12:00:00Z'],
  ])('of %s ends where people expect it', (period, end) => {
    expect(after(read, period)).toEqual(new Date(end))
  })

  it('of a year from a leap day ends on the last day of February', () => {
    expect(after(new Date('2028-02-29T00:00:00Z'), 'P1Y')).toEqual(new Date('2029-02-28T00:00:00Z'))
  })
})

describe('the clock of a row', () => {
  it('is the shortest of the rules about its class', () => {
    const rules = [
      rule({ id: 'year', keepFor: 'P1Y' }),
      rule({ id: 'hours', keepFor: 'PT48H' }),
      rule({ id: 'all', dataClass: '*', keepFor: 'P6M' }),
      rule({ id: 'other', dataClass: 'profile', keepFor: 'PT24H' }),
    ]
    expect(clockOf(rules, 'metric', read)).toMatchObject({ at: after(read, 'PT48H'), rule: { id: 'hours' } })
  })

  it('does not run where no rule sets a time', () => {
    expect(clockOf([rule({})], 'metric', read)).toBeNull()
  })

  it('holds for what was read before the rule was written, but not before that day', () => {
    const late = rule({ keepFor: 'PT24H', since: '2026-10-01' })
    expect(clockOf([late], 'metric', read)?.at).toEqual(new Date('2026-10-01T00:00:00Z'))
  })

  it('never outlasts any one rule, whatever the rules are', () => {
    const periods: Period[] = ['PT24H', 'PT48H', 'P42D', 'P6M', 'P1Y']
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...periods), { minLength: 1, maxLength: 6 }),
        fc.date({ min: new Date('2021-01-01'), max: new Date('2040-01-01'), noInvalidDate: true }),
        (kept, at) => {
          const end = clockOf(
            kept.map((keepFor) => rule({ keepFor })),
            'metric',
            at,
          )
          expect(end).not.toBeNull()
          for (const period of kept)
            expect(end?.at.getTime()).toBeLessThanOrEqual(after(at, period).getTime())
        },
      ),
    )
  })
})

describe('what ends data before its clock', () => {
  it('has the shortest deadline of the rules that name it, and none where no rule does', () => {
    const rules = [
      rule({ deleteOn: { request: 'P10D' } }),
      rule({ id: 'day', dataClass: '*', deleteOn: { request: 'PT24H', terminated: null } }),
    ]
    expect(deadlineOf(rules, 'metric', 'request', read)).toMatchObject({
      at: after(read, 'PT24H'),
      rule: { id: 'day' },
    })
    expect(deadlineOf(rules, 'metric', 'terminated', read)?.at).toEqual(read)
    expect(deadlineOf(rules, 'metric', 'removed', read)).toBeNull()
  })
})

describe('the use of data', () => {
  it('is shown until it must be read again, and never past its clock', () => {
    const shown = rule({ use: { showFor: 'PT24H' } })
    expect(shownUntil([shown], 'metric', read)).toEqual(after(read, 'PT24H'))
    expect(
      shownUntil([rule({ keepFor: 'PT24H' }), rule({ use: { showFor: 'PT48H' } })], 'metric', read),
    ).toEqual(after(read, 'PT24H'))
    expect(shownUntil([rule({})], 'metric', read)).toBeNull()
  })

  it('leaves Litfass only as far as the strictest rule lets it', () => {
    expect(exportLimit([rule({})], 'metric')).toBeNull()
    const limited = rule({ use: { export: { kind: 'limited', perPersonAndDay: 500 } } })
    expect(exportLimit([limited], 'metric')).toBe(500)
    expect(exportLimit([limited, rule({ use: { export: { kind: 'never' } } })], 'metric')).toBe(0)
  })
})
