/** One database, two places it may live: embedded in this process, or a PostgreSQL server. */
import { join } from 'node:path'
import { Kysely } from 'kysely'
import pg from 'pg'
import { LitfassError } from '#domain/errors.ts'
import type { Handle } from './deliveries.ts'
import { startEmbedded } from './embedded.ts'
import { connectWithinMs, impatientClient, limitIdleTransactions } from './patience.ts'
import { PreparingClient } from './prepared.ts'
import { NoticingDialect } from './writes.ts'

export type Database = {
  kind: 'embedded' | 'server'
  db: Handle
  /** One text, maybe of several statements, as the job queue's own SQL is. */
  execute: (text: string, values?: unknown[]) => Promise<{ rows: unknown[] }>
  /** How often a commit reached fsync; embedded only. */
  fsyncCount: (() => Promise<number>) | null
  close: () => Promise<void>
}

export type DatabaseOptions = {
  dataDir: string
  databaseUrl?: string
  /** How long a server's answer is waited for. */
  patienceMs?: number
}

const defaultPatienceMs = 20_000

/** int8 as a number: counts and tokens stay far below 2^53. */
const types = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === 20 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
}

/** Throws `database_unreachable`, `database_locked` or `database_unsafe`. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  if (options.databaseUrl !== undefined)
    return openServer(options.databaseUrl, options.patienceMs ?? defaultPatienceMs)
  const embedded = await startEmbedded(join(options.dataDir, 'database'))
  const pool = new pg.Pool({
    host: embedded.socketFolder,
    port: 5432,
    user: 'postgres',
    database: 'postgres',
    max: 4,
    types,
    Client: PreparingClient,
  })
  surviveLosses(pool)
  return {
    kind: 'embedded',
    db: new Kysely({ dialect: new NoticingDialect({ pool }) }),
    execute: (text, values) => executeOn(pool, text, values),
    fsyncCount: embedded.fsyncCount,
    close: async () => {
      await pool.end()
      await embedded.close()
    },
  }
}

/**
 * A connection lost while nobody waits for it must not end the process: idle ones tell the pool, lent ones only
 * themselves. The next query on it, or on another, reports its own failure.
 */
function surviveLosses(pool: pg.Pool): void {
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
}

async function executeOn(pool: pg.Pool, text: string, values: unknown[] = []): Promise<{ rows: unknown[] }> {
  const result = (await pool.query(text, values)) as pg.QueryResult | pg.QueryResult[]
  // Several statements give several results; the last one that has rows is the answer.
  return Array.isArray(result) ? { rows: result.findLast(({ rows }) => rows.length > 0)?.rows ?? [] } : result
}

const keepAlive = { keepAlive: true, keepAliveInitialDelayMillis: 10_000 }

async function openServer(url: string, patienceMs: number): Promise<Database> {
  const pool = new pg.Pool({
    connectionString: url,
    max: 10,
    types,
    Client: impatientClient(patienceMs),
    connectionTimeoutMillis: Math.min(patienceMs, connectWithinMs),
    onConnect: limitIdleTransactions,
    ...keepAlive,
  })
  surviveLosses(pool)
  try {
    await pool.query('select 1')
  } catch (cause) {
    await pool.end()
    throw new LitfassError(
      'database_unreachable',
      'The PostgreSQL server in LITFASS_DATABASE_URL does not answer',
      {
        remedy: 'Check address, user and password, and that the server runs.',
        cause,
      },
    )
  }
  return {
    kind: 'server',
    db: new Kysely({ dialect: new NoticingDialect({ pool }) }),
    execute: (text, values) => executeOn(pool, text, values),
    fsyncCount: null,
    close: () => pool.end(),
  }
}
