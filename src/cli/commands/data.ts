/** `data`: what is kept of each network and how long, deletions and their proof, and what may be taken out. */
import type { Command } from 'commander'
import { type Api, query, withApi } from '../api.ts'
import { canAsk, confirmed, fields, oneLine, type Output, print, table, when } from '../print.ts'
import type { DataCertificate, DataDeletion, DataExport, KeptNetwork, Listed } from '../shapes.ts'
import { wrongUse } from '../use.ts'
import { termsCommands } from './terms.ts'

type DeleteOptions = Output & {
  connection?: string
  delivery?: string
  network?: string
  ended?: boolean
  receivedAt?: string
  note?: string
  yes?: boolean
}

export function dataCommands(program: Command): void {
  const data = program.command('data').description('Data read from networks: rules, deletions, proof')
  data
    .command('kept')
    .description('What is kept of each network, how long, and what comes next')
    .option('--all', 'Also of networks of which nothing is kept')
    .action((options: Output & { all?: boolean }) =>
      withApi(async (api) => {
        const list = await api.call<Listed<KeptNetwork>>('GET', '/data/kept')
        print(list, options, () => keptTable(list.items, options.all ?? false))
      }),
    )
  termsCommands(data)
  data
    .command('deletions')
    .description('Requests to delete, and how far they are')
    .action((options: Output) =>
      withApi(async (api) => {
        const list = await api.call<Listed<DataDeletion>>('GET', '/data/deletions?limit=200')
        print(list, options, () => deletionTable(list.items))
      }),
    )
  data
    .command('delete')
    .description('Delete what was read of an account, a post or a network; disconnects the account')
    .option('--connection <id>', 'Everything of this account')
    .option('--delivery <id>', 'Everything of this published post')
    .option('--network <id>', 'Everything of this network')
    .option('--ended', 'The agreement with the network ended')
    .option('--received-at <time>', 'When the request came in; it must be done 24 hours later')
    .option('--note <text>', 'For finding the request again')
    .option('--yes', 'Do not ask')
    .action((options: DeleteOptions) => withApi((api) => order(api, options)))
  data
    .command('certificates')
    .description('Proof of what was deleted, newest first')
    .option('--deletion <id>', 'Only of this deletion')
    .action((options: Output & { deletion?: string }) =>
      withApi(async (api) => {
        const path = `/data/certificates${query({ limit: '200', deletionId: options.deletion })}`
        const list = await api.call<Listed<DataCertificate>>('GET', path)
        print(list, options, () => certificateTable(list.items))
      }),
    )
  data
    .command('export')
    .description('Print figures as JSON, as far as the networks’ rules let them leave')
    .action((_options: Output) =>
      withApi(async (api) => {
        const taken = await api.call<DataExport>('POST', '/data/export', {})
        process.stdout.write(`${JSON.stringify(taken, null, 2)}\n`)
        for (const { network, dataClass, rows, rule } of taken.leftOut)
          process.stderr.write(`Left out: ${rows} of ${network}, ${dataClass}. ${rule}\n`)
      }),
    )
}

async function order(api: Api, options: DeleteOptions): Promise<void> {
  const { connection, delivery, network, ended, receivedAt, note } = options
  if ([connection, delivery, network].filter((one) => one !== undefined).length !== 1)
    throw wrongUse('name one of --connection, --delivery and --network')
  if (!options.yes) {
    if (!canAsk(options)) throw wrongUse('deleting needs --yes here: it cannot be undone')
    if (!(await confirmed('Delete? It cannot be undone.'))) {
      process.stderr.write('Nothing was changed.\n')
      process.exitCode = 1
      return
    }
  }
  const ordered = await api.call<DataDeletion>('POST', '/data/deletions', {
    reason: ended ? 'terminated' : 'request',
    connectionId: connection,
    deliveryId: delivery,
    network,
    receivedAt: receivedAt === undefined ? undefined : timeOf(receivedAt),
    note,
  })
  print(ordered, options, () =>
    fields([
      ['Deletion', ordered.id],
      ['Due', when(ordered.deadlineAt)],
      ['Done', ordered.doneAt === null ? 'by the next sweep, within a minute' : when(ordered.doneAt)],
    ]),
  )
}

function timeOf(text: string): string {
  const at = new Date(text)
  if (Number.isNaN(at.getTime())) throw wrongUse(`${text} is no time; write it like 2026-12-01T08:30Z`)
  return at.toISOString()
}

function keptTable(networks: readonly KeptNetwork[], isAll: boolean): string {
  const rows = networks.flatMap(({ name, classes }) =>
    classes
      .filter(({ rows: count }) => isAll || count > 0)
      .map(({ dataClass, keepFor, rows: count, oldestReadAt, nextDeletionAt, rules }) => [
        name,
        dataClass,
        String(count),
        keepFor ?? 'no fixed time',
        when(oldestReadAt),
        when(nextDeletionAt),
        [...new Set(rules.map(({ id }) => id))].join(' '),
      ]),
  )
  const head = ['Network', 'Data', 'Items', 'Kept for', 'Oldest', 'Next deletion', 'Rules']
  return table(head, rows, 'Nothing is kept of any network.')
}

function deletionTable(deletions: readonly DataDeletion[]): string {
  return table(
    ['Id', 'Why', 'Network', 'About', 'Received', 'Due', 'Done', 'Items', 'Note'],
    deletions.map((item) => [
      item.id,
      item.reason,
      item.network,
      item.deliveryId ?? item.connection ?? 'everything',
      when(item.receivedAt),
      when(item.deadlineAt),
      when(item.doneAt),
      String(item.deleted),
      oneLine(item.note, 30),
    ]),
    'Nobody asked for a deletion.',
  )
}

function certificateTable(certificates: readonly DataCertificate[]): string {
  return table(
    ['Last', 'Network', 'What', 'Data', 'Count', 'Why', 'By the rule'],
    certificates.map((item) => [
      when(item.lastAt),
      item.network,
      item.item,
      item.dataClass,
      String(item.count),
      item.reason,
      oneLine(item.rule, 60),
    ]),
    'Nothing was deleted yet.',
  )
}
