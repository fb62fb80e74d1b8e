/**
 * What networks told of how much is used, as one process knows it: kept in memory with every answer, and written at
 * most once a minute, so that hearing an answer asks no database.
 */
import type { Network } from '#networks/contract.ts'
import type { Answer, Call } from '#networks/metered-fetch.ts'
import { keepCounters, type KeptCounter } from '#storage/counters.ts'
import type { Handle } from '#storage/deliveries.ts'

type Told = ReturnType<NonNullable<Network['told']>>[number]

/** Whose calls are heard. */
export type CounterScope = {
  workspaceId: string
  network: Pick<Network, 'definition' | 'told'>
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

export type Counters = ReturnType<typeof createCounters>

export function createCounters({ db, now, onError }: CountersOptions) {
  const known = new Map<string, KeptCounter>()
  const changed = new Set<string>()
  let writtenAt = Number.NEGATIVE_INFINITY
  let writing: Promise<void> = Promise.resolve()

  function hear(scope: CounterScope, call: Call, answer: Answer): void {
    const at = scope.now()
    for (const told of scope.network.told?.(call, answer, at) ?? []) {
      const counter = keptOf(scope, told, at)
      if (counter === null) continue
      const name = nameOf(counter)
      // Behind all others, as the one told last.
      known.delete(name)
      known.set(name, counter)
      changed.add(name)
    }
    const [oldest] = known.size > keptAtMost ? known.keys() : []
    if (oldest !== undefined) known.delete(oldest)
    if (changed.size > 0 && at.getTime() - writtenAt >= writeEveryMs) void flush().catch(onError)
  }

  /** Writes what was told since the last time. */
  function flush(): Promise<void> {
    writtenAt = now().getTime()
    const rows = [...changed].flatMap((name) => known.get(name) ?? [])
    changed.clear()
    const write = async () => {
      for (let start = 0; start < rows.length; start += rowsAtOnce)
        await keepCounters(db, rows.slice(start, start + rowsAtOnce))
    }
    // One after the other, so that no earlier value is written last.
    const written = writing.then(write)
    writing = written.catch(() => undefined)
    return written
  }

  return {
    /** The listener of a door. */
    scoped: (scope: CounterScope) => (call: Call, answer: Answer) => hear(scope, call, answer),
    flush,
  }
}

/** Null where it is about nobody we know, or of no counter that the network is said to have. */
function keptOf(scope: CounterScope, told: Told, at: Date): KeptCounter | null {
  const { workspaceId, network, login, server, connectionId, channel } = scope
  const { id, counters } = network.definition
  const defined = counters.value.find(({ name }) => name === told.counter)
  if (!defined) throw new Error(`${id} tells ${told.counter}, which its definition does not name`)
  const isOfChannel = defined.of === 'channel'
  if (defined.of !== 'app' && connectionId === null) return null
  if (isOfChannel && (channel === null || channel.remoteId !== told.subject)) return null
  return {
    workspaceId,
    network: id,
    login,
    server,
    connectionId: defined.of === 'app' ? null : connectionId,
    channelId: isOfChannel && channel ? channel.id : null,
    counter: told.counter,
    endpointClass: told.endpointClass ?? null,
    used: told.used,
    limit: told.limit,
    resetsAt: told.resetsAt ?? null,
    toldAt: at,
  }
}

function nameOf(one: KeptCounter): string {
  return [
    one.workspaceId,
    one.login,
    one.server,
    one.connectionId,
    one.channelId,
    one.counter,
    one.endpointClass,
  ].join(' ')
}
