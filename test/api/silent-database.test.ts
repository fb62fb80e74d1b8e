/** A database whose connections stay open and never answer: what a machine between does that forgot them. */
import { sql } from 'kysely'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { openDatabase } from '#storage/database.ts'
import { patiently } from '#storage/patience.ts'
import { freshServerDatabase } from '#test/support/databases.ts'
import { connectSandbox, picture, upload } from '#test/support/posting.ts'
import { startTestProduct } from '#test/support/product.ts'
import { type Line, openLine } from '../../prove/line.ts'

const cleanUps: Array<() => unknown> = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp()
})

async function lineToDatabase(): Promise<Line> {
  const line = await openLine(await freshServerDatabase())
  cleanUps.push(line.close)
  return line
}

describe('a connection that never answers', () => {
  async function open(patienceMs: number) {
    const line = await lineToDatabase()
    const database = await openDatabase({ dataDir: '', databaseUrl: line.url, patienceMs })
    cleanUps.push(() => {
      line.cut()
      line.goOn()
      return database.close()
    })
    return { line, database }
  }

  it('is given up when the patience is over, also within a transaction, and the next statement gets another', async () => {
    const { line, database } = await open(300)
    await sql`select 1`.execute(database.db)
    line.standStill()
    await expect(sql`select 2`.execute(database.db)).rejects.toThrow(/did not answer within 0.3 seconds/)
    await expect(database.execute('select 3')).rejects.toThrow(/timeout/)
    line.goOn()
    const work = database.db.transaction().execute(async (transaction) => {
      line.standStill()
      await sql`select 4`.execute(transaction)
    })
    await expect(work).rejects.toThrow()
    line.goOn()
    expect((await sql<{ five: number }>`select 5 as five`.execute(database.db)).rows).toEqual([{ five: 5 }])
  })

  it('is not given up for a statement of long work', async () => {
    const { database } = await open(300)
    await expect(sql`select pg_sleep(1)`.execute(database.db)).rejects.toThrow(/did not answer/)
    await patiently(() => sql`select pg_sleep(1)`.execute(database.db))
  })

  it('leaves no transaction open on the server for long', async () => {
    const { database } = await open(300)
    const { rows } = await sql<{ limit: string }>`
      select current_setting('idle_in_transaction_session_timeout') as limit`.execute(database.db)
    expect(rows).toEqual([{ limit: '15s' }])
  })
})

describe('a product whose database falls silent', () => {
  it.each([
    ['goes on answering', (line: Line) => line.goOn()],
    [
      'comes back on new connections only',
      (line: Line) => {
        line.cut()
        line.goOn()
      },
    ],
  ])(
    'says so, errs in time, and sends what is due once when it %s',
    { timeout: 90_000 },
    async (_, recover) => {
      const line = await lineToDatabase()
      const product = await startTestProduct({
        env: { LITFASS_DATABASE_URL: line.url, LITFASS_DATABASE_PATIENCE: '1' },
      })
      cleanUps.push(product.close)
      const channels = await connectSandbox(product)
      const mediaFileId = (await upload(product, await picture())).body.id
      const { body: post } = await product.call('POST', '/posts', {
        body: {
          text: 'Sent into the silence',
          attachments: [{ mediaFileId, altText: 'A red square' }],
          channelIds: channels.map(({ id }) => id),
        },
      })
      line.standStill()
      const red = await product.fetch('/readyz')
      expect(red.status).toBe(503)
      expect(await red.json()).toMatchObject({ ok: false, database: false, code: 'database_unreachable' })
      expect((await product.fetch('/healthz')).status).toBe(200)
      const before = performance.now()
      expect((await product.call('GET', '/posts')).status).toBe(500)
      expect(performance.now() - before).toBeLessThan(5_000)

      recover(line)
      await vi.waitFor(
        async () => expect((await product.call('GET', `/posts/${post.id}`)).body.state).toBe('published'),
        { timeout: 60_000, interval: 100 },
      )
      expect((await product.fetch('/readyz')).status).toBe(200)
      const wall = (await (await product.fetch('/_sandbox/wall')).json()) as { items: unknown[] }
      const seen = wall.items.filter((one) => JSON.stringify(one).includes('Sent into the silence'))
      expect(seen).toHaveLength(channels.length)
    },
  )
})
