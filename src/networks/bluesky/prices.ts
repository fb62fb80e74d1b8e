/** What Bluesky charges: nothing. Its servers limit calls and know no prices. */
import type { PriceBook } from '#domain/prices.ts'

const plan = 'pds'

const page = {
  source: 'https://docs.bsky.app/docs/advanced-guides/rate-limits',
  readOn: '2026-11-23',
  from: '2026-04-21',
  confidence: 'high',
} as const

export function priceBook(calls: readonly string[]): PriceBook {
  return {
    currency: 'USD',
    plans: [{ id: plan, name: 'Personal data server' }],
    defaultPlan: plan,
    entries: [
      { key: `${plan}:fee`, plan, unit: 'month', price: '0', ...page },
      {
        key: `${plan}:calls`,
        plan,
        unit: 'request',
        calls,
        price: '0',
        ...page,
        note: 'The page lists limits and no prices.',
      },
    ],
  }
}
