/** What Mastodon charges: nothing, unless an instance says otherwise. Its software limits calls and knows no prices. */
import type { PriceBook } from '#domain/prices.ts'

const plan = 'instance'

const page = {
  source: 'https://docs.joinmastodon.org/api/rate-limits/',
  readOn: '2026-11-23',
  from: '2026-07-02',
  confidence: 'high',
} as const

export function priceBook(calls: readonly string[]): PriceBook {
  return {
    currency: 'USD',
    plans: [{ id: plan, name: 'Instance as it comes' }],
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
