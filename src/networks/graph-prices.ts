/**
 * What Meta's networks charge: nothing for any call. How many calls are allowed follows from figures of the channel
 * that Meta alone knows, so a formula says how, and the answers' headers say how much of it is used.
 */
import type { PriceBook, PriceEntry } from '#domain/prices.ts'
import { type FreePage, freePrices } from './free-prices.ts'

export type Allowance = {
  name: string
  calls: readonly string[]
  formula: string
  toldBy: string
  note?: string
}

export function graphPrices(
  page: FreePage,
  calls: readonly string[],
  allowances: readonly Allowance[],
): PriceBook {
  const free = freePrices(page, calls, 'The terms do not promise that it stays free.')
  const { plan, ...written } = page
  const formulas = allowances.map(({ name, ...allowance }): PriceEntry => ({
    key: `${plan.id}:${name}`,
    plan: plan.id,
    unit: 'formula',
    ...written,
    ...allowance,
  }))
  return { ...free, entries: [...free.entries, ...formulas] }
}
