import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Channel, connectSandbox, settled } from '#test/support/posting.ts'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'

let product: TestProduct
/** Channels of networks that take text alone, with first comments and without. */
let offering: Channel[]
let without: Channel
let channel: Channel

beforeAll(async () => {
  product = await startTestProduct()
  const channels = await connectSandbox(product)
  const definitionOf = (id: string) =>
    product.product.system.networks.find(({ definition }) => definition.id === id)!.definition
  const plain = channels.filter(({ network }) => !definitionOf(network).needsImage)
  offering = plain.filter(({ network }) => definitionOf(network).comment.value !== null)
  without = plain.find(({ network }) => definitionOf(network).comment.value === null)!
  // One whose comments have an address of their own, so that a fault meets the comment alone.
  channel = offering.find(({ network }) => definitionOf(network).comment.value?.outlivesPost === false)!
})
afterAll(() => product.close())
afterEach(() => product.fetch('/_sandbox/faults', { method: 'DELETE' }))

const call = (method: string, path: string, body?: unknown) => product.call(method, path, { body })
let texts = 0
const unique = (text: string) => `${text} ${(texts += 1)}`
const later = '2099-06-01T09:30'
const fault = (rule: object) =>
  product.fetch('/_sandbox/faults', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      network: channel.network,
      match: { pathPattern: '*/comments', method: 'POST' },
      ...rule,
    }),
  })
type Shown = { text: string; deleted: boolean; comments: Array<{ text: string; deleted: boolean }> }
const wall = async (text: string): Promise<Shown[]> => {
  const answer = await product.fetch('/_sandbox/wall')
  const { items } = (await answer.json()) as { items: Shown[] }
  return items.filter((item) => item.text === text)
}
/** The post once its first comments are settled, too. */
const done = async (id: string) => {
  await settled(product, id)
  for (let round = 0; round < 200; round += 1) {
    const { body } = await call('GET', `/posts/${id}`)
    const isMoving = body.deliveries.some(
      ({ comment }: { comment: null | { state: string; nextAt: string | null } }) =>
        comment && (['claimed', 'sending'].includes(comment.state) || comment.nextAt !== null),
    )
    if (!isMoving) return body
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`the comments of ${id} did not settle`)
}

describe('a first comment', () => {
  it('goes below the post on every channel that takes one, once', async () => {
    const text = unique('Read on')
    const firstComment = unique('https://lemonade.example/more #lemonade')
    const channelIds = [...offering, without].map(({ id }) => id)
    const { body } = await call('POST', '/posts', { text, firstComment, channelIds })
    expect(body).toMatchObject({ firstComment, firstComments: {} })
    const post = await done(body.id)
    expect(post.state).toBe('published')
    for (const { channelId, comment } of post.deliveries)
      if (channelId === without.id) expect(comment).toBeNull()
      else
        expect(comment).toMatchObject({
          state: 'published',
          text: firstComment,
          remoteId: expect.any(String),
          attempts: 1,
        })
    const shown = await wall(text)
    expect(shown.length).toBe(channelIds.length)
    expect(shown.flatMap(({ comments }) => comments.map((one) => one.text))).toEqual(
      offering.map(() => firstComment),
    )
    expect(await wall(firstComment)).toEqual([])
  })

  it('is one of its own for a channel, or none there', async () => {
    const [first, second] = offering
    const { body } = await call('POST', '/posts', {
      text: unique('Own'),
      firstComment: 'For all',
      firstComments: { [first!.id]: 'Only here', [second!.id]: '' },
      channelIds: [first!.id, second!.id],
      at: later,
    })
    const commentOf = (id: string) =>
      body.deliveries.find((delivery: { channelId: string }) => delivery.channelId === id).comment
    expect(commentOf(first!.id)).toMatchObject({ state: 'waiting', text: 'Only here', nextAt: null })
    expect(commentOf(second!.id)).toBeNull()
    expect(body.firstComments).toEqual({ [first!.id]: 'Only here', [second!.id]: '' })
  })

  it('is neither a post nor counted as one', async () => {
    const { body } = await call('POST', '/posts', {
      text: unique('Count'),
      firstComment: unique('Not me'),
      channelIds: [channel.id],
    })
    const post = await done(body.id)
    const { id } = post.deliveries[0].comment
    const list = async (query = '') => (await call('GET', `/deliveries?limit=200${query}`)).body.items
    const idsOf = (items: Array<{ id: string }>) => items.map((item) => item.id)
    expect(idsOf(await list())).not.toContain(id)
    expect(idsOf(await list('&kind=comment'))).toContain(id)
    const figures = (await call('GET', '/metrics?limit=500')).body.items
    expect(figures.map(({ deliveryId }: { deliveryId: string }) => deliveryId)).not.toContain(id)
    const receipt = (await call('GET', `/deliveries/${id}`)).body
    expect(receipt).toMatchObject({
      delivery: { parentId: post.deliveries[0].id, comment: null },
      postState: 'published',
      sent: { text: post.firstComment },
    })
  })
})

describe('a first comment in trouble', () => {
  const posted = async (rule: object) => {
    const text = unique('Trouble')
    await fault(rule)
    const firstComment = unique('Below')
    const { body } = await call('POST', '/posts', { text, firstComment, channelIds: [channel.id] })
    return { text, firstComment, post: await done(body.id) }
  }

  it('is found when its answer is lost, and not made twice', async () => {
    const { text, post } = await posted({ fault: 'lost-after' })
    expect(post).toMatchObject({ state: 'published', deliveries: [{ comment: { state: 'published' } }] })
    expect((await wall(text))[0]?.comments.length).toBe(1)
  })

  it('is refused alone: the post stays published, a notice says so, and it may be sent again', async () => {
    const { text, post } = await posted({ fault: 'error', error: '100' })
    const { comment } = post.deliveries[0]
    expect(post.state).toBe('published')
    expect(comment).toMatchObject({ state: 'refused', reason: { message: expect.stringMatching(/\S/) } })
    const { items } = (await call('GET', '/notices?open=true')).body
    const notice = items.find(({ subject }: { subject: { id: string } }) => subject.id === comment.id)
    expect(notice).toMatchObject({
      message: expect.stringMatching(/^The first comment/),
      params: { part: 'comment' },
    })
    await call('POST', `/deliveries/${comment.id}/resolve`, { resolution: { kind: 'send-again' } })
    expect((await done(post.id)).deliveries[0].comment).toMatchObject({ state: 'published' })
    expect((await wall(text))[0]?.comments.length).toBe(1)
  })

  it('is refused with words where a person said that the post is live and nobody knows its id', async () => {
    const { body } = await call('POST', '/posts', {
      text: unique('By hand'),
      firstComment: 'Below',
      channelIds: [channel.id],
      at: later,
    })
    const { id } = body.deliveries[0]
    await sql`update delivery set state = 'unsure', next_at = null, operation_id = 'x' where id = ${id}`.execute(
      product.product.system.db,
    )
    const resolution = { kind: 'live', url: 'https://example.com/live' }
    await call('POST', `/deliveries/${id}/resolve`, { resolution })
    const post = await done(body.id)
    expect(post).toMatchObject({
      state: 'published',
      deliveries: [{ comment: { state: 'refused', reason: { code: 'post_id_unknown' } } }],
    })
  })
})

describe('the first comment of what has not gone out', () => {
  const planned = async (content: object = {}) => {
    const body = { text: unique('Planned'), firstComment: 'Then this', channelIds: [channel.id], at: later }
    return (await call('POST', '/posts', { ...body, ...content })).body
  }

  it('is changed, added and left out with its post', async () => {
    const post = await planned()
    const { id, text, revision } = post
    const change = (content: object, on: number) =>
      call('PUT', `/posts/${id}`, { text, channelIds: [channel.id], at: later, revision: on, ...content })
    const changed = await change({ firstComment: 'Better' }, revision)
    expect(changed.body.deliveries[0].comment).toMatchObject({
      id: post.deliveries[0].comment.id,
      text: 'Better',
      state: 'waiting',
      nextAt: null,
    })
    const dropped = await change({}, changed.body.revision)
    expect(dropped.body).toMatchObject({ firstComment: '', deliveries: [{ comment: null }] })
    const again = await change({ firstComment: 'After all' }, dropped.body.revision)
    expect(again.body.deliveries[0].comment).toMatchObject({ text: 'After all' })
  })

  it('is cancelled with its post, and goes with it when the post becomes a draft again', async () => {
    const cancelled = await planned()
    const { body } = await call('POST', `/posts/${cancelled.id}/cancel`)
    expect(body).toMatchObject({ state: 'cancelled', deliveries: [{ comment: { state: 'cancelled' } }] })
    const draft = await planned()
    const unscheduled = (await call('POST', `/posts/${draft.id}/unschedule`)).body
    expect(unscheduled).toMatchObject({ state: 'draft', firstComment: 'Then this', deliveries: [] })
    const copy = (await call('POST', `/posts/${draft.id}/duplicate`)).body
    expect(copy).toMatchObject({ state: 'draft', firstComment: 'Then this' })
    const scheduled = await call('POST', `/posts/${draft.id}/schedule`, {
      revision: unscheduled.revision,
      at: later,
    })
    expect(scheduled.body.deliveries[0].comment).toMatchObject({ state: 'waiting', text: 'Then this' })
  })

  it('is cancelled alone, and the post still goes out', async () => {
    const post = await planned()
    const { comment } = post.deliveries[0]
    await call('POST', `/deliveries/${comment.id}/cancel`)
    expect((await call('GET', `/posts/${post.id}`)).body).toMatchObject({
      state: 'scheduled',
      deliveries: [{ state: 'waiting', comment: { state: 'cancelled' } }],
    })
  })
})

describe('deleting on the network', () => {
  it('takes the first comment along, also where it is a post of its own', async () => {
    for (const { id } of offering) {
      const text = unique('Gone')
      const { body } = await call('POST', '/posts', {
        text,
        firstComment: unique('Gone, too'),
        channelIds: [id],
      })
      const post = await done(body.id)
      const answer = await call('POST', `/deliveries/${post.deliveries[0].id}/remove`)
      expect(answer.body).toMatchObject({
        removedAt: expect.any(String),
        comment: { removedAt: expect.any(String) },
      })
      expect(await wall(text)).toMatchObject([{ deleted: true, comments: [{ deleted: true }] }])
    }
  })

  it('takes back a first comment alone, and the post stays', async () => {
    const text = unique('Stays')
    const { body } = await call('POST', '/posts', {
      text,
      firstComment: unique('Oops'),
      channelIds: [channel.id],
    })
    const post = await done(body.id)
    const { comment } = post.deliveries[0]
    const answer = await call('POST', `/deliveries/${comment.id}/remove`)
    expect(answer.body).toMatchObject({ id: comment.id, removedAt: expect.any(String) })
    expect(await wall(text)).toMatchObject([{ deleted: false, comments: [{ deleted: true }] }])
  })
})

describe('before anything is saved', () => {
  const dryRun = async (content: object) => (await call('POST', '/posts/dry-run', content)).body.verdicts

  it('a first comment is counted as its network counts, and one that is too long is refused', async () => {
    const firstComment = 'x'.repeat(20_000)
    const content = { text: unique('Long'), firstComment, channelIds: [channel.id] }
    const [verdict] = await dryRun(content)
    expect(verdict).toMatchObject({
      problems: [],
      comment: { isOffered: true, length: 20_000, problems: [{ code: 'comment_text_too_long' }] },
    })
    expect(await call('POST', '/posts', content)).toMatchObject({
      status: 422,
      body: { code: 'post_invalid', issues: [{ path: `firstComments.${channel.id}` }] },
    })
  })

  it('it is said where a post goes out without, and one meant for such a channel is refused', async () => {
    const content = { text: unique('Without'), channelIds: [without.id] }
    const [verdict] = await dryRun({ ...content, firstComment: 'For all' })
    expect(verdict.comment).toEqual({ isOffered: false, length: 0, maxLength: 0, problems: [] })
    expect(
      await call('POST', '/posts', { ...content, firstComments: { [without.id]: 'Here' } }),
    ).toMatchObject({
      status: 422,
      body: { issues: [{ message: expect.stringMatching(/^comment_not_offered/) }] },
    })
  })

  it('a connection that lacks the permission is told to be made again', async () => {
    const { db } = product.product.system
    const { rows } = await sql<{
      scopes: string[]
    }>`select scopes from connection k join channel c on c.connection_id = k.id
      where c.id = ${channel.id}`.execute(db)
    const set = (scopes: string[]) =>
      sql`update connection set scopes = ${scopes}::text[] where id = (select connection_id from channel where id = ${channel.id})`.execute(
        db,
      )
    const content = { text: unique('Old grant'), firstComment: 'Below', channelIds: [channel.id] }
    await set(['something-else'])
    const [verdict] = await dryRun(content)
    await set(rows[0]!.scopes)
    expect(verdict.comment.problems).toMatchObject([{ code: 'comment_not_permitted' }])
    expect((await dryRun(content))[0].comment.problems).toEqual([])
  })

  it('a first comment for a channel that was not chosen is taken for a mistake', async () => {
    const content = { text: 'x', channelIds: [channel.id], firstComments: { [without.id]: 'Where?' } }
    expect(await call('POST', '/posts', content)).toMatchObject({ body: { code: 'invalid_input' } })
  })
})

describe('the cost to come of a first comment that is charged', () => {
  it('is planned for with its post, and only while that may go out', async () => {
    const { definition } = product.product.system.networks.find(
      ({ definition }) => definition.id === channel.network,
    )!
    const entry = {
      unit: 'request',
      plan: definition.priceBook.defaultPlan,
      calls: ['comment.create'],
      price: '0.5',
      source: 'Our contract',
      readOn: '2026-11-24',
    }
    const priced = await call('PUT', '/prices', { network: channel.network, entry })
    expect(priced.status).toBe(200)
    const planned = async () => {
      const { body } = await call('GET', '/charges/planned')
      return body.items
        .filter(({ network }: { network: string }) => network === channel.network)
        .map(({ amount }: { amount: { amount: string } }) => amount.amount)
    }
    const at = new Date(Date.now() + 3 * 86_400_000).toISOString()
    const { body } = await call('POST', '/posts', {
      text: unique('Charged'),
      firstComment: 'Below',
      channelIds: [channel.id],
      at,
    })
    expect(await planned()).toEqual(['0.500'])
    await sql`update delivery set state = 'refused', next_at = null where id = ${body.deliveries[0].id}`.execute(
      product.product.system.db,
    )
    expect(await planned()).toEqual([])
  })
})

describe('a disconnected account', () => {
  it('holds the post, and its first comment waits on for it', async () => {
    const { db, networks } = product.product.system
    const content = { text: unique('Held'), firstComment: 'Below', channelIds: [channel.id], at: later }
    const { body } = await call('POST', '/posts', content)
    const { rows } = await sql<{
      id: string
    }>`select connection_id as id from channel where id = ${channel.id}`.execute(db)
    const shown = async () => (await call('GET', `/posts/${body.id}`)).body.deliveries[0]
    await call('DELETE', `/connections/${rows[0]!.id}`)
    const waiting = { state: 'waiting', nextAt: null }
    expect(await shown()).toMatchObject({ state: 'held', comment: waiting })
    const login = networks.find(({ definition }) => definition.id === channel.network)?.definition.logins[0]
      ?.id
    await call('POST', '/connections', { login, sandbox: true })
    expect(await shown()).toMatchObject({ state: 'waiting', nextAt: expect.any(String), comment: waiting })
  })
})
