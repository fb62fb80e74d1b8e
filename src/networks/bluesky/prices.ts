/** What Bluesky charges: nothing. Its servers limit calls and know no prices. */
import type { PriceBook } from '#domain/prices.ts'
import { freePrices } from '../free-prices.ts'

export function priceBook(calls: readonly string[]): PriceBook {
  return freePrices(
    {
      plan: { id: 'pds', name: 'Personal data server' },
      source: 'https://docs.bsky.app/docs/advanced-guides/rate-limits',
      readOn: '2026-11-23',
      from: '2026-04-21',
      confidence: 'high',
    },
    calls,
  )
}
