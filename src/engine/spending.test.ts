/** Calls held to API budgets, and the ledger that answers for each of them. */
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { newId } from '#domain/id.ts'
import type { Purpose } from '#networks/contract.ts'
import type { Call, Settlement } from '#networks/metered-fetch.ts'
import { definition as x } from '#networks/x/definition.ts'
import { anchorOf, checkLedger } from '#storage/ledger-check.ts'
import { answered, post } from '#test/support/calls.ts'
import { backends, type TestDatabase } from '#test/support/databases.ts'
import { fillStage, start } from '#test/support/stage.ts'
import { createLedger } from './meter.ts'
import { createPriceBooks } from './price-books.ts'

const reading = (mostItems: number, purpose: Purpose = 'measure'): Call => ({
  ...post,
  endpointClass: 'post.lookup',
  purpose,
  hasLink: false,
  mostItems,
})
const failed: Settlement = { ...answered, status: 403, items: 0 }
const lost: Settlement = { ...answered, outcome: 'no-answer', status: null, items: 0 }
const neverLeft: Settlement = { ...lost, wasSent: false }

describe.each(backends)('calls that cost, on the $name database', ({ open }) => {
  let test: TestDatabase
  let count = 0
  let workspaceId = ''
  beforeAll(async () => {
    test = await open()
  })
  afterAll(() => test.close())
  beforeEach(async () => {
    workspaceId = `wsp_${(count += 1)}`
    await fillStage(test.database.db, workspaceId, [])
  })

  const budget = async (amount: string, more: { purpose?: string; period?: string; share?: number } = {}) => {
    const id = newId('bud', start)
    await sql`insert into budget (id, workspace_id, network, purpose, period, amount, currency, protected_percent, created_by, created_at, updated_at)
      values (${id}, ${workspaceId}, 'x', ${more.purpose ?? null}, ${more.period ?? 'month'}, ${amount}, 'USD', ${more.share ?? 0}, 'm',
        ${start}, ${start})`.execute(test.database.db)
    return id
  }
  const useOf = async (id: string) => {
    const { rows } = await sql<{ spent: string; reserved: string }>`
      select trim_scale(spent)::text as spent, trim_scale(reserved)::text as reserved from budget_use where budget_id = ${id}`.execute(
      test.database.db,
    )
    return rows[0]
  }
  /** A process of its own. */
  const meter = (at: Date = start) => {
    const { db } = test.database
    const ledger = createLedger({
      db,
      prices: createPriceBooks(db, [x]),
      now: () => at,
      onError: (cause) => {
        throw cause
      },
    })
    return ledger.scoped({
      workspaceId,
      connectionId: null,
      deliveryId: null,
      actor: 'job:test',
      definition: x,
      login: 'x',
      now: () => at,
    })
  }
  const make = async (
    door: ReturnType<typeof meter>,
    call: Call,
    settlement: Settlement = answered,
  ): Promise<boolean> => {
    const opened = await door.open(call).catch((cause: { code?: string }) => {
      if (cause.code !== 'budget_exhausted') throw cause
      return null
    })
    if (opened === null) return false
    await door.settle(call, opened, settlement)
    return true
  }

  it('never get past a budget, with fifty at once from each of two processes', async () => {
    const id = await budget('1.50')
    const doors = [meter(), meter()]
    const calls = Array.from({ length: 100 }, (_, index) => {
      const door = doors[index % 2]
      return door ? make(door, post) : Promise.resolve(false)
    })
    const made = (await Promise.all(calls)).filter(Boolean)
    // What is reserved and not settled counts, so fewer may leave at once, never more.
    expect(made.length).toBeLessThanOrEqual(7)
    while (await make(meter(), post)) made.push(true)
    expect(made.length).toBe(7)
    expect(await useOf(id)).toEqual({ spent: '1.4', reserved: '0' })
    const { rows } = await sql<{ amount: string }>`
      select trim_scale(sum(amount))::text as amount from charge where workspace_id = ${workspaceId}`.execute(
      test.database.db,
    )
    expect(rows).toEqual([{ amount: '1.4' }])
  })

  it('leave the protected share to publishing and to finding out where they only read', async () => {
    await budget('1.00', { share: 20 })
    const door = meter()
    for (let index = 0; index < 20; index += 1) await make(door, reading(10), { ...answered, items: 10 })
    expect(await make(door, reading(1))).toBe(false)
    expect(await make(door, reading(10, 'reconcile'), { ...answered, items: 0 })).toBe(true)
    expect(await make(door, post)).toBe(true)
    expect(await make(door, { ...post, hasLink: false })).toBe(false)
  })

  it('reserve the most they can cost, and keep what they did cost', async () => {
    const id = await budget('1.00')
    const door = meter()
    const call = reading(100)
    const opened = await door.open(call)
    expect(await useOf(id)).toEqual({ spent: '0', reserved: '0.5' })
    expect(await make(door, reading(101))).toBe(false)
    await door.settle(call, opened, { ...answered, items: 3 })
    expect(await useOf(id)).toEqual({ spent: '0.015', reserved: '0' })
  })

  it('cost nothing when the network said no or nothing left, and the most when the answer was lost', async () => {
    const id = await budget('1.00')
    const door = meter()
    await make(door, post, failed)
    await make(door, post, neverLeft)
    expect(await useOf(id)).toEqual({ spent: '0', reserved: '0' })
    await make(door, post, lost)
    expect(await useOf(id)).toEqual({ spent: '0.2', reserved: '0' })
    const { rows } = await sql`select is_assumed from charge where workspace_id = ${workspaceId}`.execute(
      test.database.db,
    )
    expect(rows).toEqual([{ is_assumed: true }])
  })

  it('of items that were read on the same day already cost nothing again', async () => {
    const id = await budget('1.00')
    const door = meter()
    await make(door, reading(10), { ...answered, items: 10 })
    await make(door, reading(10), { ...answered, items: 10, freshItems: 0 })
    expect(await useOf(id)).toEqual({ spent: '0.05', reserved: '0' })
  })

  it('count towards a budget that is set later in its period, and not towards another day’s', async () => {
    await make(meter(), post)
    const ofDay = await budget('0.30', { period: 'day' })
    expect(await make(meter(), post)).toBe(false)
    expect(await useOf(ofDay)).toEqual({ spent: '0.2', reserved: '0' })
    expect(await make(meter(new Date('2026-11-25T00:00:00Z')), post)).toBe(true)
  })

  it('tell people once for each step that is reached', async () => {
    const id = await budget('0.40')
    await make(meter(), post)
    await make(meter(), { ...post, hasLink: false })
    const { rows } = await sql<{ params: { percent: number } }>`
      select params from notice where workspace_id = ${workspaceId} and kind = 'budget-reached' and subject_id = ${id}`.execute(
      test.database.db,
    )
    expect(rows.map(({ params }) => params.percent)).toEqual([50])
  })

  it('stand in a ledger that finds one changed byte', async () => {
    const { db } = test.database
    const first = meter()
    await make(first, post)
    await make(first, reading(3), { ...answered, items: 2 })
    await make(meter(), reading(3), failed)
    const anchor = await anchorOf(db, workspaceId, start)
    // Openings and settlings are written side by side, so each meter has two.
    expect(await checkLedger(db, workspaceId, anchor)).toEqual({
      chains: 4,
      entries: 6,
      unchained: 0,
      unsettled: 0,
      faults: [],
    })
    const change = (text: ReturnType<typeof sql>) =>
      db.transaction().execute(async (transaction) => {
        await sql`alter table access_record disable trigger user`.execute(transaction)
        await text.execute(transaction)
        await sql`alter table access_record enable trigger user`.execute(transaction)
      })
    await change(sql`update access_record set items = 1 where workspace_id = ${workspaceId} and items = 2`)
    expect((await checkLedger(db, workspaceId)).faults).toMatchObject([{ kind: 'changed', number: 2 }])
    await change(sql`update access_record set items = 2 where workspace_id = ${workspaceId} and number = 2 and status = 201
      and endpoint_class = 'post.lookup'`)
    expect((await checkLedger(db, workspaceId)).faults).toEqual([])
    await change(sql`delete from access_record where id = (
      select max(id) from access_record where workspace_id = ${workspaceId} and kind = 'settle')`)
    expect((await checkLedger(db, workspaceId)).faults).toEqual([])
    expect((await checkLedger(db, workspaceId, anchor)).faults).toMatchObject([
      { kind: 'cut-off', number: 1 },
    ])
    await change(
      sql`delete from access_record where workspace_id = ${workspaceId} and kind = 'open' and number = 2`,
    )
    // The chains begun later saw it.
    expect((await checkLedger(db, workspaceId)).faults).toMatchObject([{ kind: 'cut-off', number: 2 }])
  })

  it('cannot be changed in the ledger by anybody’s mistake', async () => {
    await make(meter(), post)
    await expect(
      sql`update access_record set items = 0 where workspace_id = ${workspaceId}`.execute(test.database.db),
    ).rejects.toThrow('append-only')
    await expect(
      sql`delete from access_record where workspace_id = ${workspaceId}`.execute(test.database.db),
    ).rejects.toThrow('append-only')
  })
})
