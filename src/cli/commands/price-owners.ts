/** `prices owners`: accounts that may own the app, and what reading their own costs then. */
import type { Command } from 'commander'
import { at, withApi } from '../api.ts'
import { money, oneLine, type Output, print, table } from '../print.ts'
import type { AppOwner, Listed } from '../shapes.ts'

export function ownerCommands(prices: Command): void {
  prices
    .command('owners')
    .description('Accounts at networks where reading costs less for who owns the app')
    .action((options: Output) =>
      withApi(async (api) => {
        const list = await api.call<Listed<AppOwner>>('GET', '/prices/owners')
        print(list, options, () => ownersTable(list.items))
      }),
    )
  prices
    .command('owner <connection>')
    .description(
      'Mark the account that the app is registered under; its own reads are counted by its prices then',
    )
    .option('--not', 'It does not own the app')
    .action((connection: string, options: Output & { not?: boolean }) =>
      withApi(async (api) => {
        const isOwner = options.not !== true
        const marked = await api.call<AppOwner>('PUT', at`/prices/owners/${connection}`, { isOwner })
        print(marked, options, () =>
          isOwner
            ? `${marked.name} owns the app: ${priceOf(marked)}.`
            : `${marked.name} does not own the app.`,
        )
      }),
    )
}

function ownersTable(owners: readonly AppOwner[]): string {
  const rows = owners.map((one) => [
    one.connectionId,
    one.network,
    oneLine(one.name, 30),
    one.isOwner ? 'yes' : 'no',
    priceOf(one),
    `${one.items} in ${one.days} days`,
    money(one.difference),
    one.sandbox ? 'sandbox' : '',
  ])
  const headers = ['Connection', 'Network', 'Account', 'Owns the app', 'Its own', 'Read', 'Cheaper by', '']
  return table(headers, rows, 'No connected account is at a network where that makes a difference.')
}

/** The most common ones. */
function priceOf({ prices: [first] }: AppOwner): string {
  return first ? `${money(first.owned)} each instead of ${money(first.otherwise)}` : '–'
}
