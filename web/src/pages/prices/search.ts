/** What the address of the price book says: which network, and whether past prices and other plans are shown. */
export type PricesSearch = { network?: string; all?: true }

export function readPricesSearch(search: Record<string, unknown>): PricesSearch {
  const { network, all } = search
  return {
    ...(typeof network === 'string' && network !== '' ? { network } : {}),
    ...(all === true || all === 'true' ? { all: true } : {}),
  }
}
