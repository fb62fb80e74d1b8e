/**
 * The two databases every storage test runs on: the embedded one, and a PostgreSQL server.
 *
 * The server is the one `LITFASS_TEST_DATABASE_URL` names, or one from npm (the test kit, see `postgres.ts`).
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { type Database, openDatabase } from '#storage/database.ts'
import { migrate } from '#storage/migrate.ts'
import { startPostgres } from './postgres.ts'

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

/** URL of an empty database on the test server, or on another one. */
export async function freshServerDatabase(server?: string): Promise<string> {
  const admin = new URL(server ?? (await serverUrl()))
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
  holder.litfassTestServer ??= startPostgres().then(({ url }) => url)
  return holder.litfassTestServer
}
