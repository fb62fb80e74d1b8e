/**
 * The folder of the embedded database, on whose file system `fsync` reaches the disk.
 *
 * PGlite 0.5.16 never calls fsync as shipped (300 commits, 0 calls, by strace, 2026-11-23), because its file
 * system lacks the call. It is there before the database opens its first file: what a start writes, above all
 * what it repairs after a crash, must outlast a power cut as well.
 */
import { closeSync, fsyncSync, openSync } from 'node:fs'
import { NodeFS } from '@electric-sql/pglite/nodefs'

type Node = object
type Stream = { nfd?: number; node: Node }
type NodeFiles = {
  stream_ops: { fsync?: (stream: Stream) => number }
  realPath: (node: Node) => string
}

export class SyncedFolder extends NodeFS {
  /** How often a file was brought to the disk. */
  fsyncs = 0

  override async init(...given: Parameters<NodeFS['init']>): ReturnType<NodeFS['init']> {
    const { emscriptenOpts } = await super.init(...given)
    const addSync = (module: object) => {
      const { NODEFS: files } = module as { NODEFS: NodeFiles }
      files.stream_ops.fsync = (stream) => {
        if (stream.nfd === undefined) syncFolder(files.realPath(stream.node))
        else this.#syncFile(stream.nfd)
        return 0
      }
    }
    return { emscriptenOpts: { ...emscriptenOpts, preRun: [...(emscriptenOpts.preRun ?? []), addSync] } }
  }

  #syncFile(handle: number): void {
    this.fsyncs += 1
    fsyncSync(handle)
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
