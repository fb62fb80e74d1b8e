/** The tariffs as they were read, figure by figure, so that a slip in a definition is seen. */
import { describe, expect, it } from 'vitest'
import type { NetworkDefinition } from './contract.ts'
import { networks } from './registry.ts'

const pricesOf = (id: string): NetworkDefinition['prices']['value'] =>
  networks.find(({ definition }) => definition.id === id)?.definition.prices.value ?? []

/** Pay-per-use price list of X as of 2026-08-22, in force since 2026-04-20. USD. */
const x = [
  ['post.create', 'request', '0.200', true],
  ['post.create', 'request', '0.015', false],
  ['post.delete', 'request', '0.010', undefined],
  ['post.lookup', 'item', '0.005', undefined],
  ['timeline.read', 'item', '0.005', undefined],
  ['user.read', 'item', '0.010', undefined],
  ['media.metadata', 'request', '0.005', undefined],
] as const

describe('the prices of X', () => {
  it('are those of the price list', () => {
    const prices = pricesOf('x').map(({ endpointClass, per, price, hasLink }) => [
      endpointClass,
      per,
      price.amount,
      hasLink,
    ])
    expect(prices).toEqual(x)
    for (const { price, from, to } of pricesOf('x'))
      expect({ currency: price.currency, from, to }).toEqual({
        currency: 'USD',
        from: '2026-04-20',
        to: undefined,
      })
  })
})

describe('the prices of Meta', () => {
  it.each(['facebook', 'instagram'])('are nothing for every call of %s', (id) => {
    expect(pricesOf(id).length).toBeGreaterThan(5)
    for (const { price, from } of pricesOf(id)) {
      expect(Number(price.amount)).toBe(0)
      expect(from).toBe('2026-05-05')
    }
  })
})

describe('the prices of Threads', () => {
  it('are nothing for every call, as written on the page about its limits', () => {
    expect(pricesOf('threads').length).toBeGreaterThan(5)
    for (const { price, from } of pricesOf('threads')) {
      expect(Number(price.amount)).toBe(0)
      expect(from).toBe('2025-12-22')
    }
  })
})

describe('the prices of networks without an owner', () => {
  it.each(['bluesky', 'mastodon'])('are nothing for every call of %s', (id) => {
    expect(pricesOf(id).length).toBeGreaterThan(5)
    for (const { price } of pricesOf(id)) expect(Number(price.amount)).toBe(0)
  })
})

describe('the prices of LinkedIn', () => {
  it('are not known, because none are published', () => {
    expect(pricesOf('linkedin')).toEqual([])
  })
})

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
