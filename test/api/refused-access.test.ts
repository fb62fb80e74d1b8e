/** Access that ends before its time, as it seems where a clock was wrong: the sandbox's runs hours ahead of ours. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Channel, connectSandbox, settled } from '#test/support/posting.ts'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'

/** Access tokens of both live two hours. */
const networks = ['x', 'bluesky']
const threeHours = 3 * 3_600

let product: TestProduct
let channels: Channel[] = []

beforeAll(async () => {
  product = await startTestProduct()
})
afterAll(() => product.close())
afterEach(async () => {
  await sandbox('PUT', '/faults', [])
})

/** Accounts with new access by the sandbox's time, which is ours then. */
async function connect(): Promise<void> {
  await sandbox('PUT', '/clock', { offsetSeconds: 0 })
  channels = (await connectSandbox(product)).filter(({ network }) => networks.includes(network))
  expect(channels).toHaveLength(networks.length)
}

async function sandbox(method: string, path: string, body?: unknown) {
  const answer = await product.fetch(`/_sandbox${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  expect(answer.status).toBe(200)
  return answer.json() as Promise<{ items: Array<{ text: string }> }>
}

async function publish(text: string): Promise<string> {
  const body = { text, channelIds: channels.map(({ id }) => id) }
  return (await product.call('POST', '/posts', { body })).body.id
}

async function onWalls(text: string): Promise<number> {
  const walls = await Promise.all(networks.map((network) => sandbox('GET', `/wall?network=${network}`)))
  return walls.flatMap(({ items }) => items).filter((post) => post.text.includes(text)).length
}

const publishedOnBoth = {
  state: 'published',
  deliveries: networks.map(() => expect.objectContaining({ state: 'published' })),
}

describe('an access token that the network refuses before its time', () => {
  it('is renewed, and the post goes out, where the sign-in still lives', async () => {
    await connect()
    await sandbox('PUT', '/clock', { offsetSeconds: threeHours })
    const id = await publish('Refused before its time')
    expect(await settled(product, id)).toMatchObject(publishedOnBoth)
    expect(await onWalls('Refused before its time')).toBe(networks.length)
  })

  it('is renewed to look for a post whose answer was lost', async () => {
    await connect()
    await sandbox(
      'PUT',
      '/faults',
      networks.map((network) => ({ network, fault: 'lost-after', match: { effect: 'publish' }, times: 1 })),
    )
    const id = await publish('Lost, then refused')
    await expect.poll(() => onWalls('Lost, then refused'), { timeout: 10_000 }).toBe(networks.length)
    await sandbox('PUT', '/clock', { offsetSeconds: threeHours })
    const post = async () => (await product.call('GET', `/posts/${id}`)).body
    await expect.poll(post, { timeout: 30_000 }).toMatchObject(publishedOnBoth)
    expect(await onWalls('Lost, then refused')).toBe(networks.length)
  }, 60_000)

  it('leaves it to a person where the sign-in is over, once and with a notice', async () => {
    await connect()
    for (const network of networks) await sandbox('PUT', '/faults', [{ network, fault: 'token-death' }])
    const id = await publish('Signed out')
    const { deliveries } = await settled(product, id)
    expect(deliveries).toEqual(
      networks.map(() => expect.objectContaining({ state: 'held', holdReason: 'connection' })),
    )
    expect(await onWalls('Signed out')).toBe(0)
    const { body } = await product.call('GET', '/notices')
    const kinds = body.items.map(({ kind }: { kind: string }) => kind)
    expect(kinds.filter((kind: string) => kind === 'connection-expired')).toHaveLength(networks.length)
  })
})
