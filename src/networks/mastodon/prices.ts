/** What Mastodon charges: nothing, unless an instance says otherwise. Its software limits calls and knows no prices. */
import type { PriceBook } from '#domain/prices.ts'
import { freePrices } from '../free-prices.ts'

export function priceBook(calls: readonly string[]): PriceBook {
  return freePrices(
    {
      plan: { id: 'instance', name: 'Instance as it comes' },
      source: 'https://docs.joinmastodon.org/api/rate-limits/',
      readOn: '2026-11-23',
      from: '2026-07-02',
      confidence: 'high',
    },
    calls,
  )
}
