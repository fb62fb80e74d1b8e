/** The form of a price: what it starts from, and the entry it becomes. */
import { describe, expect, it } from 'vitest'
import { draftOf, entryOf } from './draft.ts'
import type { NetworkPlan, Price } from './words.ts'

const plan = { network: 'example', plan: 'metered' } as NetworkPlan
const entry = {
  key: 'post',
  unit: 'request',
  plan: 'metered',
  calls: ['post.create'],
  when: { hasLink: true },
  price: '0.2',
  from: '2026-04-20',
  source: 'https://example.org/prices',
  readOn: '2026-11-23',
} as const
const price = (origin: Price['origin'], more = {}) =>
  ({ network: 'example', origin, entry: { ...entry, calls: ['post.create'], ...more } }) as Price
const typed = (values: Record<string, string>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`entry.${name}`, value]))

describe('a price in the form', () => {
  it('comes out as it went in where nothing is changed', () => {
    const draft = draftOf(plan, price('own'))
    const { source, readOn, from } = entry
    expect(entryOf(draft, typed({ price: '0.2', source, readOn, from }))).toEqual(entry)
  })

  it('keeps the key of the shipped price it replaces, and asks anew where it stands written', () => {
    const draft = draftOf(plan, price('shipped'), new Date('2026-11-24T09:00:00Z'))
    expect(draft).toMatchObject({ key: 'post', price: '0.2', source: '', readOn: '2026-11-24' })
  })

  it('takes a comma for a decimal point', () => {
    const draft = draftOf(plan, null)
    expect(entryOf(draft, typed({ price: ' 0,015 ' }))).toMatchObject({ price: '0.015' })
  })

  it('is unknown, and not nothing, where that is ticked', () => {
    const draft = { ...draftOf(plan, price('own', { price: null })) }
    expect(draft.isUnknown).toBe(true)
    expect(entryOf(draft, typed({ price: '' }))).toMatchObject({ price: null })
  })

  it('asks for no calls where it is the fee of a plan', () => {
    const draft = { ...draftOf(plan, null), unit: 'month' as const, calls: ['post.create'], isDeduped: true }
    expect(Object.keys(entryOf(draft, typed({ price: '9' })))).not.toContain('calls')
  })
})
