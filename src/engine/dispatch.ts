/**
 * The worker loop: claim what is due, run it, renew leases, settle.
 *
 * A timer is armed on the next due time, so a delivery starts within milliseconds of it; a poll of one
 * second finds what other processes scheduled. `plan.ts` says whose turn it is.
 */
import {
  type Claim,
  claimDeliveries,
  claimedOf,
  claimPiece,
  type ClaimedDelivery,
  dueChannels,
  type Handle,
  isOwnRemotePost,
  nextDueAt,
  renewLeases,
} from '#storage/deliveries.ts'
import {
  type Intent,
  intentPiece,
  type MemoryWrite,
  type SettledDelivery,
  settledIds,
  settlePiece,
  writeMemories,
} from '#storage/settlements.ts'
import { createBatcher } from './batcher.ts'
import type { Breakers } from './breakers.ts'
import { deliver, type DeliverPorts } from './deliver.ts'
import { createLanes, type Lanes } from './lanes.ts'
import { afterOutage } from './outage.ts'
import { createPlaces } from './places.ts'
import { createPlan } from './plan.ts'

export type DispatcherOptions = {
  db: Handle
  /** Those of the ledger, so that what belongs together is committed together. */
  lanes?: Lanes
  workerId: string
  now: () => Date
  random?: () => number
  openChannel: DeliverPorts['openChannel']
  openPayload: DeliverPorts['openPayload']
  breakers: Breakers
  /** Most deliveries at once, but for slow ones: see `places.ts`. Default 64. */
  concurrency?: number
  /** After so long a delivery gives its place back. Default 500. */
  slowAfterMs?: number
  /** Default 5,000; renewed at a third. */
  leaseMs?: number
  /** Longest time between two looks at the table. Default 1,000. */
  pollMs?: number
  /** Resolves when what the calls so far cost is written down. */
  metered?: () => Promise<void>
  onError: (cause: unknown, delivery?: ClaimedDelivery) => void
  onSettled?: (delivery: ClaimedDelivery, settled: SettledDelivery) => void
}

export type Dispatcher = {
  start: () => void
  /** Something was scheduled: look now. */
  wake: () => void
  /** Stops claiming and waits for what is under way, at most so long. What is left is taken up by the next worker. */
  stop: (withinMs?: number) => Promise<void>
  /** Runs everything due once and returns how many; for tests and simulated clocks. */
  runDue: () => Promise<number>
}

/** A plan is used no longer than this, so that newcomers get their turn. Milliseconds. */
const planMs = 200

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { db, now, workerId, lanes = createLanes(options.db) } = options
  const concurrency = options.concurrency ?? 64
  const leaseMs = options.leaseMs ?? 5_000
  const pollMs = options.pollMs ?? 1_000
  const held = new Map<string, ClaimedDelivery>()
  const running = new Set<Promise<void>>()
  const places = createPlaces({
    concurrency,
    slowAfterMs: options.slowAfterMs ?? 500,
    // A claim costs the same for one as for many, and deliveries claimed together stay together in every later
    // statement, so half of them are let finish first: halves make twice the throughput of quarters.
    onFree: () => (places.quick() <= quickAfterClaim / 2 ? look() : linger()),
  })
  let quickAfterClaim = 0
  let plan = createPlan([])
  let plannedAt = Number.NEGATIVE_INFINITY
  let timer: NodeJS.Timeout | undefined
  let timerAt = Number.POSITIVE_INFINITY
  let lingering: NodeJS.Timeout | undefined
  let renewal: NodeJS.Timeout | undefined
  let isStopped = true
  let looking: Promise<void> | null = null
  let wantsLook = false

  const ports = portsOf(options, lanes)
  // The statement that settles deliveries claims the next of their channels.
  const settle = lanes.arrivals<SettledDelivery, boolean>({
    ready: (_, settled) => {
      const claim = isStopped ? null : nextClaim(settled)
      return {
        pieces: [settlePiece(settled), ...(claim === null ? [] : [claimPiece(claim, settledIds)])],
        kept: ([ids, claimed]) => {
          const kept = new Set(ids as string[])
          if (claim !== null) startAll(claimedOf(claimed), settled.length)
          return ({ id }) => kept.has(id)
        },
      }
    },
  })

  async function run(delivery: ClaimedDelivery): Promise<void> {
    held.set(delivery.id, delivery)
    try {
      const delivered = await deliver(delivery, ports)
      if (delivered === null) return
      const result = await afterOutage(options.breakers, delivery, delivered)
      const settled: SettledDelivery = { id: delivery.id, token: delivery.token, at: now(), ...result }
      const [isKept] = await Promise.all([settle(settled), options.metered?.()])
      if (!isKept) return
      if (result.change.nextAt !== null) armAt(result.change.nextAt)
      options.onSettled?.(delivery, settled)
    } catch (cause) {
      // The lease runs out and the delivery is taken up again; after an intent it is looked for first.
      report(options, cause, delivery)
    } finally {
      // A later claim of the same delivery, after this one's lease had run out, keeps its renewal.
      if (held.get(delivery.id) === delivery) held.delete(delivery.id)
    }
  }

  /** `viewMs`: how old its view of the breakers may be. */
  async function makePlan(viewMs = pollMs): Promise<void> {
    plannedAt = performance.now()
    const at = now()
    await options.breakers.beforePlan(at, viewMs)
    const [due, next] = await Promise.all([dueChannels(db, at), nextDueAt(db, at)])
    plan = createPlan(due)
    armAt(next)
  }

  async function claimInto(limit: number): Promise<number> {
    const claim = claimOf(plan.take(limit, held.values(), places))
    if (claim === null) return 0
    const claimed = await claimDeliveries(db, claim)
    startAll(claimed, 0)
    return claimed.length
  }

  function claimOf(channelIds: readonly string[]): Claim | null {
    return channelIds.length === 0 ? null : { workerId, now: now(), leaseMs, channelIds }
  }

  /** As if those that end had left their channels and places already. */
  function nextClaim(ending: ReadonlyArray<{ id: string }>): Claim | null {
    const ids = new Set(ending.map(({ id }) => id))
    const staying = [...held.values()].filter(({ id }) => !ids.has(id))
    const leaving = [...held.values()].filter((delivery) => ids.has(delivery.id) && !places.isSlow(delivery))
    return claimOf(plan.take(places.free() + leaving.length, staying, places))
  }

  /** `ending`: how many are under way still that are done. */
  function startAll(claimed: readonly ClaimedDelivery[], ending: number): void {
    for (const delivery of claimed) {
      const leave = places.take(delivery)
      const work = run(delivery).finally(() => {
        running.delete(work)
        leave()
      })
      running.add(work)
    }
    quickAfterClaim = places.quick() - ending
  }

  async function lookOnce(): Promise<void> {
    const free = places.free()
    if (free <= 0) return // The next one that is done or slow looks again.
    if (plan.isEmpty() || performance.now() - plannedAt > planMs) await makePlan()
    await claimInto(free)
  }

  /** `isNews`: something was scheduled that the plan cannot know. */
  function look(isNews = false): void {
    if (isNews) plannedAt = Number.NEGATIVE_INFINITY
    wantsLook = true
    if (looking || isStopped) return
    looking = (async () => {
      while (wantsLook && !isStopped) {
        wantsLook = false
        await lookOnce().catch((cause: unknown) => {
          report(options, cause)
          armIn(pollMs)
        })
      }
      looking = null
    })()
  }

  function linger(): void {
    clearTimeout(lingering)
    if (!isStopped) lingering = setTimeout(look, 10)
  }

  /** Looks at the table when something is due, and at least at every poll. An earlier time stands. */
  function armAt(at: Date | null): void {
    armIn(at === null ? pollMs : at.getTime() - now().getTime())
  }

  function armIn(ms: number): void {
    const wait = Math.min(pollMs, Math.max(1, ms))
    if (isStopped || performance.now() + wait >= timerAt) return
    clearTimeout(timer)
    timerAt = performance.now() + wait
    timer = setTimeout(() => {
      timerAt = Number.POSITIVE_INFINITY
      look(true)
    }, wait)
  }

  const renew = () =>
    renewLeases(db, [...held.values()], now(), leaseMs).catch((cause: unknown) => report(options, cause))

  return {
    start: () => {
      isStopped = false
      renewal = setInterval(() => void renew(), leaseMs / 3)
      look(true)
    },
    wake: () => look(true),
    stop: async (withinMs) => {
      isStopped = true
      await looking
      clearTimeout(timer)
      clearTimeout(lingering)
      await within(allOf(running), withinMs)
      clearInterval(renewal)
    },
    runDue: async () => {
      let total = 0
      for (;;) {
        await makePlan(0)
        const count = await claimInto(concurrency)
        await allOf(running)
        if (count === 0) return total
        total += count
      }
    },
  }
}

/** What is under way, and what was claimed as it was settled. */
async function allOf(running: ReadonlySet<Promise<void>>): Promise<void> {
  while (running.size > 0) await Promise.allSettled(running)
}

function portsOf(options: DispatcherOptions, lanes: Lanes): DeliverPorts {
  const { db, now } = options
  const intend = lanes.departures<Intent, boolean>({
    ready: (_, intents) => ({
      pieces: [intentPiece(intents)],
      kept: ([ids]) => {
        const kept = new Set(ids as string[])
        return ({ id }) => kept.has(id)
      },
    }),
  })
  const remember = createBatcher<MemoryWrite, boolean>(async (writes) => {
    const kept = await writeMemories(db, writes)
    return (write) => kept.has(write.id)
  })
  return {
    now,
    random: options.random ?? Math.random,
    openChannel: options.openChannel,
    openPayload: options.openPayload,
    intend,
    remember: ({ id, token }, name, value) => remember({ id, token, name, value }),
    isOurs: (delivery, remoteId) => isOwnRemotePost(db, delivery.channelId, delivery.id, remoteId),
    onFault: (cause, delivery) => report(options, cause, delivery),
  }
}

/** A reporter that fails must not take the loop with it. */
function report(options: DispatcherOptions, cause: unknown, delivery?: ClaimedDelivery): void {
  try {
    options.onError(cause, delivery)
  } catch {
    // There is nobody left to tell.
  }
}

async function within(work: Promise<unknown>, ms: number | undefined): Promise<void> {
  if (ms === undefined) return void (await work)
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([work, limit])
  clearTimeout(timer)
}
