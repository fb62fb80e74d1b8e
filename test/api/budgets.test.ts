/** API budgets and charges through the API, with sandbox accounts. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { linkPricingNetwork } from '#test/support/link-prices.ts'
import { connectSandbox, settled } from '#test/support/posting.ts'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'

let product: TestProduct
/** A channel of a network that charges, and more for a link. */
let channel: { id: string; network: string }
beforeAll(async () => {
  product = await startTestProduct()
  const channels = await connectSandbox(product)
  const { id } = linkPricingNetwork()
  const found = channels.find(({ network }) => network === id)
  if (!found) throw new Error('no network prices links')
  channel = found
})
afterAll(() => product.close())

const list = async () => (await product.call('GET', '/budgets')).body
const set = (body: Record<string, unknown>) =>
  product.call('POST', '/budgets', {
    body: { network: channel.network, purpose: 'publish', period: 'month', ...body },
  })
const dryRun = async (text: string) =>
  (await product.call('POST', '/posts/dry-run', { body: { text, channelIds: [channel.id] } })).body

describe('an API budget', () => {
  it('is proposed for the network that charges, and set with one request', async () => {
    const { items, proposals } = await list()
    expect(items).toEqual([])
    expect(proposals).toMatchObject([{ network: channel.network, isPractice: true }])
  })

  it('answers a dry run with what it has left and whether that is enough', async () => {
    const { body } = await set({ amount: '0.10' })
    const enough = await dryRun('without a link')
    expect(enough.budgets).toMatchObject([
      { id: body.id, left: { amount: '0.100' }, needed: { amount: '0.015' }, hasRoom: true },
    ])
    const tooMuch = await dryRun('see https://example.com')
    expect(tooMuch.verdicts).toMatchObject([
      {
        cost: { amount: '0.200' },
        linkCost: { withLink: { amount: '0.200' }, withoutLink: { amount: '0.015' } },
      },
    ])
    expect(tooMuch.budgets).toMatchObject([{ id: body.id, needed: { amount: '0.200' }, hasRoom: false }])
  })

  it('keeps a post back that it has no room for, and lets it go out once it is raised', async () => {
    const [budget] = (await list()).items
    const { body: post } = await product.call('POST', '/posts', {
      body: { text: 'see https://example.com', channelIds: [channel.id] },
    })
    let [delivery] = (await settledOrKept(post.id)).deliveries
    expect(delivery.reason).toMatchObject({ code: 'budget_exhausted' })
    const { body } = await product.call('PUT', `/budgets/${budget.id}`, { body: { amount: '1' } })
    expect(body).toMatchObject({ amount: { amount: '1.000' } })
    ;[delivery] = (await settled(product, post.id)).deliveries
    expect(delivery.state).toBe('published')
    const { body: charges } = await product.call('GET', `/charges?deliveryId=${delivery.id}&purpose=publish`)
    expect(charges.items).toMatchObject([
      { amount: { amount: '0.200' }, postId: post.id, sandbox: true, isAssumed: false },
    ])
    const { body: sums } = await product.call('GET', '/charges/sums?by=purpose&purpose=publish')
    expect(sums.items).toMatchObject([{ of: 'publish', amount: { amount: '0.200' } }])
  })

  it('is refused where there is one for the same, and where it is no amount', async () => {
    expect(await set({ amount: '2' })).toMatchObject({ status: 409, body: { code: 'conflict' } })
    for (const wrong of [{ amount: '-1' }, { amount: '1,5' }, { amount: '1', period: 'week' }])
      expect((await set(wrong)).status).toBe(422)
    expect(await set({ amount: '1', network: 'nowhere' })).toMatchObject({
      status: 404,
      body: { code: 'network_unknown' },
    })
    expect(await set({ amount: '1', period: 'day', currency: 'EUR' })).toMatchObject({
      status: 422,
      body: { issues: [{ path: 'currency' }] },
    })
  })

  it('is gone once it is removed', async () => {
    const [budget] = (await list()).items
    expect((await product.call('DELETE', `/budgets/${budget.id}`)).status).toBe(200)
    expect((await product.call('DELETE', `/budgets/${budget.id}`)).status).toBe(404)
    expect((await dryRun('see https://example.com')).budgets).toEqual([])
  })

  it('is planned for by day', async () => {
    const at = new Date(Date.now() + 3 * 86_400_000).toISOString()
    await product.call('POST', '/posts', { body: { text: 'planned', channelIds: [channel.id], at } })
    const to = new Date(Date.now() + 4 * 86_400_000).toISOString()
    const { body } = await product.call('GET', `/charges/planned?from=${new Date().toISOString()}&to=${to}`)
    expect(body.items).toContainEqual({
      day: expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/),
      network: channel.network,
      purpose: 'publish',
      amount: { amount: '0.015', currency: 'USD' },
    })
  })
})

/** Kept back until its budget starts anew, or for a person where that is too far away. */
async function settledOrKept(id: string) {
  for (let round = 0; round < 200; round += 1) {
    const { body } = await product.call('GET', `/posts/${id}`)
    if (body.deliveries[0].reason !== null) return body
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`post ${id} was not kept back`)
}
