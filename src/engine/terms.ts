/**
 * How old the reading of a network's terms is: what Litfass ships was read on a day, and people of a workspace may have
 * read it again since. The later reading counts, and its version stands in new entries of the ledger.
 */
import type { NetworkDefinition } from '#networks/contract.ts'
import type { TermsReading, TermsSubject } from '#storage/terms.ts'
import { ruleBookOf } from './rule-books.ts'

export type ShippedTerms = {
  network: string
  subject: TermsSubject
  version: string
  /** YYYY-MM-DD; of prices the one that was read longest ago. */
  readOn: string
  /** Where to read them again. */
  sources: string[]
}

/**
 * After so many days they are to be read again. A quarter, by what happened in 2026: X changed its developer terms
 * twice within 78 days, and Meta ends versions by the quarter.
 */
export const rereadAfterDays = 90

const day = 86_400_000
type Definition = Pick<NetworkDefinition, 'id' | 'dataTerms' | 'keeps' | 'priceBook'>

export function shippedTerms(definition: Definition, today: string): ShippedTerms[] {
  const { id: network, dataTerms, priceBook } = definition
  const inForce = priceBook.entries.filter(({ to }) => to === undefined || to > today)
  const rules: ShippedTerms = {
    network,
    subject: 'data-rules',
    version: ruleBookOf(definition).version,
    readOn: dataTerms.readOn,
    sources: addressesIn([...dataTerms.value.map(({ source }) => source), dataTerms.source]),
  }
  const [oldest] = inForce.map(({ readOn }) => readOn).sort()
  if (oldest === undefined) return [rules]
  const newest =
    inForce
      .map(({ from, readOn }) => from ?? readOn)
      .sort()
      .at(-1) ?? oldest
  const sources = addressesIn(inForce.map(({ source }) => source))
  return [rules, { network, subject: 'prices', version: newest, readOn: oldest, sources }]
}

/** Facts name files and parts beside addresses; a person wants the pages. */
function addressesIn(sources: readonly string[]): string[] {
  return [...new Set(sources.flatMap((source) => source.match(/https:\/\/[^\s;,()]+/g) ?? []))]
}

/** Null where what is shipped was read later. */
export function readingInForce<Reading extends TermsReading>(
  shipped: Pick<ShippedTerms, 'network' | 'subject' | 'readOn'>,
  readings: readonly Reading[],
): Reading | null {
  const own = readings.find((one) => one.network === shipped.network && one.subject === shipped.subject)
  return own !== undefined && own.readOn >= shipped.readOn ? own : null
}

/** What a new entry of the ledger names. */
export function termsVersionOf(
  definition: Pick<NetworkDefinition, 'id' | 'dataTerms' | 'keeps'>,
  readings: readonly TermsReading[],
): string {
  const { version } = ruleBookOf(definition)
  if (readings.length === 0) return version
  const { id: network, dataTerms } = definition
  const shipped = { network, subject: 'data-rules', readOn: dataTerms.readOn } as const
  return readingInForce(shipped, readings)?.version ?? version
}

export function daysSince(readOn: string, now: Date): number {
  return Math.max(0, Math.floor((now.getTime() - Date.parse(readOn)) / day))
}
