/** `prices`: the price book as it holds for the workspace, its own prices, its plans, and re-pricing. */
import { readFile, writeFile } from 'node:fs/promises'
import { type Command, InvalidArgumentError } from 'commander'
import { LitfassError } from '#domain/errors.ts'
import { at, query, withApi } from '../api.ts'
import { type Output, print } from '../print.ts'
import type { NetworkPlan, NewPrice, Price, PriceFile } from '../shapes.ts'
import { many, readStdin, wrongUse } from '../use.ts'
import { ownerCommands } from './price-owners.ts'
import { type Book, bookText } from './price-words.ts'
import { replayCommand } from './prices-replay.ts'

export function pricesCommand(program: Command): void {
  const prices = program.command('prices').description('What networks charge for calls, and what is agreed')
  listCommand(prices)
  setCommand(prices)
  removeCommand(prices)
  planCommand(prices)
  ownerCommands(prices)
  importCommand(prices)
  exportCommand(prices)
  replayCommand(prices)
}

function listCommand(prices: Command): void {
  prices
    .command('list', { isDefault: true })
    .description('List prices with source and day; those of the plan in use that hold today')
    .option('--network <network>', 'Only of this network')
    .option('--plan <plan>', 'Only of this plan')
    .option('--on <day>', 'As of this day, for example 2026-12-01', day)
    .option('--all', 'Also those of other plans and times')
    .action((options: Output & { network?: string; plan?: string; on?: string; all?: boolean }) =>
      withApi(async (api) => {
        const { network, plan, on, all } = options
        const book = await api.call<Book>('GET', `/prices${query({ network, plan, on })}`)
        const items = all || plan ? book.items : book.items.filter((item) => item.isInForce)
        print({ ...book, items }, options, () => bookText({ ...book, items }))
      }),
    )
}

type Setting = Output & {
  network: string
  plan?: string
  per: 'request' | 'item' | 'event' | 'month'
  call: string[]
  amount?: string
  unknown?: boolean
  link?: boolean
  owned?: boolean
  summoned?: boolean
  onceADay?: boolean
  from?: string
  to?: string
  source: string
  readOn?: string
  note?: string
  key?: string
}

function setCommand(prices: Command): void {
  prices
    .command('set')
    .description('Set a price of your own; it comes before the shipped ones')
    .requiredOption('--network <network>', 'The network')
    .option('--plan <plan>', 'The plan; otherwise the one in use')
    .option('--per <unit>', 'request, item, event or month', unit, 'request')
    .option('--call <kind>', 'Kind of call, for example post.create; repeats', many, [])
    .option('--amount <amount>', 'For example 0.015')
    .option('--unknown', 'The price is not known')
    .option('--link', 'Only with a link')
    .option('--no-link', 'Only without a link')
    .option('--owned', 'Only of the account that owns the app')
    .option('--summoned', 'Only answers to who mentioned the account')
    .option('--once-a-day', 'The same item is charged once in a UTC day')
    .option('--from <day>', 'First day it holds', day)
    .option('--to <day>', 'First day it holds no more', day)
    .requiredOption('--source <source>', 'Where it stands written: an address, or words')
    .option('--read-on <day>', 'The day that was read; otherwise today', day)
    .option('--note <text>', 'A remark')
    .option('--key <key>', 'Key of the price to replace; otherwise the same price written before')
    .action((options: Setting) => {
      requireWhole(options)
      return withApi(async (api) => {
        const plan = options.plan ?? (await planOf(api.call, options.network))
        const body = { network: options.network, entry: entryOf(options, plan) }
        const price = await api.call<Price>('PUT', '/prices', body)
        print(price, options, () => `Set: ${price.id} (${price.entry.key})`)
      })
    })
}

/** What commander cannot see by itself. */
function requireWhole({ amount, unknown, per, call }: Setting): void {
  if ((amount === undefined) === (unknown === undefined))
    throw wrongUse('One of --amount and --unknown is needed')
  if (per !== 'month' && call.length === 0) throw wrongUse('--call is needed, at least once')
}

type Call = <Answer>(method: 'GET', path: string) => Promise<Answer>

async function planOf(call: Call, network: string): Promise<string> {
  const { networks } = await call<Book>('GET', `/prices${query({ network })}`)
  return networks[0]?.plan ?? ''
}

function entryOf(options: Setting, plan: string): NewPrice {
  const { per, amount, link, owned, summoned, onceADay, key, from, to, note } = options
  const price = amount ?? null
  const facts = {
    plan,
    source: options.source,
    readOn: options.readOn ?? new Date().toISOString().slice(0, 10),
    ...(key === undefined ? {} : { key }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(note === undefined ? {} : { note }),
  }
  if (per === 'month') return { unit: per, price, ...facts }
  const when = {
    ...(link === undefined ? {} : { hasLink: link }),
    ...(owned === undefined ? {} : { isOwned: owned }),
    ...(summoned === undefined ? {} : { isSummoned: summoned }),
  }
  return {
    unit: per,
    calls: options.call,
    price,
    ...(Object.keys(when).length === 0 ? {} : { when }),
    ...(onceADay === true ? { dedupe: 'utc-day' } : {}),
    ...facts,
  }
}

function removeCommand(prices: Command): void {
  prices
    .command('remove <id>')
    .description('Remove a price of your own; the shipped one holds again')
    .action((id: string, options: Output) =>
      withApi(async (api) => {
        const gone = await api.call<{ id: string }>('DELETE', at`/prices/${id}`)
        print(gone, options, () => `Removed: ${gone.id}`)
      }),
    )
}

function planCommand(prices: Command): void {
  prices
    .command('plan <network> <plan>')
    .description('Choose the plan you are on at a network')
    .option('--owner <connection>', 'A connection whose account owns the app; repeats', many)
    .action((network: string, plan: string, options: Output & { owner?: string[] }) =>
      withApi(async (api) => {
        const body = { plan, ...(options.owner === undefined ? {} : { owners: options.owner }) }
        const chosen = await api.call<NetworkPlan>('PUT', at`/prices/plans/${network}`, body)
        print(chosen, options, () => `${chosen.name} is counted by the plan ${chosen.plan}.`)
      }),
    )
}

function importCommand(prices: Command): void {
  prices
    .command('import <file>')
    .description('Take over a file of prices as your own (- reads standard input)')
    .option('--dry-run', 'Only say what would change')
    .action((file: string, options: Output & { dryRun?: boolean }) =>
      withApi(async (api) => {
        const text = file === '-' ? await readStdin() : await textOf(file)
        const counts = await api.call<{ added: number; replaced: number; unchanged: number }>(
          'POST',
          '/prices/import',
          { text, dryRun: options.dryRun ?? false },
        )
        const { added, replaced, unchanged } = counts
        print(counts, options, () => `Added: ${added}, replaced: ${replaced}, unchanged: ${unchanged}`)
      }),
    )
}

async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    throw new LitfassError('prices_invalid', `${file} cannot be read`, { remedy: 'Check the path.', cause })
  })
}

function exportCommand(prices: Command): void {
  prices
    .command('export [file]')
    .description('Write the prices as a file that can be imported; to the terminal where none is named')
    .option('--own', 'Only your own')
    .action((file: string | undefined, options: Output & { own?: boolean }) =>
      withApi(async (api) => {
        const own = query({ ownOnly: options.own ?? false })
        const book = await api.call<PriceFile>('GET', `/prices/export${own}`)
        const text = JSON.stringify(book, null, 2)
        if (file === undefined) return print(book, options, () => text)
        await writeFile(file, `${text}\n`)
        print({ file, entries: book.entries.length }, options, () => `Written: ${book.entries.length} prices`)
      }),
    )
}

function day(text: string): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text))) return text
  throw new InvalidArgumentError('Write it like 2026-12-01.')
}

function unit(text: string): Setting['per'] {
  if (text === 'request' || text === 'item' || text === 'event' || text === 'month') return text
  throw new InvalidArgumentError('It is request, item, event or month.')
}
