/**
 * One moved clock for several processes: a file that holds by how many milliseconds it is moved.
 *
 * A process that was stopped and goes on must see at once that time has passed, as on a real machine. So
 * the file is read whenever the time is asked for.
 */
import { openSync, readSync, writeSync } from 'node:fs'

/** Makes the file; what is returned moves the clock. In place and in one call: a reader never sees half of it. */
export function createClock(file: string): (offsetMs: number) => void {
  const handle = openSync(file, 'w')
  const move = (offsetMs: number) => {
    const bytes = Buffer.alloc(8)
    bytes.writeDoubleLE(offsetMs)
    writeSync(handle, bytes, 0, 8, 0)
  }
  move(0)
  return move
}

export function readClock(file: string): () => Date {
  const handle = openSync(file, 'r')
  const bytes = Buffer.alloc(8)
  return () => {
    readSync(handle, bytes, 0, 8, 0)
    return new Date(Date.now() + bytes.readDoubleLE())
  }
}
