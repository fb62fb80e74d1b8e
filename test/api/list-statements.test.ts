/** How many statements a list costs: a few, and as many for a full page as for an empty one. */
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Channel, connectSandbox, picture, upload } from '#test/support/posting.ts'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'

/** Lists that a person meets first or that pages ask for again and again, with the most statements each may take. */
const lists: ReadonlyArray<{ path: string; most: number }> = [
  { path: '/posts', most: 2 },
  { path: '/posts?state=scheduled&order=soonest&limit=5', most: 2 },
  { path: '/posts?from=2029-12-01T00:00:00Z&to=2031-01-01T00:00:00Z&limit=200', most: 2 },
  { path: '/deliveries', most: 3 },
  { path: '/notices', most: 3 },
  { path: '/channels', most: 2 },
  { path: '/connections', most: 4 },
  { path: '/media', most: 2 },
  { path: '/metrics', most: 2 },
  { path: '/networks', most: 1 },
]

describe('a list', () => {
  let product: TestProduct
  let channels: Channel[]
  beforeAll(async () => {
    product = await startTestProduct({ env: { LITFASS_ROLES: 'serve' } })
    channels = await connectSandbox(product)
  })
  afterEach(() => vi.restoreAllMocks())
  afterAll(() => product.close())

  it('takes a few statements, however many posts there are', async () => {
    const whileEmpty = await statementsOfAll()
    await schedule(30)
    const whileFull = await statementsOfAll()
    expect(whileFull).toEqual(whileEmpty)
    expect(lists.filter(({ path, most }) => (whileFull[path] ?? Infinity) > most)).toEqual([])
  })

  async function schedule(count: number): Promise<void> {
    const mediaFileId = (await upload(product, await picture())).body.id
    for (let index = 0; index < count; index += 1) {
      const { status } = await product.call('POST', '/posts', {
        body: {
          text: `Post ${index}`,
          attachments: [{ mediaFileId, altText: 'A red square' }],
          channelIds: channels.map(({ id }) => id),
          at: '2030-01-01T08:00:00Z',
        },
      })
      expect(status).toBe(201)
    }
  }

  async function statementsOfAll(): Promise<Record<string, number>> {
    const counts: Record<string, number> = {}
    for (const { path } of lists) counts[path] = await statementsOf(path)
    return counts
  }

  /** The least of several requests: now and then the process asks something for itself meanwhile. */
  async function statementsOf(path: string): Promise<number> {
    const query = vi.spyOn(pg.Client.prototype, 'query')
    const counts: number[] = []
    for (let round = 0; round < 4; round += 1) {
      query.mockClear()
      expect((await product.call('GET', path)).status).toBe(200)
      counts.push(query.mock.calls.length)
    }
    query.mockRestore()
    return Math.min(...counts)
  }
})
