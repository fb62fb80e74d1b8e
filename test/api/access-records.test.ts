/** The access ledger through the API: entries, check, anchor, the report for a period, and its PDF. */
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createKey } from '#app/initialise.ts'
import { type Channel, connectSandbox, settled } from '#test/support/posting.ts'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'

const now = new Date()
const day = (shift: number) => new Date(now.getTime() + shift * 86_400_000).toISOString().slice(0, 10)
const period = `from=${day(-1)}&to=${day(1)}`
let product: TestProduct
let channels: Channel[]

beforeAll(async () => {
  product = await startTestProduct()
  channels = await connectSandbox(product)
  const text = `Something to answer for ${product.workspaceId}`
  const chosen = channels.filter(({ network }) => network !== 'instagram').map(({ id }) => id)
  const { body } = await product.call('POST', '/posts', { body: { text, channelIds: chosen } })
  expect(await settled(product, body.id)).toMatchObject({ state: 'published' })
  await product.product.system.ledger.settled()
})
afterAll(() => product.close())

describe('the access ledger', () => {
  it('holds an opening and a settling entry for every request a network saw', async () => {
    const { body } = await product.call('GET', '/access-records?limit=200')
    const calls = new Map<string, string[]>()
    for (const { callId, kind } of body.items) calls.set(callId, [...(calls.get(callId) ?? []), kind])
    expect(calls.size).toBeGreaterThan(channels.length)
    for (const kinds of calls.values()) expect(kinds.toSorted()).toEqual(['open', 'settle'])
  })

  it('is read page by page, and by network and purpose', async () => {
    const first = (await product.call('GET', '/access-records?limit=3')).body
    const second = (await product.call('GET', `/access-records?limit=3&cursor=${first.next}`)).body
    const ids = [...first.items, ...second.items].map((item: { id: string }) => Number(item.id))
    expect(ids).toEqual(ids.toSorted((a, b) => b - a))
    expect(new Set(ids).size).toBe(6)
    const { body } = await product.call('GET', '/access-records?network=x&purpose=publish')
    expect(body.items.length).toBeGreaterThan(0)
    for (const item of body.items) expect(item).toMatchObject({ network: 'x', purpose: 'publish' })
    expect(await product.call('GET', '/access-records?cursor=nonsense')).toMatchObject({
      status: 422,
      body: { code: 'invalid_input' },
    })
  })

  it('holds no content and no id of network data', async () => {
    const { body: records } = await product.call('GET', '/access-records?limit=200')
    const { rows } = await sql<{ remoteId: string }>`
      select remote_id as "remoteId" from delivery where remote_id is not null`.execute(
      product.product.system.db,
    )
    const text = JSON.stringify(records)
    expect(rows.length).toBeGreaterThan(0)
    for (const { remoteId } of rows) expect(text).not.toContain(remoteId)
    expect(text).not.toContain('Something to answer for')
  })

  it('says that it is whole, and which entry is not', async () => {
    const { body: anchor } = await product.call('GET', '/access-records/anchor')
    const whole = await product.call('POST', '/access-records/verify', { body: { anchor } })
    expect(whole.body).toMatchObject({ faults: [], unsettled: 0 })
    expect(whole.body.entries).toBeGreaterThan(10)
    const { db } = product.product.system
    const [head] = anchor.heads
    await db.transaction().execute(async (transaction) => {
      await sql`alter table access_record disable trigger user`.execute(transaction)
      await sql`update access_record set purpose = 'measure' where chain_id = ${head.chainId} and number = 1`.execute(
        transaction,
      )
    })
    const { body } = await product.call('POST', '/access-records/verify', { body: {} })
    expect(body.faults).toEqual([{ kind: 'changed', chainId: head.chainId, number: 1 }])
    const report = (await product.call('GET', `/access-records/report?${period}`)).body
    expect(report.integrity.faults).toBe(1)
    await db.transaction().execute(async (transaction) => {
      await sql`update access_record set purpose = 'connect' where chain_id = ${head.chainId} and number = 1`.execute(
        transaction,
      )
      await sql`alter table access_record enable trigger user`.execute(transaction)
    })
  })
})

describe('the report for a period', () => {
  it('tells app, accounts, calls, purposes, terms and cost', async () => {
    const { body } = await product.call('GET', `/access-records/report?${period}&network=x`)
    expect(body.apps).toHaveLength(1)
    const [app] = body.apps
    expect(app).toMatchObject({ network: 'x', connections: [{ sandbox: true }] })
    const publishing = app.uses.find((use: { purpose: string }) => use.purpose === 'publish')
    expect(publishing).toMatchObject({
      endpointClass: 'post.create',
      actor: 'job:deliver',
      calls: 1,
      failed: 0,
      cost: '0.015',
      currency: 'USD',
    })
    expect(publishing.termsVersion).toMatch(/^\d{4}-\d{2}-\d{2}/)
    expect(body).toMatchObject({ modelCalls: 0, recipients: { members: { owner: 1 } } })
    expect(body.rules[0].rules.length).toBeGreaterThan(3)
  })

  it('is empty for a time in which nothing was asked', async () => {
    const { body } = await product.call('GET', '/access-records/report?from=2020-01-01&to=2020-02-01')
    expect(body.apps).toEqual([])
    for (const wrong of [
      'report?from=2020-02-01&to=2020-01-01',
      'report?to=0001-01-10',
      'report.pdf?from=0000-01-01&to=2020-01-01',
      '?from=0000-01-01',
    ]) {
      const answer = await product.call('GET', `/access-records/${wrong}`.replace('/?', '?'))
      expect(answer).toMatchObject({ status: 422, body: { code: 'invalid_input' } })
    }
  })

  it('is a PDF too', async () => {
    const answer = await product.fetch(`/api/v1/access-records/report.pdf?${period}`)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('application/pdf')
    const bytes = Buffer.from(await answer.arrayBuffer())
    expect(bytes.subarray(0, 5).toString()).toBe('%PDF-')
    expect(bytes.length).toBeGreaterThan(2_000)
    const wrong = await product.fetch('/api/v1/access-records/report.pdf?from=yesterday')
    expect(wrong.status).toBe(422)
  })

  it('is for admins and owners', async () => {
    const { db } = product.product.system
    const { workspaceId } = product
    await sql`insert into member (id, workspace_id, name, email, role, created_at)
      values ('mbr_editor', ${workspaceId}, 'Editor', 'editor@example.com', 'editor', ${now})`.execute(db)
    const actor = { workspaceId, memberId: 'mbr_editor', role: 'editor' } as const
    const { apiKey: key } = await createKey(db, actor, 'Editor', now)
    for (const path of ['/access-records', '/access-records/anchor', `/access-records/report?${period}`])
      expect((await product.call('GET', path, { key })).status).toBe(403)
  })
})
