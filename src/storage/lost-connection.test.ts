/** What a database server takes away under way: its connections. */
import { sql } from 'kysely'
import pg from 'pg'
import { describe, expect, it, onTestFinished } from 'vitest'
import { freshServerDatabase } from '#test/support/databases.ts'
import { openDatabase } from './database.ts'

describe('a database server that ends connections', () => {
  it('fails what runs on them and nothing else: the process lives, and the next statement works', async () => {
    const databaseUrl = await freshServerDatabase()
    const { db, close } = await openDatabase({ dataDir: '', databaseUrl })
    onTestFinished(close)
    const wrong: unknown[] = []
    const note = (cause: unknown) => void wrong.push(cause)
    process.on('uncaughtException', note)
    onTestFinished(() => void process.off('uncaughtException', note))
    const work = db.transaction().execute(async (transaction) => {
      await sql`select 1`.execute(transaction)
      await endAllBut(databaseUrl)
      // Between two statements nobody waits for the connection, so nobody hears of its end.
      await new Promise((resolve) => setTimeout(resolve, 100))
      await sql`select 2`.execute(transaction)
    })
    await expect(work).rejects.toThrow()
    expect((await sql<{ three: number }>`select 3 as three`.execute(db)).rows).toEqual([{ three: 3 }])
    expect(wrong).toEqual([])
  })
})

async function endAllBut(databaseUrl: string): Promise<void> {
  const admin = new pg.Client({ connectionString: databaseUrl })
  await admin.connect()
  await admin.query(
    'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
  )
  await admin.end()
}
