/** A workspace's prices in memory: its own over the shipped, and what other processes change. */
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { newId } from '#domain/id.ts'
import { type PriceBook, type PriceEntry, priceAfter } from '#domain/prices.ts'
import type { Handle } from '#storage/deliveries.ts'
import { deleteOverride, readOwnPrices, writeOverrides, writePlan } from '#storage/prices.ts'
import { backends, type TestDatabase } from '#test/support/databases.ts'
import { createPriceBooks, kindOf, type PriceBooks } from './price-books.ts'

const written = { plan: 'metered', source: 'https://example.org/prices', readOn: '2026-11-23' }
const shipped: PriceBook = {
  currency: 'USD',
  plans: [
    { id: 'metered', name: 'Metered' },
    { id: 'agreed', name: 'Agreed' },
  ],
  defaultPlan: 'metered',
  entries: [
    { key: 'post', unit: 'request', calls: ['post.create'], price: '0.015', ...written },
    { key: 'read', unit: 'item', calls: ['timeline.read'], price: '0.005', ...written },
    {
      key: 'own-read',
      unit: 'item',
      calls: ['timeline.read'],
      price: '0.001',
      when: { isOwned: true },
      ...written,
    },
  ],
}
const dearer: PriceEntry = { key: 'post', unit: 'request', calls: ['post.create'], price: '0.1', ...written }
const now = new Date('2026-11-24T09:00:00Z')
const on = '2026-11-24'

describe.each(backends)('prices on the $name database', ({ open }) => {
  let test: TestDatabase
  let db: Handle
  let here: PriceBooks
  let elsewhere: PriceBooks
  beforeAll(async () => {
    test = await open()
    db = test.database.db
    here = createPriceBooks(db, [{ id: 'example', priceBook: shipped }])
    elsewhere = createPriceBooks(db, [{ id: 'example', priceBook: shipped }])
  })
  afterAll(() => test.close())

  const workspace = async () => {
    const id = newId('wsp', now)
    await sql`insert into workspace (id, name, created_at) values (${id}, 'Lemonade', ${now})`.execute(db)
    return id
  }
  const change = (workspaceId: string) => ({ workspaceId, by: 'mbr_1', at: now })
  const costAt = async (books: PriceBooks, workspaceId: string, endpointClass = 'post.create') => {
    const prices = (await books.of(workspaceId)).of('example')
    const kind = kindOf(prices, { endpointClass, connectionId: 'con_1', on })
    return priceAfter(prices.book, kind, { items: 1 }).amount?.amount ?? null
  }

  it('are the shipped ones where nobody set any', async () => {
    expect(await costAt(here, await workspace())).toBe('0.015')
  })

  it('of one workspace change nothing for another', async () => {
    const [mine, other] = [await workspace(), await workspace()]
    await writeOverrides(db, change(mine), [{ id: newId('prc', now), network: 'example', entry: dearer }])
    expect([await costAt(here, mine), await costAt(here, other)]).toEqual(['0.100', '0.015'])
    expect((await readOwnPrices(db, other)).overrides).toEqual([])
  })

  it('change at once where they were changed, and elsewhere with the next look', async () => {
    const id = await workspace()
    expect([await costAt(here, id), await costAt(elsewhere, id)]).toEqual(['0.015', '0.015'])
    await writeOverrides(db, change(id), [{ id: 'prc_elsewhere', network: 'example', entry: dearer }])
    here.forget(id)
    expect([await costAt(here, id), await costAt(elsewhere, id)]).toEqual(['0.100', '0.015'])
    await elsewhere.check()
    expect(await costAt(elsewhere, id)).toBe('0.100')
    expect(await deleteOverride(db, id, 'prc_elsewhere')).toBe(true)
    expect(await deleteOverride(db, id, 'prc_elsewhere')).toBe(false)
    await elsewhere.check()
    expect(await costAt(elsewhere, id)).toBe('0.015')
  })

  it('of a workspace are not to be removed by another', async () => {
    const [mine, other] = [await workspace(), await workspace()]
    await writeOverrides(db, change(mine), [{ id: 'prc_mine', network: 'example', entry: dearer }])
    expect(await deleteOverride(db, other, 'prc_mine')).toBe(false)
    expect((await readOwnPrices(db, mine)).overrides).toMatchObject([{ id: 'prc_mine', entry: dearer }])
  })

  it('written twice are one, which keeps its id', async () => {
    const id = await workspace()
    const write = (rowId: string, price: string) =>
      writeOverrides(db, change(id), [{ id: rowId, network: 'example', entry: { ...dearer, price } }])
    await write('prc_first', '0.1')
    await write('prc_second', '0.2')
    const { overrides, revision } = await readOwnPrices(db, id)
    expect(overrides).toMatchObject([{ id: 'prc_first', entry: { price: '0.2' } }])
    expect(revision).toBe(2)
  })

  it('follow the plan the workspace is on, and whose account owns the app', async () => {
    const id = await workspace()
    expect(await costAt(here, id, 'timeline.read')).toBe('0.005')
    await writePlan(db, change(id), { network: 'example', plan: 'metered', owners: ['con_1'] })
    here.forget(id)
    expect(await costAt(here, id, 'timeline.read')).toBe('0.001')
    await writePlan(db, change(id), { network: 'example', plan: 'agreed', owners: [] })
    here.forget(id)
    expect(await costAt(here, id, 'timeline.read')).toBeNull()
  })

  it('are asked for by themselves where other processes may have changed them', async () => {
    const id = await workspace()
    const eager = createPriceBooks(db, [{ id: 'example', priceBook: shipped }], { checkMs: 0 })
    expect(await costAt(eager, id)).toBe('0.015')
    await writeOverrides(db, change(id), [{ id: newId('prc', now), network: 'example', entry: dearer }])
    await vi.waitFor(async () => expect(await costAt(eager, id)).toBe('0.100'))
  })

  it('go on from what the ledger says was used of a bundle this month, and count from there', async () => {
    const id = await workspace()
    const bundle: PriceEntry = {
      key: 'bundle',
      unit: 'bundle',
      calls: ['post.create'],
      counts: 'request',
      size: 3,
      window: 'month',
      beyond: '0.5',
      ...written,
      plan: 'agreed',
    }
    await writeOverrides(db, change(id), [{ id: newId('prc', now), network: 'example', entry: bundle }])
    await writePlan(db, change(id), { network: 'example', plan: 'agreed', owners: [] })
    const posted = (at: string, status = 200) =>
      sql`insert into access_record (workspace_id, call_id, kind, network, endpoint_class, data_class, purpose, actor, at,
          outcome, status, items, plan)
        values (${id}, ${`call_${at}`}, 'settle', 'example', 'post.create', 'none', 'publish', 'mbr_1', ${at}, 'answered',
          ${status}, 0, 'agreed')`.execute(db)
    for (const at of ['2026-10-31T23:59:00Z', '2026-11-01T00:00:00Z', '2026-11-23T12:00:00Z'])
      await posted(at)
    await posted('2026-11-23T13:00:00Z', 503)
    const books = createPriceBooks(db, [{ id: 'example', priceBook: shipped }], { now: () => now })
    const prices = (await books.of(id)).of('example')
    const kind = kindOf(prices, { endpointClass: 'post.create', connectionId: null, on })
    const cost = () => priceAfter(prices.book, kind, { items: 0 }).amount?.amount
    expect(cost()).toBe('0.000')
    prices.count(kind, { items: 0 })
    expect(cost()).toBe('0.500')
    expect(priceAfter(prices.book, { ...kind, on: '2026-12-01' }, { items: 0 }).amount?.amount).toBe('0.000')
  })

  it('are asked of the database once, however many calls are priced', async () => {
    const id = await workspace()
    const first = here.of(id)
    expect(here.of(id)).toBe(first)
    await first
    expect(here.of(id)).toBe(first)
  })
})
