/** `ledger`: what was asked of networks, whether the record of it is whole, and the report for a period. */
import { readFile, writeFile } from 'node:fs/promises'
import { type Command, InvalidArgumentError } from 'commander'
import { query, withApi } from '../api.ts'
import { fields, type Output, print, table } from '../print.ts'
import type { AccessRecord, Anchor, LedgerCheck, LedgerReport, Listed } from '../shapes.ts'
import { more, paged, type Paging, wrongUse } from '../use.ts'

export function ledgerCommands(program: Command): void {
  const ledger = program.command('ledger').description('What was asked of networks, what for, and by whom')
  listCommand(ledger)
  verifyCommand(ledger)
  anchorCommand(ledger)
  reportCommand(ledger)
}

type Filter = Output & Paging & { from?: string; to?: string; network?: string; purpose?: string }

function listCommand(ledger: Command): void {
  paged(
    ledger
      .command('list', { isDefault: true })
      .description('List its entries, the newest first')
      .option('--from <day>', 'First day', day)
      .option('--to <day>', 'First day that is left out', day)
      .option('--network <network>', 'Only of this network')
      .option('--purpose <purpose>', 'Only for this purpose, for example measure'),
  ).action(({ from, to, network, purpose, limit, cursor, ...options }: Filter) =>
    withApi(async (api) => {
      const asked = query({ from, to, network, purpose, limit, cursor })
      const list = await api.call<Listed<AccessRecord>>('GET', `/access-records${asked}`)
      print(list, options, () => recordTable(list.items) + more(list.next))
    }),
  )
}

function recordTable(items: readonly AccessRecord[]): string {
  return table(
    ['At', 'Entry', 'Network', 'Call', 'Data', 'Purpose', 'By', 'Status', 'Items', 'Cost'],
    items.map((item) => [
      item.at,
      item.kind,
      item.network,
      item.endpointClass,
      item.dataClass,
      item.purpose,
      item.actor,
      item.status === null ? (item.outcome ?? '') : String(item.status),
      item.items === null ? '' : String(item.items),
      item.amount === null ? '' : `${item.amount} ${item.currency ?? ''}`,
    ]),
    'Nothing was asked of a network.',
  )
}

function verifyCommand(ledger: Command): void {
  ledger
    .command('verify')
    .description('Check every entry; exit code 1 where one was changed or is missing')
    .option('--anchor <file>', 'Also against an anchor that was taken before')
    .action((options: Output & { anchor?: string }) =>
      withApi(async (api) => {
        const anchor = options.anchor === undefined ? undefined : await readAnchor(options.anchor)
        const check = await api.call<LedgerCheck>('POST', '/access-records/verify', anchor ? { anchor } : {})
        print(check, options, () => checkText(check))
        if (check.faults.length > 0) process.exitCode = 1
      }),
    )
}

async function readAnchor(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw wrongUse(`There is no readable file ${file}`)
  })
  try {
    return JSON.parse(text)
  } catch {
    throw wrongUse(`${file} is no anchor: make one with \`litfass ledger anchor FILE\``)
  }
}

function checkText({ chains, entries, unchained, unsettled, faults }: LedgerCheck): string {
  const counts = fields([
    ['Entries', `${entries} in ${chains} chains`],
    ['Not chained', unchained === 0 ? null : `${unchained}, written by an older release`],
    ['Without an end', unsettled === 0 ? null : `${unsettled} calls: under way, or of a process that died`],
  ])
  if (faults.length === 0) return `${counts}\n\nThe ledger is whole.`
  const rows = faults.map(({ kind, chainId, number }) => [meanings[kind], chainId, String(number)])
  return `${counts}\n\nThe ledger is NOT whole:\n${table(['What', 'Chain', 'Entry'], rows, '')}`
}

const meanings: Readonly<Record<LedgerCheck['faults'][number]['kind'], string>> = {
  changed: 'changed after it was written',
  missing: 'an entry is missing',
  'cut-off': 'the end is missing',
  'chain-missing': 'the start of the chain is missing',
}

function anchorCommand(ledger: Command): void {
  ledger
    .command('anchor [file]')
    .description('Write down where the ledger stands; keep the file elsewhere')
    .action((file: string | undefined, options: Output) =>
      withApi(async (api) => {
        const anchor = await api.call<Anchor>('GET', '/access-records/anchor')
        if (file === undefined) return print(anchor, options, () => JSON.stringify(anchor, null, 2))
        await writeFile(file, `${JSON.stringify(anchor, null, 2)}\n`)
        print({ file, chains: anchor.heads.length }, options, () => `Written: ${file}`)
      }),
    )
}

type Reporting = Output & { from?: string; to?: string; network?: string; pdf?: string }

function reportCommand(ledger: Command): void {
  ledger
    .command('report')
    .description('Answer for a period: what was read, by which app, what for, and what was deleted')
    .option('--from <day>', 'First day; otherwise the last thirty days', day)
    .option('--to <day>', 'First day that is left out', day)
    .option('--network <network>', 'Only of this network: an audit pack')
    .option('--pdf <file>', 'Write it as a PDF, to be signed and sent')
    .action(({ from, to, network, pdf, ...options }: Reporting) =>
      withApi(async (api) => {
        const report = await api.call<LedgerReport>(
          'GET',
          `/access-records/report${query({ from, to, network })}`,
        )
        if (pdf === undefined) return print(report, options, () => reportText(report))
        const { ledgerPdf } = await import('#app/ledger-pdf.ts')
        await writeFile(pdf, await ledgerPdf(report))
        print({ file: pdf }, options, () => `Written: ${pdf}`)
      }),
    )
}

function reportText({ apps, deletions, integrity, modelCalls }: LedgerReport): string {
  const rows = apps.flatMap(({ networkName, login, uses }) =>
    uses.map((use) => [
      networkName,
      login,
      use.purpose,
      use.endpointClass,
      use.dataClass,
      use.actor,
      String(use.calls),
      String(use.items),
      use.currency === null ? '' : `${use.cost} ${use.currency}`,
    ]),
  )
  const headers = ['Network', 'App', 'Purpose', 'Call', 'Data', 'By', 'Calls', 'Items', 'Cost']
  const deleted = deletions.reduce((sum, { count }) => sum + count, 0)
  return [
    table(headers, rows, 'Nothing was asked of a network in that time.'),
    fields([
      ['Deleted', `${deleted} items`],
      ['Sent to a model', modelCalls === 0 ? 'nothing' : aiUseOf(apps)],
      ['Ledger', integrity.faults === 0 ? 'whole' : `NOT whole: ${integrity.faults} faults`],
    ]),
  ].join('\n\n')
}

function aiUseOf(apps: LedgerReport['apps']): string {
  return apps
    .filter(({ ai }) => ai.calls > 0)
    .map(
      ({ networkName, login, ai }) => `${ai.items} items of ${networkName} (${login}) in ${ai.calls} calls`,
    )
    .join('; ')
}

function day(text: string): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text))) return text
  throw new InvalidArgumentError('Write it like 2026-12-01.')
}
