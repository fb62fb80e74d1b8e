/** `connection`: the accounts whose channels are published to. */
import type { Command } from 'commander'
import { type Api, at, withApi } from '../api.ts'
import { canAsk, confirmed, fields, oneLine, type Output, print, state, table, when } from '../print.ts'
import type { Check, Connected, Connection, Impact, Listed } from '../shapes.ts'
import { instant, readStdin, wrongUse } from '../use.ts'
import { channelTable, checkTable } from './channel.ts'

type AddOptions = Output & {
  network: string
  field: string[]
  sandbox?: boolean
  accessToken?: string
  host?: string
  refreshToken?: string
  expiresAt?: string
}
type Removed = { connectionId: string; channels: number; heldDeliveries: number }

export function connectionCommands(program: Command): void {
  const connection = program.command('connection').description('Accounts at networks')
  connection
    .command('add')
    .description(
      'Add a sandbox account, an account by the fields of its login, or a grant that exists already',
    )
    .requiredOption('--network <login>', 'Login at a network; an unknown one is answered with the list')
    .option('--sandbox', 'A simulated account')
    .option(
      '--field <key=value>',
      'A field of a login that has a form, once for each; key=- reads it from standard input',
      (value: string, before: string[]) => [...before, value],
      [],
    )
    .option('--access-token <token>', 'Token of the grant; - reads it from standard input')
    .option('--host <address>', 'Server of the account, for a network that has many')
    .option('--refresh-token <token>', 'What renews it')
    .option('--expires-at <instant>', 'When the access token ends', instant)
    .action((options: AddOptions) => add(options))
  connection
    .command('list')
    .description('List connections, and when somebody must act for each')
    .action((options: Output) =>
      withApi(async (api) => {
        const list = await api.call<Listed<Connection>>('GET', '/connections')
        print(list, options, () => connectionTable(list.items))
      }),
    )
  connection
    .command('check <id>')
    .description('Check that every channel of a connection is ready')
    .action((id: string, options: Output) => withApi((api) => check(api, id, options)))
  connection
    .command('remove <id>')
    .description('Disconnect; posts are kept, what is scheduled is held')
    .option('--yes', 'Do not ask')
    .action((id: string, options: Output & { yes?: boolean }) => withApi((api) => remove(api, id, options)))
}

async function add(options: AddOptions): Promise<void> {
  const { accessToken, refreshToken, expiresAt, field } = options
  if (field.length > 0 && accessToken !== undefined)
    throw wrongUse('choose --field or --access-token, not both')
  if (field.length > 0) {
    const typed = await fieldsOf(field)
    return connect(options, '/connections/sign-in', { sandbox: options.sandbox ?? false, fields: typed })
  }
  if (!options.sandbox && accessToken === undefined)
    throw wrongUse(
      '--sandbox or --access-token is needed, or --field for a login with a form; to consent at the network, use the web app',
    )
  if (options.sandbox && accessToken !== undefined)
    throw wrongUse('choose --sandbox or --access-token, not both')
  const grant =
    accessToken === undefined
      ? undefined
      : {
          accessToken: accessToken === '-' ? (await readStdin()).trim() : accessToken,
          ...(refreshToken === undefined ? {} : { refreshToken }),
          ...(expiresAt === undefined ? {} : { expiresAt }),
        }
  if (grant?.accessToken === '') throw wrongUse('no access token came on standard input')
  const { host } = options
  await connect(options, '/connections', {
    sandbox: options.sandbox ?? false,
    grant,
    ...(host === undefined ? {} : { host }),
  })
}

/** A secret that is typed as an argument stands in the shell's history; `-` keeps it out. */
async function fieldsOf(given: readonly string[]): Promise<Record<string, string>> {
  const typed: Record<string, string> = {}
  for (const one of given) {
    const at = one.indexOf('=')
    if (at < 1) throw wrongUse(`--field ${one}: write it as key=value`)
    typed[one.slice(0, at)] = one.slice(at + 1)
  }
  const read = Object.keys(typed).filter((key) => typed[key] === '-')
  if (read.length > 1) throw wrongUse('only one field can come from standard input')
  for (const key of read) typed[key] = (await readStdin()).trim()
  return typed
}

async function connect(options: AddOptions, path: string, body: object): Promise<void> {
  await withApi(async (api) => {
    const done = await api.call<Connected>('POST', path, { login: options.network, ...body })
    print(done, options, () =>
      [
        `Connected: ${oneLine(done.connection.name)} (${done.connection.id})`,
        '',
        channelTable(done.channels),
      ].join('\n'),
    )
  })
}

function connectionTable(items: readonly Connection[]): string {
  return table(
    ['Id', 'Network', 'Name', 'State', 'Ends', 'Channels', 'Sandbox'],
    items.map((item) => [
      item.id,
      item.login ?? item.network,
      oneLine(item.name, 30),
      item.outages?.length ? `${state(item.state)}, network out of order` : state(item.state),
      when(item.endsAt ?? null),
      String(item.channels?.length ?? 0),
      item.sandbox ? 'yes' : 'no',
    ]),
    'No connections yet. Add one: litfass connection add --network … --sandbox',
  )
}

async function check(api: Api, id: string, options: Output): Promise<void> {
  const list = await api.call<Listed<{ channelId: string; checks: Check[] }>>(
    'GET',
    at`/connections/${id}/check`,
  )
  print(list, options, () =>
    list.items.length === 0
      ? 'This connection has no active channel.'
      : list.items.map((item) => `${item.channelId}\n${checkTable(item.checks)}`).join('\n\n'),
  )
  if (list.items.some((item) => item.checks.some((entry) => !entry.ok))) process.exitCode = 1
}

/** What it touches is shown before anything is done. */
async function remove(api: Api, id: string, options: Output & { yes?: boolean }): Promise<void> {
  if (!options.yes) {
    const impact = await api.call<Impact>('GET', at`/connections/${id}/impact`)
    if (!options.json) process.stderr.write(`${impactText(impact)}\n`)
    if (!canAsk(options))
      throw wrongUse(
        `disconnecting needs --yes here: it ends ${impact.channels.length} channels and holds ${impact.deliveryCount} deliveries`,
      )
    if (!(await confirmed('Disconnect?'))) {
      process.stderr.write('Nothing was changed.\n')
      process.exitCode = 1
      return
    }
  }
  const done = await api.call<Removed>('DELETE', at`/connections/${id}`)
  print(done, options, () =>
    fields([
      ['Disconnected', done.connectionId],
      ['Channels', String(done.channels)],
      ['Held deliveries', String(done.heldDeliveries)],
    ]),
  )
}

function impactText(impact: Impact): string {
  const channels = impact.channels.map((channel) => oneLine(channel.name)).join(', ') || 'none'
  const due = impact.deliveries.map((delivery) => [when(delivery.dueAt), oneLine(delivery.text, 50)])
  return [
    `Channels that end: ${channels}`,
    table(['Due', 'Would be held'], due, 'Nothing is scheduled there.'),
    ...(impact.deliveryCount > due.length ? [`… and ${impact.deliveryCount - due.length} more`] : []),
  ].join('\n')
}
