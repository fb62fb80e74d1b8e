/** One process per data folder. Two on one embedded database lose rows silently, so the second is refused. */
import { randomUUID } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LitfassError } from '#domain/errors.ts'

/** Takes the lock and returns its release. A lock whose process died is taken over. Throws `database_locked`. */
export function lockFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'lock')
  const own = `${file}.${process.pid}-${randomUUID()}`
  // Written whole before it is linked: an empty lock would look like one whose process died.
  writeFileSync(own, JSON.stringify({ pid: process.pid, startedAt: startOf(process.pid) }), { mode: 0o600 })
  try {
    for (let round = 0; round < 3; round += 1) {
      if (link(own, file)) return () => rmSync(file, { force: true })
      const holder = readHolder(file)
      if (holder && isAlive(holder)) throw locked(holder)
      removeStale(file, `${own}.stale`)
    }
    throw new Error(`the lock ${file} could not be taken`)
  } finally {
    rmSync(own, { force: true })
  }
}

/** False where the lock exists. */
function link(own: string, file: string): boolean {
  try {
    linkSync(own, file)
    return true
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') return false
    throw cause
  }
}

/** Moved, looked at, then removed: another process may have taken the stale lock over in between. */
function removeStale(file: string, moved: string): void {
  try {
    renameSync(file, moved)
  } catch {
    return // Another process was faster; the next round sees its lock.
  }
  const holder = readHolder(moved)
  if (holder && isAlive(holder)) link(moved, file)
  rmSync(moved, { force: true })
}

function locked(holder: Holder): LitfassError {
  return new LitfassError(
    'database_locked',
    `Another Litfass (process ${holder.pid}) uses this data folder`,
    {
      remedy: 'Stop that process first, or set LITFASS_DATA_DIR to another folder.',
    },
  )
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
