/**
 * Where a simulator keeps what it knows: named maps in one journal file, and a folder of files.
 *
 * Changes are written once per turn of the event loop, and an answer waits for that write. So what was
 * answered survives a SIGKILL (it is with the operating system, not fsynced: a power cut may take it).
 */
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'

/** A named map. A change is in memory at once and in the file when `flushed()` resolves. */
export type Collection<T> = {
  get: (key: string) => T | undefined
  set: (key: string, value: T) => void
  delete: (key: string) => void
  entries: () => Array<[string, T]>
  values: () => IterableIterator<T>
  size: () => number
}

export type Collections = {
  <T>(name: string): Collection<T>
  /** Resolves when every change so far is in the file. */
  flushed: () => Promise<void>
  /** Empties every collection that is not kept. */
  clear: (isKept: (name: string) => boolean) => void
  close: () => void
}

type Maps = Map<string, Map<string, unknown>>

/** A journal is written anew when it outgrows both. */
const compactBytes = 64_000_000
const compactFactor = 3

/** Durable collections in one journal file; in memory only where `file` is null. */
export function openCollections(file: string | null): Collections {
  const maps: Maps = new Map()
  const mapOf = (name: string) => {
    const map = maps.get(name) ?? new Map<string, unknown>()
    maps.set(name, map)
    return map
  }
  const journal = file === null ? null : openJournal(file, maps, mapOf)
  const collection = <T>(name: string): Collection<T> => {
    const map = mapOf(name) as Map<string, T>
    return {
      get: (key) => map.get(key),
      set: (key, value) => {
        map.set(key, value)
        journal?.record(name, key, value)
      },
      delete: (key) => {
        if (map.delete(key)) journal?.record(name, key, null)
      },
      entries: () => [...map.entries()],
      values: () => map.values(),
      size: () => map.size,
    }
  }
  return Object.assign(collection, {
    flushed: () => journal?.flushed() ?? Promise.resolve(),
    clear: (isKept: (name: string) => boolean) => {
      for (const [name, map] of maps) if (!isKept(name)) map.clear()
      journal?.rewrite()
    },
    close: () => journal?.close(),
  })
}

function openJournal(file: string, maps: Maps, mapOf: (name: string) => Map<string, unknown>) {
  mkdirSync(dirname(file), { recursive: true })
  replay(file, mapOf)
  let pending: string[] = []
  let size = compact(file, maps)
  let limit = limitFor(size)
  let descriptor = openSync(file, 'a')
  let writing: Promise<void> | null = null

  const rewrite = () => {
    pending = []
    closeSync(descriptor)
    size = compact(file, maps)
    limit = limitFor(size)
    descriptor = openSync(file, 'a')
  }
  const write = () => {
    writing = null
    if (pending.length === 0) return
    const bytes = Buffer.from(pending.join(''))
    pending = []
    for (let done = 0; done < bytes.length;) done += writeSync(descriptor, bytes, done)
    size += bytes.length
    if (size > limit) rewrite()
  }
  return {
    record: (name: string, key: string, value: unknown) => {
      pending.push(`${JSON.stringify([name, key, value])}\n`)
      writing ??= new Promise<void>((resolve, reject) => {
        setImmediate(() => {
          try {
            write()
            resolve()
          } catch (cause) {
            reject(cause instanceof Error ? cause : new Error(String(cause)))
          }
        })
      })
      // Whoever waits is told; without anybody waiting a full disk must not end the process.
      writing.catch(() => {})
    },
    flushed: () => writing ?? Promise.resolve(),
    rewrite,
    close: () => {
      write()
      closeSync(descriptor)
    },
  }
}

const limitFor = (size: number) => Math.max(compactBytes, size * compactFactor)

/** A last line cut off by a kill is dropped: it was never acknowledged. */
function replay(file: string, mapOf: (name: string) => Map<string, unknown>): void {
  if (!existsSync(file)) return
  const bytes = readFileSync(file)
  for (let from = 0; from < bytes.length;) {
    const end = bytes.indexOf(10, from)
    if (end < 0) return
    const entry = parsed(bytes.toString('utf8', from, end))
    if (!entry) return
    const [name, key, value] = entry
    if (value === null) mapOf(name).delete(key)
    else mapOf(name).set(key, value)
    from = end + 1
  }
}

function parsed(line: string): [string, string, unknown] | null {
  try {
    return JSON.parse(line) as [string, string, unknown]
  } catch {
    return null
  }
}

/** Writes what is there now in place of how it came about. Returns the size in bytes. */
function compact(file: string, maps: Maps): number {
  const descriptor = openSync(`${file}.new`, 'w')
  let size = 0
  let lines: string[] = []
  const write = () => {
    if (lines.length > 0) size += writeSync(descriptor, lines.join(''))
    lines = []
  }
  for (const [name, map] of maps) {
    for (const [key, value] of map) {
      lines.push(`${JSON.stringify([name, key, value])}\n`)
      if (lines.length === 1_000) write()
    }
  }
  write()
  closeSync(descriptor)
  renameSync(`${file}.new`, file)
  return size
}

/** Bytes under unguessable names, so that a picture can be shown to whoever was given its address. */
export type Files = {
  put: (bytes: Uint8Array) => string
  get: (id: string) => Uint8Array | undefined
  clear: () => void
}

/** Files in a folder; in memory only where `folder` is null. */
export function openFiles(folder: string | null): Files {
  const newName = () => randomBytes(16).toString('base64url')
  if (folder === null) {
    const kept = new Map<string, Uint8Array>()
    const put = (bytes: Uint8Array) => {
      const id = newName()
      kept.set(id, bytes)
      return id
    }
    return { put, get: (id) => kept.get(id), clear: () => kept.clear() }
  }
  return {
    put: (bytes) => {
      mkdirSync(folder, { recursive: true })
      const id = newName()
      writeFileSync(join(folder, id), bytes)
      return id
    },
    get: (id) => {
      const isName = /^[\w-]{22}$/.test(id)
      return isName && existsSync(join(folder, id)) ? readFileSync(join(folder, id)) : undefined
    },
    clear: () => rmSync(folder, { recursive: true, force: true }),
  }
}
