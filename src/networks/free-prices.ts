/** The price book of a network that charges nothing for its calls. */
import type { PriceBook, PriceEntry } from '#domain/prices.ts'

export type FreePage = Pick<PriceEntry, 'source' | 'confidence'> & {
  /** What there is in place of plans: a server as it comes. */
  plan: { id: string; name: string }
  readOn: string
  /** The day on which the page stood so; it says nothing of earlier ones. */
  from: string
}

const limitsOnly = 'The page lists limits and no prices.'

export function freePrices(
  { plan, ...page }: FreePage,
  calls: readonly string[],
  note: string = limitsOnly,
): PriceBook {
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
        note,
      },
    ],
  }
}
