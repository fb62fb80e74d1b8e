/**
 * The short folder of the embedded database's socket: unix socket paths end at about 107 bytes. Closed to
 * others. What killed processes left behind is removed by the next start.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const prefix = 'litfass-socket-'
/** The name PostgreSQL's clients expect for port 5432. */
const socketName = '.s.PGSQL.5432'
/** A folder without a socket may belong to a process that is just starting. */
const startingMs = 60_000

export function makeSocketFolder(): { folder: string; path: string } {
  const folder = mkdtempSync(join(tmpdir(), prefix))
  return { folder, path: join(folder, socketName) }
}

/** Removes the folders in which nobody listens; returns how many. Never throws. */
export async function removeStaleSocketFolders(base = tmpdir()): Promise<number> {
  let removed = 0
  for (const name of list(base)) {
    const folder = join(base, name)
    try {
      if (await isListenedTo(folder)) continue
      rmSync(folder, { recursive: true, force: true })
      removed += 1
    } catch {
      // Another user's, or gone already.
    }
  }
  return removed
}

function list(base: string): string[] {
  try {
    return readdirSync(base).filter((name) => name.startsWith(prefix))
  } catch {
    return []
  }
}

function isListenedTo(folder: string): Promise<boolean> {
  const isYoung = Date.now() - statSync(folder).mtimeMs < startingMs
  return new Promise((resolve) => {
    const probe = connect(join(folder, socketName))
    probe.once('connect', () => {
      probe.destroy()
      resolve(true)
    })
    probe.once('error', (cause: NodeJS.ErrnoException) => {
      const isDead = cause.code === 'ECONNREFUSED' || (cause.code === 'ENOENT' && !isYoung)
      resolve(!isDead)
    })
  })
}
