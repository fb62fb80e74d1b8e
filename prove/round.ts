/**
 * One round: posts to every network are due, or first comments below posts that are out, or both after each other;
 * one fault happens, waiting is simulated until all have come to rest, and the walls of the networks are counted.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Arena, Seen } from './arena.ts'
import { type Fault, hitsAll, type Rule } from './fault.ts'
import { commentsBelow, postsOf } from './items.ts'
import { refusals } from './refusals.ts'
import { untilRest } from './rest.ts'
import { type Aim, type Hit, stopsOne } from './strike.ts'
import type { DeliveryRow, Scheduled } from './talk.ts'
import { belowOf, countOf, type Run, timesOf, verdictOf } from './verdict.ts'

export type RoundOptions = Aim & {
  networks: readonly string[]
  label: string
}

/** Nothing goes wrong. */
const calm: Fault = { id: 'calm', title: '', mustGoOut: true }

export async function runRound(options: RoundOptions): Promise<Run[]> {
  const { arena, fault, subject, chance } = options
  const posts = postsOf({ ...options, channels: arena.channels })
  await arena.settled()
  const out = subject === 'comments' ? await publishAll(options, posts) : []
  const comments =
    subject === 'posts' ? [] : commentsBelow(subject === 'both' ? posts : out, chance, subject !== 'both')
  const aimedAt = subject === 'comments' ? comments : [...posts, ...comments]
  await arena.forgetRequests()
  await arena.setRules(rulesOf(fault, options.aim, aimedAt))
  if (fault.skewMs !== undefined) await arena.skew(fault.skewMs)
  arena.loseStatements(fault.loses ?? null)
  const startedAt = arena.now()
  await arena.ask({ do: 'schedule', world: arena.world, items: aimedAt })
  const { rows, hits } = await untilRest(options, aimedAt)
  if (fault.loses && arena.lostStatements() === 0) throw new Error(`${fault.id}: no such statement passed`)
  arena.loseStatements(null)
  await arena.setRules([])
  await arena.skew(0)
  const last = fault.reconnects ? await reconnect(options, aimedAt) : rows
  // What a stalled or slow request still does late shows now.
  await sleep(stopsOne(fault.act) ? 500 : 20)
  const all = [...posts, ...comments]
  const rested = await arena.states(all.map(({ id }) => id))
  const seen = await seenOn(arena, posts, 60)
  return all.map((item) => {
    const isAimedAt = aimedAt.includes(item)
    const row = (last.length > 0 || !isAimedAt ? rested : rows).find(({ id }) => id === item.id)
    if (!row) throw new Error('a delivery is gone')
    const above = rested.find(({ id }) => id === item.parentId) ?? null
    return runOf(options, { item, row, above, below: belowOf(item, posts), seen, hits, startedAt, isAimedAt })
  })
}

type Rested = {
  item: Scheduled
  row: DeliveryRow
  above: DeliveryRow | null
  below: string | null
  seen: ReadonlyMap<string, readonly Seen[]>
  hits: readonly Hit[]
  startedAt: number
  isAimedAt: boolean
}

function runOf({ arena, fault, subject, aim }: RoundOptions, rested: Rested): Run {
  const { item, row, above, below, seen, hits, startedAt, isAimedAt } = rested
  const { network, login } = item.channel
  const count = countOf(item.text, below, seen.get(network) ?? [])
  return {
    backend: arena.backend,
    subject,
    part: item.parentId === null ? 'post' : 'comment',
    network,
    login,
    fault: fault.id,
    isAim: isAimedAt && (hitsAll(fault) || network === aim),
    isRealTime: fault.isRealTime ?? false,
    verdict: verdictOf(row, above, count, isAimedAt ? fault : calm),
    count,
    state: row.state,
    text: item.text,
    below,
    ...(isAimedAt ? timesOf(row, hits, startedAt) : { takeOversMs: [], recoveryMs: null }),
    attempts: row.attempts,
    reason: row.reason ?? row.holdReason,
  }
}

/** The posts above, before anything goes wrong. Returns those that are out. */
async function publishAll(options: RoundOptions, posts: readonly Scheduled[]): Promise<Scheduled[]> {
  const { arena } = options
  await arena.setRules([])
  await arena.ask({ do: 'schedule', world: arena.world, items: posts })
  const { rows } = await untilRest({ ...options, fault: calm }, posts)
  const out = new Set(rows.flatMap(({ id, state }) => (state === 'published' ? [id] : [])))
  return posts.filter(({ id }) => out.has(id))
}

/** Counts everything once more at the end: whatever came late shows now. */
export async function recount(arena: Arena, runs: readonly Run[]): Promise<Run[]> {
  const seen: Seen[] = []
  for (const network of new Set(runs.map((run) => run.network)))
    seen.push(...(await arena.wall(network, 100_000)))
  return runs.map((run) => {
    const count = countOf(run.text, run.below, seen)
    return { ...run, count, verdict: verdictAtLast(run, count) }
  })
}

function verdictAtLast({ verdict, count: before, state }: Run, count: number): Run['verdict'] {
  if (count === before) return verdict
  if (count > 1) return 'doubled'
  if (count < before) return 'lost'
  return state === 'refused' || state === 'cancelled' ? 'denied' : 'once-unsure'
}

async function seenOn(arena: Arena, posts: readonly Scheduled[], limit: number) {
  const seen = new Map<string, Seen[]>()
  for (const network of new Set(posts.map(({ channel }) => channel.network)))
    seen.set(network, await arena.wall(network, limit))
  return seen
}

function rulesOf(
  fault: Fault,
  aim: string | null,
  items: readonly Scheduled[],
): Array<Rule & { network: string }> {
  const networks = [...new Set(items.map(({ channel }) => channel.network))]
  return networks.flatMap((network) =>
    (fault.rules ?? []).map((rule, index) => ({
      ...rule,
      ...(rule.fault === 'error' ? { error: refusals[network] } : {}),
      id: `${network === aim ? 'aim' : network}-${index}`,
      network,
      times:
        rule.times === 'each'
          ? items.filter(({ channel }) => channel.network === network).length
          : (rule.times ?? 1),
    })),
  )
}

/** Makes the connections new, as a person would, and lets what was held for them go on. */
async function reconnect(options: RoundOptions, items: readonly Scheduled[]): Promise<DeliveryRow[]> {
  const { arena } = options
  await arena.ask({ do: 'connect', world: arena.world })
  await arena.ask({ do: 'wake' })
  const { rows } = await untilRest({ ...options, fault: calm }, items)
  return rows
}
