/** Prices in words: what people read of the price book in a terminal. */
import { money, oneLine, style, table } from '../print.ts'
import type { NetworkPlan, Price } from '../shapes.ts'

export type Book = { on: string; networks: NetworkPlan[]; items: Price[] }

/** A table for each network, with the plan it is counted by above it. */
export function bookText({ on, networks, items }: Book): string {
  const chapters = networks.map((network) => {
    const own = items.filter((item) => item.network === network.network)
    const plan = network.plans.find(({ id }) => id === network.plan)
    const fee = plan?.monthlyFee ? `, ${money(plan.monthlyFee)} a month` : ''
    return [
      `${style('bold', network.name)}  plan ${network.plan}${fee}`,
      table(
        ['For', 'Price', 'Per', 'Where', 'Holds', 'Read', 'Origin'],
        own.map((item) => rowOf(item, network.currency)),
        'No prices.',
      ),
      ...sourcesOf(own).map((source) => style('dim', `Source: ${source}`)),
    ].join('\n')
  })
  return [...chapters, style('dim', `Asked for ${on}; * holds that day by the plan in use.`)].join('\n\n')
}

function rowOf({ entry, origin, id, isInForce }: Price, currency: string): string[] {
  return [
    `${isInForce ? '* ' : '  '}${oneLine(subjectOf(entry), 40)}`,
    amountOf(entry, currency),
    perOf(entry),
    [entry.plan, ...conditionsOf(entry)].join(', '),
    timeOf(entry),
    entry.readOn,
    origin === 'own' ? `own ${id}` : 'shipped',
  ]
}

function subjectOf(entry: Price['entry']): string {
  return entry.unit === 'month' ? 'the plan' : entry.calls.join(' ')
}

function amountOf(entry: Price['entry'], currency: string): string {
  if (entry.unit === 'formula') return entry.formula
  if (entry.unit !== 'bundle')
    return entry.price === null ? 'unknown' : money({ amount: entry.price, currency })
  const beyond = entry.beyond === undefined ? 'then refused' : `then ${entry.beyond} ${currency} each`
  return entry.size === null ? 'so many, told by nobody' : `${entry.size}, ${beyond}`
}

function perOf(entry: Price['entry']): string {
  if (entry.unit === 'formula') return `told by ${entry.toldBy}`
  if (entry.unit === 'bundle') return `${entry.counts}s in a ${entry.window}`
  return 'dedupe' in entry && entry.dedupe !== undefined ? `${entry.unit}, once a day` : entry.unit
}

function conditionsOf(entry: Price['entry']): string[] {
  const when = ('when' in entry ? entry.when : undefined) ?? {}
  const words = (is: boolean | undefined, yes: string, no: string) =>
    is === undefined ? [] : [is ? yes : no]
  return [
    ...words(when.hasLink, 'with a link', 'without a link'),
    ...words(when.isOwned, 'of the app’s owner', 'of others'),
    ...words(when.isSummoned, 'summoned', 'not summoned'),
  ]
}

function timeOf({ from, to }: Price['entry']): string {
  if (from === undefined) return to === undefined ? 'always' : `until ${to}`
  return to === undefined ? `from ${from}` : `${from} to ${to}`
}

function sourcesOf(items: readonly Price[]): string[] {
  return [...new Set(items.map(({ entry }) => oneLine(entry.source, 200)))]
}
