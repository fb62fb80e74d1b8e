/** One process per data folder. Two on one embedded database lose rows silently, so the second is refused. */
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { LitfassError } from '#domain/errors.ts'

/** Takes the lock and returns its release. A lock whose process died is taken over. Throws `database_locked`. */
export function lockFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'lock')
  for (let round = 0; round < 3; round += 1) {
    try {
      const handle = openSync(file, 'wx', 0o600)
      writeSync(handle, JSON.stringify({ pid: process.pid, startedAt: startOf(process.pid) }))
      closeSync(handle)
      return () => rmSync(file, { force: true })
    } catch (cause) {
      if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')) throw cause
      const holder = readHolder(file)
      if (holder && isAlive(holder)) {
        throw new LitfassError(
          'database_locked',
          `Another Litfass (process ${holder.pid}) uses this data folder`,
          {
            remedy: 'Stop that process first, or set LITFASS_DATA_DIR to another folder.',
          },
        )
      }
      rmSync(file, { force: true })
    }
  }
  throw new Error(`the lock ${file} could not be taken`)
}

type Holder = { pid: number; startedAt: string | null }

function readHolder(file: string): Holder | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder
  } catch {
    return null
  }
}

function isAlive(holder: Holder): boolean {
  try {
    process.kill(holder.pid, 0)
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EPERM')) return false
  }
  return holder.startedAt === null || startOf(holder.pid) === holder.startedAt
}

/** When a process started, so that a number used again is not taken for the old process. Null where the system does not tell. */
function startOf(pid: number): string | null {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19] ?? null
  } catch {
    return null
  }
}
