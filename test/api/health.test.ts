/** What a server says about itself while its database does not answer, and what of its work it shows. */
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'

const now = new Date('2026-11-24T09:00:00Z')
let product: TestProduct
beforeAll(async () => {
  // Without a worker nothing beats and nothing is sent, so that a test decides both.
  product = await startTestProduct({ now: () => now, env: { LITFASS_ROLES: 'serve' } })
})
afterAll(() => product.close())

const figures = async () => (await product.fetch('/metrics', { headers: { cookie: 'a=b' } })).text()

describe('figures', () => {
  it('leave out a beat that never was, which is not a beat of this moment', async () => {
    expect(await figures()).not.toMatch(/^litfass_worker_beat_age_seconds /m)
  })

  it('say how long ago a worker was heard, what is overdue, and which figures wait to be read', async () => {
    const { db } = product.product.system
    const ago = (seconds: number) => new Date(now.getTime() - seconds * 1_000)
    await sql`insert into worker (id, started_at, seen_at) values ('wrk_1', ${ago(90)}, ${ago(12)})`.execute(
      db,
    )
    await delivery(product, 'dlv_1', ago(40))
    await delivery(product, 'dlv_2', ago(10))
    await sql`insert into poll (delivery_id, workspace_id, next_at)
      values ('dlv_1', ${product.workspaceId}, ${ago(5)}), ('dlv_2', ${product.workspaceId}, ${ago(-60)})`.execute(
      db,
    )
    const text = await figures()
    for (const line of [
      'litfass_worker_beat_age_seconds 12',
      'litfass_overdue_deliveries 2',
      'litfass_overdue_seconds 40',
      'litfass_polls_due{of="post"} 1',
      'litfass_polls_due{of="channel"} 0',
      'litfass_database_up 1',
    ])
      expect(text.split('\n')).toContain(line)
    expect(text).toContain('nodejs_eventloop_lag_seconds')
  })
})

describe('a database that does not answer', () => {
  it('makes readiness red in time, and leaves the process its own figures', async () => {
    const { promise: isDone, resolve: release } = Promise.withResolvers<void>()
    const { promise: isHeld, resolve: held } = Promise.withResolvers<void>()
    const holding = product.product.system.db.transaction().execute(async (transaction) => {
      await sql`lock table worker, delivery, attempt in access exclusive mode`.execute(transaction)
      held()
      await isDone
    })
    await isHeld
    try {
      const startedAt = performance.now()
      expect((await product.fetch('/healthz')).status).toBe(200)
      const [ready, text] = await Promise.all([product.fetch('/readyz'), figures()])
      expect(performance.now() - startedAt).toBeLessThan(5_000)
      expect(ready.status).toBe(503)
      expect(await ready.json()).toMatchObject({
        ok: false,
        database: false,
        status: 503,
        code: 'database_unreachable',
        remedy: expect.stringMatching(/\S/),
      })
      expect(text.split('\n')).toContain('litfass_database_up 0')
      expect(text).toContain('process_resident_memory_bytes')
      // What is not known is absent: zero overdue would be good news.
      expect(text).not.toMatch(/^litfass_(overdue|polls|worker|deliveries|delivery_attempts)\S* \d/m)
    } finally {
      release()
      await holding
    }
    expect((await figures()).split('\n')).toContain('litfass_database_up 1')
  })
})

async function delivery({ product, workspaceId }: TestProduct, id: string, at: Date): Promise<void> {
  const { db } = product.system
  await sql`insert into connection (id, workspace_id, network, login, remote_account_id, name, sealed_grant, created_at, updated_at)
    values ('con_1', ${workspaceId}, 'n', 'n', '1', 'n', '', ${at}, ${at}) on conflict do nothing`.execute(db)
  await sql`insert into channel (id, workspace_id, connection_id, network, remote_id, kind, name, created_at)
    values ('chn_1', ${workspaceId}, 'con_1', 'n', '1', 'page', 'n', ${at}) on conflict do nothing`.execute(
    db,
  )
  await sql`insert into post (id, workspace_id, created_by, created_at, updated_at)
    values ('pst_1', ${workspaceId}, 'x', ${at}, ${at}) on conflict do nothing`.execute(db)
  await sql`insert into delivery (id, workspace_id, post_id, channel_id, network, state, due_at, next_at, payload, created_at, updated_at)
    values (${id}, ${workspaceId}, 'pst_1', 'chn_1', 'n', 'waiting', ${at}, ${at}, '{}', ${at}, ${at})`.execute(
    db,
  )
}
