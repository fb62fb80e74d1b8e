/** The database: does it answer, does a commit reach the disk, is its schema this release's, is its clock right. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import type { Config } from '#main/config.ts'
import { openDatabase } from '#storage/database.ts'
import type { Handle } from '#storage/deliveries.ts'
import { pendingMigrations } from '#storage/migrate.ts'
import { fail, failedBy, type Finding, ok, warn } from './finding.ts'

export async function checkDatabase(config: Config, server: string | null): Promise<Finding[]> {
  const isEmbedded = config.databaseUrl === undefined
  // One process at a time may open the embedded database; the one that runs has done these checks at its start.
  if (isEmbedded && server !== null) return [await checkRunning(server)]
  const isNew = isEmbedded && !existsSync(join(config.dataDir, 'database'))
  const dataDir = isNew
    ? mkdtempSync(join(existsSync(config.dataDir) ? config.dataDir : tmpdir(), '.doctor-'))
    : config.dataDir
  try {
    const database = await openDatabase({
      dataDir,
      ...(config.databaseUrl === undefined ? {} : { databaseUrl: config.databaseUrl }),
      patienceMs: config.databasePatienceMs,
    })
    try {
      return [
        ok('database', isEmbedded ? 'Embedded; a commit reaches the disk' : 'The PostgreSQL server answers'),
        isNew ? ok('schema', 'Made on the first start') : await checkSchema(database.db),
        await checkClock(database.db),
      ]
    } finally {
      await database.close()
    }
  } catch (cause) {
    return [failedBy('database', cause, 'See the cause above; `litfass restore` loads a backup.')]
  } finally {
    if (isNew) rmSync(dataDir, { recursive: true, force: true })
  }
}

async function checkRunning(server: string): Promise<Finding> {
  try {
    const answer = await fetch(`${server}/readyz`, { signal: AbortSignal.timeout(5_000) })
    const ready = (await answer.json()) as {
      ok: boolean
      database: boolean
      overdue?: { oldestSeconds: number }
    }
    if (!ready.database) return fail('database', 'The server cannot reach its database', 'See its log.')
    return ready.ok
      ? ok('database', 'Embedded, in use by the running server, which checked it at its start')
      : warn(
          'database',
          `Answers, but a delivery is overdue by ${Math.round(ready.overdue?.oldestSeconds ?? 0)} s`,
          'Check that a worker runs: LITFASS_ROLES must name it, or start `litfass worker`.',
        )
  } catch (cause) {
    return failedBy('database', cause, 'Restart the server and see its log.')
  }
}

async function checkSchema(db: Handle): Promise<Finding> {
  const pending = await pendingMigrations(db)
  return pending.length === 0
    ? ok('schema', 'As this release needs it')
    : warn(
        'schema',
        `${pending.length} migrations are to be applied`,
        'The next start applies them, after a backup.',
      )
}

/** Seconds by which two clocks may differ: leases are of five. */
const harmless = 2

async function checkClock(db: Handle): Promise<Finding> {
  const before = Date.now()
  const { rows } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(db)
  const middle = (before + Date.now()) / 2
  const difference = Math.abs((rows[0]?.now.getTime() ?? 0) - middle) / 1_000
  return difference <= harmless
    ? ok('clock', 'Agrees with the database')
    : fail(
        'clock',
        `Differs from the database by ${difference.toFixed(1)} s`,
        'Let both machines keep time by NTP: posts go out by it.',
      )
}
