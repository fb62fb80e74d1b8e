/**
 * What networks told of how much is used, as one process knows it: kept in memory with every answer, so that neither
 * hearing an answer nor pacing a call asks a database.
 *
 * Workers of one database learn from each other: what was told is written at most once a minute, and what is half used
 * or refused within a second; each reads once a second what others wrote.
 */
import { heldUntil, isNear, pauseMs, retryAfter, waitsAtMostMs } from '#domain/pacing.ts'
import type { Network } from '#networks/contract.ts'
import type { Answer, Call, Pace } from '#networks/metered-fetch.ts'
import {
  type CounterKey,
  keepCounters,
  keepPauses,
  type KeptCounter,
  type KeptPause,
  readLiveCounters,
  readPauses,
} from '#storage/counters.ts'
import type { Handle } from '#storage/deliveries.ts'
import { classIn, holdsBack, PutOff } from './pacing.ts'

type Told = ReturnType<NonNullable<Network['told']>>[number]

/** Whose calls are heard. */
export type CounterScope = {
  workspaceId: string
  network: Pick<Network, 'definition' | 'told' | 'refusal'>
  login: string
  server: string
  connectionId: string | null
  /** Null where the call is not about one. */
  channel: { id: string; remoteId: string } | null
  now: () => Date
}

export type CountersOptions = { db: Handle; now: () => Date; onError: (cause: unknown) => void }

const writeEveryMs = 60_000
/** In one statement. */
const rowsAtOnce = 500
/** So many are kept in memory at most; the one told longest ago goes first. */
const keptAtMost = 50_000
/** What was written so long before the last look is read again: clocks of machines differ, and statements take a moment. */
const overlapMs = 15_000

export type Counters = ReturnType<typeof createCounters>

export function createCounters({ db, now, onError }: CountersOptions) {
  const known = new Map<string, KeptCounter>()
  const changed = new Set<string>()
  /** Of those that changed, what others are to know at once. */
  const urgent = new Set<string>()
  /** Until when calls of a class are refused, as an answer said that told of no counter. */
  const refused = new Map<string, KeptPause>()
  const newlyRefused = new Set<string>()
  let writtenAt = Number.NEGATIVE_INFINITY
  let readAt: Date | null = null
  let writing: Promise<void> = Promise.resolve()

  function hear(scope: CounterScope, call: Call, answer: Answer): void {
    const at = scope.now()
    if (answer.status >= 400) pause(scope, call, answer, at)
    for (const told of scope.network.told?.(call, answer, at) ?? []) {
      const counter = keptOf(scope, told, at)
      if (counter === null) continue
      const name = put(counter)
      changed.add(name)
      if (isNear(counter)) urgent.add(name)
    }
    if (changed.size > 0 && at.getTime() - writtenAt >= writeEveryMs) void flush().catch(onError)
  }

  /** Behind all others, as the one told last. */
  function put(counter: KeptCounter): string {
    const name = nameOf(counter)
    known.delete(name)
    known.set(name, counter)
    const [oldest] = known.size > keptAtMost ? known.keys() : []
    if (oldest !== undefined) known.delete(oldest)
    return name
  }

  function pause(scope: CounterScope, call: Call, answer: Answer, at: Date): void {
    const { of = 'endpoint-class', until = null } = scope.network.refusal?.(answer, at) ?? {}
    if (until === null && answer.status !== 429) return
    for (const [name, one] of refused) if (one.until <= at) refused.delete(name)
    const told = retryAfter(answer.headers['retry-after'], at)
    const end = told ?? until ?? new Date(at.getTime() + pauseMs)
    const { name, key } = pauseOf(scope, of, call)
    refused.set(name, { ...key, until: end })
    newlyRefused.add(name)
  }

  /** Milliseconds a call is to wait. Throws `PutOff` where that is long. */
  function before(scope: CounterScope, call: Call): number {
    const at = scope.now()
    const until = endOfHold(scope, call, at)
    if (until === null) return 0
    const ms = until.getTime() - at.getTime()
    if (ms <= waitsAtMostMs) return ms
    throw new PutOff(scope.network.definition.name, until, at)
  }

  function endOfHold(scope: CounterScope, call: Call, at: Date): Date | null {
    let latest = at
    for (const whose of ['app', 'connection', 'endpoint-class'] as const) {
      const until = refused.size === 0 ? undefined : refused.get(pauseOf(scope, whose, call).name)?.until
      if (until !== undefined && until > latest) latest = until
    }
    for (const defined of scope.network.definition.counters.value) {
      const key = holdsBack(defined, call) ? keyOf(scope, defined, classIn(defined, call)) : null
      const level = key && known.get(nameOf(key))
      if (!level || !defined.holds) continue
      const { protectedPercent } = defined.holds
      const until = heldUntil({ ...level, protectedPercent }, call.purpose, at)
      if (until !== null && until > latest) latest = until
    }
    return latest > at ? latest : null
  }

  /** Takes over what other processes wrote since the last time; all of it the first time. */
  async function read(): Promise<void> {
    const at = now()
    const since = readAt && new Date(readAt.getTime() - overlapMs)
    for (const one of await readLiveCounters(db, at, since)) {
      const mine = known.get(nameOf(one))
      if (mine === undefined || mine.toldAt < one.toldAt) put(one)
    }
    for (const one of await readPauses(db, at, since)) {
      const name = pauseName(one)
      const mine = refused.get(name)
      if (mine === undefined || mine.until < one.until) refused.set(name, one)
    }
    readAt = at
  }

  /** Tells the other workers what they must not wait for, and hears what they told. */
  async function share(): Promise<void> {
    await (urgent.size > 0 || newlyRefused.size > 0 ? write([...urgent]) : writing)
    await read()
  }

  /** Writes what was told since the last time. */
  function flush(): Promise<void> {
    writtenAt = now().getTime()
    return write([...changed])
  }

  function write(names: readonly string[]): Promise<void> {
    const keptAt = now()
    const rows = names.flatMap((name) => known.get(name) ?? [])
    const refusals = [...newlyRefused]
    const pauses = refusals.flatMap((name) => refused.get(name) ?? [])
    for (const name of names) {
      changed.delete(name)
      urgent.delete(name)
    }
    newlyRefused.clear()
    const save = async () => {
      for (let start = 0; start < rows.length; start += rowsAtOnce)
        await keepCounters(db, rows.slice(start, start + rowsAtOnce), keptAt)
      await keepPauses(db, pauses, keptAt)
    }
    // One after the other, so that no earlier value is written last.
    const written = writing.then(save)
    writing = written.catch(() => {
      for (const name of names) urgent.add(name)
      for (const name of refusals) newlyRefused.add(name)
    })
    return written
  }

  return {
    /** For the door of one account. */
    scoped: (scope: CounterScope): Pace => ({
      before: (call) => before(scope, call),
      hear: (call, answer) => hear(scope, call, answer),
    }),
    flush,
    share,
    /** What was told before this process began, so that it does not ask what is known to be refused. */
    recall: read,
  }
}

/** Null where it is about nobody we know. */
function keptOf(scope: CounterScope, told: Told, at: Date): KeptCounter | null {
  const { id, counters } = scope.network.definition
  const defined = counters.value.find(({ name }) => name === told.counter)
  if (!defined) throw new Error(`${id} tells ${told.counter}, which its definition does not name`)
  if (defined.of === 'channel' && scope.channel?.remoteId !== told.subject) return null
  const key = keyOf(scope, defined, told.endpointClass ?? null)
  const { used, limit, resetsAt = null } = told
  return key && { ...key, used, limit, resetsAt, toldAt: at }
}

/** Null where the call names nobody whose counter it could be. */
function keyOf(
  { workspaceId, network, login, server, connectionId, channel }: CounterScope,
  { of, name }: CounterScope['network']['definition']['counters']['value'][number],
  endpointClass: string | null,
): CounterKey | null {
  if (of !== 'app' && connectionId === null) return null
  if (of === 'channel' && channel === null) return null
  return {
    workspaceId,
    network: network.definition.id,
    login,
    server,
    connectionId: of === 'app' ? null : connectionId,
    channelId: of === 'channel' && channel ? channel.id : null,
    counter: name,
    endpointClass,
  }
}

type Refusal = NonNullable<ReturnType<NonNullable<Network['refusal']>>>

function pauseOf(
  { workspaceId, login, server, connectionId }: CounterScope,
  whose: Refusal['of'],
  call: Call,
) {
  const key = {
    workspaceId,
    login,
    server,
    whose,
    connectionId: whose === 'app' ? null : connectionId,
    endpointClass: whose === 'endpoint-class' ? call.endpointClass : null,
  }
  return { key, name: pauseName(key) }
}

function pauseName({ workspaceId, login, server, whose, ...key }: Omit<KeptPause, 'until'>): string {
  return [workspaceId, login, server, whose, key.connectionId, key.endpointClass].join(' ')
}

function nameOf(one: CounterKey): string {
  const { workspaceId, login, server, connectionId, channelId, counter, endpointClass } = one
  return [workspaceId, login, server, connectionId, channelId, counter, endpointClass].join(' ')
}
