/**
 * Breakers as one process sees them: what it observes is counted here, what is open is read from the database.
 *
 * A call costs an entry in a map. Rows are written when a breaker opens, closes or lets one call try, and read
 * once per poll, so that all workers come to the same view.
 */
import {
  type Ability,
  commonTrouble,
  type Deployment,
  memoryMs,
  nextProbeAt,
  type Observation,
  openingRules,
  type Outage,
  outageReason,
  probePatienceMs,
  type Source,
  type Trouble,
  type Verdict,
} from '#domain/breaker.ts'
import {
  type BreakerKey,
  closeBreaker,
  endProbe,
  freeStranded,
  holdLate,
  knownLost,
  type OpenBreaker,
  openBreaker,
  openBreakers,
  type OutageWords,
  parkDue,
  takeBack,
  takeProbe,
  takeTurn,
  tellWaiting,
} from '#storage/breakers.ts'
import type { Handle } from '#storage/deliveries.ts'

export type BreakerOptions = {
  db: Handle
  now: () => Date
  random?: () => number
  /** The network a login belongs to, as people know it. */
  networkOf: (login: string) => { id: string; name: string }
  /** Something waits no longer: look. */
  wake: () => void
  onEvent: (event: { event: 'breaker-opened' | 'breaker-closed' } & BreakerKey & { cause: Trouble }) => void
  onError: (cause: unknown) => void
}

export type OpenOutage = OpenBreaker & OutageWords

export type Breakers = ReturnType<typeof createBreakers>

/** How old the view may be where somebody acts on it. Milliseconds of wall time. */
const viewMs = 1_000
/** Another worker that has not heard of the end yet may still park something for so long. */
const strandedMs = 10_000

export function createBreakers(options: BreakerOptions) {
  const { db, now } = options
  const random = options.random ?? Math.random
  const open = new Map<string, OpenOutage>()
  const seen = new Map<string, Map<string, Observation>>()
  const opening = new Map<string, Promise<void>>()
  let readAt = Number.NEGATIVE_INFINITY
  let openUntil = Number.NEGATIVE_INFINITY
  /** Counts what this process changed itself, for a view that was read meanwhile is older. */
  let changes = 0

  /** What became of a call or verb. Resolves when it is known whether that opens or closes a breaker. */
  async function report(source: Source, ability: Ability, verdict: Verdict): Promise<void> {
    const key = { login: source.login, server: source.server, ability }
    const name = nameOf(key)
    const observed = seen.get(name) ?? new Map<string, Observation>()
    seen.set(name, observed)
    observed.set(source.connectionId, { connectionId: source.connectionId, verdict, at: now() })
    if (verdict === 'works') return close(name)
    if (open.has(name)) return
    const running = opening.get(name)
    if (running) return running
    if (commonTrouble(observed.values(), now()) === null) return
    const work = considerOpening(key, observed)
      .catch(options.onError)
      .finally(() => opening.delete(name))
    opening.set(name, work)
    return work
  }

  async function considerOpening(key: BreakerKey, observed: Map<string, Observation>): Promise<void> {
    const at = now()
    for (const [id, one] of observed) if (one.at.getTime() <= at.getTime() - memoryMs) observed.delete(id)
    await dropKnownLost(observed, at)
    const cause = commonTrouble(observed.values(), at)
    if (cause === null) return
    const outage: Outage = { ...key, cause, openedAt: at }
    const words = wordsOf(outage)
    const probeAt = nextProbeAt(0, at, random())
    await openBreaker(db, { words, nextProbeAt: probeAt, blamedSince: blamedSince(outage) })
    const untried = { failedAt: at, failedProbes: 0, nextProbeAt: probeAt, probeDeliveryId: null }
    open.set(nameOf(key), { ...outage, ...untried, ...words })
    changes += 1
    options.onEvent({ event: 'breaker-opened', ...key, cause })
  }

  /** An account that people were asked to connect again already is no news. */
  async function dropKnownLost(observed: Map<string, Observation>, at: Date): Promise<void> {
    const ids = [...observed.values()].flatMap((one) =>
      one.verdict === 'unauthorised' ? [one.connectionId] : [],
    )
    if (ids.length === 0) return
    const since = new Date(at.getTime() - openingRules.unauthorised.windowMs)
    for (const id of await knownLost(db, ids, since)) observed.delete(id)
  }

  async function close(name: string): Promise<void> {
    const outage = open.get(name)
    if (!outage) return
    forget(name)
    changes += 1
    try {
      if (!(await closeBreaker(db, outage, now()))) return
      options.onEvent({ event: 'breaker-closed', ...keyOf(outage), cause: outage.cause })
      options.wake()
    } catch (cause) {
      // It is open still, and read so again.
      options.onError(cause)
    }
  }

  /** What was seen before the end says nothing of what comes. */
  function forget(name: string): void {
    open.delete(name)
    seen.delete(name)
    openUntil = performance.now() + strandedMs
  }

  /** Reads what is open, unless that was done just now. */
  async function refresh(maxAgeMs = viewMs): Promise<boolean> {
    if (performance.now() - readAt < maxAgeMs) return false
    readAt = performance.now()
    const before = changes
    const rows = await openBreakers(db)
    if (changes !== before) return true
    const names = new Set(rows.map(nameOf))
    for (const name of open.keys()) if (!names.has(name)) forget(name)
    for (const row of rows) open.set(nameOf(row), { ...row, ...wordsOf(row) })
    return true
  }

  function wordsOf(outage: Outage): OutageWords {
    const network = options.networkOf(outage.login)
    return { outage, networkId: network.id, reason: outageReason(network.name, outage) }
  }

  /** Parks what is due behind open breakers, and lets one try where it is time. Nothing where none is open. */
  async function beforePlan(at: Date, maxAgeMs?: number): Promise<void> {
    const isNew = await refresh(maxAgeMs)
    if (isNew && (open.size > 0 || performance.now() < openUntil)) await freeStranded(db, at)
    if (open.size === 0) return
    await parkDue(db, at, [...open.values()])
    if (!isNew) return
    await holdLate(db, at)
    for (const outage of open.values()) await lookAfter(outage, at)
  }

  async function lookAfter(outage: OpenOutage, at: Date): Promise<void> {
    // Somebody may have been blamed by a worker that had not heard of the outage.
    const since = blamedSince(outage)
    if (since !== null) await takeBack(db, outage, since, at)
    await tellWaiting(db, outage, at)
    await letOneTry(outage, at)
  }

  async function letOneTry(outage: OpenOutage, at: Date): Promise<void> {
    if (outage.nextProbeAt > at) return
    const giveUpAt = patience(at)
    const id = await takeProbe(db, outage.reason, keyOf(outage), { now: at, giveUpAt })
    if (id === null) return
    open.set(nameOf(outage), { ...outage, probeDeliveryId: id, nextProbeAt: giveUpAt })
    changes += 1
  }

  /** Whether a call may go out that no parked delivery makes: none is open, or it is this one's turn to try. */
  async function mayTry(
    deployment: Deployment,
    ability: Ability,
    deliveryId: string | null,
  ): Promise<boolean> {
    await refresh()
    const outage = open.get(nameOf({ ...deployment, ability }))
    if (!outage || (deliveryId !== null && outage.probeDeliveryId === deliveryId)) return true
    const at = now()
    if (outage.nextProbeAt > at) return false
    const giveUpAt = patience(at)
    const isTaken = await takeTurn(db, outage.reason, keyOf(outage), { now: at, giveUpAt })
    if (isTaken) {
      open.set(nameOf(outage), { ...outage, probeDeliveryId: null, nextProbeAt: giveUpAt })
      changes += 1
    }
    return isTaken
  }

  /** The one that tried did not find the network working: it failed, or told nothing. */
  async function ended(outage: OpenOutage, deliveryId: string | null, failed: boolean): Promise<void> {
    if (!open.has(nameOf(outage))) return
    const failedProbes = outage.failedProbes + (failed ? 1 : 0)
    const probe = { deliveryId, failed, nextProbeAt: nextProbeAt(failedProbes, now(), random()) }
    open.set(nameOf(outage), {
      ...outage,
      failedProbes,
      nextProbeAt: probe.nextProbeAt,
      probeDeliveryId: null,
    })
    changes += 1
    await endProbe(db, keyOf(outage), probe, now())
  }

  return {
    report,
    refresh,
    beforePlan,
    mayTry,
    ended,
    /** What is open, as far as this process knows; after an opening that is under way. */
    outageOf: async (deployment: Deployment, ability: Ability): Promise<OpenOutage | null> => {
      const name = nameOf({ ...deployment, ability })
      await opening.get(name)
      return open.get(name) ?? null
    },
    openFor: (ability: Ability): OpenOutage[] => [...open.values()].filter((one) => one.ability === ability),
  }
}

/** Since when accounts were blamed for what is everybody's trouble; null where it blames nobody. */
function blamedSince({ cause, openedAt }: Outage): Date | null {
  return cause === 'unauthorised' ? new Date(openedAt.getTime() - openingRules.unauthorised.windowMs) : null
}

function patience(at: Date): Date {
  return new Date(at.getTime() + probePatienceMs)
}

function keyOf({ login, server, ability }: BreakerKey): BreakerKey {
  return { login, server, ability }
}

function nameOf({ login, server, ability }: BreakerKey): string {
  return `${login} ${server} ${ability}`
}
