/** `data terms`: how old what is known of networks' terms and prices is, and that somebody read them again. */
import type { Command } from 'commander'
import { withApi } from '../api.ts'
import { fields, oneLine, type Output, print, table } from '../print.ts'
import type { Terms } from '../shapes.ts'

type List = { rereadAfterDays: number; items: Terms[] }
type ReadOptions = Output & {
  prices?: boolean
  on?: string
  terms?: string
  changed?: boolean
  note?: string
}

export function termsCommands(data: Command): void {
  data
    .command('terms')
    .description('When each network’s terms and prices were read last, and where they stand')
    .action((options: Output) =>
      withApi(async (api) => {
        const list = await api.call<List>('GET', '/terms')
        print(list, options, () => termsTable(list))
      }),
    )
  data
    .command('read-terms <network>')
    .description('Record that you read a network’s terms again; the ledger names their version from now on')
    .option('--prices', 'The prices instead of the rules about data')
    .option('--on <day>', 'When, as YYYY-MM-DD; default today')
    .option('--terms <version>', 'Their version, as the network names or dates it')
    .option('--changed', 'They say something else than what Litfass ships')
    .option('--note <text>', 'What changed')
    .action((network: string, options: ReadOptions) =>
      withApi(async (api) => {
        const read = await api.call<Terms>('POST', '/terms/readings', {
          network,
          subject: options.prices ? 'prices' : 'data-rules',
          readOn: options.on,
          version: options.terms,
          hasChanged: options.changed ?? false,
          note: options.note,
        })
        print(read, options, () =>
          fields([
            ['Network', read.name],
            ['What', whatOf(read)],
            ['Version', read.version],
            ['Read on', read.readOn],
            [
              'Changed',
              read.hasChanged ? 'yes: correct prices by `litfass prices set`, or update Litfass' : 'no',
            ],
          ]),
        )
      }),
    )
}

function termsTable({ rereadAfterDays, items }: List): string {
  const rows = items.map((one) => [
    one.name,
    whatOf(one),
    oneLine(one.version, 24),
    one.readOn,
    `${one.ageDays} days`,
    one.isOverdue ? `older than ${rereadAfterDays} days` : one.hasChanged ? 'changed' : '',
    one.readings[0]?.by ?? 'Litfass',
    one.sources[0] ?? '–',
  ])
  return table(
    ['Network', 'What', 'Version', 'Read on', 'Age', '', 'By', 'Where'],
    rows,
    'There is no network.',
  )
}

const whatOf = ({ subject }: Terms) => (subject === 'prices' ? 'prices' : 'rules about data')
