/** Who owns the app pays less for reading what is theirs, where the network says so; somebody has to say who that is. */
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OwnerView } from '#app/app-owners.ts'
import { kindOf } from '#engine/price-books.ts'
import { connectSandbox } from '#test/support/posting.ts'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'

const now = new Date('2026-11-24T09:00:00Z')
let product: TestProduct
let owner: OwnerView
const list = async (key?: string): Promise<OwnerView[]> =>
  (await product.call('GET', '/prices/owners', key === undefined ? {} : { key })).body.items
const mark = (connectionId: string, isOwner: boolean, key?: string) =>
  product.call('PUT', `/prices/owners/${connectionId}`, {
    body: { isOwner },
    ...(key === undefined ? {} : { key }),
  })
beforeAll(async () => {
  product = await startTestProduct({ now: () => now, env: { LITFASS_ROLES: 'serve' } })
  await connectSandbox(product)
  const [first] = await list()
  if (!first) throw new Error('no price depends on whose the app is')
  owner = first
})
afterAll(() => product.close())

describe('an account that may own the app', () => {
  it('is listed where that makes reading cheaper, with both prices, and nowhere else', async () => {
    const { networks } = product.product.system
    for (const { network, isOwner, prices } of await list()) {
      const book = networks.find(({ definition }) => definition.id === network)?.definition.priceBook
      const owned = book?.entries.filter((entry) => 'when' in entry && entry.when?.isOwned === true)
      expect(owned?.length).toBeGreaterThan(0)
      expect(isOwner).toBe(false)
      for (const price of prices)
        expect(Number(price.owned.amount)).toBeLessThan(Number(price.otherwise.amount))
    }
  })

  it('is told what its own reads of the last month cost less', async () => {
    const [price] = owner.prices
    const call = price?.calls[0] ?? ''
    const insert = (callId: string, at: Date, items: number) =>
      sql`insert into access_record (workspace_id, call_id, kind, connection_id, network, login, endpoint_class, data_class,
          purpose, actor, at, status, items, fresh_items)
        values (${product.workspaceId}, ${callId}, 'settle', ${owner.connectionId}, ${owner.network}, 'l', ${call}, 'own-post',
          'reconcile', 'test', ${at}, 200, ${items}, ${items})`.execute(product.product.system.db)
    await insert('one', new Date('2026-11-20T00:00:00Z'), 7)
    await insert('two', new Date('2026-10-01T00:00:00Z'), 100)
    const told = (await list()).find(({ connectionId }) => connectionId === owner.connectionId)
    expect(told?.items).toBe(7)
    const less = Number(price?.otherwise.amount) - Number(price?.owned.amount)
    expect(Number(told?.difference.amount)).toBeCloseTo(7 * less, 6)
  })

  it('is counted by the owner’s price from then on, until that is taken back', async () => {
    const { prices } = product.product.system
    const call = { endpointClass: owner.prices[0]?.calls[0] ?? '', on: '2026-11-24' }
    const isOwned = async () => {
      const own = (await prices.of(product.workspaceId)).of(owner.network)
      return kindOf(own, { ...call, connectionId: owner.connectionId }).isOwned
    }
    expect((await mark(owner.connectionId, true)).body).toMatchObject({ isOwner: true })
    expect(await isOwned()).toBe(true)
    await mark(owner.connectionId, true)
    const { body } = await product.call('GET', `/prices?network=${owner.network}`)
    expect(body.networks[0].owners).toEqual([owner.connectionId])
    await mark(owner.connectionId, false)
    expect(await isOwned()).toBe(false)
  })

  it('is marked by admins, and in the own workspace only', async () => {
    const stranger = await product.addWorkspace()
    expect(await list(stranger.apiKey)).toEqual([])
    expect((await mark(owner.connectionId, true, stranger.apiKey)).status).toBe(404)
    await sql`update member set role = 'editor' where id = ${stranger.ownerId}`.execute(
      product.product.system.db,
    )
    expect((await mark(owner.connectionId, true, stranger.apiKey)).status).toBe(403)
    const other = (await product.call('GET', '/connections')).body.items.find(
      ({ network }: { network: string }) => network !== owner.network,
    )
    expect((await mark(other.id, true)).status).toBe(404)
  })
})
