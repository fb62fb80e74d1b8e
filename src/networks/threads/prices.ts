/** What Threads charges: nothing, within an allowance that only its answers tell. */
import type { PriceBook } from '#domain/prices.ts'
import { graphPrices } from '../graph-prices.ts'

const page = {
  plan: { id: 'threads-api', name: 'Threads API' },
  source: 'https://developers.facebook.com/documentation/threads/overview',
  readOn: '2026-11-23',
  from: '2025-12-22',
  confidence: 'high',
} as const

export function priceBook(profileCalls: readonly string[], signInCalls: readonly string[]): PriceBook {
  return graphPrices(
    page,
    [...signInCalls, ...profileCalls],
    [
      {
        name: 'profile-allowance',
        calls: profileCalls,
        formula: '4,800 × impressions (at least 10) in 24 hours',
        toldBy: 'threads_publishing_limit',
      },
    ],
  )
}
