/** Where everything takes place: the simulators, one database, the workers on it, and the clock they share. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClock } from './clock.ts'
import { type Backend, openGround } from './ground.ts'
import type { Line, Loss } from './line.ts'
import { type Process, start } from './processes.ts'
import type { Channel, Command, DeliveryRow, World } from './talk.ts'

type WorkerProcess = Process<{ workerId: string }> & { line: Line | null }
/** `below`: of a comment, the text of its post. */
export type Seen = { text: string; below: string | null }
type WallText = { text: string; deleted: boolean }
type WallPost = WallText & { comments: WallText[] }
export type SeenRequest = { effect: string; status: number | null; number: number }

export type Arena = Awaited<ReturnType<typeof openArena>>

/** So long the database may be away until a question to a worker counts as failed. Milliseconds. */
const patienceMs = 60_000

/** The embedded database belongs to one process, so it has one worker; a server has two. */
export async function openArena(backend: Backend) {
  const place = mkdtempSync(join(tmpdir(), 'litfass-prove-'))
  const ground = await openGround(backend, place)
  const clockFile = join(place, 'clock')
  const moveWorkers = createClock(clockFile)
  const sandbox = await start<{ url: string }>('sandbox-process.ts', {})
  const { url } = sandbox.ready
  const env: Record<string, string> = {
    LITFASS_DATA_DIR: ground.dataDir,
    LITFASS_ROLES: 'worker',
    // Sandbox accounts are looked for at the own origin: so they are found in the other process.
    LITFASS_ORIGIN: url,
  }
  const knownWorkers: string[] = []
  const workers: WorkerProcess[] = []
  const stalled = new Set<WorkerProcess>()
  let coming: Promise<void> = Promise.resolve()
  const add = () => {
    coming = coming.then(async () => {
      const line = (await ground.server?.newLine()) ?? null
      const withLine = line === null ? env : { ...env, LITFASS_DATABASE_URL: line.url }
      const worker = await start<{ workerId: string }>(
        'worker-process.ts',
        { clockFile, knownWorkers },
        withLine,
      )
      knownWorkers.push(worker.ready.workerId)
      workers.push({ ...worker, line })
    })
    return coming
  }
  await add()
  if (backend === 'server') await add()

  const alive = () => workers.filter((worker) => !stalled.has(worker))
  const find = (workerId: string) => workers.find(({ ready }) => ready.workerId === workerId)
  const ask = async <Value>(command: Command): Promise<Value> => {
    let [worker] = alive()
    if (!worker) {
      await coming
      worker = alive()[0]
    }
    if (!worker) throw new Error('no worker left to ask')
    return worker.ask<Value>(command)
  }
  /** Reading may be repeated, where the database was taken away. */
  const read = async <Value>(command: Command): Promise<Value> => {
    const startedAt = performance.now()
    for (;;) {
      try {
        return await ask<Value>(command)
      } catch (cause) {
        if (performance.now() - startedAt > patienceMs) throw cause
        await sleep(25)
      }
    }
  }
  const end = async (workerId: string): Promise<void> => {
    const worker = find(workerId)
    if (!worker) return
    workers.splice(workers.indexOf(worker), 1)
    await worker.kill()
    worker.line?.close()
  }
  /** Another takes the place at once; on the embedded database it has to be waited for. */
  const replace = async () => {
    const next = add()
    if (workers.length === 0) await next
    else next.catch(() => {})
  }
  const call = async <Value>(method: string, path: string, body?: unknown): Promise<Value> => {
    const answer = await fetch(`${url}/_sandbox${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return (answer.status === 204 ? null : await answer.json()) as Value
  }
  let offsetMs = 0
  let skewMs = 0
  const setClock = async () => {
    await call('PUT', '/clock', { offsetSeconds: offsetMs / 1_000 })
    moveWorkers(offsetMs + skewMs)
  }
  const world = await ask<World>({ do: 'set-up' })
  const channels = await ask<Channel[]>({ do: 'connect', world })
  return {
    backend,
    world,
    channels,
    ask,
    states: (ids: readonly string[]) => read<DeliveryRow[]>({ do: 'states', ids: [...ids] }),
    /** What workers take the time to be, in milliseconds. */
    now: () => Date.now() + offsetMs + skewMs,
    advance: async (ms: number) => {
      offsetMs += ms
      await setClock()
      await Promise.all(alive().map((worker) => worker.ask({ do: 'wake' })))
    },
    skew: async (ms: number) => {
      // The network's time never goes back: when a clock is set right again, whoever is behind catches up.
      if (ms === 0 && skewMs > 0) offsetMs += skewMs
      skewMs = ms
      await setClock()
    },
    isAlive: (workerId: string | null) => alive().some(({ ready }) => ready.workerId === workerId),
    aliveIds: () => alive().map(({ ready }) => ready.workerId),
    kill: async (workerId: string) => {
      await end(workerId)
      await replace()
    },
    stall: (workerId: string) => {
      const worker = find(workerId)
      if (!worker) return
      worker.signal('SIGSTOP')
      stalled.add(worker)
    },
    /** The worker goes on, but nothing passes between it and the database. */
    partition: (workerId: string) => {
      const worker = find(workerId)
      if (!worker) return
      worker.line?.standStill()
      stalled.add(worker)
    },
    goOn: () => {
      for (const worker of stalled) {
        worker.signal('SIGCONT')
        worker.line?.goOn()
      }
      stalled.clear()
    },
    canCutPower: ground.cutPower !== null,
    cutPower: async (workerId: string) => {
      await end(workerId)
      ground.cutPower?.()
      await replace()
    },
    crashDatabase: async (forMs: number) => {
      await ground.server?.crash()
      await sleep(forMs)
      await ground.server?.start()
    },
    endConnections: async () => ground.server?.endConnections(),
    cutLines: () => {
      for (const { line } of workers) line?.cut()
    },
    loseStatements: (loss: Loss | null) => {
      for (const { line } of workers) line?.lose(loss)
    },
    lostStatements: () => workers.reduce((sum, { line }) => sum + (line?.lost() ?? 0), 0),
    settled: () => coming,
    errors: () => workers.map((worker) => worker.errors()).join(''),
    setRules: (rules: readonly unknown[]) => call('PUT', '/faults', rules),
    rules: async () =>
      (await call<{ items: Array<{ id: string; applied: number }> }>('GET', '/faults')).items,
    /** What can be seen of the newest so many posts, and below them. */
    wall: async (network: string, limit: number): Promise<Seen[]> => {
      const { items } = await call<{ items: WallPost[] }>('GET', `/wall?network=${network}&limit=${limit}`)
      const seen = items.flatMap(({ comments, ...post }) => [
        { ...post, below: null },
        ...comments.map((comment) => ({ ...comment, below: post.text })),
      ])
      return seen.flatMap(({ text, deleted, below }) => (deleted ? [] : [{ text, below }]))
    },
    forgetRequests: () => call('DELETE', '/requests'),
    requests: async (network: string) =>
      (await call<{ items: SeenRequest[] }>('GET', `/requests?network=${network}`)).items,
    close: async () => {
      await coming
      await Promise.all([...workers].map(({ ready }) => end(ready.workerId)))
      await sandbox.kill()
      ground.close()
    },
  }
}
