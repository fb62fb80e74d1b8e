/**
 * How much of each bundle was used in its present window, for bundles beyond which calls cost.
 *
 * Read from the ledger when the prices of a workspace are loaded, and counted on here; what other processes use is
 * seen with the next load. Where no such bundle is in a plan nothing is read or counted.
 */
import {
  type BundleEntry,
  bundlesFor,
  type CallKind,
  type Counted,
  type EffectiveBook,
  type UsedOf,
  windowOf,
} from '#domain/prices.ts'
import type { Handle } from '#storage/deliveries.ts'
import { readCallCounts } from '#storage/prices.ts'

export type BundleUse = { usedOf: UsedOf; count: (kind: CallKind, counted: Counted) => void }

export const noBundleUse: BundleUse = { usedOf: () => 0, count: () => {} }

/** Whether what a call costs depends on how many were made before. */
export function needsBundleUse({ entries }: EffectiveBook, plan: string): boolean {
  return entries.some((entry) => entry.unit === 'bundle' && entry.plan === plan && entry.beyond !== undefined)
}

export async function readBundleUse(
  db: Handle,
  place: { workspaceId: string; network: string; plan: string },
  book: EffectiveBook,
  on: string,
): Promise<BundleUse> {
  const used = new Map<string, number>()
  const add = (bundle: BundleEntry, day: string, { requests = 1, items }: Counted) => {
    const window = windowOf(bundle, day)
    used.set(window, (used.get(window) ?? 0) + (bundle.counts === 'request' ? requests : items))
  }
  const count: BundleUse['count'] = (kind, counted) => {
    for (const bundle of bundlesFor(book, kind)) add(bundle, kind.on, counted)
  }
  for (const { endpointClass, day, requests, items } of await readCallCounts(
    db,
    place,
    `${on.slice(0, 7)}-01`,
  ))
    count({ plan: place.plan, endpointClass, on: day }, { requests, items })
  return { usedOf: (bundle, day) => used.get(windowOf(bundle, day)) ?? 0, count }
}
