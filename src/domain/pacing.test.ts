/** When calls are kept back by what a network told last. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { heldUntil, type Level, retryAfter } from './pacing.ts'

const now = new Date('2026-11-24T12:00:00Z')
const after = (seconds: number) => new Date(now.getTime() + seconds * 1_000)
const level = (used: number, change: Partial<Level> = {}): Level => ({
  used,
  limit: 100,
  resetsAt: after(300),
  toldAt: now,
  protectedPercent: 10,
  ...change,
})

describe('a call to a network', () => {
  it('leaves while there is room', () => {
    for (const purpose of ['measure', 'publish']) expect(heldUntil(level(89), purpose, now)).toBeNull()
  })

  it('waits for the end of the window where all of it is used', () => {
    for (const purpose of ['measure', 'converse', 'publish', 'reconcile', 'remove', 'connect'])
      expect(heldUntil(level(100), purpose, now)).toEqual(after(300))
  })

  it('leaves when the window has ended, and where no limit is told', () => {
    expect(heldUntil(level(100), 'publish', after(300))).toBeNull()
    expect(heldUntil(level(100, { limit: null }), 'measure', now)).toBeNull()
  })

  it('leaves the protected share to publishing where it only reads', () => {
    expect(heldUntil(level(90), 'measure', now)).toEqual(after(300))
    for (const purpose of ['publish', 'reconcile', 'remove', 'connect'])
      expect(heldUntil(level(90), purpose, now)).toBeNull()
    expect(heldUntil(level(98, { protectedPercent: 0 }), 'measure', now)).toBeNull()
  })

  it('is not kept back for ever by a level whose end nobody knows', () => {
    expect(heldUntil(level(90, { resetsAt: null }), 'measure', now)).toEqual(after(300))
    expect(heldUntil(level(90, { resetsAt: null }), 'measure', after(300))).toBeNull()
    expect(heldUntil(level(100, { resetsAt: null }), 'publish', now)).toEqual(after(900))
    expect(heldUntil(level(100, { resetsAt: after(1e9) }), 'publish', after(86_400))).toBeNull()
  })

  it('is never kept back longer for publishing than for reading', () => {
    fc.assert(
      fc.property(
        fc.nat(200),
        fc.nat(100),
        fc.integer({ min: -10, max: 5_000 }),
        (used, protectedPercent, reset) => {
          const one = level(used, { protectedPercent, resetsAt: after(reset) })
          const [read, publish] = ['measure', 'publish'].map(
            (purpose) => heldUntil(one, purpose, now)?.getTime() ?? 0,
          )
          expect(publish).toBeLessThanOrEqual(read ?? 0)
        },
      ),
    )
  })
})

describe('Retry-After', () => {
  it.each([
    ['30', after(30)],
    ['Tue, 24 Nov 2026 12:10:00 GMT', after(600)],
    ['99999999', after(86_400)],
    ['0', null],
    ['Tue, 24 Nov 2026 11:00:00 GMT', null],
    ['soon', null],
    ['', null],
    [undefined, null],
  ])('of %j is read', (header, end) => {
    expect(retryAfter(header, now)).toEqual(end)
  })
})
