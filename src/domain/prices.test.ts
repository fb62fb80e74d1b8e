/** The price book's arithmetic: which entry applies, what a call costs at most and in the end, and re-pricing. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toMicros } from './money.ts'
import {
  type CallKind,
  conditionNames,
  effectiveBook,
  entryFor,
  monthlyFee,
  priceAfter,
  priceBefore,
  type PriceBook,
  type PriceEntry,
  type Tariff,
} from './prices.ts'
import { type PastCalls, reprice } from './repricing.ts'

const written = { plan: 'metered', source: 'https://example.org/prices', readOn: '2026-11-23' }
const entry = (key: string, tariff: Tariff, more: Partial<PriceEntry> = {}): PriceEntry =>
  ({ key, ...written, ...tariff, ...more }) as PriceEntry

const post = (key: string, price: string | null, when = {}, more: Partial<PriceEntry> = {}) =>
  entry(key, { unit: 'request', calls: ['post.create'], when, price }, more)

const shipped: PriceBook = {
  currency: 'USD',
  plans: [
    { id: 'metered', name: 'Metered' },
    { id: 'flat', name: 'Flat' },
  ],
  defaultPlan: 'metered',
  entries: [
    post('plain', '0.015', { hasLink: false }, { from: '2026-04-20' }),
    post('link', '0.200', { hasLink: true }, { from: '2026-04-20' }),
    post('summoned', '0.010', { isSummoned: true }, { from: '2026-04-20' }),
    post('before', '0.010', {}, { from: '2026-02-06', to: '2026-04-20' }),
    entry('read', { unit: 'item', calls: ['timeline.read'], price: '0.005', dedupe: 'utc-day' }),
    entry('own', {
      unit: 'item',
      calls: ['timeline.read'],
      price: '0.001',
      dedupe: 'utc-day',
      when: { isOwned: true },
    }),
    entry('upload', { unit: 'request', calls: ['media.upload'], price: null }),
    entry('event', { unit: 'event', calls: ['event.follow'], price: '0.010' }),
    entry('fee', { unit: 'month', price: '200' }, { plan: 'flat', to: '2026-06-01' }),
    entry(
      'reads',
      { unit: 'bundle', calls: ['timeline.read', 'post.lookup'], counts: 'item', size: 100, window: 'month' },
      { plan: 'flat' },
    ),
    entry(
      'writes',
      { unit: 'bundle', calls: ['post.create'], counts: 'request', size: 10, window: 'day', beyond: '0.5' },
      { plan: 'flat' },
    ),
  ],
}
const book = effectiveBook(shipped)
const call = (endpointClass: string, more: Partial<CallKind> = {}): CallKind => ({
  plan: 'metered',
  on: '2026-11-24',
  endpointClass,
  ...more,
})
const usd = (amount: string) => ({ amount, currency: 'USD' })

describe('a call', () => {
  it('costs by the entry whose conditions hold', () => {
    expect(priceAfter(book, call('post.create', { hasLink: true }), { items: 1 }).amount).toEqual(
      usd('0.200'),
    )
    expect(priceAfter(book, call('post.create'), { items: 1 })).toEqual({
      amount: usd('0.015'),
      key: 'plain',
      isOverCap: false,
    })
  })

  it('costs by the entry of its day, the last day of which belongs to the next', () => {
    expect(entryFor(book, call('post.create', { on: '2026-04-19' }))?.key).toBe('before')
    expect(entryFor(book, call('post.create', { on: '2026-04-20' }))?.key).toBe('plain')
    expect(entryFor(book, call('post.create', { on: '2026-02-05' }))).toBeNull()
  })

  it('costs the dearest where entries speak of it with equal right', () => {
    expect(entryFor(book, call('post.create', { hasLink: true, isSummoned: true }))?.key).toBe('link')
  })

  it('has a price that is not known where no entry speaks of it, or one that says so', () => {
    for (const endpointClass of ['nonsense', 'media.upload'])
      for (const price of [
        priceBefore(book, call(endpointClass)),
        priceAfter(book, call(endpointClass), { items: 1 }),
      ])
        expect(price.amount).toBeNull()
    expect(priceAfter(book, call('media.upload'), { items: 0 }).amount).toBeNull()
  })

  it('pays for items that came back, and once within the window for the same', () => {
    const read = call('timeline.read')
    expect(priceAfter(book, read, { items: 0 }).amount).toEqual(usd('0.000'))
    expect(priceAfter(book, read, { items: 5 }).amount).toEqual(usd('0.025'))
    expect(priceAfter(book, read, { items: 5, freshItems: 2 }).amount).toEqual(usd('0.010'))
    expect(priceAfter(book, { ...read, isOwned: true }, { items: 5 }).amount).toEqual(usd('0.005'))
    expect(priceAfter(book, call('event.follow'), { items: 2, freshItems: 1 }).amount).toEqual(usd('0.020'))
  })

  it('is estimated as dear as it may turn out', () => {
    expect(priceBefore(book, call('post.create')).amount).toEqual(usd('0.200'))
    expect(priceBefore(book, call('post.create', { hasLink: false })).amount).toEqual(usd('0.015'))
    expect(priceBefore(book, call('timeline.read'), { mostItems: 20 }).amount).toEqual(usd('0.100'))
    expect(priceBefore(book, call('timeline.read')).amount).toBeNull()
  })

  it('is free within a bundle, and beyond it costs what the bundle says or is refused', () => {
    const write = call('post.create', { plan: 'flat' })
    expect(priceAfter(book, write, { items: 1 }, () => 9)).toMatchObject({
      amount: usd('0.000'),
      isOverCap: false,
    })
    expect(priceAfter(book, write, { items: 1 }, () => 10)).toMatchObject({
      amount: usd('0.500'),
      isOverCap: false,
    })
    const read = call('timeline.read', { plan: 'flat' })
    expect(priceAfter(book, read, { items: 5 }, () => 95)).toMatchObject({
      amount: usd('0.000'),
      isOverCap: false,
    })
    expect(priceAfter(book, read, { items: 5 }, () => 96)).toMatchObject({
      amount: usd('0.000'),
      isOverCap: true,
    })
  })
})

describe('a plan', () => {
  it('has its fee while it is in force, and no known one after', () => {
    expect(monthlyFee(book, 'flat', '2026-05-31')).toEqual(usd('200.000'))
    expect(monthlyFee(book, 'flat', '2026-06-01')).toBeNull()
    expect(monthlyFee(book, 'metered', '2026-05-31')).toBeNull()
  })
})

describe('a price of one’s own', () => {
  const own = effectiveBook(shipped, [
    post('mine', '0.050', {}, { from: '2026-12-01' }),
    post('plain', '0.016', { hasLink: false }),
    entry('agreed', { unit: 'request', calls: ['post.create'], price: '0.001' }, { plan: 'own-contract' }),
  ])

  it('comes before every shipped one from its first day on', () => {
    expect(entryFor(own, call('post.create', { hasLink: true, on: '2026-12-01' }))?.key).toBe('mine')
    expect(entryFor(own, call('post.create', { hasLink: true, on: '2026-11-30' }))?.key).toBe('link')
  })

  it('takes the place of the shipped one it is named after', () => {
    expect(own.entries.filter(({ key }) => key === 'plain')).toHaveLength(1)
    expect(priceAfter(own, call('post.create', { on: '2020-01-01' }), { items: 1 }).amount).toEqual(
      usd('0.016'),
    )
  })

  it('may belong to a plan nobody ships', () => {
    expect(own.plans.map(({ id }) => id)).toEqual(['metered', 'flat', 'own-contract'])
    expect(priceAfter(own, call('post.create', { plan: 'own-contract' }), { items: 1 }).amount).toEqual(
      usd('0.001'),
    )
  })
})

const day = fc
  .integer({ min: 0, max: 400 })
  .map((days) => new Date(Date.UTC(2026, 0, 1 + days)).toISOString().slice(0, 10))
const conditions = fc.record(
  { hasLink: fc.boolean(), isOwned: fc.boolean(), isSummoned: fc.boolean() },
  { requiredKeys: [] },
)
const amount = fc.integer({ min: 0, max: 5_000 }).map((thousandths) => (thousandths / 1_000).toFixed(3))
const anyEntry = fc
  .record({
    unit: fc.constantFrom('request' as const, 'item' as const),
    price: fc.option(amount, { freq: 8 }),
    when: conditions,
    from: fc.option(day, { nil: undefined }),
    to: fc.option(day, { nil: undefined }),
    isDeduped: fc.boolean(),
  })
  .map(({ from, to, isDeduped, ...tariff }, index = 0) =>
    entry(
      `e${index}`,
      { ...tariff, calls: ['a'], ...(isDeduped ? { dedupe: 'utc-day' } : {}) },
      {
        ...(from === undefined ? {} : { from }),
        ...(to === undefined ? {} : { to }),
      },
    ),
  )
const anyBook = fc
  .tuple(fc.array(anyEntry, { maxLength: 8 }), fc.array(anyEntry, { maxLength: 2 }))
  .map(([entries, own]) =>
    effectiveBook(
      { ...shipped, entries: entries.map((one, index) => ({ ...one, key: `s${index}` })) },
      own.map((one, index) => ({ ...one, key: `o${index}` })),
    ),
  )

describe('any book', () => {
  const anyCall = fc.record({ on: day, told: conditions, hidden: conditions })
  const counted = fc.record({
    requests: fc.integer({ min: 1, max: 5 }),
    items: fc.nat(50),
    spare: fc.nat(20),
    fresh: fc.option(fc.nat(60)),
  })

  it('never charges more than was said before the call', () => {
    const property = fc.property(
      anyBook,
      anyCall,
      counted,
      (any, { on, told, hidden }, { items, requests, spare, fresh }) => {
        const before = priceBefore(any, call('a', { on, ...told }), { requests, mostItems: items + spare })
        const after = priceAfter(any, call('a', { on, ...hidden, ...told }), {
          requests,
          items,
          freshItems: fresh,
        })
        if (before.amount === null) return
        expect(after.amount).not.toBeNull()
        expect(toMicros(after.amount?.amount ?? '0')).toBeLessThanOrEqual(toMicros(before.amount.amount))
      },
    )
    fc.assert(property)
  })

  it('prices a call by an entry that is in force and whose conditions hold, the workspace’s own first', () => {
    const property = fc.property(anyBook, anyCall, (any, { on, told }) => {
      const kind = call('a', { on, ...told })
      const fits = (one: PriceEntry) =>
        'price' in one &&
        (one.from ?? '') <= on &&
        on < (one.to ?? '9') &&
        conditionNames.every(
          (name) =>
            !('when' in one) || one.when?.[name] === undefined || one.when[name] === (kind[name] ?? false),
        )
      const fitting = any.entries.filter(fits)
      const found = entryFor(any, kind)
      expect(fitting.length > 0).toBe(found !== null)
      if (found === null) return
      expect(fitting).toContain(found)
      if (fitting.some(({ key }) => any.ownKeys.has(key))) expect(any.ownKeys.has(found.key)).toBe(true)
    })
    fc.assert(property)
  })

  it('gives past calls, re-priced by itself, what they cost', () => {
    const past = fc.array(fc.record({ kind: anyCall, counted }), { maxLength: 12 })
    const property = fc.property(anyBook, past, (any, calls) => {
      const charged = calls.map(({ kind: { on, told }, counted: { requests, items, fresh } }): PastCalls => {
        const kind = call('a', { on, ...told })
        const counts = { requests, items, freshItems: fresh }
        return { kind, day: on, ...counts, was: priceAfter(any, kind, counts).amount }
      })
      const { was, would, unknownRequests, requests } = reprice(any, charged)
      expect(would).toEqual(was)
      const unknown = charged.filter((one) => one.was === null)
      expect(unknownRequests).toBe(unknown.reduce((sum, one) => sum + one.requests, 0))
      expect(requests).toBe(charged.reduce((sum, one) => sum + one.requests, 0))
    })
    fc.assert(property)
  })
})
