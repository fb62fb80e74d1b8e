/** `prices replay`: what a past time would have cost by another day, plan, price file or monthly fee. */
import { readFile } from 'node:fs/promises'
import { type Command, InvalidArgumentError } from 'commander'
import { withApi } from '../api.ts'
import { fields, money, type Output, print, style, table } from '../print.ts'
import type { Repriced, ReplayedBudget } from '../shapes.ts'
import { many, readStdin, wrongUse } from '../use.ts'

type Replay = { from: string; to: string; items: Repriced[]; budgets: ReplayedBudget[] }
type Replaying = Output & {
  from?: string
  to?: string
  network?: string
  asOf?: string
  plan: string[]
  prices?: string
  fee: string[]
}

export function replayCommand(prices: Command): void {
  prices
    .command('replay')
    .description('What a past time would have cost by another day, plan or other prices; nothing is changed')
    .option('--from <day>', 'First day; otherwise the last thirty days', day)
    .option('--to <day>', 'First day that is left out', day)
    .option('--network <network>', 'Only of this network')
    .option('--as-of <day>', 'Price everything as if it were of this day', day)
    .option('--plan <network=plan>', 'By another plan; repeats', many, [])
    .option('--prices <file>', 'By a price file as well, which is not taken over (- reads standard input)')
    .option(
      '--fee <network=amount>',
      'By this monthly fee of the plan, for example x=42000; repeats',
      many,
      [],
    )
    .action((options: Replaying) => {
      const { from, to, network, asOf } = options
      const plans = Object.fromEntries(options.plan.map((text) => pair(text, '--plan', 'plan')))
      const fees = options.fee.map((text) => pair(text, '--fee', 'amount'))
      return withApi(async (api) => {
        const file = options.prices === undefined ? undefined : await textOf(options.prices)
        const known = fees.length === 0 ? [] : (await api.call<Book>('GET', '/prices')).networks
        const supposed =
          fees.length === 0 ? file : withFees(file, fees, (id) => plans[id] ?? planOf(known, id))
        const body = { from, to, network, asOf, plans, prices: supposed }
        const replay = await api.call<Replay>('POST', '/prices/replay', body)
        print(replay, options, () => replayText(replay))
      })
    })
}

type Book = { networks: Array<{ network: string; plan: string }> }

function planOf(networks: Book['networks'], id: string): string {
  return networks.find(({ network }) => network === id)?.plan ?? 'own-unknown'
}

function pair(text: string, option: string, what: string): [string, string] {
  const [network, value, ...others] = text.split('=')
  if (!network || !value || others.length > 0) throw wrongUse(`${option} is written like network=${what}`)
  return [network, value]
}

async function textOf(file: string): Promise<string> {
  if (file === '-') return readStdin()
  return readFile(file, 'utf8').catch(() => {
    throw wrongUse(`There is no readable file ${file}`)
  })
}

/** The file with the fees as prices in it. One that is no price file goes as it is, so that its lines are told. */
function withFees(
  file: string | undefined,
  fees: ReadonlyArray<[string, string]>,
  planFor: (network: string) => string,
): string {
  const readOn = new Date().toISOString().slice(0, 10)
  const added = fees.map(([network, price]) => ({
    network,
    unit: 'month',
    plan: planFor(network),
    price,
    source: 'supposed',
    readOn,
  }))
  const before =
    file === undefined ? { format: 'litfass-prices/1', currency: 'USD', entries: [] } : parsed(file)
  if (before === null) return file ?? ''
  return JSON.stringify({ ...before, entries: [...before.entries, ...added] })
}

function parsed(file: string): { entries: unknown[] } | null {
  try {
    const value = JSON.parse(file) as { entries?: unknown } | null
    return Array.isArray(value?.entries) ? { ...value, entries: value.entries } : null
  } catch {
    return null
  }
}

function replayText({ from, to, items, budgets }: Replay): string {
  const rows = items.map((item) => [
    item.network,
    item.plan,
    String(item.requests),
    money(item.was),
    money(item.would),
    signed(item.difference.amount),
    item.fees.would === null ? 'unknown' : item.fees.would.amount,
    String(item.unknownRequests),
    String(item.refusedRequests),
  ])
  const headers = [
    'Network',
    'Plan',
    'Calls',
    'Was',
    'Would be',
    'Difference',
    'Fee in it',
    'Of unknown price',
    'Refused',
  ]
  if (rows.length === 0) return table(headers, rows, 'No calls and no fees in that time.')
  return [
    `${style('bold', `${from} to ${to}`)}, the last day not included`,
    table(headers, rows, ''),
    ...(budgets.length === 0 ? [] : [budgetTable(budgets)]),
    ...items.flatMap(savingsOf),
  ].join('\n\n')
}

const signed = (amount: string) => (amount.startsWith('-') ? amount : `+${amount}`)

function budgetTable(budgets: readonly ReplayedBudget[]): string {
  return table(
    ['API budget', 'Allows', 'Would be', 'Beyond it', 'Which is'],
    budgets.map((one) => [
      [one.network ?? 'all networks', one.connectionId, one.purpose]
        .filter((part) => part !== null)
        .join(', '),
      money(one.allowed),
      money(one.would),
      money(one.outside),
      one.outsideBy.map(({ purpose, amount }) => `${purpose} ${amount.amount}`).join(', '),
    ]),
    '',
  )
}

/** What could be dropped or moved, of networks that cost. */
function savingsOf({ network, would, fees, purposes, olderReads, alsoOn }: Repriced): string[] {
  if (Number(would.amount) === 0) return []
  const calls = Number(would.amount) - Number(fees.would?.amount ?? 0)
  const shares = purposes
    .filter((one) => Number(one.would.amount) > 0)
    .map((one) => `${one.purpose} ${Math.round((Number(one.would.amount) * 100) / calls)} %`)
  const others = alsoOn.networks.map((one) => `${one.posts} on ${one.network}`)
  return [
    fields([
      [network, 'what it is for, and what could be dropped or moved'],
      ['Calls', shares.length === 0 ? null : shares.join(', ')],
      [
        'Figures',
        olderReads === null
          ? null
          : `${olderReads.percent} % of posts older than ${olderReads.afterDays} days`,
      ],
      [
        'Posts',
        alsoOn.posts === 0 ? null : `${alsoOn.posts}; of them ${others.join(', ') || 'none elsewhere'}`,
      ],
    ]),
  ]
}

function day(text: string): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text))) return text
  throw new InvalidArgumentError('Write it like 2026-12-01.')
}
