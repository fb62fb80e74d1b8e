/**
 * Backup and restore, online, of every table in `public`; the same file moves an installation between
 * the embedded database and a server.
 *
 * On a server the backup is one repeatable-read snapshot. The embedded database has one connection, and
 * a transaction would hold up every publication meanwhile; so there it is read in short pages, and is
 * NOT one instant: each row is whole and as it was at some moment of the backup, rows that existed
 * throughout are in it, and rows written meanwhile may be missing or newer than their neighbours. Children
 * are read before their parents, so a row added meanwhile never lacks its parent; one whose parent was
 * deleted meanwhile is left out on restore, as the deletion would have done. Stop the workers first where
 * one instant is needed.
 */
import { createHash } from 'node:crypto'
import {
  closeSync,
  createReadStream,
  createWriteStream,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
} from 'node:fs'
import { renameSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip, gzipSync } from 'node:zlib'
import { sql } from 'kysely'
import { LitfassError } from '#domain/errors.ts'
import {
  checkBackup,
  formatVersion,
  readBackup,
  type RowTexts,
  sha256,
  type TableSum,
} from './backup-file.ts'
import { readAppliedMigrations, readTables, type Table } from './catalog.ts'
import type { Database } from './database.ts'
import type { Handle } from './deliveries.ts'
import { patiently } from './patience.ts'

export type BackupOptions = {
  now: Date
  /** Rows read or written by one statement. */
  pageSize?: number
}

type Source = Pick<Database, 'kind' | 'db'>

const defaultPageSize = 500

/** Writes a whole file or none. Returns what is in it, table by table. */
export async function writeBackup(
  database: Source,
  file: string,
  options: BackupOptions,
): Promise<TableSum[]> {
  const target = resolve(file)
  mkdirSync(dirname(target), { recursive: true })
  const folder = mkdtempSync(`${target}.partial-`)
  try {
    const write = (db: Handle) => writeParts(db, folder, options)
    const sums = await patiently(() =>
      database.kind === 'embedded'
        ? write(database.db)
        : database.db
            .transaction()
            .setIsolationLevel('repeatable read')
            .execute(async (transaction) => {
              await useExactTexts(transaction)
              return write(transaction)
            }),
    )
    const whole = join(folder, 'whole')
    await joinParts(
      [
        join(folder, 'header'),
        ...sums.map(({ table }) => join(folder, `${table}.part`)),
        join(folder, 'trailer'),
      ],
      whole,
    )
    renameSync(whole, target)
    return sums
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export type Restored = {
  rows: number
  /** Rows whose parent was deleted, or whose key was used again, while the backup ran. */
  leftOut: number
}

export type RestoreOptions = {
  pageSize?: number
  /** Runs last in the same transaction, so that no process ever sees the data without it. */
  finish?: (transaction: Handle) => Promise<void>
}

/**
 * Loads a backup into an empty, migrated database, in one transaction: all of it or nothing.
 *
 * Throws `backup_invalid` for a damaged file or one made by another release, `conflict` where there is data.
 */
export async function restoreBackup(
  database: Source,
  file: string,
  options: RestoreOptions = {},
): Promise<Restored> {
  const { header } = await checkBackup(file)
  const pageSize = options.pageSize ?? defaultPageSize
  const load = async (transaction: Handle): Promise<Restored> => {
    await useExactTexts(transaction)
    const applied = await readAppliedMigrations(transaction)
    if (JSON.stringify(applied) !== JSON.stringify(header.migrations))
      throw otherRelease(header.migrations.at(-1)?.name)
    const tables = await readTables(transaction)
    for (const table of tables) await refuseData(transaction, table)
    const restored = { rows: 0, leftOut: 0 }
    let current: { table: Table; columns: string[] } | undefined
    let page: RowTexts[] = []
    const flush = async () => {
      if (current && page.length > 0) {
        const written = await insertPage(transaction, current.table, current.columns, page)
        restored.rows += written
        restored.leftOut += page.length - written
      }
      page = []
    }
    for await (const line of readBackup(file)) {
      if (line.kind === 'table') {
        await flush()
        const table = tables.find(({ name }) => name === line.table)
        if (!table)
          throw new Error(`the backup has a table ${line.table} that its own migrations do not make`)
        current = { table, columns: line.columns }
      } else {
        page.push(line.row)
        if (page.length >= pageSize) await flush()
      }
    }
    await flush()
    restored.leftOut += await dropStranded(transaction)
    for (const table of tables) await moveSequences(transaction, table)
    await options.finish?.(transaction)
    return restored
  }
  return patiently(() => database.db.transaction().execute(load))
}

/** What goes with its delivery, without a key that the database checks. */
async function dropStranded(db: Handle): Promise<number> {
  let count = 0
  for (const table of ['attempt', 'poll']) {
    const { numAffectedRows } = await sql`delete from ${sql.table(table)} t
      where not exists (select 1 from delivery d where d.id = t.delivery_id)`.execute(db)
    count += Number(numAffectedRows ?? 0n)
  }
  return count
}

/** Text forms that read back exactly, whatever the server's settings are. */
async function useExactTexts(db: Handle): Promise<void> {
  await sql`select set_config('datestyle', 'ISO, YMD', true), set_config('intervalstyle', 'iso_8601', true),
    set_config('extra_float_digits', '1', true), set_config('timezone', 'UTC', true)`.execute(db)
}

/** Header, one part for each table and trailer, as files of their own: gzip files may be joined end to end. */
async function writeParts(db: Handle, folder: string, options: BackupOptions): Promise<TableSum[]> {
  const tables = await readTables(db)
  const migrations = await readAppliedMigrations(db)
  const header = JSON.stringify({ format: formatVersion, createdAt: options.now.toISOString(), migrations })
  const sums = new Map<string, TableSum>()
  for (const table of tables.toReversed()) {
    sums.set(
      table.name,
      await writePart(db, table, join(folder, `${table.name}.part`), options.pageSize ?? defaultPageSize),
    )
  }
  const ordered = tables.flatMap(({ name }) => sums.get(name) ?? [])
  const trailer = JSON.stringify({ end: { header: sha256(header), tables: ordered } })
  await pipeline([gzipSync(`${header}\n`)], createWriteStream(join(folder, 'header'), { mode: 0o600 }))
  await pipeline([gzipSync(`${trailer}\n`)], createWriteStream(join(folder, 'trailer'), { mode: 0o600 }))
  return ordered
}

async function writePart(db: Handle, table: Table, file: string, pageSize: number): Promise<TableSum> {
  const columns = writable(table)
  const hash = createHash('sha256')
  let rows = 0
  const part = async function* () {
    const opening = `${JSON.stringify({ table: table.name, columns: columns.map(({ name }) => name) })}\n`
    hash.update(opening)
    yield opening
    for await (const page of pages(db, table, pageSize)) {
      const text = page.map((row) => `${JSON.stringify(row)}\n`).join('')
      hash.update(text)
      rows += page.length
      yield text
    }
  }
  await pipeline(part, createGzip(), createWriteStream(file, { mode: 0o600 }))
  return { table: table.name, rows, sha256: hash.digest('hex') }
}

/** Rows in pages of key ranges: each page is one short statement, however long the table is. */
async function* pages(db: Handle, table: Table, pageSize: number): AsyncGenerator<RowTexts[]> {
  const columns = writable(table)
  const keys = table.primaryKey.map((name) => columns.findIndex((column) => column.name === name))
  if (keys.length === 0) throw new Error(`table ${table.name} has no primary key to page by`)
  const key = sql.join(table.primaryKey.map((name) => sql.ref(name)))
  const texts = sql.join(columns.map(({ name }) => sql`${sql.ref(name)}::text`))
  let after: RowTexts | undefined
  for (;;) {
    const bound = after?.map(
      (value, index) => sql`${value}::${sql.raw(columns[keys[index] ?? -1]?.type ?? 'text')}`,
    )
    const where = bound ? sql`where (${key}) > (${sql.join(bound)})` : sql``
    const { rows } = await sql<{ row: RowTexts }>`
      select json_build_array(${texts}) as row from ${sql.table(table.name)} ${where} order by ${key} limit ${pageSize}`.execute(
      db,
    )
    const page = rows.map(({ row }) => row)
    if (page.length > 0) yield page
    if (page.length < pageSize) return
    const last = page.at(-1)
    after = keys.map((index) => last?.[index] ?? null)
  }
}

/** Rows whose parent is missing are left out, and so are those whose unique key an earlier row has. */
async function insertPage(
  db: Handle,
  table: Table,
  names: readonly string[],
  page: readonly RowTexts[],
): Promise<number> {
  const columns = names.map((name) => {
    const type = table.columns.find((column) => column.name === name)?.type
    if (type === undefined) throw new Error(`table ${table.name} has no column ${name}`)
    return { name, type }
  })
  const values = sql.join(
    columns.map(
      ({ name, type }, index) => sql`(r.row ->> ${sql.lit(index)})::${sql.raw(type)} as ${sql.ref(name)}`,
    ),
  )
  const hasParents = table.foreignKeys.map((key) => {
    const isNull = key.columns.map((name) => sql`${sql.ref(`n.${name}`)} is null`)
    const isSame = key.columns.map(
      (name, index) => sql`${sql.ref(`p.${key.references[index] ?? ''}`)} = ${sql.ref(`n.${name}`)}`,
    )
    return sql`(${sql.join(isNull, sql` or `)} or exists (select 1 from ${sql.table(key.table)} p where ${sql.join(isSame, sql` and `)}))`
  })
  const where = hasParents.length > 0 ? sql`where ${sql.join(hasParents, sql` and `)}` : sql``
  const { numAffectedRows } = await sql`
    insert into ${sql.table(table.name)} (${sql.join(names.map((name) => sql.ref(name)))}) overriding system value
    select n.* from (select ${values} from json_array_elements(${JSON.stringify(page)}::json) as r (row)) n
    ${where} on conflict do nothing`.execute(db)
  return Number(numAffectedRows ?? 0n)
}

/** The next identity value follows the highest restored one. */
async function moveSequences(db: Handle, table: Table): Promise<void> {
  for (const column of table.columns.filter(({ isIdentity }) => isIdentity)) {
    await sql`select setval(pg_get_serial_sequence(quote_ident(${table.name}::text), ${column.name}::text), max(${sql.ref(column.name)}))
      from ${sql.table(table.name)} having count(*) > 0`.execute(db)
  }
}

async function refuseData(db: Handle, table: Table): Promise<void> {
  const { rows } = await sql`select 1 from ${sql.table(table.name)} limit 1`.execute(db)
  if (rows.length === 0) return
  throw new LitfassError('conflict', `The table ${table.name} has rows already`, {
    remedy: 'Restore into a new data folder or an empty database.',
  })
}

function otherRelease(newest = 'none'): LitfassError {
  return new LitfassError(
    'backup_invalid',
    `The backup was made by another release (its newest migration: ${newest})`,
    {
      remedy: 'Nothing was changed. Restore with the release that made the backup, then upgrade.',
    },
  )
}

function writable(table: Table): Table['columns'] {
  return table.columns.filter(({ isGenerated }) => !isGenerated)
}

/** The joined file is on disk before anyone sees it under its name. */
async function joinParts(parts: readonly string[], whole: string): Promise<void> {
  for (const part of parts)
    await pipeline(createReadStream(part), createWriteStream(whole, { flags: 'a', mode: 0o600 }))
  const handle = openSync(whole, 'r+')
  fsyncSync(handle)
  closeSync(handle)
}
