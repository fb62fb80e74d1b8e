/** Prices as a file: written out whole, and taken over again with every mistake told by its line. */
import { isDeepStrictEqual } from 'node:util'
import { priceEntry } from '#contract/prices.ts'
import type { PriceEntry } from '#domain/prices.ts'
import { requireRole } from './permissions.ts'
import { entryProblems, findDefinition, type Issue, keyed, refusal, saveOwn } from './prices.ts'
import type { Actor, System } from './system.ts'

export const priceFileFormat = 'litfass-prices/1'

export type PriceFile = {
  format: typeof priceFileFormat
  currency: string
  entries: Array<PriceEntry & { network: string }>
}

export async function exportPrices(
  system: System,
  actor: Actor,
  { ownOnly }: { ownOnly: boolean },
): Promise<PriceFile> {
  const prices = await system.prices.of(actor.workspaceId)
  const entries = system.networks.flatMap(({ definition: { id } }) => {
    const { book } = prices.of(id)
    const chosen = book.entries.filter(({ key }) => !ownOnly || book.ownKeys.has(key))
    return chosen.map((entry) => ({ network: id, ...entry }))
  })
  const [first] = system.networks
  if (!first) throw new Error('there is no network')
  return { format: priceFileFormat, currency: first.definition.priceBook.currency, entries }
}

export type Imported = { added: number; replaced: number; unchanged: number }
type Named = { network: string; entry: PriceEntry }

/** All of the file or, where anything is wrong, nothing. Throws `prices_invalid` with every line that is. */
export async function importPrices(
  system: System,
  actor: Actor,
  { text, dryRun }: { text: string; dryRun: boolean },
): Promise<Imported> {
  requireRole(actor, 'admin')
  const named = readPriceFile(system, text)
  const prices = await system.prices.of(actor.workspaceId)
  const sorted = named.map((one) => {
    const { book } = prices.of(one.network)
    const present = book.entries.find(({ key }) => key === one.entry.key)
    if (present !== undefined && isDeepStrictEqual({ ...present }, { ...one.entry }))
      return { one, is: 'unchanged' }
    return { one, is: book.ownKeys.has(one.entry.key) ? 'replaced' : 'added' }
  })
  const changes = sorted.filter(({ is }) => is !== 'unchanged').map(({ one }) => one)
  if (!dryRun && changes.length > 0) await saveOwn(system, actor, changes)
  const count = (what: string) => sorted.filter(({ is }) => is === what).length
  return { added: count('added'), replaced: count('replaced'), unchanged: count('unchanged') }
}

/** What an import would take over. Throws `prices_invalid` with every line that is wrong. */
export function readPriceFile(system: System, text: string): Named[] {
  const file = parse(text)
  const entries = readHead(system, file)
  const lines = entryLines(text)
  const issues: Issue[] = []
  const keys = new Map<string, number>()
  const named = entries.flatMap((value, index) => {
    const line = lines[index] ?? 1
    const tell = (path: string, message: string) =>
      issues.push({
        path: path === '' ? `entries.${index}` : `entries.${index}.${path}`,
        message: `line ${line}: ${path === '' ? '' : `${path} `}${message}`,
      })
    const one = readEntry(system, value, tell)
    if (one === null) return []
    const name = `${one.network} ${one.entry.key}`
    const before = keys.get(name)
    if (before !== undefined) tell('key', `is the same as in line ${before}`)
    keys.set(name, line)
    return [one]
  })
  if (issues.length > 0) throw refusal(issues)
  return named
}

/** JSON's own words name the place of a mistake. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause)
    const at = Number(/position (\d+)/.exec(words)?.[1] ?? Number.NaN)
    const line = Number.isNaN(at) ? text.split('\n').length : lineAt(text, at)
    throw refusal([{ path: 'text', message: `line ${line}: is no JSON (${words})` }])
  }
}

function readHead(system: System, file: unknown): readonly unknown[] {
  const { format, currency, entries } = (typeof file === 'object' && file !== null ? file : {}) as Record<
    string,
    unknown
  >
  if (format !== priceFileFormat)
    throw refusal([{ path: 'format', message: `line 1: format is not ${priceFileFormat}` }])
  if (!Array.isArray(entries))
    throw refusal([{ path: 'entries', message: 'line 1: entries is no list of prices' }])
  const known = system.networks[0]?.definition.priceBook.currency
  if (currency !== known) {
    const message = `line 1: currency is not ${known}; prices are kept in one, so that they add up`
    throw refusal([{ path: 'currency', message }])
  }
  return entries
}

/** Null where it was told what is wrong. */
function readEntry(
  system: System,
  value: unknown,
  tell: (path: string, message: string) => void,
): Named | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    tell('', 'is no price')
    return null
  }
  const { network, ...written } = value as Record<string, unknown>
  const known = system.networks.map(({ definition }) => definition.id)
  if (typeof network !== 'string' || !known.includes(network)) {
    tell('network', `is none of ${known.join(', ')}`)
    return null
  }
  const read = priceEntry.safeParse(written)
  if (!read.success) {
    for (const { path, message } of read.error.issues) tell(path.join('.'), message)
    return null
  }
  const problems = entryProblems(findDefinition(system, network).priceBook, read.data)
  for (const { path, message } of problems) tell(path, message)
  return problems.length > 0 ? null : { network, entry: keyed(read.data) }
}

const lineAt = (text: string, position: number) => text.slice(0, position).split('\n').length

/** The line on which each element of the file's list `entries` begins. The text is valid JSON. */
function entryLines(text: string): number[] {
  const lines: number[] = []
  let line = 1
  let depth = 0
  let isEntries = false
  // Strings first, so that what stands in them counts for nothing.
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"(?:\s*:)?|[[\]{}\n]|[^\s"[\]{},:]+/g)) {
    if (token === '\n') {
      line += 1
      continue
    }
    if (isEntries && depth === 2 && token !== ']') lines.push(line)
    if (depth === 1 && token.startsWith('"')) isEntries = /^"entries"\s*:$/.test(token)
    if (token === '[' || token === '{') depth += 1
    if (token === ']' || token === '}') depth -= 1
    line += token.split('\n').length - 1
  }
  return lines
}
