/** Re-pricing the ledger: what a time would have cost by another day's book, another plan or other prices. */
import { LitfassError } from '#domain/errors.ts'
import { type EffectiveBook, effectiveBook, type PriceEntry } from '#domain/prices.ts'
import { feesOver } from '#domain/repricing.ts'
import type { NetworkDefinition } from '#networks/contract.ts'
import { readBudgets } from '#storage/budget-rows.ts'
import { patiently } from '#storage/patience.ts'
import { readPriceFile } from './price-import.ts'
import { dayOf, findDefinition } from './prices.ts'
import { type ReplayedBudget, replayBudgets } from './replay-budgets.ts'
import { answeredCalls, type RowPricedAnew } from './replay-calls.ts'
import { type NetworkSums, replayNetwork, type Wanted } from './replay-network.ts'
import { type AlsoOn, alsoOnOf, type OlderReads, olderReadsOf, readPostsOf } from './replay-savings.ts'
import type { Actor, System } from './system.ts'

export type ReplayInput = {
  /** UTC days; without them the last thirty, today included. */
  from?: string | undefined
  to?: string | undefined
  network?: string | undefined
  asOf?: string | undefined
  plans?: Readonly<Record<string, string>> | undefined
  /** The text of a price file, whose prices count as if they had been imported. */
  prices?: string | undefined
}

export type ReplayedNetwork = NetworkSums & {
  network: string
  /** The one its fee and calls without a plan are priced by. */
  plan: string
  olderReads: OlderReads | null
  alsoOn: AlsoOn
}

export type Replay = { from: string; to: string; items: ReplayedNetwork[]; budgets: ReplayedBudget[] }

/** Longer ones are asked for by mistake; every day of them is priced. */
const mostDays = 1_100
/** No network that charges is older. */
const firstDay = '2000-01-01'

/** By the present book of the workspace. Networks without calls and fees in the time are left out. */
export async function replayPrices(system: System, actor: Actor, input: ReplayInput): Promise<Replay> {
  const { network, asOf, plans = {} } = input
  const span = spanOf(input, system.now())
  const all = system.networks.map(({ definition }) => definition)
  const definitions = network === undefined ? all : [findDefinition(system, network)]
  const supposed = input.prices === undefined ? [] : readPriceFile(system, input.prices)
  const [rows, prices, alsoOn, posts, budgets] = await patiently(() =>
    Promise.all([
      answeredCalls(system, actor, { ...span, network }),
      system.prices.of(actor.workspaceId),
      alsoOnOf(system, actor, span),
      readPostsOf(system, actor, span),
      readBudgets(system.db, actor.workspaceId, system.now()),
    ]),
  )
  const replayed = definitions.flatMap((definition): Replayed[] => {
    const { id } = definition
    const own = prices.of(id)
    const plan = plans[id] ?? own.plan
    const entries = supposed.filter((one) => one.network === id).map(({ entry }) => entry)
    const book = withSupposed(definition, own.book, entries)
    const calls = rows.filter((row) => row.network === id)
    const priced = replayNetwork({ own, book, plan, isOther: id in plans }, calls, { ...span, asOf })
    if (priced === null) return []
    const read = posts.filter((post) => post.network === id)
    const olderReads = olderReadsOf(book, plan, read, span, system.now())
    const item = { network: id, plan, ...priced.sums, olderReads, alsoOn: alsoOn.get(id) ?? noPosts }
    return [{ item, rows: priced.rows, book }]
  })
  return {
    ...span,
    items: replayed.map(({ item }) => item),
    budgets: againstBudgets(replayed, budgets, { ...span, asOf }),
  }
}

type Replayed = { item: ReplayedNetwork; rows: readonly RowPricedAnew[]; book: EffectiveBook }

const noPosts: AlsoOn = { posts: 0, networks: [] }

function spanOf({ from, to }: ReplayInput, now: Date): { from: string; to: string } {
  const end = to ?? shifted(dayOf(now), 1)
  const start = from ?? shifted(end, -30)
  const days = (Date.parse(end) - Date.parse(start)) / 86_400_000
  if (start < firstDay) throw wrongSpan('The time begins too early', `begins before ${firstDay}`)
  if (days > 0 && days <= mostDays) return { from: start, to: end }
  throw days > 0
    ? wrongSpan('The time is too long', `is more than ${mostDays} days later`)
    : wrongSpan('The time ends before it begins', 'is not after the first day')
}

function wrongSpan(message: string, issue: string): LitfassError {
  return new LitfassError('invalid_input', message, {
    remedy: `Choose a day after the first one, at most ${mostDays} days later.`,
    issues: [{ path: 'to', message: issue }],
  })
}

function shifted(day: string, days: number): string {
  return dayOf(new Date(Date.parse(`${day}T00:00Z`) + days * 86_400_000))
}

/** As an import would leave it. */
function withSupposed(
  { priceBook }: NetworkDefinition,
  book: EffectiveBook,
  supposed: readonly PriceEntry[],
): EffectiveBook {
  if (supposed.length === 0) return book
  const keys = new Set(supposed.map(({ key }) => key))
  const own = book.entries.filter(({ key }) => book.ownKeys.has(key) && !keys.has(key))
  return effectiveBook(priceBook, [...supposed, ...own])
}

function againstBudgets(
  replayed: readonly Replayed[],
  budgets: Awaited<ReturnType<typeof readBudgets>>,
  { from, to, asOf }: Wanted,
): ReplayedBudget[] {
  const limits = budgets.map(({ budget }) => budget)
  const rows = replayed.flatMap((one) => one.rows)
  const feePayers = replayed.map(({ item: { network, plan }, book }) => ({
    network,
    currency: book.currency,
    feeOver: (span: { from: string; to: string }) => feesOver(book, plan, { ...span, asOf }),
  }))
  return replayBudgets(limits, rows, { from, to }, feePayers)
}
