/** Composing: saving a new post with its jobs, copying one, and saying what would happen. */
import { sql } from 'kysely'
import { newId } from '#domain/id.ts'
import { addMoney, type Money } from '#domain/money.ts'
import type { WorkspacePrices } from '#engine/price-books.ts'
import { type BudgetRoom, roomFor } from './budget-room.ts'
import { requireRole } from './permissions.ts'
import {
  commentOf,
  type Content,
  type Plan,
  planContent,
  requireSendable,
  type Verdict,
} from './post-content.ts'
import { type PostView, noSuchPost, showPost } from './post-view.ts'
import { writePost } from './post-writing.ts'
import { dayOf } from './prices.ts'
import { type Cost, type LinkCost, linkCost, publishCost } from './publish-cost.ts'
import type { Actor, System } from './system.ts'

export type NewPost = Content & { draft?: boolean | undefined }

/** Saves a post and its jobs in one transaction. Throws `post_invalid` with every reason; then nothing is saved. */
export async function createPost(system: System, actor: Actor, input: NewPost): Promise<PostView> {
  requireRole(actor, 'editor')
  const id = newId('pst', system.now())
  const isDraft = input.draft ?? false
  await system.db
    .transaction()
    .execute((transaction) =>
      writePost(transaction, system, actor, { id, isDraft, before: null, deliveries: [] }, input),
    )
  if (!isDraft) system.wake()
  return showPost(system, actor, id)
}

/** `linkCost`: what the post alone costs with and without a link, where that makes a difference. */
type PricedVerdict = Verdict & Cost & { linkCost: LinkCost | null }

export type DryRun = {
  dueAt: Date
  verdicts: PricedVerdict[]
  /** Of all whose price is known. */
  cost: Money
  /** Every budget that concerns it, those without room first. */
  budgets: BudgetRoom[]
}

/** What would happen: verdict and price per channel, and whether the budgets have room. Saves nothing. */
export async function dryRun(system: System, actor: Actor, input: NewPost): Promise<DryRun> {
  const isDraft = input.draft ?? false
  const prices = await system.prices.of(actor.workspaceId)
  const plan = await planContent(system.db, system, actor, input, { isDraft })
  if (plan.targets.length === 0 && !isDraft) requireSendable(plan)
  const dueAt = plan.dueAt ?? system.now()
  const verdicts = priced(prices, plan, input, dueAt)
  const known = verdicts.flatMap(({ cost }) => cost ?? [])
  const channels = plan.targets.flatMap(({ id, network, connectionId, isSandbox }) => {
    const cost = verdicts.find(({ channelId }) => channelId === id)?.cost
    return cost ? [{ network, connectionId, sandbox: isSandbox, cost }] : []
  })
  return {
    dueAt,
    verdicts,
    // Prices are all in one currency; adding different ones throws.
    cost: addMoney(known, known[0]?.currency ?? 'USD'),
    budgets: await roomFor(system, actor, channels, dueAt),
  }
}

function priced(prices: WorkspacePrices, plan: Plan, content: Content, dueAt: Date): PricedVerdict[] {
  return plan.targets.flatMap((target) => {
    const verdict = plan.verdicts.find(({ channelId }) => channelId === target.id)
    if (!verdict) return []
    const own = prices.of(target.network)
    const place = { connectionId: target.connectionId, on: dayOf(dueAt) }
    const text = content.variants?.[target.id] ?? content.text
    const comment = commentOf(verdict.comment, content, target)
    const cost = publishCost(own, place, { text, images: plan.images, comment })
    return [{ ...verdict, ...cost, linkCost: linkCost(own, place) }]
  })
}

/** A new draft with the same content and no time; channels that are not active any more are left out. */
export async function duplicatePost(system: System, actor: Actor, id: string): Promise<PostView> {
  requireRole(actor, 'editor')
  const now = system.now()
  const copyId = newId('pst', now)
  const { workspaceId } = actor
  await system.db.transaction().execute(async (transaction) => {
    const { numAffectedRows } = await sql`
      insert into post (id, workspace_id, text, first_comment, link, is_draft, created_by, created_at, updated_at)
      select ${copyId}, workspace_id, text, first_comment, link, true, ${actor.memberId}, ${now}, ${now}
      from post where workspace_id = ${workspaceId} and id = ${id}`.execute(transaction)
    if (!numAffectedRows) throw noSuchPost(id)
    await sql`insert into attachment (workspace_id, post_id, position, media_file_id, alt_text)
      select workspace_id, ${copyId}, position, media_file_id, alt_text
      from attachment where workspace_id = ${workspaceId} and post_id = ${id}`.execute(transaction)
    await sql`insert into variant (id, workspace_id, post_id, channel_id, text, first_comment)
      select 'var_' || substr(${copyId}, 5) || '_' || row_number() over (order by v.id), v.workspace_id, ${copyId}, v.channel_id, v.text,
        v.first_comment
      from variant v join channel c on c.workspace_id = v.workspace_id and c.id = v.channel_id and c.state = 'active'
      where v.workspace_id = ${workspaceId} and v.post_id = ${id}`.execute(transaction)
  })
  return showPost(system, actor, copyId)
}
