import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { backends, type TestDatabase } from '#test/support/databases.ts'
import { restoreBackup, writeBackup } from './backup.ts'
import type { Handle } from './deliveries.ts'

const now = new Date('2026-11-24T03:00:00Z')
const folder = mkdtempSync(join(tmpdir(), 'litfass-backup-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.each(backends)('a backup of the $name database', ({ name, open }) => {
  let source: TestDatabase
  const file = join(folder, `${name}.backup`)
  beforeAll(async () => {
    source = await open()
    await fill(source.database.db)
    await writeBackup(source.database, file, { now, pageSize: 7 })
  })
  afterAll(() => source.close())

  it.each(backends)('restores every value on the $name database', async ({ open: openTarget }) => {
    const target = await openTarget()
    try {
      const restored = await restoreBackup(target.database, file, { pageSize: 7 })
      expect(restored.leftOut).toBe(0)
      expect(await contents(target.database.db)).toEqual(await contents(source.database.db))
      await expect(addRecord(target.database.db)).resolves.toBe(4)
      await expect(restoreBackup(target.database, file)).rejects.toMatchObject({ code: 'conflict' })
    } finally {
      await target.close()
    }
  })

  it('is all taken back when the last step of a restore fails', async () => {
    const target = await open()
    try {
      const finish = () => Promise.reject(new Error('stopped'))
      await expect(restoreBackup(target.database, file, { finish })).rejects.toThrow('stopped')
      await expect(restoreBackup(target.database, file)).resolves.toMatchObject({ leftOut: 0 })
    } finally {
      await target.close()
    }
  })

  it('is refused when cut, changed or of another release, and changes nothing', async () => {
    const target = await open()
    try {
      const lines = gunzipSync(readFileSync(file)).toString().split('\n')
      const row = lines.findIndex((line) => line.startsWith('["pst_'))
      const damaged = {
        cut: (path: string) => truncateSync(path, readFileSync(file).length - 20),
        'without its trailer': (path: string) => writeLines(path, [...lines.slice(0, -2), '']),
        'without a row': (path: string) => writeLines(path, lines.toSpliced(row, 1)),
        'with another text': (path: string) =>
          writeLines(path, lines.with(row, lines[row]?.replace('pst_', 'pst-') ?? '')),
        'not gzip': (path: string) => writeFileSync(path, 'hello'),
      }
      for (const [how, damage] of Object.entries(damaged)) {
        const path = join(folder, `${name}.damaged`)
        writeFileSync(path, readFileSync(file))
        damage(path)
        await expect(restoreBackup(target.database, path), how).rejects.toMatchObject({
          code: 'backup_invalid',
        })
      }
      await sql`insert into litfass_migration (name, sha256, applied_at) values ('9999-later.sql', '', ${now})`.execute(
        target.database.db,
      )
      await expect(restoreBackup(target.database, file)).rejects.toMatchObject({ code: 'backup_invalid' })
      expect(Object.values(await contents(target.database.db)).flat()).toEqual([])
    } finally {
      await target.close()
    }
  })

  it('lets writers go on meanwhile, and restores what they leave behind', async () => {
    const path = join(folder, `${name}.busy`)
    const { db } = source.database
    let isRunning = true
    let written = 0
    const write = async () => {
      for (; isRunning; written += 1) {
        await addPost(db, `busy_${written}`)
        if (written % 3 === 0) await sql`delete from post where id = ${`pst_busy_${written}`}`.execute(db)
      }
    }
    const writing = write()
    await writeBackup(source.database, path, { now, pageSize: 1 })
    isRunning = false
    await writing
    const target = await open()
    try {
      await restoreBackup(target.database, path)
      const { rows } = await sql`select 1 from post where id like 'pst_0%'`.execute(target.database.db)
      expect(rows).toHaveLength(20)
      expect(written).toBeGreaterThan(3)
    } finally {
      await target.close()
    }
  })
})

function writeLines(path: string, lines: readonly string[]): void {
  writeFileSync(path, gzipSync(lines.join('\n')))
}

/** Values that a careless text form would lose: microseconds, JSON null, arrays, long decimals, line ends. */
async function fill(db: Handle): Promise<void> {
  await sql`insert into workspace (id, name, created_at) values ('wsp_1', ${'Säule "1"\n\\ 🎉'}, '2026-01-02T03:04:05.678901Z')`.execute(
    db,
  )
  await sql`insert into connection (id, workspace_id, network, login, remote_account_id, name, scopes, sealed_grant, created_at, updated_at)
    values ('con_1', 'wsp_1', 'n', 'l', 'r', 'c', ${['a,b', '"c"', '']}, 's', ${now}, ${now})`.execute(db)
  await sql`insert into channel (id, workspace_id, connection_id, network, remote_id, kind, name, created_at)
    values ('chn_1', 'wsp_1', 'con_1', 'n', 'r', 'page', 'c', ${now})`.execute(db)
  for (let index = 0; index < 20; index += 1) await addPost(db, String(index).padStart(3, '0'))
  await sql`insert into idempotency_key (workspace_id, key, body_hash, status, response, created_at)
    values ('wsp_1', 'k', 'h', 204, 'null', ${now})`.execute(db)
  for (let index = 0; index < 3; index += 1) await addRecord(db)
}

async function addPost(db: Handle, name: string): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    await sql`insert into post (id, workspace_id, created_by, created_at, updated_at)
      values (${`pst_${name}`}, 'wsp_1', 'mbr_1', ${now}, ${now})`.execute(transaction)
    await sql`insert into variant (id, workspace_id, post_id, channel_id)
      values (${`var_${name}`}, 'wsp_1', ${`pst_${name}`}, 'chn_1')`.execute(transaction)
  })
}

async function addRecord(db: Handle): Promise<number | undefined> {
  const { rows } = await sql<{ id: number }>`
    insert into access_record (workspace_id, call_id, kind, network, endpoint_class, data_class, purpose, actor, at, amount)
    values ('wsp_1', 'c', 'open', 'n', 'e', 'd', 'p', 'a', ${now}, 123456789012.345678) returning id`.execute(
    db,
  )
  return rows[0]?.id
}

async function contents(db: Handle): Promise<Record<string, unknown[]>> {
  const tables = ['workspace', 'connection', 'channel', 'post', 'variant', 'idempotency_key', 'access_record']
  const found: Record<string, unknown[]> = {}
  for (const table of tables) {
    const { rows } = await sql<{ row: unknown }>`
      select (select json_object_agg(key, value order by key) from json_each_text(to_json(t)))::text as row
      from ${sql.table(table)} t order by 1`.execute(db)
    found[table] = rows.map(({ row }) => row)
  }
  return found
}
