/** What Instagram charges: nothing, within an allowance that only its answers tell. */
import type { PriceBook } from '#domain/prices.ts'
import { graphPrices } from '../graph-prices.ts'

const page = {
  plan: { id: 'graph-api', name: 'Graph API' },
  source: 'https://developers.facebook.com/docs/graph-api/overview/rate-limiting',
  readOn: '2026-11-23',
  from: '2026-05-05',
  confidence: 'medium',
} as const

export function priceBook(calls: readonly string[]): PriceBook {
  return graphPrices(page, calls, [
    {
      name: 'account-allowance',
      calls,
      formula: '4,800 × impressions in 24 hours',
      toldBy: 'X-Business-Use-Case-Usage',
      note: 'Pages of Meta disagree on how many posts a day may be published; content_publishing_limit tells.',
    },
  ])
}
