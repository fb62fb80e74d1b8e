/** `metrics`: the latest figures of what was published. A figure that was not given is no zero. */
import type { Command } from 'commander'
import { query, withApi } from '../api.ts'
import { type Output, print, table, when } from '../print.ts'
import type { Listed } from '../shapes.ts'

type Figures = {
  deliveryId: string
  network: string
  postId: string
  readAt?: string | null
  metrics: Record<string, number>
}

export function metricsCommand(program: Command): void {
  program
    .command('metrics')
    .description('Show the latest figures of what was published')
    .option('--post <id>', 'Only of this post')
    .action((options: Output & { post?: string }) =>
      withApi(async (api) => {
        const list = await api.call<Listed<Figures>>('GET', `/metrics${query({ postId: options.post })}`)
        print(list, options, () => metricsTable(list.items))
      }),
    )
}

function metricsTable(items: readonly Figures[]): string {
  const names = [...new Set(items.flatMap((item) => Object.keys(item.metrics)))]
  return table(
    ['Post', 'Network', ...names, 'Read'],
    items.map((item) => [
      item.postId,
      item.network,
      ...names.map((name) => String(item.metrics[name] ?? '–')),
      when(item.readAt ?? null),
    ]),
    'Nothing was measured yet.',
  )
}
