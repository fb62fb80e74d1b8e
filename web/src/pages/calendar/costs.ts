/** What the days to come will cost by the plan: publishing and reading figures, in the workspace's zone. */
import { useQuery } from '@tanstack/react-query'
import { api } from '../../api.ts'
import { formatMoney } from '../../format.ts'
import { addDays } from './days.ts'

export type Costs = {
  /** Of a day, as people write it; absent where nothing costs. */
  byDay: ReadonlyMap<string, string>
  /** Of all the days shown. */
  total: string | null
}

export function useCosts(first: string, last: string): Costs {
  // A day more on both sides, since the zone's day is not the server's.
  const span = { from: `${addDays(first, -1)}T00:00:00Z`, to: `${addDays(last, 2)}T00:00:00Z` }
  const { data } = useQuery(
    api.charges.planned.queryOptions({ input: span, staleTime: 5_000, placeholderData: (before) => before }),
  )
  const shown = (data?.items ?? []).filter(({ day }) => day >= first && day <= last)
  const days = Map.groupBy(shown, ({ day }) => day)
  const sums = [...days].flatMap(([day, items]) => {
    const sum = sumOf(items)
    return sum === null ? [] : [[day, sum] as const]
  })
  return { byDay: new Map(sums), total: sumOf(shown) }
}

/** Amounts have at most six decimals. Different currencies are not added up: they stand side by side. */
function sumOf(items: ReadonlyArray<{ amount: { amount: string; currency: string } }>): string | null {
  const sums = new Map<string, number>()
  for (const { amount } of items)
    sums.set(amount.currency, (sums.get(amount.currency) ?? 0) + Math.round(Number(amount.amount) * 1e6))
  const texts = [...sums].flatMap(([currency, micros]) =>
    micros === 0 ? [] : [formatMoney({ amount: String(micros / 1e6), currency })],
  )
  return texts.length === 0 ? null : texts.join(' + ')
}
