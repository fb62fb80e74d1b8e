/** The price book through the API: shipped prices, a workspace's own, plans, files and re-pricing. */
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createKey } from '#app/initialise.ts'
import { linkPricingNetwork } from '#test/support/link-prices.ts'
import { connectSandbox, settled } from '#test/support/posting.ts'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'

const now = new Date('2026-11-24T09:00:00Z')
let product: TestProduct
/** A network whose prices depend on links, and its plan. */
let network = ''
let plan = ''

beforeAll(async () => {
  product = await startTestProduct({ now: () => now, env: { LITFASS_ROLES: 'serve' } })
  const priced = linkPricingNetwork()
  network = priced.id
  plan = priced.priceBook.defaultPlan
})
afterAll(() => product.close())

const list = async (query = '') => (await product.call('GET', `/prices?network=${network}${query}`)).body
const priceOf = (call: string, more = {}) => ({
  unit: 'request',
  plan,
  calls: [call],
  price: '0.5',
  source: 'Our contract',
  readOn: '2026-11-24',
  ...more,
})
const set = (entry: unknown, key?: string) =>
  product.call('PUT', '/prices', { body: { network, entry }, ...(key === undefined ? {} : { key }) })

describe('the price book', () => {
  it('names for every price where it stands written and when that was read', async () => {
    const { body } = await product.call('GET', '/prices')
    expect(body.on).toBe('2026-11-24')
    expect(body.networks).toHaveLength(product.product.system.networks.length)
    for (const { entry, origin } of body.items) {
      expect(origin).toBe('shipped')
      expect(entry.source).toMatch(/^https:\/\//)
      expect(entry.readOn).toMatch(/^\d{4}-\d{2}-\d{2}$/)
    }
  })

  it('tells what holds on a day by the plan in use', async () => {
    const inForce = async (on: string) => {
      const { items } = await list(`&on=${on}`)
      return items.filter((item: { isInForce: boolean }) => item.isInForce)
    }
    expect((await inForce('2026-11-24')).length).toBeGreaterThan(5)
    for (const { entry } of await inForce('2026-11-24')) expect(entry.plan).toBe(plan)
    expect(await inForce('2020-01-01')).toEqual([])
  })

  it('shows a price that is not known as not known', async () => {
    const { items } = await list()
    const unknown = items.filter((item: { entry: { price?: unknown } }) => item.entry.price === null)
    expect(unknown.length).toBeGreaterThan(0)
  })

  it('is refused in words for a network there is not', async () => {
    expect(await product.call('GET', '/prices?network=nowhere')).toMatchObject({
      status: 404,
      body: { code: 'network_unknown' },
    })
  })
})

describe('a price of one’s own', () => {
  it('is set, listed first, replaced by the same again, and removed', async () => {
    const { status, body } = await set(priceOf('post.create'))
    expect({ status, body }).toMatchObject({ status: 200, body: { origin: 'own', isInForce: true } })
    const again = await set(priceOf('post.create', { price: '0.6' }))
    expect(again.body.id).toBe(body.id)
    const own = (await list()).items.filter((item: { origin: string }) => item.origin === 'own')
    expect(own).toMatchObject([{ id: body.id, entry: { price: '0.6' }, replacesShipped: false }])
    expect((await product.call('DELETE', `/prices/${body.id}`)).status).toBe(200)
    expect((await product.call('DELETE', `/prices/${body.id}`)).status).toBe(404)
    expect((await list()).items.every((item: { origin: string }) => item.origin === 'shipped')).toBe(true)
  })

  it('stands in the place of the shipped one whose key it has, until it is removed', async () => {
    const shipped = (await list()).items.find((item: { isInForce: boolean }) => item.isInForce)
    const { body } = await set({ ...shipped.entry, note: 'Agreed otherwise' })
    expect(body).toMatchObject({ replacesShipped: true, entry: { key: shipped.entry.key } })
    const same = (await list()).items.filter(
      (item: { entry: { key: string } }) => item.entry.key === shipped.entry.key,
    )
    expect(same).toMatchObject([{ origin: 'own', entry: { note: 'Agreed otherwise' } }])
    await product.call('DELETE', `/prices/${body.id}`)
    expect((await list()).items).toContainEqual(shipped)
  })

  it('is read by everybody and written by admins', async () => {
    const { db } = product.product.system
    await sql`insert into member (id, workspace_id, name, email, role, created_at)
      values ('mbr_editor', ${product.workspaceId}, 'Ed', 'ed@lemonade.example', 'editor', ${now})`.execute(
      db,
    )
    const actor = { workspaceId: product.workspaceId, memberId: 'mbr_editor', role: 'editor' } as const
    const { apiKey: key } = await createKey(db, actor, 'Ed', now)
    expect((await product.call('GET', '/prices', { key })).status).toBe(200)
    const writes = [
      await set(priceOf('post.create'), key),
      await product.call('DELETE', '/prices/prc_any', { key }),
      await product.call('PUT', `/prices/plans/${network}`, { key, body: { plan } }),
      await product.call('POST', '/prices/import', { key, body: { text: '{}' } }),
    ]
    for (const { status, body } of writes)
      expect({ status, body }).toMatchObject({ status: 403, body: { code: 'not_allowed' } })
  })

  it.each([
    ['plan', { plan: 'payperuse' }],
    ['calls.0', { calls: ['post.creat'] }],
  ])('is refused where its %s is one nobody knows', async (path, more) => {
    const { status, body } = await set(priceOf('post.create', more))
    expect({ status, body }).toMatchObject({
      status: 422,
      body: { code: 'prices_invalid', issues: [{ path: `entry.${path}` }] },
    })
  })

  it.each([
    { price: '0,015' },
    { price: '-1' },
    { price: '0.0000001' },
    { price: 0.015 },
    { from: '2026-12-01', to: '2026-12-01' },
    { from: '2026-02-30' },
    { hasLink: true },
  ])('is refused as %o', async (more) => {
    expect((await set(priceOf('post.create', more))).status).toBe(422)
  })
})

const file = (entries: unknown[]) =>
  JSON.stringify({ format: 'litfass-prices/1', currency: 'USD', entries }, null, 2)
const importing = (text: string, dryRun = false) =>
  product.call('POST', '/prices/import', { body: { text, dryRun } })

describe('a file of prices', () => {
  it('changes nothing when what was exported is imported again', async () => {
    const { body: exported } = await product.call('GET', '/prices/export')
    expect(exported.entries.length).toBeGreaterThan(50)
    const { body } = await importing(JSON.stringify(exported))
    expect(body).toEqual({ added: 0, replaced: 0, unchanged: exported.entries.length })
    expect((await product.call('GET', '/prices/export?ownOnly=true')).body.entries).toEqual([])
  })

  it('adds what is new and replaces what was the workspace’s own, and says so before', async () => {
    const entries = [
      { network, ...priceOf('post.create') },
      { network, ...priceOf('post.delete') },
    ]
    expect((await importing(file(entries), true)).body).toEqual({ added: 2, replaced: 0, unchanged: 0 })
    expect((await list()).items.every((item: { origin: string }) => item.origin === 'shipped')).toBe(true)
    expect((await importing(file(entries))).body).toEqual({ added: 2, replaced: 0, unchanged: 0 })
    const changed = [{ network, ...priceOf('post.create', { price: '0.7' }) }, entries[1]]
    expect((await importing(file(changed))).body).toEqual({ added: 0, replaced: 1, unchanged: 1 })
    const { body } = await product.call('GET', '/prices/export?ownOnly=true')
    expect(body.entries.map((entry: { price: string }) => entry.price).sort()).toEqual(['0.5', '0.7'])
    await removeOwn()
  })

  it('is refused as a whole, with every wrong line named', async () => {
    const text = [
      '{"format": "litfass-prices/1", "currency": "USD", "note": "] [ {", "entries": [',
      `  ${JSON.stringify({ network, ...priceOf('post.create') })},`,
      '',
      `  ${JSON.stringify({ network: 'nowhere', ...priceOf('post.create') })},`,
      `  ${JSON.stringify({ network, ...priceOf('post.create', { price: 'a lot', plan: '' }) })}, 7,`,
      `  ${JSON.stringify({ network, ...priceOf('post.creat') })},`,
      `  ${JSON.stringify({ network, ...priceOf('post.create') })}`,
      ']}',
    ].join('\n')
    const { status, body } = await importing(text)
    expect({ status, code: body.code }).toEqual({ status: 422, code: 'prices_invalid' })
    const told = body.issues.map(({ path, message }: { path: string; message: string }) => [
      path,
      message.slice(0, 7),
    ])
    expect(told).toEqual([
      ['entries.1.network', 'line 4:'],
      ['entries.2.price', 'line 5:'],
      ['entries.2.plan', 'line 5:'],
      ['entries.3', 'line 5:'],
      ['entries.4.calls.0', 'line 6:'],
      ['entries.5.key', 'line 7:'],
    ])
    expect(body.issues.at(-1).message).toContain('line 2')
    expect((await list()).items.every((item: { origin: string }) => item.origin === 'shipped')).toBe(true)
  })

  it.each([
    ['{\n"format": \n}', 'line 3: is no JSON'],
    ['', 'Too small'],
    ['[]', 'line 1: format'],
    ['{"format":"litfass-prices/1","currency":"EUR","entries":[]}', 'line 1: currency is not USD'],
    ['{"format":"litfass-prices/1","currency":"USD"}', 'line 1: entries'],
  ])('is refused as %j', async (text, words) => {
    const { status, body } = await importing(text)
    expect(status).toBe(422)
    expect(JSON.stringify(body.issues)).toContain(words)
  })
})

async function removeOwn(): Promise<void> {
  for (const { id } of (await list()).items.filter((item: { id: string | null }) => item.id !== null))
    await product.call('DELETE', `/prices/${id}`)
}

describe('the plan at a network', () => {
  it('is the shipped one until another is chosen, and then prices are told by that', async () => {
    const [before] = (await list()).networks
    expect(before).toMatchObject({ plan, isChosen: false })
    const other = before.plans.find(({ id }: { id: string }) => id !== plan)
    const chosen = await product.call('PUT', `/prices/plans/${network}`, { body: { plan: other.id } })
    expect(chosen.body).toMatchObject({ plan: other.id, isChosen: true })
    const { items } = await list('&on=2025-12-01')
    for (const item of items) if (item.isInForce) expect(item.entry.plan).toBe(other.id)
    await product.call('PUT', `/prices/plans/${network}`, { body: { plan } })
  })

  it('may be one of the workspace’s own, which a price of it makes', async () => {
    const missing = await product.call('PUT', `/prices/plans/${network}`, { body: { plan: 'own-contract' } })
    expect(missing).toMatchObject({ status: 422, body: { code: 'prices_invalid' } })
    await set(priceOf('post.create', { plan: 'own-contract' }))
    const chosen = await product.call('PUT', `/prices/plans/${network}`, { body: { plan: 'own-contract' } })
    expect(chosen.body.plans.map(({ id }: { id: string }) => id)).toContain('own-contract')
    await product.call('PUT', `/prices/plans/${network}`, { body: { plan } })
    await removeOwn()
  })

  it('knows whose account owns the app, if it is an account of this workspace', async () => {
    await connectSandbox(product)
    const { body } = await product.call('GET', '/connections')
    const own = body.items.find((one: { network: string }) => one.network === network)
    const choose = (owners: string[]) =>
      product.call('PUT', `/prices/plans/${network}`, { body: { plan, owners } })
    expect((await choose([own.id])).body).toMatchObject({ owners: [own.id] })
    expect((await choose(['con_elsewhere'])).status).toBe(404)
    expect((await list()).networks[0].owners).toEqual([own.id])
    await choose([])
  })
})

describe('the calls of a time', () => {
  const record = async (on: string, endpointClass: string, more: Record<string, unknown> = {}) => {
    const { items = 1, hasLink = null, amount = null, status = 200, purpose = 'publish' } = more
    await sql`insert into access_record (workspace_id, call_id, kind, network, endpoint_class, data_class, purpose, actor,
        at, amount, currency, outcome, status, items, plan, has_link)
      values (${product.workspaceId}, ${`call-${on}`}, 'settle', ${network}, ${endpointClass}, 'none', ${purpose}, 'mbr_1',
        ${`${on}T12:00:00Z`}, ${amount}, 'USD', 'answered', ${status}, ${items}, ${plan}, ${hasLink})`.execute(
      product.product.system.db,
    )
  }
  const march = { from: '2026-03-01', to: '2026-04-01' }
  const replay = async (more = {}) =>
    (await product.call('POST', '/prices/replay', { body: { ...march, network, ...more } })).body
  const replayed = async (more = {}) => (await replay(more)).items[0]
  const usd = (amount: string) => ({ amount, currency: 'USD' })
  const fileOf = (...entries: unknown[]) =>
    JSON.stringify({ format: 'litfass-prices/1', currency: 'USD', entries })
  const fee = (price: string, more = {}) => ({
    network,
    unit: 'month',
    plan,
    price,
    source: 'A letter',
    readOn: '2026-11-24',
    ...more,
  })

  it('are priced anew by another day, plan or own price, without those that failed', async () => {
    await record('2026-03-01', 'post.create', { hasLink: true, amount: '0.010' })
    await record('2026-03-31', 'post.create', { hasLink: false, amount: '0.010' })
    await record('2026-03-31', 'post.create', { hasLink: true, status: 429 })
    await record('2026-04-01', 'post.create', { hasLink: true, amount: '0.010' })
    await record('2026-03-02', 'media.upload')
    const was = { network, plan, requests: 3, was: usd('0.020'), unknownRequests: 1, refusedRequests: 0 }
    expect(await replayed()).toMatchObject({ ...was, would: usd('0.020'), difference: usd('0.000') })
    expect(await replayed({ asOf: '2026-11-24' })).toMatchObject({
      ...was,
      would: usd('0.215'),
      difference: usd('0.195'),
    })
    const { body } = await set(priceOf('post.create', { price: '1' }))
    expect(await replayed()).toMatchObject({ ...was, would: usd('2.000') })
    await product.call('DELETE', `/prices/${body.id}`)
    expect(await replayed({ plans: { [network]: 'nothing-like-it' } })).toMatchObject({
      ...was,
      plan: 'nothing-like-it',
      would: usd('0.000'),
      unknownRequests: 3,
      fees: { would: null },
    })
  })

  it('are priced anew by a file of prices, of which nothing is saved', async () => {
    const dearer = { ...priceOf('post.create', { price: '0.75' }), network }
    const file = fileOf(dearer, fee('42000', { from: '2027-04-29' }))
    expect(await replayed({ prices: file })).toMatchObject({ would: usd('1.500') })
    expect(await replayed({ prices: file, asOf: '2027-04-29' })).toMatchObject({
      fees: { would: usd('42000.000') },
      would: usd('42001.500'),
      difference: usd('42001.480'),
    })
    const { items } = await list()
    expect(items.filter(({ origin }: { origin: string }) => origin === 'own')).toEqual([])
    const wrong = await product.call('POST', '/prices/replay', { body: { prices: fileOf(fee('a lot')) } })
    expect(wrong).toMatchObject({ status: 422, body: { code: 'prices_invalid' } })
  })

  it('bear the monthly fee of a plan, and fill its bundle from the start of the month', async () => {
    await record('2026-02-03', 'post.create', { hasLink: false })
    await record('2026-02-25', 'post.create', { hasLink: false })
    const contract = { plan: 'own-contract', from: '2026-01-01' }
    const bundle = { unit: 'bundle', calls: ['post.create'], counts: 'request', size: 1, window: 'month' }
    const facts = { ...contract, network, source: 'A letter', readOn: '2026-11-24' }
    const week = { from: '2026-02-22', to: '2026-03-01', plans: { [network]: 'own-contract' } }
    const charged = fileOf(fee('280', contract), { ...bundle, ...facts, beyond: '0.5' })
    expect(await replayed({ ...week, prices: charged })).toMatchObject({
      requests: 1,
      fees: { would: usd('70.000') },
      would: usd('70.500'),
      refusedRequests: 0,
    })
    const capped = fileOf(fee('280', contract), { ...bundle, ...facts })
    expect(await replayed({ ...week, prices: capped })).toMatchObject({
      would: usd('70.000'),
      refusedRequests: 1,
    })
  })

  it('are told by purpose, and what of them lies beyond a budget, reading first', async () => {
    await record('2026-05-10', 'post.create', { hasLink: false })
    await record('2026-05-11', 'post.lookup', { items: 10, purpose: 'measure' })
    const { body: budget } = await product.call('POST', '/budgets', {
      body: { network, period: 'month', amount: '0.02' },
    })
    const may = { from: '2026-05-01', to: '2026-06-01' }
    const answer = await replay(may)
    expect(answer.items[0].purposes).toEqual([
      { purpose: 'measure', requests: 1, was: usd('0.000'), would: usd('0.050') },
      { purpose: 'publish', requests: 1, was: usd('0.000'), would: usd('0.015') },
    ])
    expect(answer.budgets).toEqual([
      {
        id: budget.id,
        network,
        connectionId: null,
        purpose: null,
        period: 'month',
        isHard: true,
        allowed: usd('0.020'),
        would: usd('0.065'),
        outside: usd('0.045'),
        outsideBy: [{ purpose: 'measure', amount: usd('0.045') }],
      },
    ])
    const flat = await replay({
      ...may,
      asOf: '2027-04-29',
      prices: fileOf(fee('42000', { from: '2027-04-29' })),
    })
    expect(flat.budgets[0]).toMatchObject({
      would: usd('42000.065'),
      outside: usd('42000.045'),
      outsideBy: [{ purpose: 'fee' }, { purpose: 'publish' }, { purpose: 'measure' }],
    })
    await product.call('DELETE', `/budgets/${budget.id}`)
  })

  it('are none where nothing was called, and refused where the time ends before it begins, is too long or too early', async () => {
    expect(await replay({ from: '2025-01-01', to: '2025-02-01' })).toMatchObject({ items: [], budgets: [] })
    for (const wrong of [
      { from: '2026-03-01', to: '2026-03-01' },
      { from: '2020-01-01' },
      { to: '0001-01-10' },
    ])
      expect(await product.call('POST', '/prices/replay', { body: wrong })).toMatchObject({
        status: 422,
        body: { code: 'invalid_input' },
      })
  })

  it('are those of the last thirty days where no time is named', async () => {
    const { body } = await product.call('POST', '/prices/replay', { body: {} })
    expect(body).toMatchObject({ from: '2026-10-26', to: '2026-11-25' })
  })
})

describe('a post', () => {
  it('is foretold and charged by the workspace’s own price, and by the shipped one once that is removed', async () => {
    const running = await startTestProduct()
    try {
      const channels = await connectSandbox(running)
      const channelId = channels.find((channel) => channel.network === network)?.id ?? ''
      const publish = async (text: string) => {
        const content = { text, channelIds: [channelId] }
        const foretold = await running.call('POST', '/posts/dry-run', { body: content })
        const { body: created } = await running.call('POST', '/posts', { body: content })
        const { deliveries } = await settled(running, created.id)
        const { body: receipt } = await running.call('GET', `/deliveries/${deliveries[0].id}`)
        const charged = receipt.charges.filter(({ purpose }: { purpose: string }) => purpose === 'publish')
        return [
          foretold.body.verdicts[0].cost.amount,
          ...charged.map(({ amount }: { amount: string }) => amount),
        ]
      }
      expect(await publish('By the shipped price')).toEqual(['0.015', '0.015'])
      const { body: own } = await running.call('PUT', '/prices', {
        body: { network, entry: priceOf('post.create', { price: '0.0123' }) },
      })
      expect(await publish('By our own price')).toEqual(['0.0123', '0.0123'])
      await running.call('DELETE', `/prices/${own.id}`)
      expect(await publish('By the shipped price again')).toEqual(['0.015', '0.015'])
      const today = new Date().toISOString().slice(0, 10)
      const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10)
      const { body: replayed } = await running.call('POST', '/prices/replay', {
        body: { from: today, to: tomorrow, network },
      })
      const [sum] = replayed.items
      // The call at the own price is 0.0027 dearer by the shipped one; what else was called costs the same.
      expect((Number(sum.would.amount) - Number(sum.was.amount)).toFixed(4)).toBe('0.0027')
    } finally {
      await running.close()
    }
  })
})
