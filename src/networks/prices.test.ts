/** The prices as they were read, figure by figure, so that a slip in a book is seen. */
import { describe, expect, it } from 'vitest'
import { priceEntry } from '#contract/prices.ts'
import {
  bundlesFor,
  type CallKind,
  effectiveBook,
  monthlyFee,
  priceAfter,
  type PriceBook,
} from '#domain/prices.ts'
import { networks } from './registry.ts'

const bookOf = (id: string): PriceBook => {
  const book = networks.find(({ definition }) => definition.id === id)?.definition.priceBook
  if (!book) throw new Error(`no network ${id}`)
  return book
}
/** What one call with one item costs by a plan on a day. */
const priceOf = (id: string, endpointClass: string, on: string, more: Partial<CallKind> = {}) => {
  const book = effectiveBook(bookOf(id))
  const kind = { plan: book.defaultPlan, endpointClass, on, ...more }
  return priceAfter(book, kind, { items: 1 }).amount?.amount ?? null
}

/** Pay-per-use price list of X as of 2026-08-22. USD. */
const x = [
  ['post.create', '0.200', { hasLink: true }],
  ['post.create', '0.015', { hasLink: false }],
  ['post.create', '0.015', { hasLink: false, isSummoned: true }],
  ['post.delete', '0.010', {}],
  ['post.lookup', '0.005', {}],
  ['timeline.read', '0.005', {}],
  ['timeline.read', '0.001', { isOwned: true }],
  ['mention.read', '0.001', { isOwned: true }],
  ['post.lookup', '0.005', { isOwned: true }],
  ['user.read', '0.010', {}],
  ['dm.read', '0.010', {}],
  ['dm.create', '0.015', {}],
  ['interaction.create', '0.015', {}],
  ['interaction.delete', '0.010', {}],
  ['like.read', '0.001', {}],
  ['media.metadata', '0.005', {}],
  ['trend.read', '0.010', {}],
  ['event.post.create', '0.005', {}],
  ['event.post.delete', '0.000', {}],
  ['event.block', '0.001', {}],
  ['media.upload', null, {}],
  ['post.analytics', null, {}],
] as const

describe('the prices of X', () => {
  it.each(x)('are those of the price list: %s costs %s, %o', (endpointClass, price, conditions) => {
    expect(priceOf('x', endpointClass, '2026-08-22', conditions)).toBe(price)
  })

  it.each([
    ['2025-10-19', 'pay-per-use-pilot', null],
    ['2025-10-20', 'pay-per-use-pilot', '0.010'],
    ['2026-02-05', 'pay-per-use', null],
    ['2026-02-06', 'pay-per-use', '0.010'],
    ['2026-04-19', 'pay-per-use', '0.010'],
    ['2026-04-20', 'pay-per-use', '0.015'],
    ['2025-12-01', 'basic', '0.000'],
    ['2026-06-01', 'basic', null],
  ])('were on %s by the plan %s: a post costs %s', (on, plan, price) => {
    expect(priceOf('x', 'post.create', on, { plan })).toBe(price)
  })

  it.each([
    ['basic', '2024-09-30', '100.000'],
    ['basic', '2024-10-01', '200.000'],
    ['pro', '2025-06-01', '5000.000'],
    ['free', '2025-06-01', '0.000'],
    ['enterprise-50m', '2026-11-23', '42000.000'],
    ['enterprise-200m', '2026-11-23', '210000.000'],
    ['pay-per-use', '2026-11-23', null],
  ])('have the monthly fee of the plan %s on %s: %s', (plan, on, fee) => {
    expect(monthlyFee(effectiveBook(bookOf('x')), plan, on)?.amount ?? null).toBe(fee)
  })

  it.each([
    ['2026-08-12', 2_000_000],
    ['2026-08-13', 3_000_000],
  ])('end on %s after %d posts that were read in a month', (on, size) => {
    const kind = { plan: 'pay-per-use', endpointClass: 'post.lookup', on }
    expect(bundlesFor(effectiveBook(bookOf('x')), kind)).toMatchObject([{ size, window: 'month' }])
  })

  it('charge the same item once in a day', () => {
    const book = effectiveBook(bookOf('x'))
    const kind = { plan: 'pay-per-use', endpointClass: 'post.lookup', on: '2026-11-23' }
    expect(priceAfter(book, kind, { items: 100, freshItems: 0 }).amount?.amount).toBe('0.000')
  })
})

describe.each([
  ['facebook', '2026-05-05'],
  ['instagram', '2026-05-05'],
  ['threads', '2025-12-22'],
  ['bluesky', '2026-04-21'],
  ['mastodon', '2026-07-02'],
])('the prices of %s', (id, since) => {
  it('are nothing for every call since the day they were written so', () => {
    const calls = bookOf(id).entries.flatMap((entry) => (entry.unit === 'request' ? entry.calls : []))
    expect(calls.length).toBeGreaterThan(5)
    for (const call of calls) expect(priceOf(id, call, since)).toBe('0.000')
  })
})

describe('the allowances of Meta', () => {
  it.each(['facebook', 'instagram', 'threads'])('are told by the answers of %s alone', (id) => {
    const formulas = bookOf(id).entries.filter(({ unit }) => unit === 'formula')
    expect(formulas.length).toBeGreaterThan(0)
  })
})

describe('the prices of LinkedIn', () => {
  it('are not known, because none are published', () => {
    const calls = bookOf('linkedin').entries.flatMap((entry) => ('calls' in entry ? entry.calls : []))
    expect(calls).toContain('post.create')
    for (const { id: plan } of bookOf('linkedin').plans)
      for (const call of calls) expect(priceOf('linkedin', call, '2026-11-23', { plan })).toBeNull()
  })
})

describe.each(networks.map(({ definition }) => [definition.id, definition.priceBook] as const))(
  'the book of %s',
  (_id, book) => {
    it('names each entry once, with a plan it knows, and ends none before it begins', () => {
      const keys = book.entries.map(({ key }) => key)
      expect(keys).toEqual([...new Set(keys)])
      for (const { plan, from, to } of book.entries) {
        expect(book.plans.map(({ id }) => id)).toContain(plan)
        if (from !== undefined && to !== undefined) expect(from < to).toBe(true)
      }
      expect(book.plans.map(({ id }) => id)).toContain(book.defaultPlan)
    })

    it('could be imported as it is', () => {
      for (const entry of book.entries) expect(priceEntry.safeParse(entry).error).toBeUndefined()
    })
  },
)

describe('a version', () => {
  it.each([
    ['facebook', 'v25.0', '2028-07-29'],
    ['instagram', 'v25.0', '2028-07-29'],
    ['linkedin', '202609', '2027-09-15'],
    ['threads', 'v1.0', undefined],
  ])('of %s is %s and ends on %s', (id, name, endsOn) => {
    const definition = networks.find((network) => network.definition.id === id)?.definition
    expect(definition?.version?.value).toEqual({ name, endsOn })
  })
})
