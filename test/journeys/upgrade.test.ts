/** A database of the first release, with rows in every table, is taken over whole and can be used at once. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterEach, describe, expect, it } from 'vitest'
import { readConfig } from '#main/config.ts'
import { type Product, startProduct } from '#main/main.ts'
import { readTables } from '#storage/catalog.ts'
import { type Database, openDatabase } from '#storage/database.ts'
import { migrate } from '#storage/migrate.ts'
import { freshServerDatabase } from '#test/support/databases.ts'

const migrations = new URL('../../src/storage/migrations/', import.meta.url).pathname
const rowsFile = new URL('../../src/storage/fixtures/first-release.sql', import.meta.url)

const closers: Array<() => Promise<void>> = []
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

async function countRows(db: Database['db']): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { name } of await readTables(db)) {
    const { rows } = await sql<{
      count: number
    }>`select count(*)::int as count from ${sql.table(name)}`.execute(db)
    counts[name] = rows[0]?.count ?? 0
  }
  return counts
}

/** Returns how many rows each table holds. */
async function fillAsFirstRelease(dataDir: string, databaseUrl: string | undefined) {
  const database = await openDatabase({ dataDir, ...(databaseUrl === undefined ? {} : { databaseUrl }) })
  try {
    const folder = join(dataDir, 'migrations')
    mkdirSync(folder)
    cpSync(join(migrations, '0001-start.sql'), join(folder, '0001-start.sql'))
    await migrate(database, { now: new Date('2026-11-01T08:00:00Z'), folder })
    for (const statement of readFileSync(rowsFile, 'utf8').split(/;\s*$/m))
      if (statement.trim() !== '') await sql.raw(statement).execute(database.db)
    return await countRows(database.db)
  } finally {
    await database.close()
  }
}

async function startOn(dataDir: string, databaseUrl: string | undefined): Promise<Product> {
  const product = await startProduct(
    readConfig({
      LITFASS_PORT: '0',
      LITFASS_DATA_DIR: dataDir,
      LITFASS_ROLES: 'serve',
      ...(databaseUrl === undefined ? {} : { LITFASS_DATABASE_URL: databaseUrl }),
    }),
    { web: 'none' },
  )
  closers.push(product.close)
  return product
}

describe.each([
  { name: 'embedded', url: async () => undefined },
  { name: 'server', url: freshServerDatabase },
])('data of the first release on the $name database', ({ url }) => {
  it('is backed up, taken over and shown whole', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'litfass-upgrade-'))
    closers.push(async () => rmSync(dataDir, { recursive: true, force: true }))
    const databaseUrl = await url()
    const before = await fillAsFirstRelease(dataDir, databaseUrl)
    expect(Object.entries(before).filter(([, count]) => count === 0)).toEqual([])

    const product = await startOn(dataDir, databaseUrl)
    expect(readdirSync(join(dataDir, 'backups')).some((name) => name.endsWith('.backup'))).toBe(true)
    expect(await countRows(product.database.db)).toMatchObject(before)

    const headers = { authorization: 'Bearer lf_first_release' }
    const get = async (path: string) => {
      const answer = await fetch(`${product.url}/api/v1${path}`, { headers })
      const body = await answer.json()
      expect({ path, status: answer.status, body }).toMatchObject({ status: 200 })
      return body as { items: Array<Record<string, unknown>> }
    }
    for (const path of [
      '/me',
      '/workspaces',
      '/members',
      '/keys',
      '/channels',
      '/connections',
      '/media',
      '/metrics',
      '/network-apps',
      '/invitations',
      '/posts/pst_draft',
      '/posts/pst_old/readings',
    ])
      await get(path)
    expect((await get('/posts')).items).toHaveLength(2)
    const { items: deliveries } = await get('/deliveries')
    expect(deliveries.map(({ state }) => state)).toHaveLength(8)
    for (const { id } of deliveries) await get(`/deliveries/${id}`)
    const { items: notices } = await get('/notices')
    for (const notice of notices) expect(notice).toMatchObject({ message: /\S/, remedy: /\S/ })

    // What may be live stays in doubt; what is settled forgets its operation.
    const { rows } = await sql<{ state: string }>`
      select state from delivery where operation_id is not null order by state`.execute(product.database.db)
    expect(rows.map(({ state }) => state)).toEqual(['sending', 'unsure'])
  })
})
