import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { backends, freshServerDatabase, type TestDatabase } from '#test/support/databases.ts'
import { openDatabase } from './database.ts'
import { migrate } from './migrate.ts'
import { createSealer } from './seal.ts'

const migrationNames = readdirSync(new URL('./migrations', import.meta.url)).sort()

describe.each(backends)('storage on the $name database', ({ open }) => {
  let test: TestDatabase
  beforeAll(async () => {
    test = await open()
  })
  afterAll(() => test.close())

  it('has every migration applied once, also when two processes start together', async () => {
    const again = await Promise.all([
      migrate(test.database, { now: new Date() }),
      migrate(test.database, { now: new Date() }),
    ])
    expect(again).toEqual([[], []])
  })

  it('is refused by a release older than the one it was used with last', async () => {
    const { db } = test.database
    await sql`insert into litfass_migration (name, sha256, applied_at) values ('9999-later.sql', 'x', now())`.execute(
      db,
    )
    await expect(migrate(test.database, { now: new Date() })).rejects.toMatchObject({
      code: 'release_too_old',
      message: expect.stringContaining('9999-later.sql'),
    })
    await sql`delete from litfass_migration where name = '9999-later.sql'`.execute(db)
  })

  it('takes back a transaction that fails', async () => {
    const insert = test.database.db.transaction().execute(async (transaction) => {
      await sql`insert into workspace (id, name, created_at) values ('wsp_gone', 'Gone', now())`.execute(
        transaction,
      )
      throw new Error('stop')
    })
    await expect(insert).rejects.toThrow('stop')
    const { rows } = await sql`select 1 from workspace where id = 'wsp_gone'`.execute(test.database.db)
    expect(rows).toEqual([])
  })

  it('keeps transactions of two callers apart', async () => {
    const { db } = test.database
    await sql`insert into workspace (id, name, created_at) values ('wsp_two', '0', now())`.execute(db)
    const add = () =>
      db.transaction().execute(async (transaction) => {
        await sql`update workspace set name = (name::int + 1)::text where id = 'wsp_two'`.execute(transaction)
      })
    await Promise.all(Array.from({ length: 10 }, add))
    const { rows } = await sql<{ name: string }>`select name from workspace where id = 'wsp_two'`.execute(db)
    expect(rows[0]?.name).toBe('10')
  })

  it('answers each of many callers with its own rows, also beside transactions', async () => {
    const { db } = test.database
    const ask = async (n: number) => {
      const statement = n % 2 === 0 ? sql`select ${n}::int as n, 'even' as kind` : sql`select ${n}::int as n`
      const { rows } = await (n % 3 === 0
        ? db.transaction().execute((transaction) => statement.execute(transaction))
        : statement.execute(db))
      return rows
    }
    const numbers = Array.from({ length: 300 }, (_, index) => index)
    const answers = await Promise.all(numbers.map(ask))
    expect(answers).toEqual(numbers.map((n) => [n % 2 === 0 ? { n, kind: 'even' } : { n }]))
  })
})

describe('the PostgreSQL server', () => {
  it.each([1, 2, 3])(
    'is migrated once by two processes that start together on an empty database, round %i',
    async () => {
      const databaseUrl = await freshServerDatabase()
      const two = await Promise.all([
        openDatabase({ dataDir: '', databaseUrl }),
        openDatabase({ dataDir: '', databaseUrl }),
      ])
      const applied = await Promise.all(two.map((database) => migrate(database, { now: new Date() })))
      expect(applied.flat().sort()).toEqual(migrationNames)
      await Promise.all(two.map((database) => database.close()))
    },
  )

  it('says what to do when it does not answer', async () => {
    await expect(
      openDatabase({ dataDir: '', databaseUrl: 'postgres://nobody@127.0.0.1:1/none' }),
    ).rejects.toMatchObject({ code: 'database_unreachable' })
  })
})

describe('the embedded database', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'litfass-test-'))
  afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

  it('reaches fsync with every commit', async () => {
    const database = await openDatabase({ dataDir })
    const before = (await database.fsyncCount?.()) ?? 0
    await sql`create table counted (n integer)`.execute(database.db)
    for (let n = 0; n < 20; n += 1) await sql`insert into counted values (${n})`.execute(database.db)
    expect(((await database.fsyncCount?.()) ?? 0) - before).toBeGreaterThanOrEqual(20)
    await expect(openDatabase({ dataDir })).rejects.toMatchObject({ code: 'database_locked' })
    await database.close()
  })

  it('loses no acknowledged row when it is killed in the middle of commits', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'litfass-kill-'))
    const script = fileURLToPath(new URL('./fixtures/commit-until-killed.ts', import.meta.url))
    let lastAcknowledged = 0
    for (let round = 0; round < 3; round += 1) {
      lastAcknowledged = Math.max(lastAcknowledged, await killWhileCommitting(script, folder))
      const database = await openDatabase({ dataDir: folder })
      const { rows } = await sql<{
        count: number
        last: number
      }>`select count(*) as count, max(n) as last from committed`.execute(database.db)
      expect(rows[0]?.last).toBeGreaterThanOrEqual(lastAcknowledged)
      expect(rows[0]?.count).toBe(rows[0]?.last)
      await database.close()
    }
    expect(lastAcknowledged).toBeGreaterThan(100)
    rmSync(folder, { recursive: true, force: true })
  })
})

/** Kills the writer with SIGKILL after 60 more acknowledged rows; returns the last one it acknowledged. */
function killWhileCommitting(script: string, folder: string): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
    let seen = 0
    let last = 0
    let rest = ''
    child.stdout.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        last = Number(line)
        seen += 1
      }
      if (seen >= 60) child.kill('SIGKILL')
    })
    child.once('close', () => resolve(last))
  })
}

describe('a sealed secret', () => {
  const sealer = createSealer(new Uint8Array(32).fill(7))
  const sealed = sealer.seal('connection/con_1/grant', 'token')

  it('opens for its own row only', () => {
    expect(sealer.open('connection/con_1/grant', sealed)).toBe('token')
    expect(() => sealer.open('connection/con_2/grant', sealed)).toThrow(
      expect.objectContaining({ code: 'secret_unreadable' }),
    )
  })

  it('does not open with another key or one changed byte', () => {
    const other = createSealer(new Uint8Array(32).fill(8))
    expect(() => other.open('connection/con_1/grant', sealed)).toThrow(
      expect.objectContaining({ code: 'secret_unreadable' }),
    )
    const changed = sealed.slice(0, -2) + (sealed.at(-2) === 'A' ? 'B' : 'A') + sealed.slice(-1)
    expect(() => sealer.open('connection/con_1/grant', changed)).toThrow(
      expect.objectContaining({ code: 'secret_unreadable' }),
    )
  })
})
