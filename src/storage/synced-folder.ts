/**
 * The folder of the embedded database, on whose file system `fsync` reaches the disk.
 *
 * PGlite 0.5.16 never calls fsync as shipped (300 commits, 0 calls, by strace, 2026-11-23), because its file
 * system lacks the call. It is there before the database opens its first file: what a start writes, above all
 * what it repairs after a crash, must outlast a power cut as well.
 *
 * After a crash PostgreSQL first syncs every file there is, one by one, which keeps a busy disk for half a minute
 * (2026-11-24). So that is done before, many at a time, and until the start is over only what it wrote is synced.
 */
import { closeSync, fsyncSync, openSync } from 'node:fs'
import { NodeFS } from '@electric-sql/pglite/nodefs'

type Node = object
type Stream = { nfd?: number; node: Node }
type NodeFiles = {
  stream_ops: {
    fsync?: (stream: Stream) => number
    write: (stream: Stream, ...rest: unknown[]) => number
  }
  realPath: (node: Node) => string
}

export class SyncedFolder extends NodeFS {
  /** How often a file was brought to the disk. */
  fsyncs = 0
  /** Files written since all of them were synced; null: every file is synced when it is asked for. */
  #written: Set<Node | string> | null = null

  /** Every file was synced by who calls this; it holds until `startIsOver`. */
  allAreSynced(): void {
    this.#written = new Set()
  }

  startIsOver(): void {
    this.#written = null
  }

  override async init(...given: Parameters<NodeFS['init']>): ReturnType<NodeFS['init']> {
    const { emscriptenOpts } = await super.init(...given)
    const addSync = (module: object) => this.#addSync((module as { NODEFS: NodeFiles }).NODEFS)
    return { emscriptenOpts: { ...emscriptenOpts, preRun: [...(emscriptenOpts.preRun ?? []), addSync] } }
  }

  #addSync(files: NodeFiles): void {
    const { write } = files.stream_ops
    files.stream_ops.write = (stream, ...rest) => {
      // By its name as well: one file may be known by several nodes.
      if (this.#written) this.#written.add(stream.node).add(files.realPath(stream.node))
      return write(stream, ...rest)
    }
    files.stream_ops.fsync = (stream) => {
      const path = files.realPath(stream.node)
      if (stream.nfd === undefined) syncFolder(path)
      else if (!this.#written || this.#written.has(stream.node) || this.#written.has(path)) {
        this.fsyncs += 1
        fsyncSync(stream.nfd)
      }
      return 0
    }
  }
}

/** So that new names in it last. Windows keeps them by itself and opens no folders. */
function syncFolder(path: string): void {
  if (process.platform === 'win32') return
  const handle = openSync(path, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
