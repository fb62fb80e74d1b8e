import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fingerprint } from '#engine/deliver.ts'
import { type Channel, connectSandbox, picture, settled, upload } from '#test/support/posting.ts'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'

let product: TestProduct
let channel: Channel
let imageId: string

beforeAll(async () => {
  product = await startTestProduct()
  const channels = await connectSandbox(product)
  const { networks } = product.product.system
  const plain = networks.find(({ definition }) => !definition.needsImage && definition.canDelete)?.definition
    .id
  channel = channels.find(({ network }) => network === plain) ?? channels[0]!
  imageId = (await upload(product, await picture())).body.id
})
afterAll(() => product.close())

const call = (method: string, path: string, body?: unknown) => product.call(method, path, { body })
const db = () => product.product.system.db
let texts = 0
const later = '2099-06-01T09:30'
/** The delivery of a new post to one channel; it waits until 2099 unless it is put elsewhere. */
const delivery = async (change?: ReturnType<typeof sql>) => {
  const text = `Later ${(texts += 1)}` // Networks refuse the same text twice.
  const { body } = await call('POST', '/posts', { text, channelIds: [channel.id], at: later })
  const { id } = body.deliveries[0]
  if (change) await sql`update delivery set ${change} where id = ${id}`.execute(db())
  return { id: String(id), postId: String(body.id) }
}
const published = async (text: string) => {
  const { body } = await call('POST', '/posts', { text, channelIds: [channel.id] })
  const post = await settled(product, body.id)
  expect(post).toMatchObject({ state: 'published' })
  return post.deliveries[0]
}
const resolve = (id: string, resolution: unknown) => call('POST', `/deliveries/${id}/resolve`, { resolution })
const receipt = async (id: string) => (await call('GET', `/deliveries/${id}`)).body

describe('a receipt', () => {
  it('says exactly what was sent, when, how it was tried and what it cost', async () => {
    const attachments = [{ mediaFileId: imageId, altText: 'A red square' }]
    const own = { [channel.id]: 'Own words' }
    const { body } = await call('POST', '/posts', {
      text: 'For others',
      channelIds: [channel.id],
      variants: own,
      attachments,
    })
    const post = await settled(product, body.id)
    const shown = await receipt(post.deliveries[0].id)
    expect(shown).toMatchObject({
      delivery: {
        postId: body.id,
        channelName: channel.name,
        sandbox: true,
        state: 'published',
        remoteId: expect.any(String),
        removedAt: null,
        nextAt: null,
      },
      postState: 'published',
      sent: {
        text: 'Own words',
        link: null,
        attachments: [{ ...attachments[0], fileName: 'red.jpg', width: 1080 }],
      },
      fingerprint: fingerprint({ text: 'Own words', images: attachments as never }),
      startedAt: expect.any(String),
      sentAt: expect.any(String),
    })
    expect(shown.attempts.at(-1)).toMatchObject({ outcome: 'published', finishedAt: expect.any(String) })
    expect(shown.attempts.map(({ number }: { number: number }) => number)).toEqual(
      shown.attempts.map((_: unknown, index: number) => index + 1),
    )
  })

  it('is of no use to another workspace', async () => {
    const { id } = await delivery()
    const { apiKey } = await product.addWorkspace()
    const tries: Array<[string, string, unknown?]> = [
      ['GET', ''],
      ['POST', '/cancel'],
      ['POST', '/remove'],
      ['POST', '/resolve', { resolution: { kind: 'leave' } }],
      ['POST', '/reword', { text: 'Theirs' }],
    ]
    for (const [method, path, body] of tries)
      expect(await product.call(method, `/deliveries/${id}${path}`, { key: apiKey, body })).toMatchObject({
        status: 404,
        body: { code: 'not_found' },
      })
    expect((await product.call('GET', '/deliveries', { key: apiKey })).body).toEqual({
      items: [],
      next: null,
    })
  })
})

describe('a list of deliveries', () => {
  it('is newest first, in pages, by state and channel', async () => {
    const first = await delivery(sql`state = 'held', hold_reason = 'budget', next_at = null`)
    const second = await delivery(sql`state = 'held', hold_reason = 'budget', next_at = null`)
    const query = `/deliveries?state=held&channelId=${channel.id}&limit=1`
    const page = (await call('GET', query)).body
    expect(page.items).toMatchObject([{ id: second.id }])
    expect((await call('GET', `${query}&cursor=${page.next}`)).body.items).toMatchObject([{ id: first.id }])
    expect((await call('GET', '/deliveries?limit=-1')).body.code).toBe('invalid_input')
  })
})

describe('a waiting delivery', () => {
  it('is cancelled alone', async () => {
    const { id, postId } = await delivery()
    expect(await call('POST', `/deliveries/${id}/cancel`)).toMatchObject({
      status: 200,
      body: { state: 'cancelled', nextAt: null },
    })
    expect((await call('GET', `/posts/${postId}`)).body.state).toBe('cancelled')
    expect(await call('POST', `/deliveries/${id}/cancel`)).toMatchObject({
      status: 409,
      body: { code: 'post_not_editable' },
    })
  })

  it('is not settled by a person, for nothing is open', async () => {
    const { id } = await delivery()
    expect(await resolve(id, { kind: 'leave' })).toMatchObject({
      status: 409,
      body: { code: 'delivery_not_resolvable' },
    })
  })
})

describe('a delivery nobody knows the fate of', () => {
  const unsure = () =>
    delivery(sql`state = 'unsure', next_at = null, operation_id = 'post:1', token = 4, attempts = 1,
      sent_at = '2026-01-01T00:00:00Z', deadline_at = '2026-01-01T00:00:30Z', started_at = '2026-01-01T00:00:00Z'`)

  it('is live when a person says so, with its address, and the receipt says who', async () => {
    const { id } = await unsure()
    const { body } = await resolve(id, { kind: 'live', url: 'https://example.com/p/1' })
    expect(body).toMatchObject({
      state: 'published',
      url: 'https://example.com/p/1',
      publishedAt: '2026-01-01T00:00:00.000Z',
    })
    expect((await receipt(id)).attempts.at(-1)).toMatchObject({
      outcome: 'resolved-live',
      detail: 'Owner: https://example.com/p/1',
    })
  })

  it('goes out again when a person says it is not there', async () => {
    const { id, postId } = await unsure()
    expect((await resolve(id, { kind: 'send-again' })).status).toBe(200)
    expect(await settled(product, postId)).toMatchObject({ state: 'published' })
  })

  it('is not sent again before the request in flight has had its time', async () => {
    const { id } = await unsure()
    const deadline = new Date(Date.now() + 60_000)
    await sql`update delivery set deadline_at = ${deadline} where id = ${id}`.execute(db())
    const { body } = await resolve(id, { kind: 'send-again' })
    expect(body.state).toBe('waiting')
    expect(Date.parse(body.nextAt)).toBeGreaterThanOrEqual(deadline.getTime())
    // The account went meanwhile: what was released is held, and a person sends it again.
    await sql`update delivery set state = 'held', hold_reason = 'connection', next_at = null where id = ${id}`.execute(
      db(),
    )
    const again = (await resolve(id, { kind: 'send-again' })).body
    expect(Date.parse(again.nextAt)).toBeGreaterThanOrEqual(deadline.getTime())
  })

  it('is left alone for good', async () => {
    const { id } = await unsure()
    expect((await resolve(id, { kind: 'leave' })).body).toMatchObject({ state: 'cancelled', nextAt: null })
  })

  it('takes the settlement of one of two people', async () => {
    const { id } = await unsure()
    const answers = await Promise.all([
      resolve(id, { kind: 'leave' }),
      resolve(id, { kind: 'live', url: 'https://example.com/p/2' }),
    ])
    expect(answers.map(({ status }) => `${status}`).toSorted()).toEqual(['200', '409'])
  })

  it('cannot be settled by a worker that was looking meanwhile', async () => {
    const { id } = await unsure()
    await resolve(id, { kind: 'leave' })
    const { rows } = await sql<{ token: number; lease: Date | null }>`
      select token::int as token, lease_until as lease from delivery where id = ${id}`.execute(db())
    expect(rows).toEqual([{ token: 5, lease: null }])
  })

  it.each([[{ kind: 'live', url: 'javascript:alert(1)' }], [{ kind: 'live' }], [{ kind: 'guess' }]])(
    'is not settled by %j',
    async (resolution) => {
      const { id } = await unsure()
      expect((await resolve(id, resolution)).body.code).toBe('invalid_input')
    },
  )
})

describe('a refused or held delivery', () => {
  it.each([
    sql`state = 'refused', reason = '{"code":"odd","message":"Odd"}', next_at = null`,
    sql`state = 'held', hold_reason = 'restore', next_at = null`,
  ])('is retried by a person', async (change) => {
    const { id, postId } = await delivery(change)
    expect((await resolve(id, { kind: 'send-again' })).body).toMatchObject({ holdReason: null })
    expect(await settled(product, postId)).toMatchObject({ state: 'published' })
    expect((await receipt(id)).attempts[0]).toMatchObject({ outcome: 'resolved-send-again', detail: 'Owner' })
  })
})

describe('a delivery that was under way in a restored backup', () => {
  it('is looked for before it is sent when a person releases it', async () => {
    const { id } = await delivery(
      sql`state = 'held', hold_reason = 'restore', next_at = null, operation_id = 'publish:1', sent_at = now(),
        deadline_at = now() + interval '1 hour', attempts = 1, started_at = now()`,
    )
    expect((await resolve(id, { kind: 'send-again' })).body).toMatchObject({ state: 'waiting' })
    const { rows } = await sql`select operation_id from delivery where id = ${id}`.execute(db())
    expect(rows).toEqual([{ operation_id: 'publish:1' }])
  })
})

describe('a published post', () => {
  it('is deleted on its network, and its record stays', async () => {
    const { id, url } = await published('To be deleted')
    const { status, body } = await call('POST', `/deliveries/${id}/remove`)
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { state: 'published', url, removedAt: expect.any(String) },
    })
    const wall = (await (await product.fetch('/_sandbox/wall')).json()) as {
      items: Array<Record<string, unknown>>
    }
    expect(wall.items.find((item) => item['text'] === 'To be deleted')?.['deleted'] ?? true).toBe(true)
    const { rows } = await sql`select next_at from poll where delivery_id = ${id}`.execute(db())
    expect(rows).toEqual([{ next_at: null }])
    expect((await receipt(id)).attempts.at(-1)).toMatchObject({ outcome: 'removal-removed', detail: 'Owner' })
    expect((await call('POST', `/deliveries/${id}/remove`)).body.removedAt).toBe(body.removedAt)
  })

  it('cannot be deleted while it is not published or its id is not known', async () => {
    const waiting = await delivery()
    expect(await call('POST', `/deliveries/${waiting.id}/remove`)).toMatchObject({
      status: 409,
      body: { code: 'removal_impossible', remedy: expect.stringMatching(/\S/) },
    })
    const blind = await delivery(sql`state = 'published', next_at = null, published_at = now()`)
    expect((await call('POST', `/deliveries/${blind.id}/remove`)).body.code).toBe('removal_impossible')
  })

  it('stays when the network refuses or does not answer, and the person is told so', async () => {
    const { system } = product.product
    const index = system.networks.findIndex(({ definition }) => definition.id === channel.network)
    const network = system.networks[index]!
    const { id } = await published('Staying')
    const answerWith = async (outcome: Awaited<ReturnType<typeof network.remove>>) => {
      const real = network.remove
      network.remove = async () => outcome
      const answer = await call('POST', `/deliveries/${id}/remove`)
      network.remove = real
      return answer
    }
    expect(await answerWith({ kind: 'refused', message: 'Not yours any more' })).toMatchObject({
      status: 409,
      body: { code: 'removal_refused', title: 'Not yours any more' },
    })
    expect(await answerWith({ kind: 'unknown', message: 'No answer' })).toMatchObject({
      status: 409,
      body: { code: 'removal_unsure', remedy: expect.stringContaining('Look') },
    })
    const shown = await receipt(id)
    expect(shown.delivery.removedAt).toBe(null)
    expect(shown.attempts.slice(-2)).toMatchObject([
      { outcome: 'removal-refused', detail: 'Owner: Not yours any more' },
      { outcome: 'removal-unknown' },
    ])
    expect((await call('POST', `/deliveries/${id}/remove`)).status).toBe(200)
  })
})
