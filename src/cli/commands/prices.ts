/** `prices`: what the networks charge, as shipped, with where that is written and when it was read. */
import type { Command } from 'commander'
import { LitfassError } from '#domain/errors.ts'
import { withApi } from '../api.ts'
import { money, type Output, print, style, table } from '../print.ts'
import type { Listed, NetworkFacts } from '../shapes.ts'

export function pricesCommand(program: Command): void {
  program
    .command('prices')
    .description('List what networks charge for calls, with source and date')
    .option('--network <network>', 'Only of this network')
    .action((options: Output & { network?: string }) =>
      withApi(async (api) => {
        const { items } = await api.call<Listed<NetworkFacts>>('GET', '/networks')
        const chosen = items.filter((item) => !options.network || item.id === options.network)
        if (chosen.length === 0) {
          throw new LitfassError('network_unknown', `There is no network ${options.network}`, {
            remedy: `There are ${items.map((item) => item.id).join(', ')}.`,
          })
        }
        const books = chosen.map(({ id, name, prices }) => ({
          network: id,
          name,
          prices: prices.value,
          source: prices.source,
          readOn: prices.readOn,
        }))
        print({ items: books }, options, () => books.map(bookText).join('\n\n'))
      }),
    )
}

type Book = Pick<NetworkFacts['prices'], 'source' | 'readOn'> & {
  name: string
  prices: NetworkFacts['prices']['value']
}

function bookText(book: Book): string {
  const rows = book.prices.map((price) => [
    price.endpointClass,
    money(price.price),
    `per ${price.per}`,
    price.hasLink === undefined ? '' : price.hasLink ? 'with a link' : 'without a link',
    price.to === undefined ? `from ${price.from}` : `${price.from} to ${price.to}`,
  ])
  return [
    style('bold', book.name),
    table(['Call', 'Price', '', '', 'Valid'], rows, 'No charges are known.'),
    style('dim', `Source: ${book.source}, read ${book.readOn}`),
  ].join('\n')
}
