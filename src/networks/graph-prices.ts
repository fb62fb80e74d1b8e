/**
 * What Meta's networks charge: nothing for any call. How many calls are allowed follows from figures of the channel
 * that Meta alone knows, so a formula says how, and the answers' headers say how much of it is used.
 */
import type { PriceBook, PriceEntry } from '#domain/prices.ts'

export type Allowance = {
  name: string
  calls: readonly string[]
  formula: string
  toldBy: string
  note?: string
}

type Page = Pick<PriceEntry, 'source' | 'confidence'> & {
  plan: { id: string; name: string }
  readOn: string
  /** The day on which the page stood so; it says nothing of earlier ones. */
  from: string
}

export function graphPrices(
  { plan, ...page }: Page,
  calls: readonly string[],
  allowances: readonly Allowance[],
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
        note: 'The terms do not promise that it stays free.',
      },
      ...allowances.map(({ name, ...allowance }): PriceEntry => ({
        key: `${plan.id}:${name}`,
        plan: plan.id,
        unit: 'formula',
        ...page,
        ...allowance,
      })),
    ],
  }
}
