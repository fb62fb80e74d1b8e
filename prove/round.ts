/**
 * One round: posts to every network are due, one fault happens, waiting is simulated until all have come to
 * rest, and the walls of the networks are counted.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Arena } from './arena.ts'
import { type Fault, hitsAll, pastDeadlineMs, type Rule, slowMs } from './fault.ts'
import { type Aim, delayOf, type Hit, isMoment, stopsOne, strike } from './strike.ts'
import type { Channel, DeliveryRow, Scheduled } from './talk.ts'

/** `lost`: said to be out and is not, or given up although it could go out. `denied`: out, and said not to be. */
export type Verdict = 'once' | 'once-unsure' | 'none-honest' | 'lost' | 'denied' | 'doubled' | 'unfinished'

export type Run = {
  backend: Arena['backend']
  network: string
  login: string
  fault: string
  /** Whether the fault was aimed at this post; the others of a round are hit at whatever they were doing. */
  isAim: boolean
  isRealTime: boolean
  verdict: Verdict
  count: number
  state: string
  text: string
  /** From a kill in the middle of an attempt, or the last of several, to the claim of another worker. Milliseconds of the workers' clock. */
  takeOversMs: number[]
  /** From the fault to rest, by the same clock. */
  recoveryMs: number | null
  attempts: DeliveryRow['attempts']
  reason: string | null
}

export type RoundOptions = Aim & {
  networks: readonly string[]
  label: string
}

/** So long a round may take of real time before it counts as unfinished. */
const patienceMs = 180_000
const hasRest = new Set(['published', 'refused', 'held', 'cancelled'])

/** Leases are renewed more often than this; what is not renewed so long is nobody's work. Milliseconds. */
const renewalMs = 2_200

export async function runRound(options: RoundOptions): Promise<Run[]> {
  const { arena, fault } = options
  const posts = postsOf(options)
  await arena.settled()
  await arena.forgetRequests()
  await arena.setRules(rulesOf(fault, options.aim, posts))
  if (fault.skewMs !== undefined) await arena.skew(fault.skewMs)
  arena.loseStatements(fault.loses ?? null)
  const startedAt = arena.now()
  const ids = await arena.ask<string[]>({ do: 'schedule', world: arena.world, posts })
  const { rows, hits } = await untilRest(options, ids, posts)
  if (fault.loses && arena.lostStatements() === 0) throw new Error(`${fault.id}: no such statement passed`)
  arena.loseStatements(null)
  await arena.setRules([])
  await arena.skew(0)
  const last = fault.reconnects ? await reconnect(options, ids, posts) : rows
  // What a stalled or slow request still does late shows now.
  await sleep(stopsOne(fault.act) ? 500 : 20)
  const rested = await arena.states(ids)
  const texts = new Map<string, string[]>()
  for (const network of new Set(posts.map(({ channel }) => channel.network)))
    texts.set(
      network,
      (await arena.wall(network, 60)).filter((post) => !post.deleted).map((post) => post.text),
    )
  return posts.map((post, index) => {
    const row = (last.length > 0 ? rested : rows).find(({ id }) => id === ids[index])
    if (!row) throw new Error('a delivery is gone')
    const { network, login } = post.channel
    const count = texts.get(network)?.filter((text) => text.includes(post.text)).length ?? 0
    return {
      backend: arena.backend,
      network,
      login,
      fault: fault.id,
      isAim: hitsAll(fault) || network === options.aim,
      isRealTime: fault.isRealTime ?? false,
      verdict: verdictOf(row, count, fault),
      count,
      state: row.state,
      text: post.text,
      ...timesOf(row, hits, startedAt),
      attempts: row.attempts,
      reason: row.reason ?? row.holdReason,
    }
  })
}

/** Counts everything once more at the end: whatever came late shows now. */
export async function recount(arena: Arena, runs: readonly Run[]): Promise<Run[]> {
  const texts: string[] = []
  for (const network of new Set(runs.map((run) => run.network)))
    for (const post of await arena.wall(network, 100_000)) if (!post.deleted) texts.push(post.text)
  return runs.map((run) => {
    const count = texts.filter((text) => text.includes(run.text)).length
    return { ...run, count, verdict: count > 1 ? 'doubled' : count < run.count ? 'lost' : run.verdict }
  })
}

/** At most two channels of each network, a picture on every second post and wherever steps are wanted. */
function postsOf({ arena, fault, chance, networks, label }: RoundOptions): Scheduled[] {
  const wantsSteps = fault.rules?.some(({ match }) => match?.effect === 'upload') ?? false
  return networks.flatMap((network) => {
    const channels = arena.channels.filter((channel) => channel.network === network)
    const chosen: Channel[] = []
    while (chosen.length < Math.min(2, channels.length))
      chosen.push(chance.pick(channels.filter((channel) => !chosen.includes(channel))))
    return chosen.map((channel, index) => ({
      channel,
      text: `Proof ${label} ${network} ${index} end.`,
      withPicture: wantsSteps || network === 'instagram' || chance.below(2) === 0,
      dueInMs: 60 + chance.below(40),
    }))
  })
}

function rulesOf(
  fault: Fault,
  aim: string | null,
  posts: readonly Scheduled[],
): Array<Rule & { network: string }> {
  const networks = [...new Set(posts.map(({ channel }) => channel.network))]
  return networks.flatMap((network) =>
    (fault.rules ?? []).map((rule, index) => ({
      ...rule,
      id: `${network === aim ? 'aim' : network}-${index}`,
      network,
      times:
        rule.times === 'posts'
          ? posts.filter((post) => post.channel.network === network).length
          : (rule.times ?? 1),
    })),
  )
}

/** Moves the clock to whatever comes next, but never while something is really under way. */
async function untilRest(options: RoundOptions, ids: readonly string[], posts: readonly Scheduled[]) {
  const { arena, fault, aim, chance } = options
  const startedAt = performance.now()
  const isLong = fault.isLong === true
  let struck: Hit[] | null = null
  const isWorkedOn = renewalWatch()
  let stillUntil = 0
  let stalledAt = 0
  let rows: DeliveryRow[] = []
  for (;;) {
    rows = await arena.states(ids)
    if (fault.act !== undefined && struck === null && (await isMoment(options, posts))) {
      await sleep(delayOf(fault, chance))
      rows = await arena.states(ids)
      struck = await strike(options, rows, posts)
      stillUntil = performance.now() + slowMs + 100
      if (stopsOne(fault.act)) stalledAt = performance.now()
      continue
    }
    const open = rows.filter(({ state, nextAt }) => nextAt !== null && !hasRest.has(state))
    if (stalledAt > 0 && (open.length === 0 || performance.now() - stalledAt > 5_000)) {
      arena.goOn()
      stalledAt = 0
      stillUntil = performance.now() + 300
      continue
    }
    if (open.length === 0) break
    if (performance.now() - startedAt > patienceMs + (isLong ? pastDeadlineMs : 0)) break
    const isBusy = open.some((row) => isWorkedOn(row) && arena.isAlive(row.workerId))
    const mayJump = !fault.isRealTime || !rows.some((row) => isLeftBehind(row, struck ?? []))
    const waitMs = Math.min(...open.map(({ nextAt }) => nextAt ?? Infinity)) - arena.now()
    if (isBusy || !mayJump || performance.now() < stillUntil)
      await sleep(fault.at === 'answered' && struck === null ? 2 : 15)
    else if (waitMs > 0 && !(struck === null && fault.at === 'due')) await arena.advance(waitMs + 5)
    else {
      if (waitMs <= 0) await arena.ask({ do: 'wake' })
      await sleep(15)
    }
    if (aim === null && fault.act !== undefined) throw new Error(`${fault.id} needs an aim`)
  }
  arena.goOn()
  return { rows, hits: struck ?? [] }
}

/** Makes the connections new, as a person would, and lets what was held for them go on. */
async function reconnect(options: RoundOptions, ids: readonly string[], posts: readonly Scheduled[]) {
  await options.arena.ask({ do: 'connect', world: options.arena.world })
  await options.arena.ask({ do: 'wake' })
  const calm: Fault = { id: options.fault.id, title: '', mustGoOut: true }
  const { rows } = await untilRest({ ...options, fault: calm }, ids, posts)
  return rows
}

function verdictOf(row: DeliveryRow, count: number, fault: Fault): Verdict {
  const isGone = row.state === 'refused' || row.state === 'cancelled'
  if (count > 1) return 'doubled'
  if (row.nextAt !== null && !hasRest.has(row.state)) return 'unfinished'
  if (count === 1) return row.state === 'published' ? 'once' : isGone ? 'denied' : 'once-unsure'
  if (row.state === 'published' || (isGone && fault.mustGoOut)) return 'lost'
  return 'none-honest'
}

/** The attempt that a hit broke off, and the one that followed: the take-over, where there was one. */
function brokenBy({ victim, at }: Hit, { attempts }: DeliveryRow) {
  const index = attempts.findLastIndex(
    ([worker, startedAt, outcome]) => worker === victim && outcome === null && startedAt <= at,
  )
  return index < 0 ? null : { takenOverAt: attempts[index + 1]?.[1] ?? null }
}

function isLeftBehind(row: DeliveryRow, hits: readonly Hit[]): boolean {
  return hits.some((hit) => brokenBy(hit, row)?.takenOverAt === null)
}

function timesOf(row: DeliveryRow, hits: readonly Hit[], startedAt: number) {
  const from = hits[0]?.at ?? startedAt
  const takeOvers = hits.flatMap((hit) => {
    const takenOverAt = brokenBy(hit, row)?.takenOverAt ?? null
    if (takenOverAt === null) return []
    // Who was to take it over may have been killed as well, before it could.
    const lastAt = Math.max(...hits.map(({ at }) => at).filter((at) => at < takenOverAt))
    return [takenOverAt - lastAt]
  })
  const isHit = hits.length === 0 || takeOvers.length > 0
  return {
    takeOversMs: takeOvers,
    recoveryMs: isHit && hasRest.has(row.state) && row.updatedAt > from ? row.updatedAt - from : null,
  }
}

/** Whether somebody works on a row: its lease is young, or was prolonged just now. Of real time. */
function renewalWatch(): (row: DeliveryRow) => boolean {
  const seen = new Map<string, { nextAt: number | null; since: number }>()
  return ({ id, isHeld, nextAt }) => {
    const before = seen.get(id)
    const since = before?.nextAt === nextAt ? before.since : performance.now()
    seen.set(id, { nextAt, since })
    return isHeld && performance.now() - since < renewalMs
  }
}
