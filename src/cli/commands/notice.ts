/** `notice`: what needs a person, each with its remedy. */
import type { Command } from 'commander'
import { query, withApi } from '../api.ts'
import { oneLine, type Output, print, state, table, when } from '../print.ts'
import type { Listed, Notice } from '../shapes.ts'
import { more, paged, type Paging } from '../use.ts'

export function noticeCommands(program: Command): void {
  const notice = program.command('notice').description('What needs a person')
  paged(notice.command('list').description('List notices, newest first'))
    .option('--open', 'Only what is not over')
    .action(({ json, ...filters }: Output & Paging & { open?: boolean }) =>
      withApi(async (api) => {
        const list = await api.call<Listed<Notice> & { unread: number }>('GET', `/notices${query(filters)}`)
        print(list, { json: json ?? false }, () => noticeTable(list.items) + more(list.next))
      }),
    )
}

function noticeTable(items: readonly Notice[]): string {
  return table(
    ['Since', '', 'About', 'What', 'Remedy'],
    items.map((item) => [
      when(item.createdAt),
      item.resolvedAt === null ? state(item.severity) : 'over',
      item.subject.id,
      oneLine(item.message, 80),
      oneLine(item.remedy, 80),
    ]),
    'Nothing needs you.',
  )
}
