import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Channel, connectSandbox, picture, settled, upload } from '#test/support/posting.ts'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'

let product: TestProduct
let channels: Channel[]
let imageId: string

beforeAll(async () => {
  product = await startTestProduct()
  channels = await connectSandbox(product)
  imageId = (await upload(product, await picture())).body.id
})
afterAll(() => product.close())

const channelOf = (network: string) => channels.find((channel) => channel.network === network)?.id ?? ''
/** A channel whose network takes a text without image. */
const plain = () =>
  channelOf(
    product.product.system.networks.find(({ definition }) => !definition.needsImage)?.definition.id ?? '',
  )
const call = (method: string, path: string, body?: unknown) => product.call(method, path, { body })
const create = async (body: Record<string, unknown>) => {
  const answer = await call('POST', '/posts', body)
  expect(answer).toMatchObject({ status: 201 })
  return answer.body
}
const later = '2099-06-01T09:30'
const draft = (body: Record<string, unknown> = {}) => create({ draft: true, ...body })
const scheduled = (body: Record<string, unknown> = {}) =>
  create({ text: 'Later', channelIds: [plain()], at: later, ...body })
const deliveryRows = async (postId: string) => {
  const { rows } = await sql<{
    id: string
    state: string
    token: number
    payload: unknown
    nextAt: Date | null
  }>`
    select id, state, token::int as token, payload, next_at as "nextAt" from delivery where post_id = ${postId} order by id`.execute(
    product.product.system.db,
  )
  return rows
}
const setDelivery = (postId: string, change: ReturnType<typeof sql>) =>
  sql`update delivery set ${change} where post_id = ${postId}`.execute(product.product.system.db)

describe('a draft', () => {
  it('may be empty, and shows itself whole', async () => {
    const post = await draft()
    expect(post).toMatchObject({
      state: 'draft',
      text: '',
      channelIds: [],
      variants: {},
      attachments: [],
      at: null,
      timeZone: null,
      dueAt: null,
      revision: 1,
      createdBy: { id: product.ownerId, name: 'Owner' },
      updatedBy: null,
      deliveries: [],
    })
    expect((await call('GET', `/posts/${post.id}`)).body).toEqual(post)
  })

  it('may hold what no network would take yet, and a time that has passed', async () => {
    const post = await draft({ text: 'x'.repeat(90_000), channelIds: [plain()], at: '2020-01-01T09:00' })
    expect(post).toMatchObject({ at: '2020-01-01T09:00:00', timeZone: 'Europe/Berlin' })
  })

  it.each([
    ['a channel', { channelIds: ['chn_unknown'] }, 404, 'unknown_channel'],
    ['a media file', { attachments: [{ mediaFileId: 'med_unknown' }] }, 404, 'not_found'],
    ['a time', { at: '2027-03-28T02:30' }, 422, 'due_in_gap'],
    ['a zone', { at: later, timeZone: 'Mars/Base' }, 422, 'invalid_input'],
  ])('cannot name %s that does not exist', async (_what, body, status, code) => {
    expect(await call('POST', '/posts', { draft: true, ...body })).toMatchObject({
      status,
      body: { code, remedy: expect.stringMatching(/\S/) },
    })
  })

  it('is replaced as a whole', async () => {
    const post = await draft({
      text: 'One',
      channelIds: [plain()],
      variants: { [plain()]: 'Own' },
      attachments: [{ mediaFileId: imageId, altText: 'Red' }],
      at: later,
    })
    const { status, body } = await call('PUT', `/posts/${post.id}`, { revision: 1, text: 'Two' })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      text: 'Two',
      channelIds: [],
      variants: {},
      attachments: [],
      at: null,
      revision: 2,
      updatedBy: { name: 'Owner' },
    })
  })

  it('is not overwritten unseen by a second person', async () => {
    const post = await draft({ text: 'One' })
    await call('PUT', `/posts/${post.id}`, { revision: 1, text: 'Two' })
    const { status, body } = await call('PUT', `/posts/${post.id}`, { revision: 1, text: 'Three' })
    expect({ status, body }).toMatchObject({
      status: 409,
      body: {
        code: 'revision_conflict',
        title: expect.stringMatching(/^Owner changed this post at \d{4}-/),
        remedy: expect.stringContaining('revision 2'),
      },
    })
    expect((await call('GET', `/posts/${post.id}`)).body.text).toBe('Two')
  })

  it('is changed by one of two who save at the same instant', async () => {
    const post = await draft({ text: 'One' })
    const answers = await Promise.all(
      ['Two', 'Three'].map((text) => call('PUT', `/posts/${post.id}`, { revision: 1, text })),
    )
    expect(answers.map(({ status }) => `${status}`).toSorted()).toEqual(['200', '409'])
  })

  it('is scheduled, and goes out when no time is given', async () => {
    const post = await draft({ text: 'Now, from a draft', channelIds: [plain()], at: later })
    const { status, body } = await call('POST', `/posts/${post.id}/schedule`, { revision: 1 })
    expect({ status, state: body.state }).toEqual({
      status: 200,
      state: expect.stringMatching(/scheduled|publ/),
    })
    expect(await settled(product, post.id)).toMatchObject({ state: 'published', at: null })
  })

  it('stays a draft while a network would refuse it', async () => {
    const post = await draft({ text: '', channelIds: [plain()] })
    const answer = await call('POST', `/posts/${post.id}/schedule`, { revision: 1, at: later })
    expect(answer).toMatchObject({ status: 422, body: { code: 'post_invalid' } })
    expect((await call('GET', `/posts/${post.id}`)).body).toMatchObject({ state: 'draft', revision: 1 })
  })

  it('is deleted for good', async () => {
    const post = await draft({ text: 'Away' })
    expect(await call('DELETE', `/posts/${post.id}`)).toMatchObject({ status: 200, body: { id: post.id } })
    expect((await call('GET', `/posts/${post.id}`)).status).toBe(404)
  })
})

describe('a scheduled post', () => {
  it('is changed with its deliveries, under a new fencing number', async () => {
    const post = await scheduled()
    const [before] = await deliveryRows(post.id)
    const { body } = await call('PUT', `/posts/${post.id}`, {
      revision: 1,
      text: 'Changed',
      channelIds: [plain()],
      at: '2099-06-02T10:00',
    })
    expect(body).toMatchObject({ state: 'scheduled', dueAt: '2099-06-02T08:00:00.000Z', revision: 2 })
    expect(await deliveryRows(post.id)).toMatchObject([
      {
        id: before?.id,
        token: (before?.token ?? 0) + 1,
        payload: { text: 'Changed' },
        nextAt: new Date('2099-06-02T08:00:00Z'),
      },
    ])
  })

  it('gains and loses deliveries with its channels', async () => {
    const post = await scheduled({ attachments: [{ mediaFileId: imageId, altText: '' }] })
    const others = channels.map((channel) => channel.id).filter((id) => id !== plain())
    const { body } = await call('PUT', `/posts/${post.id}`, {
      revision: 1,
      text: 'Others',
      channelIds: others,
      attachments: [{ mediaFileId: imageId, altText: '' }],
      at: later,
    })
    expect(body.deliveries.map((delivery: { channelId: string }) => delivery.channelId).toSorted()).toEqual(
      others.toSorted(),
    )
  })

  it('is refused a change that a network would not take, and stays as it was', async () => {
    const post = await scheduled()
    const answer = await call('PUT', `/posts/${post.id}`, {
      revision: 1,
      text: '',
      channelIds: [plain()],
      at: later,
    })
    expect(answer).toMatchObject({ status: 422, body: { code: 'post_invalid' } })
    expect((await call('GET', `/posts/${post.id}`)).body).toEqual(post)
    expect(await deliveryRows(post.id)).toMatchObject([{ payload: { text: 'Later' } }])
  })

  it.each(['claimed', 'sending', 'published', 'unsure'])('is not changed once one is %s', async (state) => {
    const post = await scheduled()
    await setDelivery(post.id, sql`state = ${state}, started_at = now(), next_at = null`)
    const change = { revision: 1, text: 'Too late', channelIds: [plain()], at: later }
    expect(await call('PUT', `/posts/${post.id}`, change)).toMatchObject({
      status: 409,
      body: { code: 'post_not_editable', remedy: expect.stringContaining('Duplicate') },
    })
    expect(await call('POST', `/posts/${post.id}/unschedule`)).toMatchObject({ status: 409 })
    expect(await deliveryRows(post.id)).toMatchObject([{ state, payload: { text: 'Later' } }])
  })

  it('goes out as it was or as it became, never in between', async () => {
    const due = await Promise.all(
      Array.from({ length: 6 }, (_, index) => create({ text: `Race ${index}`, channelIds: [plain()] })),
    )
    const answers = await Promise.all(
      due.map((post) =>
        call('PUT', `/posts/${post.id}`, {
          revision: 1,
          text: `${post.text} changed`,
          channelIds: [plain()],
        }),
      ),
    )
    for (const [index, post] of due.entries()) {
      await settled(product, post.id)
      const isChanged = answers[index]?.status === 200
      if (!isChanged)
        expect(answers[index]).toMatchObject({ status: 409, body: { code: 'post_not_editable' } })
      const wanted = isChanged ? `${post.text} changed` : post.text
      expect((await call('GET', `/posts/${post.id}`)).body.text).toBe(wanted)
      expect((await wall()).filter((one) => one.startsWith(post.text))).toEqual([wanted])
    }
  })

  it('is held still when its text is changed, and moves without being released', async () => {
    const post = await scheduled()
    await setDelivery(post.id, sql`state = 'held', hold_reason = 'budget', next_at = null`)
    const { body } = await call('POST', `/posts/${post.id}/schedule`, { revision: 1, at: '2099-06-03T09:00' })
    expect(body.deliveries).toMatchObject([
      { state: 'held', holdReason: 'budget', nextAt: null, dueAt: '2099-06-03T07:00:00.000Z' },
    ])
  })

  it('becomes a draft again that keeps its time', async () => {
    const post = await scheduled()
    const { body } = await call('POST', `/posts/${post.id}/unschedule`)
    expect(body).toMatchObject({ state: 'draft', at: '2099-06-01T09:30:00', deliveries: [], revision: 2 })
    expect(await deliveryRows(post.id)).toEqual([])
  })

  it('is cancelled, then deleted; not deleted while it waits', async () => {
    const post = await scheduled()
    expect(await call('DELETE', `/posts/${post.id}`)).toMatchObject({
      status: 409,
      body: { code: 'post_not_editable' },
    })
    expect(await call('POST', `/posts/${post.id}/cancel`)).toMatchObject({
      status: 200,
      body: { state: 'cancelled' },
    })
    expect(await call('POST', `/posts/${post.id}/cancel`)).toMatchObject({ status: 409 })
    expect(await call('DELETE', `/posts/${post.id}`)).toMatchObject({ status: 200 })
  })

  it('is not cancelled where its request may have arrived', async () => {
    const post = await scheduled()
    await setDelivery(post.id, sql`state = 'held', operation_id = 'post:1', sent_at = now(), next_at = null`)
    expect(await call('POST', `/posts/${post.id}/cancel`)).toMatchObject({ status: 409 })
  })

  it('keeps the zone it was scheduled in when the workspace moves', async () => {
    const post = await scheduled()
    const { db } = product.product.system
    await sql`update workspace set time_zone = 'America/New_York' where id = ${product.workspaceId}`.execute(
      db,
    )
    const { body } = await call('PUT', `/posts/${post.id}`, {
      revision: 1,
      text: 'Moved house',
      channelIds: [plain()],
      at: post.at,
    })
    await sql`update workspace set time_zone = 'Europe/Berlin' where id = ${product.workspaceId}`.execute(db)
    expect(body).toMatchObject({ at: post.at, timeZone: 'Europe/Berlin', dueAt: post.dueAt })
  })

  it('given with an offset is that instant, shown in the zone of the workspace', async () => {
    const post = await scheduled({ at: '2099-06-01T12:00+05:30' })
    expect(post).toMatchObject({
      dueAt: '2099-06-01T06:30:00.000Z',
      at: '2099-06-01T08:30:00',
      timeZone: 'Europe/Berlin',
    })
  })
})

describe('a duplicate', () => {
  it('is a new draft without time, and without channels that are gone', async () => {
    const own = { [plain()]: 'Own words' }
    const attachments = [{ mediaFileId: imageId, altText: 'Red' }]
    const all = channels.map((channel) => channel.id)
    const post = await scheduled({ channelIds: all, variants: own, attachments })
    const gone = all.find((id) => id !== plain())
    const setState = (state: string) =>
      sql`update channel set state = ${state} where id = ${gone}`.execute(product.product.system.db)
    await setState('removed')
    const { status, body } = await call('POST', `/posts/${post.id}/duplicate`)
    const refused = await call('POST', '/posts', { text: 'x', channelIds: [gone], attachments, at: later })
    await setState('active')
    expect({ status, body }).toMatchObject({
      status: 201,
      body: { state: 'draft', text: 'Later', variants: own, at: null, dueAt: null, revision: 1 },
    })
    expect(body.id).not.toBe(post.id)
    expect(body.channelIds.toSorted()).toEqual(all.filter((id) => id !== gone).toSorted())
    expect(body.attachments).toEqual(post.attachments)
    expect(refused.body).toMatchObject({
      code: 'post_invalid',
      issues: [{ message: expect.stringContaining('channel_unavailable') }],
    })
  })
})

describe('a post of another workspace', () => {
  it('does not exist, whatever is tried', async () => {
    const stranger = await product.addWorkspace()
    const post = await scheduled()
    const body = { revision: 1, text: 'Mine', channelIds: [], attachments: [] }
    const tries: Array<[string, string, unknown?]> = [
      ['GET', ''],
      ['PUT', '', body],
      ['POST', '/schedule', { revision: 1 }],
      ['POST', '/unschedule'],
      ['POST', '/cancel'],
      ['POST', '/duplicate'],
      ['DELETE', ''],
    ]
    for (const [method, path, sent] of tries)
      expect(
        await product.call(method, `/posts/${post.id}${path}`, { key: stranger.apiKey, body: sent }),
      ).toMatchObject({ status: 404, body: { code: 'not_found' } })
    const attempt = { text: 'x', channelIds: [plain()], attachments: [{ mediaFileId: imageId }] }
    expect(await product.call('POST', '/posts', { key: stranger.apiKey, body: attempt })).toMatchObject({
      status: 404,
      body: { code: 'unknown_channel' },
    })
    expect((await call('GET', `/posts/${post.id}`)).body).toEqual(post)
  })
})

describe('what is no post', () => {
  it.each<[string, Record<string, unknown>, number, string]>([
    ['a text that is a number', { text: 5 }, 422, 'invalid_input'],
    ['a text beyond all limits', { text: 'x'.repeat(100_001) }, 422, 'invalid_input'],
    ['a text with a NUL', { text: 'a\0b' }, 422, 'invalid_input'],
    ['half an emoji', { text: 'a\ud83d' }, 422, 'invalid_input'],
    ['channels that are a text', { channelIds: 'chn_1' }, 422, 'invalid_input'],
    ['an id with a NUL', { channelIds: ['chn_\0'] }, 422, 'invalid_input'],
    ['a text for a channel that was not chosen', { variants: { chn_other: 'x' } }, 422, 'invalid_input'],
    ['no channel', { channelIds: [] }, 422, 'post_invalid'],
    ['a past time', { at: '2020-01-01T00:00' }, 422, 'due_in_past'],
    ['a time in a gap', { at: '2099-03-29T02:30' }, 422, 'due_in_gap'],
    ['a time beyond the calendar', { at: '+200000-01-01T00:00Z' }, 422, 'invalid_input'],
    ['no time', { at: 'soon' }, 422, 'invalid_input'],
    ['another kind of revision', { draft: 'yes' }, 422, 'invalid_input'],
  ])('%s is refused, and nothing is half saved', async (_what, body, status, code) => {
    const count = async () =>
      (await sql<{ n: number }>`select count(*)::int as n from post`.execute(product.product.system.db))
        .rows[0]?.n
    const before = await count()
    const answer = await call('POST', '/posts', { text: 'x', channelIds: [plain()], ...body })
    expect(answer).toMatchObject({ status, body: { code, remedy: expect.stringMatching(/\S/) } })
    expect(await count()).toBe(before)
  })

  it('a body that is no JSON is refused', async () => {
    const answer = await product.fetch('/api/v1/posts', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"text":',
    })
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.status).toBeLessThan(500)
  })
})

async function wall(): Promise<string[]> {
  const answer = await product.fetch('/_sandbox/wall')
  return ((await answer.json()) as { items: Array<{ text: string }> }).items.map((item) => item.text)
}
