/** What the address of the page says: the network the question is about. */
export type WhatIfSearch = { network?: string }

export function readWhatIfSearch({ network }: Record<string, unknown>): WhatIfSearch {
  return typeof network === 'string' && network !== '' ? { network } : {}
}
