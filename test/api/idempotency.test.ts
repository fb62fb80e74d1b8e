/** Idempotency keys: who is unsure whether a write arrived sends it again, and nothing is done twice. */
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { picture } from '#test/support/posting.ts'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'

const minute = 60_000

describe('a write with an Idempotency-Key', () => {
  let product: TestProduct
  let now = new Date('2026-11-24T09:00:00Z')
  let key = ''
  beforeAll(async () => {
    product = await startTestProduct({ now: () => now })
  })
  afterAll(() => product.close())
  beforeEach(() => {
    key = `test-${Math.random()}`
  })

  const draft = (text: string, use: { key?: string; headers?: Record<string, string> } = {}) =>
    product.call('POST', '/posts', {
      body: { text, draft: true },
      ...(use.key === undefined ? {} : { key: use.key }),
      headers: { 'idempotency-key': key, ...use.headers },
    })
  const drafts = async () => (await product.call('GET', '/posts?state=draft')).body.items.length as number
  const rows = async () => {
    const { rows } = await sql<{ status: number | null; response: unknown }>`
      select status, response from idempotency_key where key = ${key}`.execute(product.product.system.db)
    return rows
  }

  it('is done once, and answered alike each time', async () => {
    const before = await drafts()
    const [first, second] = [await draft('Once'), await draft('Once')]
    expect(first.status).toBe(201)
    expect([second.status, second.body]).toEqual([first.status, first.body])
    expect(second.headers.get('content-type')).toBe(first.headers.get('content-type'))
    expect(first.headers.get('idempotency-replayed')).toBeNull()
    expect(second.headers.get('idempotency-replayed')).toBe('true')
    expect(await drafts()).toBe(before + 1)
  })

  it('is done once also when all come at the same moment', async () => {
    const before = await drafts()
    const answers = await Promise.all(Array.from({ length: 8 }, () => draft('At once')))
    expect(await drafts()).toBe(before + 1)
    const done = answers.filter(({ status }) => status === 201)
    expect(new Set(done.map(({ body }) => body.id)).size).toBe(1)
    for (const { status, body } of answers)
      if (status !== 201)
        expect(body).toMatchObject({ code: 'conflict', remedy: expect.stringMatching(/Wait/) })
  })

  it('is refused when the key stood for something else', async () => {
    await draft('One')
    expect(await draft('Two')).toMatchObject({ status: 422, body: { code: 'idempotency_mismatch' } })
    const elsewhere = await product.call('POST', '/keys', {
      body: { text: 'One', draft: true },
      headers: { 'idempotency-key': key },
    })
    expect(elsewhere).toMatchObject({ status: 422, body: { code: 'idempotency_mismatch' } })
  })

  it('keeps a refusal too, which is an answer', async () => {
    const post = () =>
      product.call('POST', '/posts', {
        body: { text: 'x', channelIds: ['chn_none'] },
        headers: { 'idempotency-key': key },
      })
    const first = await post()
    expect(first.status).toBe(404)
    const second = await post()
    expect([second.status, second.body]).toEqual([first.status, first.body])
    expect(second.headers.get('content-type')).toMatch(/^application\/problem\+json/)
  })

  it('knows a form again although its boundary is new', async () => {
    const bytes = new Uint8Array(await picture(40, 40))
    const upload = async (content: Uint8Array<ArrayBuffer>) => {
      const form = new FormData()
      form.set('file', new File([content], 'red.jpg'))
      const answer = await product.fetch('/api/v1/media', {
        method: 'POST',
        body: form,
        headers: { 'idempotency-key': key },
      })
      return { status: answer.status, body: (await answer.json()) as { id: string; code?: string } }
    }
    const [first, second] = [await upload(bytes), await upload(bytes)]
    expect(first.status).toBe(201)
    expect(second.body.id).toBe(first.body.id)
    expect(await upload(bytes.slice(1))).toMatchObject({
      status: 422,
      body: { code: 'idempotency_mismatch' },
    })
  })

  it('is nobody else’s: neither another workspace’s nor another member’s', async () => {
    const other = await product.addWorkspace()
    const mine = await draft('Mine')
    const theirs = await draft('Mine', { key: other.apiKey })
    expect(theirs.status).toBe(201)
    expect(theirs.body.id).not.toBe(mine.body.id)
  })

  it('gives a secret that is shown once again, and keeps it sealed', async () => {
    const create = () =>
      product.call('POST', '/keys', { body: { name: 'Robot' }, headers: { 'idempotency-key': key } })
    const [first, second] = [await create(), await create()]
    expect(second.body).toEqual(first.body)
    expect(JSON.stringify(await rows())).not.toContain(first.body.apiKey)
    expect(JSON.stringify(await rows())).toContain('sealed')
  })

  it('runs again after a fault of ours', async () => {
    const { db } = product.product.system
    await sql`alter table post rename to post_away`.execute(db)
    const failed = await draft('Later')
    await sql`alter table post_away rename to post`.execute(db)
    expect(failed.status).toBe(500)
    expect(await rows()).toEqual([])
    expect((await draft('Later')).status).toBe(201)
  })

  it('never does twice what a fault of ours came after, and says so', async () => {
    const { system } = product.product
    await product.call('POST', '/connections', {
      body: { login: system.networks[0]?.definition.logins[0]?.id, sandbox: true },
    })
    const channel = (await product.call('GET', '/channels')).body.items[0]
    const { wake } = system
    // What comes right after the commit.
    system.wake = () => {
      throw new Error('injected')
    }
    const post = () =>
      product.call('POST', '/posts', {
        body: { text: 'Tomorrow', channelIds: [channel.id], at: '2027-01-01T10:00' },
        headers: { 'idempotency-key': key },
      })
    const failed = await post()
    system.wake = wake
    expect(failed.status).toBe(500)
    const posts = async () => (await product.call('GET', '/posts?state=scheduled')).body.items.length
    expect(await posts()).toBe(1)
    expect(await post()).toMatchObject({
      status: 409,
      body: { code: 'conflict', remedy: expect.stringContaining('look') },
    })
    expect(await posts()).toBe(1)
  })

  it('waits for a first that is under way, and never does twice what one whose process died may have done', async () => {
    await draft('Crash')
    await sql`update idempotency_key set status = null, response = null where key = ${key}`.execute(
      product.product.system.db,
    )
    const early = await draft('Crash')
    expect(early).toMatchObject({ status: 409, body: { code: 'conflict' } })
    expect(early.headers.get('retry-after')).toBe('1')
    now = new Date(now.getTime() + 3 * minute)
    expect(await draft('Something else')).toMatchObject({
      status: 422,
      body: { code: 'idempotency_mismatch' },
    })
    const count = await drafts()
    expect(await draft('Crash')).toMatchObject({
      status: 409,
      body: { code: 'conflict', remedy: expect.stringContaining('new key') },
    })
    expect(await drafts()).toBe(count)
  })

  it('is forgotten after a day', async () => {
    const first = await draft('Yesterday')
    now = new Date(now.getTime() + 24 * 60 * minute)
    const second = await draft('Today')
    expect(second.status).toBe(201)
    expect(second.body.id).not.toBe(first.body.id)
  })

  it('needs a key that is one', async () => {
    for (const odd of ['', 'a b', 'x'.repeat(201)])
      expect(await draft('x', { headers: { 'idempotency-key': odd } })).toMatchObject({
        status: 422,
        body: { code: 'invalid_input' },
      })
  })
})
