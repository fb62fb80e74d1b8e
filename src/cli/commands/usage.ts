/** `budget usage`: what networks counted, beside what the ledger counted. */
import type { Command } from 'commander'
import { withApi } from '../api.ts'
import { oneLine, type Output, print, style, table, when } from '../print.ts'
import type { NotTold, UsageCounter } from '../shapes.ts'

type Usage = { items: UsageCounter[]; notTold?: NotTold[] }

export function usageCommand(budget: Command): void {
  budget
    .command('usage')
    .description('What networks counted, beside what Litfass counted in the same time')
    .option('--ask', 'Ask networks for what does not come with other answers')
    .action(({ ask = false, ...output }: Output & { ask?: boolean }) =>
      withApi(async (api) => {
        const usage = ask
          ? await api.call<Usage>('POST', '/usage/ask')
          : await api.call<Usage>('GET', '/usage')
        print(usage, output, () => usageText(usage))
      }),
    )
}

function usageText({ items, notTold = [] }: Usage): string {
  const rows = items.map((item) => [
    item.network,
    oneLine(item.channelName ?? item.connectionName ?? 'app', 24),
    oneLine([item.endpointClass, item.what].filter((part) => part !== null).join(' '), 30),
    item.toldBy,
    item.unit === 'percent' ? `${item.used} %` : String(item.used),
    item.unit === 'percent' || item.limit === null ? '–' : String(item.limit),
    item.ours === null ? '–' : String(item.ours),
    item.drift === null ? '–' : signed(item.drift),
    item.from === null ? '–' : when(item.from),
    when(item.toldAt),
    item.sandbox ? 'sandbox' : '',
  ])
  const headers = ['Network', 'Whose', 'What', 'Told by', 'Network says', 'Of', 'Litfass counted']
  return [
    table(
      [...headers, 'Drift', 'Since', 'Told at', ''],
      rows,
      'No network has told anything yet: it comes with its answers, or ask with --ask.',
    ),
    ...notTold.map(({ network, message }) => style('dim', `${network}: ${message}`)),
  ].join('\n')
}

const signed = (value: number) => (value > 0 ? `+${value}` : String(value))
