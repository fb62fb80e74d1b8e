/** A first comment that is not there, given another text by a person. */
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Channel, connectSandbox, settled } from '#test/support/posting.ts'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'

let product: TestProduct
/** One whose comments have an address of their own, so that a fault meets the comment alone. */
let channel: Channel

beforeAll(async () => {
  product = await startTestProduct()
  const channels = await connectSandbox(product)
  channel = channels.find(({ network: id }) => {
    const { definition } = product.product.system.networks.find((one) => one.definition.id === id)!
    return !definition.needsImage && definition.comment.value?.outlivesPost === false
  })!
})
afterAll(() => product.close())
afterEach(() => product.fetch('/_sandbox/faults', { method: 'DELETE' }))

const call = (method: string, path: string, body?: unknown) => product.call(method, path, { body })
const reword = (id: string, text: string) => call('POST', `/deliveries/${id}/reword`, { text })
let texts = 0
const unique = (text: string) => `${text} ${(texts += 1)}`
const tooLong = 'x'.repeat(20_000)

const commentsOnWall = async (text: string): Promise<string[]> => {
  const answer = await product.fetch('/_sandbox/wall')
  const { items } = (await answer.json()) as {
    items: Array<{ text: string; comments: Array<{ text: string }> }>
  }
  return items.filter((item) => item.text === text).flatMap(({ comments }) => comments.map((one) => one.text))
}
/** The post once its first comment has come to rest, too. */
const done = async (id: string) => {
  await settled(product, id)
  for (let round = 0; round < 200; round += 1) {
    const { body } = await call('GET', `/posts/${id}`)
    const { comment } = body.deliveries[0]
    if (comment.nextAt === null && !['claimed', 'sending'].includes(comment.state)) return body
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`the comment of ${id} did not come to rest`)
}
const refused = async () => {
  await product.fetch('/_sandbox/faults', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      network: channel.network,
      match: { pathPattern: '*/comments', method: 'POST' },
      fault: 'error',
      error: '100',
    }),
  })
  const text = unique('Live')
  const content = { text, firstComment: unique('Not like this'), channelIds: [channel.id] }
  const { body } = await call('POST', '/posts', content)
  return done(body.id)
}
const change = (id: string, columns: ReturnType<typeof sql>) =>
  sql`update delivery set ${columns} where id = ${id}`.execute(product.product.system.db)

describe('a refused first comment', () => {
  it('goes out once with another text, below the post that stays as it is', async () => {
    const post = await refused()
    const { id, remoteId, publishedAt, comment } = post.deliveries[0]
    expect(comment).toMatchObject({ state: 'refused', isRewordable: true })
    const better = unique('Better')
    const answer = await reword(comment.id, better)
    expect(answer).toMatchObject({ status: 200, body: { id: comment.id, parentId: id } })
    const after = await done(post.id)
    expect(after).toMatchObject({
      state: 'published',
      text: post.text,
      firstComments: { [channel.id]: better },
      revision: post.revision + 1,
      deliveries: [
        { remoteId, publishedAt, comment: { state: 'published', text: better, isRewordable: false } },
      ],
    })
    expect(await commentsOnWall(post.text)).toEqual([better])
    const receipt = (await call('GET', `/deliveries/${comment.id}`)).body
    expect(receipt.attempts.map(({ outcome }: { outcome: string }) => outcome)).toEqual([
      'refused',
      'reworded',
      'published',
    ])
    const { items } = (await call('GET', '/notices?open=true')).body
    expect(items.map(({ subject }: { subject: { id: string } }) => subject.id)).not.toContain(comment.id)
  })

  it('is checked as when it was composed, and stays as it was', async () => {
    const post = await refused()
    const { comment } = post.deliveries[0]
    expect(await reword(comment.id, tooLong)).toMatchObject({
      status: 422,
      body: {
        code: 'post_invalid',
        issues: [{ path: 'text', message: expect.stringMatching(/^comment_text_too_long/) }],
      },
    })
    expect(await reword(comment.id, ' \n')).toMatchObject({
      body: { issues: [{ path: 'text', message: expect.stringMatching(/^comment_empty/) }] },
    })
    await sql`update channel set state = 'removed' where id = ${channel.id}`.execute(
      product.product.system.db,
    )
    const unavailable = await reword(comment.id, 'Better')
    await sql`update channel set state = 'active' where id = ${channel.id}`.execute(product.product.system.db)
    expect(unavailable).toMatchObject({
      body: { issues: [{ message: expect.stringMatching(/^channel_unavailable/) }] },
    })
    expect((await call('GET', `/posts/${post.id}`)).body).toEqual(post)
  })

  it('forgets what was prepared for the old text', async () => {
    const post = await refused()
    const { id } = post.deliveries[0].comment
    await change(id, sql`memory = '{"container": "with the old text"}'`)
    await reword(id, unique('Better'))
    await done(post.id)
    const { rows } = await sql<{ memory: object }>`select memory from delivery where id = ${id}`.execute(
      product.product.system.db,
    )
    expect(rows[0]?.memory).not.toHaveProperty('container')
  })
})

describe('any other delivery', () => {
  it('is not reworded: a post, what may be live already, what is out, and what is another workspace’s', async () => {
    const post = await refused()
    const { id, comment } = post.deliveries[0]
    const impossible = { status: 409, body: { code: 'comment_not_editable' } }
    expect(await reword(id, 'Better')).toMatchObject(impossible)
    for (const state of ['held', 'unsure', 'refused']) {
      await change(comment.id, sql`state = ${state}, next_at = null, operation_id = 'x'`)
      expect(await reword(comment.id, 'Better')).toMatchObject(impossible)
      const shown = (await call('GET', `/posts/${post.id}`)).body.deliveries[0].comment
      expect(shown).toMatchObject({ state, isRewordable: false })
    }
    await change(comment.id, sql`state = 'published', operation_id = null`)
    expect(await reword(comment.id, 'Better')).toMatchObject(impossible)
    expect(await reword('dlv_unknown', 'Better')).toMatchObject({ status: 404 })
  })

  it('is reworded only while its post is out and Litfass knows which it is', async () => {
    const post = await refused()
    const { id, comment } = post.deliveries[0]
    for (const columns of [sql`state = 'held'`, sql`removed_at = now()`, sql`remote_id = null`]) {
      await change(id, columns)
      expect(await reword(comment.id, 'Better')).toMatchObject({
        status: 409,
        body: { code: 'comment_not_editable' },
      })
      await change(
        id,
        sql`state = 'published', removed_at = null, remote_id = ${post.deliveries[0].remoteId}`,
      )
    }
    expect((await reword(comment.id, unique('Better'))).status).toBe(200)
  })
})

describe('a first comment that was cancelled before its post went out', () => {
  it('can still be sent once the post is live', async () => {
    const content = { text: unique('Soon'), firstComment: 'Never mind', channelIds: [channel.id] }
    const { body } = await call('POST', '/posts', { ...content, at: '2099-06-01T09:30' })
    const { comment } = body.deliveries[0]
    await call('POST', `/deliveries/${comment.id}/cancel`)
    expect(await reword(comment.id, 'Better')).toMatchObject({ body: { code: 'comment_not_editable' } })
    await call('POST', `/posts/${body.id}/schedule`, { revision: body.revision })
    expect((await done(body.id)).deliveries[0]).toMatchObject({
      state: 'published',
      comment: { state: 'cancelled', isRewordable: true },
    })
    const better = unique('After all')
    await reword(comment.id, better)
    expect((await done(body.id)).deliveries[0].comment).toMatchObject({ state: 'published' })
    expect(await commentsOnWall(content.text)).toEqual([better])
  })
})
