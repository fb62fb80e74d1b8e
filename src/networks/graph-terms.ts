/** What Meta's terms and price lists say alike of all its networks. */
import type { DataTerm, UnitPrice } from './contract.ts'

/** Source: Platform Terms of 2026-02-03. `accountClass` is what the network calls data about accounts. */
export function platformTerms(accountClass: string): DataTerm[] {
  return [
    {
      dataClass: 'own-post',
      keepHours: null,
      rule: 'Kept as long as its purpose lives; deleted when the person, the operator or Meta asks.',
    },
    {
      dataClass: 'metric',
      keepHours: null,
      rule: 'Kept as long as its purpose lives; figures derived from it count as the same data.',
    },
    {
      dataClass: accountClass,
      keepHours: null,
      rule: 'Deleted when the connection ends or the person asks for it.',
    },
  ]
}

/** Calls that cost no money. `from` is the day on which that was read so; it says nothing of earlier ones. */
export function freeCalls(endpointClasses: readonly string[], from: string): UnitPrice[] {
  return endpointClasses.map((endpointClass) => ({
    endpointClass,
    per: 'request',
    price: { amount: '0.000', currency: 'USD' },
    from,
  }))
}
