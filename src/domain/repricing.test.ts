/** Re-pricing of past calls, bundles and monthly fees included. */
import { describe, expect, it } from 'vitest'
import { effectiveBook, type PriceEntry, type Tariff } from './prices.ts'
import { feesOver, type PastCalls, reprice } from './repricing.ts'

const entry = (key: string, tariff: Tariff, more: Partial<PriceEntry> = {}): PriceEntry => ({
  key,
  plan: 'flat',
  source: 'https://prices.example',
  readOn: '2026-11-23',
  ...more,
  ...tariff,
})
const bookOf = (...entries: PriceEntry[]) =>
  effectiveBook({ currency: 'USD', plans: [{ id: 'flat', name: 'Flat' }], defaultPlan: 'flat', entries })
const usd = (amount: string) => ({ amount, currency: 'USD' })
const calls = (day: string, endpointClass: string, more: Partial<PastCalls> = {}): PastCalls => ({
  kind: { plan: 'flat', endpointClass, on: day },
  day,
  requests: 1,
  items: 1,
  freshItems: null,
  was: null,
  ...more,
})

describe('past calls', () => {
  const reads = (day: string, items: number) => calls(day, 'timeline.read', { items, was: usd('0.100') })
  const bundle = (more: Partial<Extract<Tariff, { unit: 'bundle' }>>): Tariff => ({
    unit: 'bundle',
    calls: ['timeline.read', 'post.create'],
    counts: 'item',
    size: 100,
    window: 'month',
    ...more,
  })

  it('fill the bundles of another book month by month', () => {
    const book = bookOf(entry('reads', bundle({ beyond: '0.01' })))
    const months = [reads('2026-10-30', 80), reads('2026-10-31', 40), reads('2026-11-01', 40)]
    expect(reprice(book, months)).toEqual({
      was: usd('0.300'),
      would: usd('0.200'),
      requests: 3,
      unknownRequests: 0,
      refusedRequests: 0,
    })
  })

  it('fill a day’s bundle by their own day, also where all are priced as of another', () => {
    const book = bookOf(entry('writes', bundle({ counts: 'request', size: 2, window: 'day', beyond: '0.5' })))
    const asOf = (day: string) =>
      calls(day, 'post.create', {
        kind: { plan: 'flat', endpointClass: 'post.create', on: '2027-04-29' },
        requests: 2,
        items: 2,
      })
    expect(reprice(book, [asOf('2026-11-01'), asOf('2026-11-02')]).would).toEqual(usd('0.000'))
    expect(reprice(book, [asOf('2026-11-01'), asOf('2026-11-01')]).would).toEqual(usd('1.000'))
  })

  it('are refused where the bundle is used up and has no price beyond, and cost nothing then', () => {
    const book = bookOf(
      entry('cap', bundle({ counts: 'request', size: 10 })),
      entry('post', { unit: 'request', calls: ['post.create'], price: '0.02' }),
    )
    const days = [
      calls('2026-11-01', 'post.create', { requests: 8, items: 8 }),
      calls('2026-11-02', 'post.create', { requests: 8, items: 8 }),
      calls('2026-12-01', 'post.create', { requests: 8, items: 8 }),
    ]
    expect(reprice(book, days)).toMatchObject({ requests: 24, refusedRequests: 6, would: usd('0.360') })
  })

  it('are refused whole where a bundle counts what they bring', () => {
    const book = bookOf(
      entry('cap', bundle({})),
      entry('read', { unit: 'item', calls: ['timeline.read'], price: '0.01' }),
    )
    const days = [
      calls('2026-11-01', 'timeline.read', { requests: 4, items: 80 }),
      calls('2026-11-02', 'timeline.read', { requests: 4, items: 80 }),
    ]
    expect(reprice(book, days)).toMatchObject({ refusedRequests: 3, would: usd('1.000') })
  })

  it('are of unknown price where the other book does not name them', () => {
    expect(reprice(bookOf(), [calls('2026-11-01', 'post.create', { requests: 3 })])).toMatchObject({
      unknownRequests: 3,
      would: usd('0.000'),
    })
  })
})

describe('a plan’s monthly fee', () => {
  const fee = (price: string | null, more: Partial<PriceEntry> = {}) =>
    entry(`fee ${more.from ?? ''}`, { unit: 'month', price }, more)

  it('is borne whole by a whole month, whichever its length', () => {
    const book = bookOf(fee('42000'))
    expect(feesOver(book, 'flat', { from: '2026-02-01', to: '2026-03-01' })).toEqual(usd('42000.000'))
    expect(feesOver(book, 'flat', { from: '2026-10-01', to: '2026-12-01' })).toEqual(usd('84000.000'))
  })

  it('is borne by days in their share of their month', () => {
    const book = bookOf(fee('310'))
    expect(feesOver(book, 'flat', { from: '2026-10-26', to: '2026-11-04' })).toEqual(usd('91.000'))
  })

  it('changes on its day, unless one day counts for all', () => {
    const book = bookOf(fee('30', { to: '2026-11-16' }), fee('300', { from: '2026-11-16' }))
    const november = { from: '2026-11-01', to: '2026-12-01' }
    expect(feesOver(book, 'flat', november)).toEqual(usd('165.000'))
    expect(feesOver(book, 'flat', { ...november, asOf: '2026-11-16' })).toEqual(usd('300.000'))
  })

  it('is not known where it is not known on one of the days', () => {
    const november = { from: '2026-11-01', to: '2026-12-01' }
    expect(feesOver(bookOf(), 'flat', november)).toBeNull()
    expect(feesOver(bookOf(fee('30', { from: '2026-11-02' })), 'flat', november)).toBeNull()
    expect(feesOver(bookOf(fee(null)), 'flat', november)).toBeNull()
  })
})
