import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sql } from 'kysely'
import { fillStage, scheduleOn } from '#test/support/stage.ts'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'
import { renewResting, watchConnections } from '#app/connection-watch.ts'
import { tidyNotices } from '#jobs/sweeps.ts'
import { networks } from '#networks/registry.ts'

const start = new Date('2026-12-01T09:00:00Z')
let now = start
let test: TestProduct
const later = (days: number) => new Date(start.getTime() + days * 86_400_000)

beforeAll(async () => {
  test = await startTestProduct({ env: { LITFASS_ROLES: 'serve' }, now: () => now })
})
afterAll(() => test.close())

/** Puts the stage's rows into the owner's workspace, as if they had been made there. */
async function held(count: number): Promise<string[]> {
  const { db } = test.product.system
  await sql`delete from notice`.execute(db)
  await sql`delete from workspace where id = 'wsp_stage'`.execute(db)
  await sql`delete from post where id = 'pst_wsp_stage'`.execute(db)
  await sql`delete from connection where id = 'con_wsp_stage'`.execute(db)
  await fillStage(db, 'wsp_stage', ['chn_stage'])
  const ids: string[] = []
  for (let index = 0; index < count; index += 1)
    ids.push(await scheduleOn(db, 'wsp_stage', 'chn_stage', start, `Post ${index}`))
  for (const table of ['connection', 'channel', 'post', 'delivery'])
    await sql`update ${sql.table(table)} set workspace_id = ${test.workspaceId} where workspace_id = 'wsp_stage'`.execute(
      db,
    )
  await sql`update delivery set state = 'held', hold_reason = 'connection', next_at = null`.execute(db)
  await tidyNotices(db, now)
  return ids
}

describe('notices', () => {
  it('say in words what needs a person, newest first and page by page', async () => {
    const ids = await held(3)
    const first = await test.call('GET', '/notices?limit=2')
    expect(first.status).toBe(200)
    expect(first.body.unread).toBe(3)
    const second = await test.call('GET', `/notices?limit=2&cursor=${first.body.next}`)
    const all = [...first.body.items, ...second.body.items]
    expect(second.body.next).toBeNull()
    expect(new Set(all.map((notice) => notice.subject.id))).toEqual(new Set(ids))
    const one = all.find((notice) => notice.subject.id === ids[0])
    expect(one).toMatchObject({
      kind: 'delivery-held',
      severity: 'warning',
      subject: { kind: 'delivery', postId: 'pst_wsp_stage' },
      params: { channel: 'Page chn_stage', text: 'Post 0', holdReason: 'connection' },
      readAt: null,
      resolvedAt: null,
    })
    expect(one.message).toContain('“Post 0” is kept back')
    expect(one.remedy).toContain('Reconnect')
  })

  it('are read one by one or all at once, by members of the workspace only', async () => {
    const list = await test.call('GET', '/notices')
    const id = list.body.items[0].id
    const stranger = await test.addWorkspace()
    expect((await test.call('POST', `/notices/${id}/read`, { body: {}, key: stranger.apiKey })).status).toBe(
      404,
    )
    expect((await test.call('GET', '/notices', { key: stranger.apiKey })).body).toEqual({
      items: [],
      next: null,
      unread: 0,
    })
    expect((await test.call('POST', `/notices/${id}/read`, { body: {} })).body.readAt).toBe(now.toISOString())
    expect((await test.call('GET', '/notices')).body.unread).toBe(2)
    expect((await test.call('POST', '/notices/read-all', { body: {} })).body).toEqual({ read: 2 })
    expect((await test.call('GET', '/notices')).body.unread).toBe(0)
  })

  it('never outlive what they told of, even where no sweep has run', async () => {
    await sql`update delivery set state = 'cancelled', hold_reason = null`.execute(test.product.system.db)
    expect((await test.call('GET', '/notices?open=true')).body.items).toEqual([])
    const all = await test.call('GET', '/notices')
    expect(all.body.items).toHaveLength(3)
    for (const notice of all.body.items) expect(notice.resolvedAt).toBe(now.toISOString())
  })
})

describe('a delivery held for its connection while its answer was unknown', () => {
  it('is looked for before it is sent again, also when a person says so', async () => {
    const [id] = await held(1)
    const { db } = test.product.system
    await sql`update delivery set network = ${networks[0]?.definition.id}, operation_id = 'op', sent_at = ${start}, deadline_at = ${start} where id = ${id}`.execute(
      db,
    )
    const answer = await test.call('POST', `/deliveries/${id}/resolve`, {
      body: { resolution: { kind: 'send-again' } },
    })
    expect(answer.body).toMatchObject({ state: 'waiting' })
    const { rows } = await sql`select operation_id from delivery where id = ${id}`.execute(db)
    expect(rows).toEqual([{ operation_id: 'op' }])
  })
})

describe('a connection whose access ends', () => {
  const login = networks
    .flatMap(({ definition }) => definition.logins)
    .find(({ renewal }) => renewal === 'not-needed')
  const notices = async () =>
    (await test.call('GET', '/notices')).body.items.filter(
      (notice: { subject: { kind: string } }) => notice.subject.kind === 'connection',
    )
  const connect = async (ends: { access?: Date; refresh?: Date; dataAccess?: Date }) => {
    const { db, sealer } = test.product.system
    const network = networks.find(({ definition }) => definition.logins.includes(login as never))
    await sql`delete from notice`.execute(db)
    await sql`delete from channel`.execute(db).catch(() => undefined)
    await sql`delete from connection where id = 'con_ends'`.execute(db)
    await sql`insert into connection (id, workspace_id, network, login, sandbox, remote_account_id, name, sealed_grant, access_expires_at,
        refresh_expires_at, data_access_expires_at, created_at, updated_at)
      values ('con_ends', ${test.workspaceId}, ${network?.definition.id}, ${login?.id}, false, 'r', 'Acme',
        ${sealer.seal('connection/con_ends/grant', JSON.stringify({ accessToken: 'a', scopes: [] }))},
        ${ends.access ?? null}, ${ends.refresh ?? null}, ${ends.dataAccess ?? null}, ${start}, ${start})`.execute(
      db,
    )
  }

  it('is told of a week before, until it is granted anew', async () => {
    await connect({ dataAccess: later(8) })
    await watchConnections(test.product.system, now)
    expect(await notices()).toEqual([])
    now = later(2)
    await watchConnections(test.product.system, now)
    await watchConnections(test.product.system, now)
    expect(await notices()).toMatchObject([
      {
        kind: 'connection-ends-soon',
        params: { connection: 'Acme', endsAt: later(8).toISOString() },
        resolvedAt: null,
      },
    ])
    expect((await notices())[0].message).toContain('ends on 2026-12-09')
    await sql`update connection set data_access_expires_at = ${later(90)} where id = 'con_ends'`.execute(
      test.product.system.db,
    )
    expect(await notices()).toMatchObject([{ resolvedAt: now.toISOString() }])
    now = start
  })

  it('asks for a new sign-in once it has ended', async () => {
    await connect({ access: later(-1), refresh: later(-1) })
    await watchConnections(test.product.system, now)
    expect(await notices()).toMatchObject([
      { kind: 'connection-expired', severity: 'error', resolvedAt: null },
    ])
    await sql`update connection set state = 'active' where id = 'con_ends'`.execute(test.product.system.db)
    expect(await notices()).toMatchObject([{ resolvedAt: now.toISOString() }])
  })
})

describe('a connection that nobody uses', () => {
  it('is renewed before silence ends it, and not more than once a day', async () => {
    const { db } = test.product.system
    const added = await test.call('POST', '/connections', {
      body: {
        login: networks
          .flatMap(({ definition }) => definition.logins)
          .find((one) => one.renewal === 'refresh-token' && one.usesPkce)?.id,
        sandbox: true,
      },
    })
    expect(added.status).toBe(201)
    const id = added.body.connection.id
    const seal = async () =>
      (
        await sql<{ sealed: string }>`select sealed_grant as sealed from connection where id = ${id}`.execute(
          db,
        )
      ).rows[0]?.sealed
    const errors: unknown[] = []
    const renew = () => renewResting(test.product.system, now, (cause) => errors.push(cause))
    const before = await seal()
    expect(await renew()).toBe(0)
    await sql`update connection set access_expires_at = ${later(-4)}, updated_at = ${later(-5)} where id = ${id}`.execute(
      db,
    )
    expect(await renew()).toBe(1)
    expect(await renew()).toBe(0)
    expect(errors).toEqual([])
    expect(await seal()).not.toBe(before)
  })
})
