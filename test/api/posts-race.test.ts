import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freshServerDatabase } from '#test/support/databases.ts'
import { type Channel, connectSandbox } from '#test/support/posting.ts'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'

// On a PostgreSQL server, where a worker elsewhere really runs at the same instant.
describe('a change that meets a worker', () => {
  let product: TestProduct
  let channel: Channel | undefined
  beforeAll(async () => {
    product = await startTestProduct({
      env: { LITFASS_DATABASE_URL: await freshServerDatabase(), LITFASS_ROLES: 'serve' },
    })
    const { networks } = product.product.system
    const plain = networks.find(({ definition }) => !definition.needsImage)?.definition.id
    channel = (await connectSandbox(product)).find(({ network }) => network === plain)
  })
  afterAll(() => product.close())

  const scheduled = async () => {
    const body = { text: 'Old', channelIds: [channel?.id], at: '2099-06-01T09:30' }
    return (await product.call('POST', '/posts', { body })).body
  }
  /** Runs `meanwhile` while a worker has claimed the post's delivery and not committed yet. */
  const whileClaiming = async <T>(postId: string, meanwhile: () => Promise<T>): Promise<T> => {
    const { db } = product.product.system
    let answer: Promise<T> | undefined
    await db.transaction().execute(async (worker) => {
      await sql`update delivery set state = 'claimed', token = token + 1, started_at = now() where post_id = ${postId}`.execute(
        worker,
      )
      answer = meanwhile()
      for (let waiting = 0; waiting === 0;) {
        const { rows } = await sql<{ n: number }>`select count(*)::int as n from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock'`.execute(db)
        waiting = rows[0]?.n ?? 0
      }
    })
    if (!answer) throw new Error('nothing was done meanwhile')
    return answer
  }

  it.each([
    ['PUT', '', { revision: 1, text: 'New', channelIds: [] }],
    ['POST', '/schedule', { revision: 1, at: '2099-07-01T09:30' }],
    ['POST', '/unschedule', undefined],
    ['POST', '/cancel', undefined],
  ])(
    'by %s %s waits for it and is refused, and the old content goes out whole',
    async (method, path, body) => {
      const post = await scheduled()
      const sent = method === 'PUT' ? { ...body, channelIds: [channel?.id] } : body
      const answer = await whileClaiming(post.id, () =>
        product.call(method, `/posts/${post.id}${path}`, { body: sent }),
      )
      expect(answer).toMatchObject({ status: 409, body: { code: 'post_not_editable' } })
      const shown = (await product.call('GET', `/posts/${post.id}`)).body
      expect(shown).toMatchObject({ text: 'Old', dueAt: post.dueAt, revision: 1, state: 'publishing' })
      const receipt = (await product.call('GET', `/deliveries/${shown.deliveries[0].id}`)).body
      expect(receipt.sent.text).toBe('Old')
    },
  )
})
