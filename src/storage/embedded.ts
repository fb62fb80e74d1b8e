/** The embedded database as seen from outside its thread: start, count fsyncs, close. */
import { once } from 'node:events'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { LitfassError } from '#domain/errors.ts'
import { lockFolder } from './folder-lock.ts'
import { makeSocketFolder, removeStaleSocketFolders } from './socket-folder.ts'

export type Embedded = { socketFolder: string; fsyncCount: () => Promise<number>; close: () => Promise<void> }

type Message =
  | { kind: 'ready'; selfTest: number }
  | { kind: 'count'; fsyncs: number }
  | { kind: 'closed' }
  | { kind: 'maintenance-failed'; message: string }

export type EmbeddedOptions = {
  /** Vacuum, analyse and checkpoint this often. */
  maintenanceMs?: number
  /** Maintenance that failed; the next one is tried all the same. */
  onMaintenanceFailed?: (message: string) => void
}

const tenMinutes = 10 * 60_000

/** Opens the database in `folder`. Throws `database_locked` or `database_unsafe`. */
export async function startEmbedded(folder: string, options: EmbeddedOptions = {}): Promise<Embedded> {
  mkdirSync(dirname(folder), { recursive: true })
  let worker: Worker | undefined
  const unlock = await lockFolder(`${folder}.lock`, { onLost: () => void worker?.terminate() })
  try {
    if (!existsSync(join(folder, 'PG_VERSION'))) await create(folder)
  } catch (cause) {
    unlock()
    throw cause
  }
  void removeStaleSocketFolders()
  const { folder: socketFolder, path: socketPath } = makeSocketFolder()
  const thread = new Worker(new URL('./embedded-worker.ts', import.meta.url), {
    workerData: {
      folder,
      socketPath,
      maintenanceMs: options.maintenanceMs ?? tenMinutes,
    },
  })
  worker = thread
  thread.on('message', (message: Message) => {
    if (message.kind === 'maintenance-failed') options.onMaintenanceFailed?.(message.message)
  })
  const answer = <Kind extends Message['kind']>(kind: Kind) =>
    new Promise<Extract<Message, { kind: Kind }>>((resolve, reject) => {
      const listen = (message: Message) => {
        if (message.kind !== kind) return
        thread.off('message', listen)
        thread.off('error', reject)
        resolve(message as Extract<Message, { kind: Kind }>)
      }
      thread.on('message', listen)
      thread.once('error', reject)
    })
  const end = async () => {
    await thread.terminate()
    rmSync(socketFolder, { recursive: true, force: true })
    unlock()
  }
  try {
    const { selfTest } = await answer('ready')
    if (selfTest < 1) {
      throw new LitfassError('database_unsafe', 'A commit of the embedded database does not reach the disk', {
        remedy:
          'Use the database package version this release pins, or set LITFASS_DATABASE_URL to a PostgreSQL server.',
      })
    }
  } catch (cause) {
    await end()
    throw cause
  }
  return {
    socketFolder,
    fsyncCount: async () => {
      const counted = answer('count')
      thread.postMessage({ kind: 'count' })
      return (await counted).fsyncs
    },
    close: async () => {
      const closed = answer('closed')
      thread.postMessage({ kind: 'close' })
      await closed
      await end()
    },
  }
}

/** `once` rejects where the thread fails. */
async function create(folder: string): Promise<void> {
  const worker = new Worker(new URL('./embedded-create.ts', import.meta.url), { workerData: { folder } })
  await once(worker, 'exit')
}
