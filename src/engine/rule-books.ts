/** The networks' rules about data read from them, as retention asks for them. */
import { createHash } from 'node:crypto'
import { clockOf, type RuleBook } from '#domain/retention.ts'
import type { DataTerm, KeptKind, NetworkDefinition, RemoteChannel } from '#networks/contract.ts'
import type { Provenance } from '#storage/provenance.ts'

type Ruled = Pick<NetworkDefinition, 'id' | 'dataTerms' | 'keeps'>

const books = new WeakMap<readonly DataTerm[], RuleBook<DataTerm>>()

export function ruleBookOf({ id, dataTerms: { value: rules } }: Ruled): RuleBook<DataTerm> {
  const known = books.get(rules)
  if (known?.network === id) return known
  const book = { network: id, version: versionOf(rules), rules }
  books.set(rules, book)
  return book
}

/** The newest text's day, and a mark that changes with every word of a rule. */
function versionOf(rules: readonly DataTerm[]): string {
  const newest = rules.reduce((latest, { since }) => (since > latest ? since : latest), '')
  const mark = createHash('sha256').update(JSON.stringify(rules)).digest('hex').slice(0, 8)
  return `${newest} ${mark}`
}

/** The class that something kept has in the terms of its network. */
export function classOf({ keeps }: Ruled, kept: KeptKind, channel: RemoteChannel['kind']): string {
  const classes = keeps[kept]
  return typeof classes === 'string' ? classes : classes[channel]
}

/** What is written beside something just read. Accounts have no kind; their class never depends on one. */
export function provenanceOf(
  definition: Ruled,
  kept: KeptKind,
  channel: RemoteChannel['kind'],
  readAt: Date,
): Provenance {
  const dataClass = classOf(definition, kept, channel)
  const { version, rules } = ruleBookOf(definition)
  return {
    dataClass,
    termsVersion: version,
    readAt,
    expiresAt: clockOf(rules, dataClass, readAt)?.at ?? null,
  }
}
