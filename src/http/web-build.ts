/**
 * The built web app, and its making where there is none for these sources.
 *
 * The build runs in a process of its own, so that its memory goes away and nothing else waits for it.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { setPriority } from 'node:os'
import { join } from 'node:path'
import { buildScript, distFolder, root, sourcesHash } from './web-sources.ts'

export type WebBuild = {
  /** The folder to serve from; null while there is none. */
  folder: () => string | null
  /** The folder of this build or an earlier one that holds the file: pages of an earlier one may still be open. */
  folderWith: (file: string) => string | null
  hasFailed: () => boolean
  /** Starts the build where it is needed and not running. */
  prepare: () => void
  stop: () => void
}

export type WebBuildOptions = {
  log: (event: Record<string, unknown>) => void
  /** Others than the defaults for tests. */
  dist?: string
  script?: string
  hash?: () => string
}

/** Behind the server's own work, which must go on while two cores are shared. */
const lowPriority = 10
const keptOutput = 4_000

export function createWebBuild(options: WebBuildOptions): WebBuild {
  const { log, dist = distFolder, script = buildScript, hash = sourcesHash } = options
  let target: string | null = null
  let child: ChildProcess | null = null
  let hasFailed = false
  const isThere = (folder: string, file: string) => existsSync(join(folder, file))
  const folder = () => {
    target ??= join(dist, hash())
    return isThere(target, 'index.html') ? target : null
  }
  const prepare = () => {
    if (child || hasFailed || folder()) return
    let output = ''
    const keep = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-keptOutput)
    }
    const finish = (error: string | null) => {
      child = null
      hasFailed = error !== null
      log(
        error === null
          ? { level: 'info', event: 'web-built', folder: target }
          : {
              level: 'error',
              event: 'web-build-failed',
              error,
              output,
              remedy: 'Run `npm ci`, then `npm run build:web`, and load the page again.',
            },
      )
    }
    const started = spawn(process.execPath, [script], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    child = started
    started.stdout.on('data', keep)
    started.stderr.on('data', keep)
    started.once('error', (cause) => finish(cause.message))
    // `close` comes after all output; a child that was stopped with the server did not fail.
    started.once('close', (code, signal) => {
      if (child === started) finish(code === 0 ? null : `ended with ${signal ?? code}`)
    })
    if (started.pid !== undefined) lowerPriority(started.pid)
  }
  return {
    folder,
    folderWith: (file) => {
      const current = folder()
      if (current && isThere(current, file)) return current
      return foldersIn(dist).find((earlier) => isThere(earlier, file)) ?? null
    },
    hasFailed: () => hasFailed && folder() === null,
    prepare,
    stop: () => {
      const running = child
      child = null
      running?.kill()
    },
  }
}

function foldersIn(dist: string): string[] {
  if (!existsSync(dist)) return []
  return readdirSync(dist)
    .filter((name) => !name.startsWith('.'))
    .map((name) => join(dist, name))
}

function lowerPriority(pid: number): void {
  try {
    setPriority(pid, lowPriority)
  } catch {
    // Not allowed here, or over already: it only makes way less well.
  }
}
