/**
 * What LinkedIn charges. Two of its products have no fee; it writes nowhere what a call costs, nor that it costs
 * nothing, so calls have a price that is not known.
 */
import type { PriceBook, PriceEntry } from '#domain/prices.ts'

const page = {
  source: 'https://learn.microsoft.com/en-us/linkedin/marketing/community-management-app-review',
  readOn: '2026-11-23',
  from: '2026-08-01',
} as const

const noFee = (plan: string): PriceEntry => ({
  key: `${plan}:fee`,
  plan,
  unit: 'month',
  price: '0',
  ...page,
  confidence: 'medium',
})

const unknownCalls = (plan: string, calls: readonly string[], note: string): PriceEntry => ({
  key: `${plan}:calls`,
  plan,
  unit: 'request',
  calls,
  price: null,
  ...page,
  confidence: 'high',
  note,
})

const unwritten = 'No price of a call is written anywhere.'

export function priceBook(communityCalls: readonly string[], shareCalls: readonly string[]): PriceBook {
  return {
    currency: 'USD',
    plans: [
      { id: 'community-development', name: 'Community Management, development' },
      { id: 'community-standard', name: 'Community Management, standard' },
      { id: 'share', name: 'Share on LinkedIn' },
    ],
    defaultPlan: 'community-development',
    entries: [
      noFee('community-development'),
      unknownCalls('community-development', communityCalls, unwritten),
      unknownCalls(
        'community-standard',
        communityCalls,
        `${unwritten} Nor does it say that this product is free.`,
      ),
      noFee('share'),
      unknownCalls('share', shareCalls, unwritten),
    ],
  }
}
