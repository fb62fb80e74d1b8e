/** `delivery`: one variant on its way to one channel, and its receipt. */
import type { Command } from 'commander'
import { at, query, withApi } from '../api.ts'
import { fields, money, oneLine, type Output, paragraph, print, state, table, when } from '../print.ts'
import type { Delivery, Listed, Receipt } from '../shapes.ts'
import { more, paged, type Paging, wrongUse } from '../use.ts'
import { readText } from './post-content.ts'
import { deliveryTable } from './post-view.ts'

type ResolveOptions = Output & { live?: string; sendAgain?: boolean; leave?: boolean }

export function deliveryCommands(program: Command): void {
  const delivery = program.command('delivery').description('Deliveries: one variant to one channel each')
  paged(delivery.command('list').description('List deliveries, newest first'))
    .option('--state <state>', 'Only those in this state')
    .option('--channel <id>', 'Only those to this channel')
    .action(({ json, channel, ...filters }: Output & Paging & { state?: string; channel?: string }) =>
      withApi(async (api) => {
        const list = await api.call<Listed<Delivery>>(
          'GET',
          `/deliveries${query({ ...filters, channelId: channel })}`,
        )
        print(list, { json: json ?? false }, () => deliveryTable(list.items) + more(list.next))
      }),
    )
  delivery
    .command('show <id>')
    .description('Show the receipt: what was sent, when, every try and charge')
    .action((id: string, options: Output) =>
      withApi(async (api) => {
        const receipt = await api.call<Receipt>('GET', at`/deliveries/${id}`)
        print(receipt, options, () => receiptText(receipt))
      }),
    )
  delivery
    .command('resolve <id>')
    .description('Settle what cannot settle itself')
    .option('--live <url>', 'It is live, there')
    .option('--send-again', 'It is not live: send it again')
    .option('--leave', 'Leave it as it is')
    .action((id: string, options: ResolveOptions) => {
      const resolution = resolutionOf(options)
      return changing('POST', at`/deliveries/${id}/resolve`, { resolution }, options)
    })
  delivery
    .command('reword <id>')
    .description('Give a refused, held or cancelled first comment another text, and send it')
    .requiredOption('--text <text>', 'What it says now; - reads it from standard input')
    .action(async (id: string, { text, ...options }: Output & { text: string }) =>
      changing('POST', at`/deliveries/${id}/reword`, { text: await readText({ text }) }, options),
    )
  delivery
    .command('cancel <id>')
    .description('Cancel a delivery that has not started')
    .action((id: string, options: Output) => changing('POST', at`/deliveries/${id}/cancel`, {}, options))
  delivery
    .command('remove <id>')
    .description('Delete a published post on its network')
    .action((id: string, options: Output) => changing('POST', at`/deliveries/${id}/remove`, {}, options))
}

function resolutionOf(options: ResolveOptions): { kind: string; url?: string } {
  const chosen = [
    ...(options.live === undefined ? [] : [{ kind: 'live', url: options.live }]),
    ...(options.sendAgain ? [{ kind: 'send-again' }] : []),
    ...(options.leave ? [{ kind: 'leave' }] : []),
  ]
  const [first] = chosen
  if (!first || chosen.length > 1) throw wrongUse('choose one of --live URL, --send-again and --leave')
  return first
}

function changing(method: 'POST', path: string, body: unknown, options: Output): Promise<void> {
  return withApi(async (api) => {
    const delivery = await api.call<Delivery>(method, path, body)
    print(delivery, options, () => deliveryTable([delivery]))
  })
}

function receiptText(receipt: Receipt): string {
  const { delivery, sent } = receipt
  const reason = delivery.reason?.message ?? delivery.holdReason
  const head = fields([
    ['Delivery', delivery.id],
    ['Post', delivery.postId],
    ['Channel', `${oneLine(delivery.channelName)} (${delivery.network})`],
    ['State', state(delivery.state)],
    ['Reason', reason === null ? null : oneLine(reason, 300)],
    ['Due', when(delivery.dueAt)],
    ['Published', delivery.publishedAt === null ? null : when(delivery.publishedAt)],
    ['Removed', delivery.removedAt === null ? null : when(delivery.removedAt)],
    ['Address', delivery.url],
    ['Remote id', delivery.remoteId],
    ['Cost', money(delivery.cost)],
    ['Fingerprint', receipt.fingerprint],
  ])
  const attempts = table(
    ['Try', 'Started', 'Finished', 'Outcome', 'Detail'],
    receipt.attempts.map((attempt) => [
      String(attempt.number),
      when(attempt.startedAt),
      when(attempt.finishedAt),
      attempt.outcome ?? '–',
      oneLine(attempt.detail ?? '', 100),
    ]),
    'Not tried yet.',
  )
  const charges = table(
    ['Charged', 'Call', 'Purpose', 'Amount'],
    receipt.charges.map((charge) => [when(charge.at), charge.endpointClass, charge.purpose, money(charge)]),
    'No charges.',
  )
  const files = sent.attachments.map((file) =>
    `+ ${oneLine(file.fileName)} ${oneLine(file.altText)}`.trimEnd(),
  )
  return [head, [paragraph(sent.text), ...files].join('\n'), attempts, charges].join('\n\n')
}
