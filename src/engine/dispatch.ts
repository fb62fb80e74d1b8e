/**
 * The worker loop: claim what is due, run it, renew leases, settle.
 *
 * A timer is armed on the next due time, so a delivery starts within milliseconds of it; a poll of one
 * second finds what other processes scheduled.
 */
import {
  claimDeliveries,
  commitIntents,
  type ClaimedDelivery,
  type Handle,
  type Intent,
  isOwnRemotePost,
  nextDueAt,
  renewLeases,
  settleDeliveries,
  type SettledDelivery,
  writeMemory,
} from '#storage/deliveries.ts'
import { createBatcher } from './batcher.ts'
import { deliver, type DeliverPorts } from './deliver.ts'

export type DispatcherOptions = {
  db: Handle
  workerId: string
  now: () => Date
  random?: () => number
  openChannel: DeliverPorts['openChannel']
  openPayload: DeliverPorts['openPayload']
  /** Most deliveries at once. Default 32. */
  concurrency?: number
  /** Default 5,000; renewed at a third. */
  leaseMs?: number
  /** Longest time between two looks at the table. Default 1,000. */
  pollMs?: number
  onError: (cause: unknown, delivery?: ClaimedDelivery) => void
  onSettled?: (delivery: ClaimedDelivery, settled: SettledDelivery) => void
}

export type Dispatcher = {
  start: () => void
  /** Something was scheduled: look now. */
  wake: () => void
  /** Stops claiming and waits for what is under way. */
  stop: () => Promise<void>
  /** Runs everything due once and returns how many; for tests and simulated clocks. */
  runDue: () => Promise<number>
}

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { db, now, workerId } = options
  const concurrency = options.concurrency ?? 32
  const leaseMs = options.leaseMs ?? 5_000
  const held = new Map<string, ClaimedDelivery>()
  const running = new Set<Promise<void>>()
  let timer: NodeJS.Timeout | undefined
  let renewal: NodeJS.Timeout | undefined
  let isStopped = true
  let isLooking = false
  let wantsLook = false

  const intend = createBatcher<Intent, boolean>(async (intents) => {
    const kept = await commitIntents(db, intents)
    return (intent) => kept.has(intent.id)
  })
  const settle = createBatcher<SettledDelivery, boolean>(async (settled) => {
    const kept = await settleDeliveries(db, settled)
    return (one) => kept.has(one.id)
  })
  const ports: DeliverPorts = {
    now,
    random: options.random ?? Math.random,
    openChannel: options.openChannel,
    openPayload: options.openPayload,
    intend,
    remember: (delivery, name, value) => writeMemory(db, delivery.id, delivery.token, name, value),
    isOurs: (delivery, remoteId) => isOwnRemotePost(db, delivery.channelId, delivery.id, remoteId),
  }

  async function run(delivery: ClaimedDelivery): Promise<void> {
    held.set(delivery.id, delivery)
    try {
      const result = await deliver(delivery, ports)
      if (result === null) return
      const settled: SettledDelivery = { id: delivery.id, token: delivery.token, at: now(), ...result }
      if (await settle(settled)) options.onSettled?.(delivery, settled)
    } catch (cause) {
      // The lease runs out and the delivery is taken up again; after an intent it is looked for first.
      options.onError(cause, delivery)
    } finally {
      held.delete(delivery.id)
    }
  }

  async function claimInto(limit: number): Promise<number> {
    const claimed = await claimDeliveries(db, { workerId, now: now(), leaseMs, limit })
    for (const delivery of claimed) {
      const work = run(delivery).finally(() => {
        running.delete(work)
        if (!isStopped) look()
      })
      running.add(work)
    }
    return claimed.length
  }

  async function lookOnce(): Promise<void> {
    const free = concurrency - running.size
    if (free > 0 && (await claimInto(free)) === free) return // Full: the next finished one looks again.
    await arm()
  }

  function look(): void {
    wantsLook = true
    if (isLooking || isStopped) return
    isLooking = true
    void (async () => {
      while (wantsLook && !isStopped) {
        wantsLook = false
        await lookOnce().catch((cause: unknown) => {
          options.onError(cause)
          armIn(options.pollMs ?? 1_000)
        })
      }
      isLooking = false
    })()
  }

  async function arm(): Promise<void> {
    const pollMs = options.pollMs ?? 1_000
    const due = await nextDueAt(db)
    armIn(due === null ? pollMs : Math.min(pollMs, Math.max(1, due.getTime() - now().getTime())))
  }

  function armIn(ms: number): void {
    clearTimeout(timer)
    if (!isStopped) timer = setTimeout(look, ms)
  }

  const renew = () => renewLeases(db, [...held.values()], now(), leaseMs).catch(options.onError)

  return {
    start: () => {
      isStopped = false
      renewal = setInterval(() => void renew(), leaseMs / 3)
      look()
    },
    wake: look,
    stop: async () => {
      isStopped = true
      clearTimeout(timer)
      await Promise.allSettled(running)
      clearInterval(renewal)
    },
    runDue: async () => {
      let total = 0
      for (;;) {
        const count = await claimInto(concurrency)
        await Promise.allSettled(running)
        if (count === 0) return total
        total += count
      }
    },
  }
}
