/** `budget`: what calls to networks may cost, what is used of it, and what they did cost. */
import { type Command, InvalidArgumentError } from 'commander'
import { at, query, withApi } from '../api.ts'
import { fields, money, oneLine, type Output, print, style, table, when } from '../print.ts'
import type { Budget, BudgetProposal, Charge, ChargeSum, Listed } from '../shapes.ts'
import { usageCommand } from './usage.ts'
import { many, more, paged, type Paging, wholeNumber, wrongUse } from '../use.ts'

type Budgets = { items: Budget[]; proposals: BudgetProposal[] }

export function budgetCommands(program: Command): void {
  const budget = program.command('budget').description('API budgets: what calls to networks may cost')
  listCommand(budget)
  setCommand(budget)
  removeCommand(budget)
  chargesCommand(budget)
  usageCommand(budget)
}

function listCommand(budget: Command): void {
  budget
    .command('list', { isDefault: true })
    .description('List budgets with what is used, left and foreseen')
    .action((options: Output) =>
      withApi(async (api) => {
        const budgets = await api.call<Budgets>('GET', '/budgets')
        print(budgets, options, () => budgetsText(budgets))
      }),
    )
}

function budgetsText({ items, proposals }: Budgets): string {
  const rows = items.flatMap((item) => [
    rowOf(item, item, item.id),
    // Practice counts apart.
    ...(item.practice ? [rowOf(item, item.practice, '  in the sandbox')] : []),
  ])
  const headers = ['Budget', 'For', 'Per', 'Amount', 'Spent', 'Reserved', 'Left', 'For reading', 'By plan']
  return [
    table([...headers, 'By pace', 'At its end'], rows, 'No API budget: calls may cost without limit.'),
    ...proposals.map(proposalText),
  ].join('\n\n')
}

type Standing = Pick<Budget, 'spent' | 'reserved' | 'left' | 'leftForReads' | 'forecast'>

function rowOf(item: Budget, { spent, reserved, left, leftForReads, forecast }: Standing, name: string) {
  return [
    name,
    scopeOf(item),
    item.period,
    money(item.amount),
    spent.amount,
    reserved.amount,
    left.amount,
    leftForReads.amount,
    forecast.byPlan.amount,
    forecast.byPace?.amount ?? '–',
    item.isHard ? 'stops' : 'only tells',
  ]
}

function proposalText({ network, amount, perPost, isPractice }: BudgetProposal): string {
  const cost = perPost
    ? ` A post with a link costs ${money(perPost.withLink)}, one without ${money(perPost.withoutLink)}.`
    : ''
  const practice = isPractice ? ' Only simulated accounts are connected; nothing real is charged.' : ''
  return style(
    'dim',
    `Calls to ${network} cost and nothing limits them.${cost}${practice} Set a budget: litfass budget set --network ${network} --amount ${amount.amount}`,
  )
}

function scopeOf({ network, connectionId, purpose }: Pick<Budget, 'network' | 'connectionId' | 'purpose'>) {
  return [network ?? 'all networks', connectionId, purpose].filter((part) => part !== null).join(', ')
}

type Setting = Output & {
  amount: string
  network?: string
  connection?: string
  purpose?: string
  period: string
  currency?: string
  alert?: number[]
  hard?: boolean
  protect?: number
}

function setCommand(budget: Command): void {
  budget
    .command('set')
    .description(
      'Set a budget; one for the same is changed, and what it kept back goes on where there is room',
    )
    .requiredOption('--amount <amount>', 'For example 25', amount)
    .option('--network <network>', 'Only for this network')
    .option('--connection <connection>', 'Only for this account')
    .option('--purpose <purpose>', 'Only for publish, reconcile, measure, remove, converse or connect')
    .option('--period <period>', 'day or month, of UTC days', period, 'month')
    .option('--currency <code>', 'What the networks charge in otherwise')
    .option('--alert <percent>', 'Tell at this share; repeats (50, 80 and 100 otherwise)', percents)
    .option('--hard', 'Calls stop at its end (as otherwise)')
    .option('--no-hard', 'Only tell; calls never stop')
    .option('--protect <percent>', 'Share that reading may not touch (20 otherwise)', wholeNumber(0, 100))
    .action((options: Setting) =>
      withApi(async (api) => {
        const { items } = await api.call<Budgets>('GET', '/budgets')
        const before = items.find((item) => isFor(item, options))
        const terms = {
          amount: options.amount,
          ...(options.alert === undefined ? {} : { alerts: options.alert }),
          ...(options.hard === undefined ? {} : { isHard: options.hard }),
          ...(options.protect === undefined ? {} : { protectedPercent: options.protect }),
        }
        const set = before
          ? await api.call<Budget>('PUT', at`/budgets/${before.id}`, terms)
          : await api.call<Budget>('POST', '/budgets', { ...terms, ...scope(options) })
        print(set, options, () => budgetText(set))
      }),
    )
}

function isFor(item: Budget, { network, connection, purpose, period: wanted, currency }: Setting): boolean {
  return (
    // A budget of an account has the account's network.
    (connection !== undefined && network === undefined ? true : item.network === (network ?? null)) &&
    item.connectionId === (connection ?? null) &&
    item.purpose === (purpose ?? null) &&
    item.period === wanted &&
    (currency === undefined || item.amount.currency === currency)
  )
}

function scope({ network, connection, purpose, period: chosen, currency }: Setting) {
  return {
    period: chosen,
    ...(network === undefined ? {} : { network }),
    ...(connection === undefined ? {} : { connectionId: connection }),
    ...(purpose === undefined ? {} : { purpose }),
    ...(currency === undefined ? {} : { currency }),
  }
}

function budgetText(set: Budget): string {
  return fields([
    ['Budget', set.id],
    ['For', `${scopeOf(set)}, per ${set.period}`],
    ['Amount', money(set.amount)],
    ['Left', `${money(set.left)}, of it for reading ${set.leftForReads.amount}`],
    ['Starts anew', when(set.endsAt)],
    [
      'At its end',
      set.isHard
        ? `reading stops first, with ${set.protectedPercent} % kept for publishing; then publishing is kept back`
        : 'people are told; calls go on',
    ],
  ])
}

function removeCommand(budget: Command): void {
  budget
    .command('remove <id>')
    .description('Remove a budget; what it kept back goes on')
    .action((id: string, options: Output) =>
      withApi(async (api) => {
        const gone = await api.call<{ id: string }>('DELETE', at`/budgets/${id}`)
        print(gone, options, () => `Removed: ${gone.id}`)
      }),
    )
}

type Filters = Output &
  Paging & {
    from?: string
    to?: string
    network?: string
    connection?: string
    purpose?: string
    delivery?: string
    assumed?: boolean
    by?: string
  }

function chargesCommand(budget: Command): void {
  paged(budget.command('charges').description('What calls did cost, newest first, or sums'))
    .option('--by <kind>', 'Sums by network, purpose or day instead', kind)
    .option('--from <day>', 'First UTC day', day)
    .option('--to <day>', 'First UTC day that is left out', day)
    .option('--network <network>', 'Only of this network')
    .option('--connection <connection>', 'Only of this account')
    .option('--purpose <purpose>', 'Only for this purpose')
    .option('--delivery <delivery>', 'Only of this delivery')
    .option('--assumed', 'Only those whose answer was lost')
    .action((options: Filters) =>
      withApi(async (api) => {
        const { json = false, by, limit, cursor, connection, delivery, ...rest } = options
        if (by !== undefined && (limit ?? cursor) !== undefined) throw wrongUse('Sums have no pages')
        const filters = { ...rest, connectionId: connection, deliveryId: delivery }
        if (by !== undefined) {
          const sums = await api.call<{ items: ChargeSum[] }>(
            'GET',
            `/charges/sums${query({ by, ...filters })}`,
          )
          return print(sums, { json }, () => sumTable(by, sums.items))
        }
        const page = query({ limit, cursor, ...filters })
        const list = await api.call<Listed<Charge>>('GET', `/charges${page}`)
        print(list, { json }, () => chargeTable(list.items) + more(list.next))
      }),
    )
}

function chargeTable(items: readonly Charge[]): string {
  return table(
    ['At', 'Network', 'Call', 'Purpose', 'Amount', '', 'Delivery'],
    items.map((item) => [
      when(item.at),
      item.network,
      oneLine(item.endpointClass, 30),
      item.purpose,
      money(item.amount),
      [...(item.isAssumed ? ['assumed'] : []), ...(item.sandbox ? ['sandbox'] : [])].join(', '),
      item.deliveryId ?? '–',
    ]),
    'No charges.',
  )
}

function sumTable(by: string, items: readonly ChargeSum[]): string {
  return table(
    [`${by[0]?.toUpperCase()}${by.slice(1)}`, 'Calls', 'Amount', 'Assumed', 'In the sandbox'],
    items.map((item) => [
      item.of,
      String(item.charges),
      money(item.amount),
      item.assumed.amount,
      item.sandbox.amount,
    ]),
    'No charges.',
  )
}

function amount(text: string): string {
  if (/^\d{1,9}(\.\d{1,6})?$/.test(text)) return text
  throw new InvalidArgumentError('Write it like 25 or 0.50.')
}

function percents(text: string, before: number[] = []): number[] {
  return many(String(wholeNumber(1, 100)(text)), before.map(String)).map(Number)
}

function period(text: string): string {
  if (text === 'day' || text === 'month') return text
  throw new InvalidArgumentError('It is day or month.')
}

function kind(text: string): string {
  if (text === 'network' || text === 'purpose' || text === 'day') return text
  throw new InvalidArgumentError('It is network, purpose or day.')
}

function day(text: string): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text))) return text
  throw new InvalidArgumentError('Write it like 2026-12-01.')
}
