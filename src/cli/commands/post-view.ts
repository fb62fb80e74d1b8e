/** A post, and what a dry run says of one, as a person reads them. */
import { fields, money, oneLine, paragraph, size, state, table, when } from '../print.ts'
import type { Delivery, DryRun, Post } from '../shapes.ts'

export function postText(post: Post): string {
  const attachments = (post.attachments ?? []).map(
    (file) =>
      `${oneLine(file.fileName)} (${size(file.bytes)}) ${file.altText === '' ? '' : `– ${oneLine(file.altText)}`}`,
  )
  const head = fields([
    ['Post', post.id],
    ['State', state(post.state)],
    ['Due', post.dueAt ? when(post.dueAt) : null],
    ['Media', attachments.length === 0 ? null : attachments.join('; ').trim()],
  ])
  const variants = Object.entries(post.variants ?? {}).map(
    ([channelId, text]) => `For ${channelId}:\n${paragraph(text)}`,
  )
  const comment = post.firstComment ? [`First comment:\n${paragraph(post.firstComment)}`] : []
  const parts = [head, paragraph(post.text), ...variants, ...comment]
  if (post.deliveries.length > 0) parts.push(deliveryTable(post.deliveries))
  const remarks = post.deliveries.flatMap((delivery) => [
    ...remarkOf(delivery),
    ...(delivery.comment ? [commentRemark(delivery.comment)] : []),
  ])
  return [...parts, remarks.join('\n')].filter((part) => part !== '').join('\n\n')
}

export function deliveryTable(deliveries: readonly Delivery[]): string {
  return table(
    ['Delivery', 'Network', 'Channel', 'State', 'Tries', 'Cost', 'Address'],
    deliveries.map((delivery) => [
      delivery.id,
      delivery.network,
      oneLine(delivery.channelName ?? delivery.channelId, 30),
      state(delivery.removedAt ? 'removed' : delivery.state),
      String(delivery.attempts),
      money(delivery.cost),
      delivery.url ?? '–',
    ]),
    'No deliveries.',
  )
}

/** Why a delivery is not out, where it says so. */
function remarkOf(delivery: Pick<Delivery, 'id' | 'state' | 'reason' | 'holdReason' | 'nextAt'>): string[] {
  const why = delivery.reason ? delivery.reason.message : delivery.holdReason
  if (!why || delivery.state === 'published') return []
  const next = delivery.nextAt ? ` Next try: ${when(delivery.nextAt)}.` : ''
  return [`${delivery.id} ${state(delivery.state)}: ${oneLine(why, 300)}.${next}`.replaceAll('..', '.')]
}

function commentRemark(comment: NonNullable<Delivery['comment']>): string {
  const [why = ''] = remarkOf(comment)
  const shown = state(comment.removedAt ? 'removed' : comment.state)
  if (why === '') return `${comment.id} first comment ${shown}`
  const remedy = comment.isRewordable ? ` litfass delivery reword ${comment.id} --text … sends another.` : ''
  return `First comment: ${why}${remedy}`
}

export function dryRunText(dry: DryRun): string {
  const rows = dry.verdicts.map((verdict) => [
    verdict.channelId,
    verdict.network,
    `${verdict.length} of ${verdict.maxLength}`,
    money(verdict.cost),
    verdictText(verdict),
  ])
  return [
    table(['Channel', 'Network', 'Length', 'Cost', 'Verdict'], rows, 'No channel is chosen.'),
    '',
    `Due ${when(dry.dueAt)}, for ${money(dry.cost)} in all. Nothing was saved.`,
    ...dry.verdicts.flatMap(linkText),
    ...dry.budgets.map(budgetText),
  ].join('\n')
}

function linkText({ network, linkCost }: DryRun['verdicts'][number]): string[] {
  if (linkCost === null) return []
  const { withLink, withoutLink } = linkCost
  return [`On ${network} a post costs ${money(withLink)} with a link, ${money(withoutLink)} without.`]
}

function budgetText(room: DryRun['budgets'][number]): string {
  const what = [
    room.network ?? 'all networks',
    room.connectionId,
    room.purpose,
    room.sandbox ? 'sandbox' : null,
  ]
    .filter((part) => part !== null)
    .join(', ')
  const left = `${money(room.left)} of ${room.amount.amount} left`
  const budget = `API budget ${room.id} (${what}, per ${room.period}): ${left}, this takes ${room.needed.amount}.`
  if (room.hasRoom) return budget
  const end = room.isHard
    ? 'it would be kept back, and go out by itself only if there is room within six hours of its time'
    : 'it goes out all the same'
  return `${state('warn')} ${budget} That is too little; ${end}.`
}

function verdictText({ problems, comment }: DryRun['verdicts'][number]): string {
  const all = [...problems, ...(comment?.problems ?? [])]
  if (all.length > 0) return oneLine(all.map((problem) => problem.message).join('; '), 200)
  return comment?.isOffered === false ? `${state('ok')}, without the first comment` : state('ok')
}
