/**
 * One round: posts to every network are due, one fault happens, waiting is simulated until all have come to
 * rest, and the walls of the networks are counted.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Arena } from './arena.ts'
import { type Fault, pastDeadlineMs, type Rule, slowMs } from './faults.ts'
import type { Chance } from './random.ts'
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
  verdict: Verdict
  count: number
  state: string
  text: string
  /** From the fault to the claim of another worker, and to rest. Milliseconds of the simulated clock. */
  takeOverMs: number | null
  recoveryMs: number | null
  attempts: DeliveryRow['attempts']
  reason: string | null
}

export type RoundOptions = {
  arena: Arena
  fault: Fault
  /** Null where the fault needs no aim. */
  aim: string | null
  networks: readonly string[]
  chance: Chance
  label: string
}

/** So long a round may take of real time before it counts as unfinished. */
const patienceMs = 60_000
const hasRest = new Set(['published', 'refused', 'held', 'cancelled'])

type Struck = { at: number; victim: string | null }

export async function runRound(options: RoundOptions): Promise<Run[]> {
  const { arena, fault } = options
  const posts = postsOf(options)
  await arena.settled()
  await arena.forgetRequests()
  await arena.setRules(rulesOf(fault, options.aim, posts))
  if (fault.skewMs !== undefined) await arena.skew(fault.skewMs)
  const startedAt = arena.now()
  const ids = await arena.ask<string[]>({ do: 'schedule', world: arena.world, posts })
  const { rows, struck } = await untilRest(options, ids, posts)
  await arena.setRules([])
  await arena.skew(0)
  const last = fault.reconnects ? await reconnect(options, ids, posts) : rows
  // What a stalled or slow request still does late shows now.
  await sleep(fault.act === 'stall' ? 500 : 20)
  const rested = await arena.ask<DeliveryRow[]>({ do: 'states', ids })
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
      isAim: fault.act === undefined || fault.act.startsWith('clock') || network === options.aim,
      verdict: verdictOf(row, count, fault),
      count,
      state: row.state,
      text: post.text,
      ...timesOf(row, struck, startedAt),
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
  let struck: Struck | null = null
  let stillUntil = 0
  let stalledAt = 0
  let rows: DeliveryRow[] = []
  for (;;) {
    rows = await arena.ask<DeliveryRow[]>({ do: 'states', ids: [...ids] })
    if (fault.act !== undefined && struck === null && (await isMoment(options, posts))) {
      await sleep(delayOf(fault, chance))
      rows = await arena.ask<DeliveryRow[]>({ do: 'states', ids: [...ids] })
      struck = await strike(options, rows, posts)
      stillUntil = performance.now() + slowMs + 100
      if (fault.act === 'stall') stalledAt = performance.now()
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
    const isBusy = open.some((row) => row.isHeld && arena.isAlive(row.workerId))
    const waitMs = Math.min(...open.map(({ nextAt }) => nextAt ?? Infinity)) - arena.now()
    if (isBusy || performance.now() < stillUntil)
      await sleep(fault.at === 'answered' && struck === null ? 2 : 15)
    else if (waitMs > 0 && !(struck === null && fault.at === 'due')) await arena.advance(waitMs + 5)
    else {
      if (waitMs <= 0) await arena.ask({ do: 'wake' })
      await sleep(15)
    }
    if (aim === null && fault.act !== undefined) throw new Error(`${fault.id} needs an aim`)
  }
  arena.goOn()
  return { rows, struck }
}

/** Whether the network aimed at has seen what the fault waits for. */
async function isMoment({ arena, fault, aim }: RoundOptions, posts: readonly Scheduled[]): Promise<boolean> {
  const mine = posts.filter(({ channel }) => channel.network === aim)
  switch (fault.at) {
    case 'between-steps':
    case 'in-flight':
      return (await arena.rules()).some(({ id, applied }) => id === 'aim-0' && applied > 0)
    case 'committed':
      return (await arena.wall(aim ?? '', 20)).some(({ text }) =>
        mine.some((post) => text.includes(post.text)),
      )
    case 'answered':
      return (await arena.requests(aim ?? '')).some(
        ({ effect, status }) => effect === 'publish' && status !== null,
      )
    case 'due':
    case undefined:
      return true
  }
  return true
}

/** Around the moment: sometimes right at it, sometimes when the next thing has begun. Milliseconds. */
function delayOf({ at, act }: Fault, chance: Chance): number {
  if (act?.startsWith('clock')) return 0
  switch (at) {
    case 'due':
      return 40 + chance.below(200)
    case 'answered':
      return chance.below(12)
    case 'between-steps':
      return chance.below(350)
    case 'in-flight':
    case 'committed':
    case undefined:
      return chance.below(slowMs - 200)
  }
  return 0
}

async function strike(
  { arena, fault, aim, chance }: RoundOptions,
  rows: readonly DeliveryRow[],
  posts: readonly Scheduled[],
): Promise<Struck> {
  const isAimed = (row: DeliveryRow) =>
    row.isHeld && posts.some(({ channel }) => channel.id === row.channelId && channel.network === aim)
  const holder =
    rows.find((row) => isAimed(row) && arena.isAlive(row.workerId)) ?? rows.find(({ isHeld }) => isHeld)
  const victim = holder?.workerId ?? chance.pick(arena.aliveIds())
  const at = arena.now()
  switch (fault.act) {
    case 'kill':
      await arena.kill(victim)
      break
    case 'kill-twice':
      await arena.kill(victim)
      await arena.settled()
      await sleep(slowMs)
      await arena.advance(5_000)
      await sleep(chance.below(200))
      await arena.kill(chance.pick(arena.aliveIds()))
      await arena.settled()
      break
    case 'stall':
      arena.stall(victim)
      break
    case 'clock-ahead':
      await arena.skew(3_600_000)
      return { at, victim: null }
    case 'clock-behind':
      await arena.skew(-3_600_000)
      return { at, victim: null }
    case undefined:
      break
  }
  return { at, victim }
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

function timesOf(row: DeliveryRow, struck: Struck | null, startedAt: number) {
  const from = struck?.at ?? startedAt
  const wasVictims = row.attempts.some(([worker]) => worker === struck?.victim)
  const takeOver = row.attempts.find(([worker, at]) => worker !== struck?.victim && at > from)
  const isHit = struck === null || wasVictims
  return {
    takeOverMs: struck?.victim && wasVictims && takeOver ? takeOver[1] - from : null,
    recoveryMs: isHit && hasRest.has(row.state) && row.updatedAt > from ? row.updatedAt - from : null,
  }
}
