/** The network whose posts cost more with a link in them: what tests of prices and API budgets are made on. */
import type { NetworkDefinition } from '#networks/contract.ts'
import { networks } from '#networks/registry.ts'

export function pricesLinks({ priceBook }: NetworkDefinition): boolean {
  return priceBook.entries.some((entry) => 'when' in entry && entry.when?.hasLink !== undefined)
}

export function linkPricingNetwork(): NetworkDefinition {
  const found = networks.find(({ definition }) => pricesLinks(definition))
  if (!found) throw new Error('no network prices links')
  return found.definition
}
