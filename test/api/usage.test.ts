/** What networks say was used, beside what the ledger counted, with sandbox accounts. */
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createKey } from '#app/initialise.ts'
import type { UsageView } from '#app/usage.ts'
import { type Channel, connectSandbox, settled } from '#test/support/posting.ts'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'

let product: TestProduct
let channels: Channel[]
beforeAll(async () => {
  product = await startTestProduct()
  channels = await connectSandbox(product)
})
afterAll(() => product.close())

type Item = Omit<UsageView, 'toldAt' | 'from'> & { toldAt: string; from: string | null }
const list = async (): Promise<Item[]> => (await product.call('GET', '/usage')).body.items

/** Of a network with a counter of that kind, so that none is named here. */
const networkThat = (tells: (counter: { of: string; what: string; isWithAnswers: boolean }) => boolean) => {
  const network = product.product.system.networks.find(({ definition }) =>
    definition.counters.value.some(tells),
  )
  const channel = channels.find((one) => one.network === network?.definition.id)
  if (!channel) throw new Error('no network has such a counter')
  return channel
}

async function publish(channel: Channel, text: string): Promise<string> {
  const { body } = await product.call('POST', '/posts', { body: { text, channelIds: [channel.id] } })
  const post = await settled(product, body.id)
  expect(post.state).toBe('published')
  return post.deliveries[0].id
}

describe('what a network counts', () => {
  it('comes with its answers, and is what the ledger counted in the same window', async () => {
    const channel = networkThat(({ of, isWithAnswers }) => of === 'connection' && isWithAnswers)
    for (const text of ['one', 'two', 'three']) await publish(channel, `counted ${text}`)
    const told = (await list()).filter(
      (one) => one.network === channel.network && one.unit === 'count' && one.endpointClass === 'post.create',
    )
    expect(told.length).toBeGreaterThan(0)
    for (const one of told) expect(one).toMatchObject({ used: 3, ours: 3, drift: 0, sandbox: true })
  })

  it('is asked page by page where each has a daily number of posts', async () => {
    const { body } = await product.call('POST', '/usage/ask')
    expect(body.notTold).toEqual([])
    const daily = body.items.filter((one: Item) => one.what === 'posts' && one.of === 'channel')
    expect(daily.length).toBeGreaterThan(0)
    for (const one of daily)
      expect(one).toMatchObject({ channelId: expect.any(String), used: 0, limit: expect.any(Number) })
  })

  it('agrees with the ledger for every account that was connected, checked and published from', async () => {
    const { networks } = product.product.system
    for (const channel of channels) {
      await product.call('POST', `/channels/${channel.id}/check`)
      if (!networks.find(({ definition }) => definition.id === channel.network)?.definition.needsImage)
        await publish(channel, `checked ${channel.network}`)
    }
    const compared = (await list()).filter(({ drift }) => drift !== null)
    expect(new Set(compared.map(({ network }) => network)).size).toBeGreaterThan(1)
    expect(compared.filter(({ drift }) => drift !== 0)).toEqual([])
  })

  it('is shown to drift apart where somebody else uses the same account', async () => {
    const channel = networkThat(({ of, isWithAnswers }) => of === 'connection' && isWithAnswers)
    const { system } = product.product
    await system.counters.flush()
    // A call that Litfass did not make, as the network would tell of it with the next one.
    const network = system.networks.find(({ definition }) => definition.id === channel.network)
    const [row] = (await list()).filter(
      (one) =>
        one.network === channel.network && one.of === 'connection' && one.endpointClass === 'post.create',
    )
    if (!network || !row || row.limit === null || row.resetsAt === null) throw new Error('nothing was told')
    const pace = system.counters.scoped({
      workspaceId: product.workspaceId,
      network: {
        ...network,
        told: () => [
          {
            counter: row.counter,
            endpointClass: 'post.create',
            used: 8,
            limit: row.limit,
            resetsAt: new Date(String(row.resetsAt)),
          },
        ],
      },
      login: network.definition.logins[0]?.id ?? '',
      server: 'sandbox',
      connectionId: row.connectionId,
      channel: null,
      now: () => new Date(),
    })
    pace.hear(
      { method: 'GET', url: '', endpointClass: 'post.create', dataClass: 'none', purpose: 'publish' },
      { status: 200, headers: {}, text: '', json: null },
    )
    const after = (await list()).find(
      (one) =>
        one.counter === row.counter &&
        one.connectionId === row.connectionId &&
        one.endpointClass === 'post.create',
    )
    expect(after).toMatchObject({ used: 8, ours: row.ours, drift: 8 - (row.ours ?? 0) })
  })

  it('is told to the app alone where it counts what was read, and agrees with the ledger', async () => {
    const channel = networkThat(({ what }) => what === 'posts-read')
    await publish(channel, 'to be read')
    const items = await until(async () => {
      const { body } = await product.call('POST', '/usage/ask')
      const found = body.items.filter((one: Item) => one.what === 'posts-read')
      return found.some((one: Item) => one.used > 0) ? found : null
    })
    const ofMonth = items.find((one: Item) => one.from !== null)
    expect(ofMonth).toMatchObject({ of: 'app', isWithAnswers: false, drift: 0 })
    expect(ofMonth.ours).toBe(ofMonth.used)
    expect(new Date(ofMonth.from).toISOString()).toMatch(/-01T00:00:00\.000Z$/)
  })

  it('is asked by admins only, and is nobody else’s to see', async () => {
    const stranger = await product.addWorkspace()
    const { body } = await product.call('GET', '/usage', { key: stranger.apiKey })
    expect(body.items).toEqual([])
    const { db } = product.product.system
    const viewer = { workspaceId: product.workspaceId, memberId: 'mbr_viewer', role: 'viewer' } as const
    await sql`insert into member (id, workspace_id, name, email, role, created_at)
      values (${viewer.memberId}, ${viewer.workspaceId}, 'Vera', 'vera@lemonade.example', 'viewer', ${new Date()})`.execute(
      db,
    )
    const { apiKey } = await createKey(db, viewer, 'Vera', new Date())
    expect((await product.call('GET', '/usage', { key: apiKey })).body.items.length).toBeGreaterThan(0)
    expect(await product.call('POST', '/usage/ask', { key: apiKey })).toMatchObject({ status: 403 })
  })
})

async function until<T>(look: () => Promise<T | null>): Promise<T> {
  for (let round = 0; round < 40; round += 1) {
    const found = await look()
    if (found !== null) return found
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
  throw new Error('it did not come')
}
