/** Forward-only migrations, one transaction under a lock; a backup is taken before on a database with data. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { LitfassError } from '#domain/errors.ts'
import type { Database } from './database.ts'
import type { Handle } from './deliveries.ts'
import { patiently } from './patience.ts'

export type MigrateOptions = {
  now: Date
  /** Folder of `NNNN-name.sql` files. Default: the product's. */
  folder?: string
  /** Called before the first pending migration of a database that has some already. */
  beforeUpgrade?: () => Promise<void>
}

type Migration = { name: string; text: string; sha256: string }

const lockId = 7_461_937

/**
 * Applies what is pending and returns its names. Throws `release_too_old` on a database that a newer release
 * has migrated, and `migration_failed` when an applied file was changed.
 */
export function migrate(database: Pick<Database, 'db'>, options: MigrateOptions): Promise<string[]> {
  return patiently(() => applyPending(database, options))
}

async function applyPending(database: Pick<Database, 'db'>, options: MigrateOptions): Promise<string[]> {
  const migrations = readMigrations(options.folder ?? ownFolder)
  // `create table if not exists` is no protection against two first starts at once; the lock is.
  await database.db.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(${lockId})`.execute(transaction)
    await sql`create table if not exists litfass_migration
      (name text primary key, sha256 text not null, applied_at timestamptz not null)`.execute(transaction)
  })
  const pending = await pendingOf(database.db, migrations)
  if (pending.length === 0) return []
  if (pending.length < migrations.length) await options.beforeUpgrade?.()
  return database.db.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(${lockId})`.execute(transaction)
    // Another process may have migrated while this one waited for the lock.
    const left = await pendingOf(transaction, migrations)
    for (const migration of left) await apply(transaction, migration, options.now)
    return left.map((migration) => migration.name)
  })
}

/** Names of what is not applied yet, applying nothing. Throws `migration_failed` as `migrate` does. */
export async function pendingMigrations(db: Handle): Promise<string[]> {
  const migrations = readMigrations(ownFolder)
  const { rows } = await sql<{ isThere: boolean }>`
    select to_regclass('litfass_migration') is not null as "isThere"`.execute(db)
  const pending = rows[0]?.isThere ? await pendingOf(db, migrations) : migrations
  return pending.map((migration) => migration.name)
}

const ownFolder = fileURLToPath(new URL('./migrations', import.meta.url))

function readMigrations(folder: string): Migration[] {
  const names = readdirSync(folder)
    .filter((name) => /^\d{4}-[a-z0-9-]+\.sql$/.test(name))
    .sort()
  return names.map((name) => {
    const text = readFileSync(`${folder}/${name}`, 'utf8')
    return { name, text, sha256: createHash('sha256').update(text).digest('hex') }
  })
}

async function pendingOf(db: Handle, migrations: readonly Migration[]): Promise<Migration[]> {
  const { rows } = await sql<{
    name: string
    sha256: string
  }>`select name, sha256 from litfass_migration`.execute(db)
  const applied = new Map(rows.map((row) => [row.name, row.sha256]))
  const known = new Set(migrations.map((migration) => migration.name))
  const newer = rows.map((row) => row.name).filter((name) => !known.has(name))
  if (newer.length > 0) {
    throw new LitfassError(
      'release_too_old',
      `This data was used with a newer release of Litfass (it made ${newer.sort().join(', ')})`,
      { remedy: 'Nothing was changed. Start that release or a newer one, or restore an older backup.' },
    )
  }
  const changed = migrations.find(
    (migration) => applied.has(migration.name) && applied.get(migration.name) !== migration.sha256,
  )
  if (changed) {
    throw new LitfassError(
      'migration_failed',
      `The migration ${changed.name} differs from the one this database was made with`,
      { remedy: 'Install the release this data was used with last, or a newer one.' },
    )
  }
  return migrations.filter((migration) => !applied.has(migration.name))
}

async function apply(db: Handle, migration: Migration, now: Date): Promise<void> {
  try {
    for (const statement of statementsOf(migration.text)) await sql.raw(statement).execute(db)
  } catch (cause) {
    throw new LitfassError('migration_failed', `The migration ${migration.name} failed`, {
      remedy: 'Nothing was changed. Report this with the log.',
      cause,
    })
  }
  await sql`insert into litfass_migration (name, sha256, applied_at) values (${migration.name}, ${migration.sha256}, ${now})`.execute(
    db,
  )
}

/** One statement at a time: the prepared protocol takes no more. Migrations hold no semicolons in strings. */
function statementsOf(text: string): string[] {
  return text
    .replace(/^\s*--.*$/gm, '')
    .split(/;\s*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '')
}
