import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { afterOutcome, backoff, type Delivery, type DeliveryState, postState } from './delivery.ts'
import { newId } from './id.ts'
import { addMoney, fromMicros, toMicros } from './money.ts'
import { movedInstant, resolveSchedule } from './schedule.ts'
import { linksIn, textLength, textProblems, type TextRules } from './text.ts'

const now = new Date('2026-11-24T09:00:00Z')
const reason = { code: 'c', message: 'm' }
const claimed: Delivery = { id: 'dlv_1', state: 'claimed', token: 1, attempts: 1, dueAt: now }

describe('a delivery', () => {
  it('is never sent again while the network has not answered', () => {
    const change = afterOutcome(claimed, { kind: 'unsure', reason }, now, 0)
    expect(change.state).toBe('unsure')
    expect(change.nextAt?.getTime()).toBeGreaterThan(now.getTime())
  })

  it('is held, not failed, while its account must be connected again', () => {
    expect(afterOutcome(claimed, { kind: 'refused', fix: 'reauthorise', reason }, now, 0)).toMatchObject({
      state: 'held',
      holdReason: 'connection',
      nextAt: null,
    })
  })

  it('waits for the very moment a throttled network names', () => {
    const until = new Date('2026-11-24T09:15:00Z')
    expect(afterOutcome(claimed, { kind: 'throttled', until, reason }, now, 0.5)).toMatchObject({
      state: 'waiting',
      nextAt: until,
    })
  })

  it('ends where a person sees it when the network stays down', () => {
    const down = { kind: 'networkDown', reason } as const
    expect(afterOutcome({ ...claimed, attempts: 11 }, down, now, 0).state).toBe('waiting')
    expect(afterOutcome({ ...claimed, attempts: 12 }, down, now, 0)).toMatchObject({
      state: 'refused',
      nextAt: null,
    })
  })

  it('backs off between 5 s and 75 minutes, never into the past', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1_000 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (attempts, random) => {
          const seconds = (backoff(attempts, now, random).getTime() - now.getTime()) / 1_000
          expect(seconds).toBeGreaterThanOrEqual(5)
          expect(seconds).toBeLessThanOrEqual(4_500)
        },
      ),
    )
  })
})

describe('the state of a post', () => {
  it.each<[DeliveryState[], string]>([
    [[], 'draft'],
    [['waiting', 'waiting'], 'scheduled'],
    [['claimed', 'waiting'], 'publishing'],
    [['published', 'waiting'], 'publishing'],
    [['published', 'published'], 'published'],
    [['published', 'cancelled'], 'published'],
    [['published', 'refused'], 'partly-published'],
    [['refused', 'unsure'], 'failed'],
    [['cancelled', 'cancelled'], 'cancelled'],
  ])('of %j is %s', (states, expected) => {
    expect(postState(false, states)).toBe(expected)
  })
})

describe('money', () => {
  it('adds without losing a millionth', () => {
    const amounts = fc.array(fc.bigInt({ min: 0n, max: 10n ** 15n }))
    fc.assert(
      fc.property(amounts, (micros) => {
        const parts = micros.map((value) => ({ amount: fromMicros(value), currency: 'USD' }))
        expect(toMicros(addMoney(parts, 'USD').amount)).toBe(micros.reduce((sum, value) => sum + value, 0n))
      }),
    )
  })

  it('never adds different currencies', () => {
    expect(() => addMoney([{ amount: '1', currency: 'EUR' }], 'USD')).toThrow('cannot add')
  })
})

describe('an id', () => {
  it('sorts by time and never repeats', () => {
    expect(newId('dlv', new Date(1_000)) < newId('dlv', new Date(2_000))).toBe(true)
    expect(new Set(Array.from({ length: 1_000 }, () => newId('dlv', now))).size).toBe(1_000)
  })
})

describe('a schedule', () => {
  it.each([
    ['2026-12-01T09:30', 'Europe/Berlin', '2026-12-01T08:30:00.000Z'],
    ['2026-07-01T09:30', 'Europe/Berlin', '2026-07-01T07:30:00.000Z'],
    ['2026-10-25T02:30', 'Europe/Berlin', '2026-10-25T00:30:00.000Z'],
    ['2026-12-01T09:30+05:30', 'Europe/Berlin', '2026-12-01T04:00:00.000Z'],
    ['2026-12-01T09:30', 'Pacific/Kiritimati', '2026-11-30T19:30:00.000Z'],
  ])('of %s in %s is %s', (at, zone, expected) => {
    expect(resolveSchedule(at, zone).dueAt.toISOString()).toBe(expected)
  })

  it('refuses a time that summer time skips, and offers one that exists', () => {
    expect(() => resolveSchedule('2027-03-28T02:30', 'Europe/Berlin')).toThrow(
      expect.objectContaining({ code: 'due_in_gap', remedy: expect.stringContaining('03:30') }),
    )
  })

  it.each(['tomorrow', '2026-13-01T00:00', '2026-02-30T10:00', ''])('refuses %j', (at) => {
    expect(() => resolveSchedule(at, 'UTC')).toThrow(expect.objectContaining({ code: 'invalid_input' }))
  })

  it('given with an offset is an instant, and stands in that offset', () => {
    expect(resolveSchedule('2026-12-01T09:30+0530', 'Europe/Berlin')).toEqual({
      dueAt: new Date('2026-12-01T04:00:00Z'),
      wall: '2026-12-01T09:30:00',
      zone: '+05:30',
    })
    expect(resolveSchedule('2026-12-01T09:30:00Z', 'Europe/Berlin').zone).toBe('UTC')
  })

  it.each([
    ['2026-12-01T09:30:00', 'Europe/Berlin', '2026-12-01T07:30:00Z', '2026-12-01T08:30:00.000Z'],
    ['2026-12-01T09:30:00', 'Europe/Berlin', '2026-12-01T08:30:00Z', undefined],
    // Both instants of a wall time that happens twice are right.
    ['2026-10-25T02:30:00', 'Europe/Berlin', '2026-10-25T00:30:00Z', undefined],
    ['2026-10-25T02:30:00', 'Europe/Berlin', '2026-10-25T01:30:00Z', undefined],
    // A wall time that new rules skip goes on by the hour the clocks do.
    ['2027-03-28T02:30:00', 'Europe/Berlin', '2027-03-28T00:30:00Z', '2027-03-28T01:30:00.000Z'],
    ['2026-12-01T09:30:00', '+01:00', '2026-12-01T08:30:00Z', undefined],
  ])('of %s in %s, resolved to %s by older rules, moves to %s', (wall, zone, dueAt, expected) => {
    expect(movedInstant(wall, zone, new Date(dueAt))?.toISOString()).toBe(expected)
  })

  it.each(['+200000-01-01T00:00Z', '1066-10-14T09:00'])('refuses %s, which no calendar shows', (at) => {
    expect(() => resolveSchedule(at, 'UTC')).toThrow(expect.objectContaining({ code: 'invalid_input' }))
  })

  it('refuses a zone that does not exist', () => {
    expect(() => resolveSchedule('2026-12-01T09:30', 'Mars/Base')).toThrow(
      expect.objectContaining({ code: 'invalid_input' }),
    )
  })
})

describe('text', () => {
  const weighted: TextRules = {
    maxLength: 280,
    counts: {
      unit: 'weighted',
      scale: 100,
      defaultWeight: 200,
      urlLength: 23,
      emojiLength: 2,
      ranges: [
        { start: 0, end: 4_351, weight: 100 },
        { start: 8_192, end: 8_205, weight: 100 },
        { start: 8_208, end: 8_223, weight: 100 },
        { start: 8_242, end: 8_247, weight: 100 },
      ],
    },
  }
  it.each([
    ['hello', 5],
    ['日本', 4],
    ['👩‍👩‍👧‍👦', 2],
    ['see https://example.com/a/very/long/path?with=query now', 31],
    ['a.de', 23],
    ['me@example.com', 14],
    ['Zürich', 6],
  ])('%j weighs %i', (text, expected) => {
    expect(textLength(text, weighted)).toBe(expected)
  })

  it('is counted in characters as it is sent, not as it could be composed', () => {
    const rules: TextRules = { maxLength: 3, counts: { unit: 'characters' } }
    expect(textLength('u\u0308', rules)).toBe(2)
    expect(textProblems('u\u0308u\u0308', rules)).toEqual([{ code: 'text_too_long', actual: 4, allowed: 3 }])
    expect(textLength('u\u0308', weighted)).toBe(1)
  })

  it.each([
    ['a👍b', 6],
    ['👍🏽', 8],
    ['👩‍👩‍👧‍👦', 25],
    ['Zürich', 6],
    ['日本', 2],
  ])('%j is %i long where an emoji counts as its bytes', (text, expected) => {
    const rules: TextRules = { maxLength: 500, counts: { unit: 'characters', emoji: 'utf8-bytes' } }
    expect(textLength(text, rules)).toBe(expected)
  })

  it.each([
    ['Zürich', 6],
    ['u\u0308', 1],
    ['👩‍👩‍👧‍👦👍🏽🇩🇪', 3],
    ['日本', 2],
  ])('%j is %i long as people see it', (text, expected) => {
    expect(textLength(text, { maxLength: 300, counts: { unit: 'graphemes' } })).toBe(expected)
  })

  it('is held to a limit of bytes beside that of characters', () => {
    const rules: TextRules = { maxLength: 300, maxBytes: 3_000, counts: { unit: 'graphemes' } }
    expect(textProblems('é'.repeat(300), rules)).toEqual([])
    expect(textProblems('👩‍👩‍👧‍👦'.repeat(120), rules)).toEqual([])
    expect(textProblems('👩‍👩‍👧‍👦'.repeat(121), rules)).toEqual([
      { code: 'text_too_large', actual: 3_025, allowed: 3_000 },
    ])
  })

  it('counts the same link once, also on the card', () => {
    const rules: TextRules = { maxLength: 500, counts: { unit: 'characters' }, maxLinks: 2 }
    const text = 'a.de b.de a.de'
    expect(textProblems(text, rules)).toEqual([])
    expect(textProblems(text, rules, 'b.de')).toEqual([])
    expect(textProblems(text, rules, 'c.de')).toEqual([{ code: 'too_many_links', actual: 3, allowed: 2 }])
  })

  it('weighs what is left beside a link by itself, not joined over it', () => {
    expect(textLength('👩 a.de ‍👧', weighted)).toBe(2 + 1 + 23 + 1 + 1 + 2)
  })

  it.each(['!'.repeat(90_000), 'a-'.repeat(45_000), 'a.'.repeat(45_000), 'https://'.repeat(11_000)])(
    'is measured quickly, whatever it is made of: %.9s',
    (part) => {
      const startedAt = performance.now()
      textProblems(`https://example.com/${part}a`, weighted)
      expect(performance.now() - startedAt).toBeLessThan(1_000)
    },
  )

  it('leaves the full stop after a link out of it', () => {
    expect(linksIn('Read https://example.com/a.')).toEqual(['https://example.com/a'])
  })
})
