/** `key`: API keys for scripts. */
import type { Command } from 'commander'
import { at, withApi } from '../api.ts'
import { oneLine, type Output, print, table, when } from '../print.ts'
import type { Listed } from '../shapes.ts'

type Key = { id: string; name: string; prefix: string; lastUsedAt: string | null; revokedAt: string | null }

export function keyCommands(program: Command): void {
  const key = program.command('key').description('API keys')
  key
    .command('create')
    .description('Create an API key; it is shown once')
    .option('--name <name>', 'What it is for', 'Key')
    .action((options: Output & { name: string }) =>
      withApi(async (api) => {
        const made = await api.call<{ id: string; apiKey: string }>('POST', '/keys', { name: options.name })
        print(made, options, () => `${made.apiKey}\nIt is shown this once; its id is ${made.id}.`)
      }),
    )
  key
    .command('list')
    .description('List API keys')
    .action((options: Output) =>
      withApi(async (api) => {
        const list = await api.call<Listed<Key>>('GET', '/keys')
        print(list, options, () => keyTable(list.items))
      }),
    )
  key
    .command('revoke <id>')
    .description('Revoke an API key')
    .action((id: string, options: Output) =>
      withApi(async (api) => {
        const gone = await api.call<{ id: string }>('DELETE', at`/keys/${id}`)
        print(gone, options, () => `Revoked: ${gone.id}`)
      }),
    )
}

function keyTable(items: readonly Key[]): string {
  return table(
    ['Id', 'Name', 'Starts with', 'Last used', 'State'],
    items.map((item) => [
      item.id,
      oneLine(item.name, 30),
      item.prefix,
      when(item.lastUsedAt),
      item.revokedAt === null ? 'active' : `revoked ${when(item.revokedAt)}`,
    ]),
    'No keys.',
  )
}
