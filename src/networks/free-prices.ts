/** The price book of a network that charges nothing: its servers limit calls, and the page about that knows no prices. */
import type { PriceBook, PriceEntry } from '#domain/prices.ts'

type Page = Pick<PriceEntry, 'source' | 'confidence'> & {
  /** What there is in place of plans: a server as it comes. */
  plan: { id: string; name: string }
  readOn: string
  /** The day on which the page stood so; it says nothing of earlier ones. */
  from: string
}

export function freePrices({ plan, ...page }: Page, calls: readonly string[]): PriceBook {
  return {
    currency: 'USD',
    plans: [plan],
    defaultPlan: plan.id,
    entries: [
      { key: `${plan.id}:fee`, plan: plan.id, unit: 'month', price: '0', ...page },
      {
        key: `${plan.id}:calls`,
        plan: plan.id,
        unit: 'request',
        calls,
        price: '0',
        ...page,
        note: 'The page lists limits and no prices.',
      },
    ],
  }
}
