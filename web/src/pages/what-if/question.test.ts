/** What a supposed price becomes on its way to the API. */
import { describe, expect, it } from 'vitest'
import { priceEntry } from '#contract/prices.ts'
import type { Book } from '../prices/words.ts'
import { amountOf, dayHeld, firstQuestion, inputOf, type Question, withKind } from './question.ts'

const span = { from: '2026-10-26', to: '2026-11-25' }
const book = {
  on: '2026-11-24',
  networks: [
    {
      network: 'any',
      name: 'Any',
      currency: 'USD',
      plan: 'metered',
      plans: [
        { id: 'metered', name: 'Metered' },
        { id: 'flat', name: 'Flat' },
      ],
      calls: Array.from({ length: 70 }, (_, index) => `call.${index}`),
    },
  ],
  items: [
    {
      network: 'any',
      isInForce: true,
      entry: { unit: 'item', calls: ['call.1'], price: '0.005', dedupe: 'utc-day' },
    },
  ],
} as unknown as Book
const question = (more: Partial<Question>): Question => ({
  ...firstQuestion(book.networks, undefined, book.on),
  ...more,
})
const entriesOf = (more: Partial<Question>) =>
  JSON.parse(inputOf(question(more), book, span).prices ?? '{"entries":[]}').entries

describe('a supposed price', () => {
  it('lies over the present plan where calls cost as they do', () => {
    const fee = question({ fee: '42 000', day: '2027-04-29' })
    expect(inputOf(fee, book, span)).toMatchObject({ ...span, asOf: '2027-04-29' })
    expect(entriesOf(fee)).toEqual([
      {
        network: 'any',
        plan: 'metered',
        unit: 'month',
        price: '42000',
        source: 'supposed',
        readOn: '2026-11-24',
        from: '2027-04-29',
      },
    ])
  })

  it('is a plan of its own where calls are in the fee, in entries that the API takes', () => {
    const flat = { fee: '42000', isIncluded: true }
    expect(inputOf(question(flat), book, span).plans).toEqual({ any: 'own-supposed' })
    const entries = entriesOf(flat)
    expect(entries).toHaveLength(3)
    for (const { network: _, ...entry } of entries) expect(priceEntry.safeParse(entry).success).toBe(true)
  })

  it('is charged for the same item once a day where it is now', () => {
    const prices = (call: string) => [{ id: 1, call, per: 'item' as const, price: '0,05' }]
    expect(entriesOf({ prices: prices('call.1') })).toMatchObject([{ price: '0.05', dedupe: 'utc-day' }])
    expect(entriesOf({ prices: prices('call.2') })[0]).not.toHaveProperty('dedupe')
  })

  it('is no file where nothing was typed, and another plan or day needs none', () => {
    expect(inputOf(question({}), book, span)).toEqual({ ...span, asOf: '2026-11-24' })
    expect(inputOf(question({ kind: 'plan' }), book, span)).toEqual({ ...span, plans: { any: 'flat' } })
  })
})

describe('another plan', () => {
  const items = [
    { network: 'any', entry: { plan: 'old', to: '2026-02-01' } },
    { network: 'any', entry: { plan: 'old', from: '2025-01-01', to: '2026-04-20' } },
    { network: 'any', entry: { plan: 'flat', from: '2026-04-20' } },
    { network: 'any', entry: { plan: 'next', from: '2027-01-01' } },
  ]
  const dated = { ...book, items } as unknown as Book
  it('that has ended counts by the last day it held, one to come by its first', () => {
    expect(['old', 'flat', 'next', 'none'].map((plan) => dayHeld('any', plan, dated))).toEqual([
      '2026-04-19',
      null,
      '2027-01-01',
      null,
    ])
    expect(inputOf(question({ kind: 'plan', plan: 'old' }), dated, span)).toMatchObject({
      asOf: '2026-04-19',
    })
  })
})

describe('a question about another plan', () => {
  it('is about a network that has several', () => {
    const single = {
      ...book.networks[0]!,
      network: 'single',
      plans: [{ id: 'one', name: 'One', monthlyFee: null }],
    }
    const networks = [single, ...book.networks]
    const asked = { ...question({}), network: 'single' }
    expect(withKind(asked, 'plan', networks)).toMatchObject({ kind: 'plan', network: 'any', plan: 'flat' })
    expect(withKind(question({}), 'plan', networks)).toEqual({ kind: 'plan' })
    expect(withKind(asked, 'day', networks)).toEqual({ kind: 'day' })
  })
})

describe('a typed amount', () => {
  it('may have a comma and thousands apart, and is none where it is not clear', () => {
    expect(['42 000', "42'000", '0,015', '1.5'].map(amountOf)).toEqual(['42000', '42000', '0.015', '1.5'])
    expect(['', 'a lot', '1,5,5', '-3', '42.000,00'].map(amountOf)).toEqual([null, null, null, null, null])
  })
})
