/**
 * One process per data folder. Two on one embedded database lose rows silently, so the second is refused.
 *
 * A holder on this system is known by its process number and start time. One elsewhere (another machine or
 * container on the same volume) is known by its beat alone: the lock's time moves while it lives, and only a
 * lock that stood still for long is taken over. No clock is compared with another's.
 */
import { randomUUID } from 'node:crypto'
import {
  linkSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { LitfassError } from '#domain/errors.ts'

export type LockOptions = {
  /** The lock is another's by now, for example after this process was suspended for long. Stop writing. */
  onLost?: () => void
  beatMs?: number
  /** A lock from elsewhere that stands still for so long is stale. Several beats. */
  staleMs?: number
}

type Holder = {
  id: string
  pid: number
  startedAt: string | null
  host: string
  /** Tells apart what has process numbers of its own: a boot of a system, and a container on it. */
  place: string
}

/** Takes the lock and returns its release. Throws `database_locked`. */
export async function lockFolder(folder: string, options: LockOptions = {}): Promise<() => void> {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'lock')
  const holder = self()
  const own = `${file}.${holder.id}`
  // Written whole before it is linked: an empty lock would look like one whose process died.
  writeFileSync(own, JSON.stringify(holder), { mode: 0o600 })
  try {
    for (let round = 0; round < 3; round += 1) {
      if (link(own, file)) return keep(file, holder, options)
      const found = readHolder(file)
      if (found && (await isAlive(file, found, options))) throw locked(found)
      removeStale(file, `${own}.stale`, found)
    }
    throw new Error(`the lock ${file} could not be taken`)
  } finally {
    rmSync(own, { force: true })
  }
}

const defaultBeatMs = 2_000

/** Beats until released; what is no longer ours is neither touched nor removed. */
function keep(file: string, holder: Holder, { onLost, beatMs = defaultBeatMs }: LockOptions): () => void {
  const isOurs = () => readHolder(file)?.id === holder.id
  const beat = () => {
    if (isOurs()) {
      const now = new Date()
      utimesSync(file, now, now)
      return
    }
    clearInterval(timer)
    onLost?.()
  }
  const timer = setInterval(beat, beatMs)
  timer.unref()
  return () => {
    clearInterval(timer)
    if (isOurs()) rmSync(file, { force: true })
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
function removeStale(file: string, moved: string, stale: Holder | null): void {
  try {
    renameSync(file, moved)
  } catch {
    return // Another process was faster; the next round sees its lock.
  }
  const holder = readHolder(moved)
  if (holder && holder.id !== stale?.id) link(moved, file)
  rmSync(moved, { force: true })
}

function locked(holder: Holder): LitfassError {
  const where = holder.place === self().place ? '' : ` on ${holder.host}`
  return new LitfassError(
    'database_locked',
    `Another Litfass (process ${holder.pid}${where}) uses this data folder`,
    {
      remedy: 'Stop that process first, or set LITFASS_DATA_DIR to another folder.',
    },
  )
}

function readHolder(file: string): Holder | null {
  try {
    const read = JSON.parse(readFileSync(file, 'utf8')) as Partial<Holder> & Pick<Holder, 'pid' | 'startedAt'>
    // Locks of earlier releases named no place: they were of this one.
    return { id: `${read.pid}`, host: hostname(), place: self().place, ...read }
  } catch {
    return null
  }
}

async function isAlive(file: string, holder: Holder, options: LockOptions): Promise<boolean> {
  return holder.place === self().place ? isRunning(holder) : isBeating(file, options)
}

function isRunning(holder: Holder): boolean {
  try {
    process.kill(holder.pid, 0)
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EPERM')) return false
  }
  return holder.startedAt === null || startOf(holder.pid) === holder.startedAt
}

/** Whether the lock's time moves. A lock that goes meanwhile was released. */
async function isBeating(
  file: string,
  { beatMs = defaultBeatMs, staleMs = 15_000 }: LockOptions,
): Promise<boolean> {
  const timeOf = () => statSync(file, { throwIfNoEntry: false })?.mtimeMs
  const seen = timeOf()
  for (let waited = 0; waited < staleMs; waited += beatMs / 4) {
    await sleep(beatMs / 4)
    const time = timeOf()
    if (time === undefined) return false
    if (time !== seen) return true
  }
  return false
}

function self(): Holder {
  const { pid } = process
  return {
    id: `${pid}-${randomUUID()}`,
    pid,
    startedAt: startOf(pid),
    host: hostname(),
    place: placeOfProcess(),
  }
}

function placeOfProcess(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    return `${hostname()} ${boot} ${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return hostname()
  }
}

/** When a process started, so that a number used again is not taken for the old process. Null where the system does not tell. */
function startOf(pid: number): string | null {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19] ?? null
  } catch {
    return null
  }
}
