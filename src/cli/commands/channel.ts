/** `channel`: the pages, profiles and handles that are published to. */
import type { Command } from 'commander'
import { at, withApi } from '../api.ts'
import { oneLine, type Output, print, state, table } from '../print.ts'
import type { Channel, Check, Listed } from '../shapes.ts'

export function channelCommands(program: Command): void {
  const channel = program.command('channel').description('Pages, profiles and handles')
  channel
    .command('list')
    .description('List the channels one can publish to')
    .action((options: Output) =>
      withApi(async (api) => {
        const list = await api.call<Listed<Channel>>('GET', '/channels')
        print(list, options, () => channelTable(list.items))
      }),
    )
  channel
    .command('check <id>')
    .description('Check that a channel is ready: token, rights, quota')
    .action((id: string, options: Output) =>
      withApi(async (api) => {
        const list = await api.call<Listed<Check>>('GET', at`/channels/${id}/check`)
        print(list, options, () => checkTable(list.items))
        if (list.items.some((check) => !check.ok)) process.exitCode = 1
      }),
    )
}

export function channelTable(items: readonly Channel[]): string {
  return table(
    ['Id', 'Network', 'Name', 'Handle', 'State', 'Sandbox'],
    items.map((item) => [
      item.id,
      item.network,
      oneLine(item.name, 40),
      oneLine(item.handle ?? '–', 30),
      state(item.connectionState === 'active' ? item.state : item.connectionState),
      item.sandbox ? 'yes' : 'no',
    ]),
    'No channels yet. Add a connection: litfass connection add --network … --sandbox',
  )
}

export function checkTable(checks: readonly Check[]): string {
  return table(
    ['', 'Check', 'Result'],
    checks.map((check) => [
      state(check.ok ? 'ok' : 'fail'),
      oneLine(check.name, 40),
      oneLine(check.remedy === undefined ? check.message : `${check.message}. ${check.remedy}`, 200),
    ]),
    'There was nothing to check.',
  )
}
