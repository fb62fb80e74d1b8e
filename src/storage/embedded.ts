/** The embedded database as seen from outside its thread: start, count fsyncs, close. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { LitfassError } from '#domain/errors.ts'
import { lockFolder } from './folder-lock.ts'

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
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const unlock = lockFolder(`${folder}.lock`)
  // Unix socket paths end at about 107 bytes, so the socket lives in a short folder of its own, closed to others.
  const socketFolder = mkdtempSync(join(tmpdir(), 'litfass-'))
  const worker = new Worker(new URL('./embedded-worker.ts', import.meta.url), {
    workerData: {
      folder,
      socketPath: join(socketFolder, '.s.PGSQL.5432'),
      maintenanceMs: options.maintenanceMs ?? tenMinutes,
    },
  })
  worker.on('message', (message: Message) => {
    if (message.kind === 'maintenance-failed') options.onMaintenanceFailed?.(message.message)
  })
  const answer = <Kind extends Message['kind']>(kind: Kind) =>
    new Promise<Extract<Message, { kind: Kind }>>((resolve, reject) => {
      const listen = (message: Message) => {
        if (message.kind !== kind) return
        worker.off('message', listen)
        worker.off('error', reject)
        resolve(message as Extract<Message, { kind: Kind }>)
      }
      worker.on('message', listen)
      worker.once('error', reject)
    })
  const end = async () => {
    await worker.terminate()
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
      worker.postMessage({ kind: 'count' })
      return (await counted).fsyncs
    },
    close: async () => {
      const closed = answer('closed')
      worker.postMessage({ kind: 'close' })
      await closed
      await end()
    },
  }
}
