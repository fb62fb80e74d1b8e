/** Calls that a process left open when it died. */
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { newId } from '#domain/id.ts'
import { definition as x } from '#networks/x/definition.ts'
import { checkLedger } from '#storage/ledger-check.ts'
import { answered, post } from '#test/support/calls.ts'
import { backends, type TestDatabase } from '#test/support/databases.ts'
import { fillStage, start } from '#test/support/stage.ts'
import { createLedger } from './meter.ts'
import { createPriceBooks } from './price-books.ts'

const later = (minutes: number) => new Date(start.getTime() + minutes * 60_000)

describe.each(backends)('a call that its process left open, on the $name database', ({ open }) => {
  let test: TestDatabase
  let count = 0
  let workspaceId = ''
  let budgetId = ''
  beforeAll(async () => {
    test = await open()
  })
  afterAll(() => test.close())
  beforeEach(async () => {
    const { db } = test.database
    await sql`delete from reservation`.execute(db)
    workspaceId = `wsp_${(count += 1)}`
    budgetId = newId('bud', start)
    await fillStage(db, workspaceId, [])
    await sql`insert into budget (id, workspace_id, network, period, amount, currency, created_by, created_at, updated_at)
      values (${budgetId}, ${workspaceId}, 'x', 'month', 1, 'USD', 'm', ${start}, ${start})`.execute(db)
  })

  /** A process of its own. */
  const process = (now: Date) => {
    const { db } = test.database
    const ledger = createLedger({
      db,
      prices: createPriceBooks(db, [x]),
      now: () => now,
      onError: (cause) => {
        throw cause
      },
    })
    const door = ledger.scoped({
      workspaceId,
      connectionId: null,
      deliveryId: 'dlv_lost',
      actor: 'job:test',
      definition: x,
      login: 'x',
      now: () => now,
    })
    return { ledger, door }
  }
  const used = async () => {
    const { rows } = await sql<{ spent: string; reserved: string }>`
      select trim_scale(spent)::text as spent, trim_scale(reserved)::text as reserved from budget_use where budget_id = ${budgetId}`.execute(
      test.database.db,
    )
    return rows[0]
  }
  const charges = async () => {
    const { rows } = await sql`select trim_scale(amount)::text as amount, is_assumed, delivery_id from charge
      where workspace_id = ${workspaceId}`.execute(test.database.db)
    return rows
  }
  const settlings = async () => {
    const { rows } = await sql`select outcome, trim_scale(amount)::text as amount from access_record
      where workspace_id = ${workspaceId} and kind = 'settle'`.execute(test.database.db)
    return rows
  }

  it('is settled once as if it had cost the most, also by two at once', async () => {
    await process(start).door.open(post)
    const sweepers = [process(later(16)), process(later(16))]
    await Promise.all(sweepers.map(({ ledger }) => ledger.settleLost()))
    await process(later(17)).ledger.settleLost()
    expect(await used()).toEqual({ spent: '0.2', reserved: '0' })
    expect(await charges()).toEqual([{ amount: '0.2', is_assumed: true, delivery_id: 'dlv_lost' }])
    expect(await settlings()).toEqual([{ outcome: 'lost', amount: '0.2' }])
    expect(await checkLedger(test.database.db, workspaceId)).toMatchObject({ unsettled: 0, faults: [] })
  })

  it('is left alone while its process may still be waiting for the answer', async () => {
    const { door } = process(start)
    const opened = await door.open(post)
    await process(later(14)).ledger.settleLost()
    expect(await used()).toEqual({ spent: '0', reserved: '0.2' })
    await door.settle(post, opened, answered)
    await process(later(16)).ledger.settleLost()
    expect(await settlings()).toEqual([{ outcome: 'answered', amount: '0.2' }])
  })

  it('counts once where the machine only slept and its answer comes after all', async () => {
    const { door } = process(start)
    const opened = await door.open(post)
    await process(later(60)).ledger.settleLost()
    await door.settle(post, opened, answered)
    expect(await used()).toEqual({ spent: '0.2', reserved: '0' })
    expect(await charges()).toHaveLength(1)
    expect(await settlings()).toHaveLength(1)
  })

  it('is settled also where its budget was removed meanwhile', async () => {
    await process(start).door.open(post)
    await sql`delete from budget where id = ${budgetId}`.execute(test.database.db)
    await process(later(16)).ledger.settleLost()
    expect(await charges()).toHaveLength(1)
  })
})

describe.each(backends)('a budget that was changed elsewhere, on the $name database', ({ open }) => {
  it('holds the next call as it is now, also in a process that has not noticed', async () => {
    const test = await open()
    const { db } = test.database
    await fillStage(db, 'wsp', [])
    await sql`insert into budget (id, workspace_id, period, amount, currency, created_by, created_at, updated_at)
      values ('bud', 'wsp', 'month', 0.1, 'USD', 'm', ${start}, ${start})`.execute(db)
    const ledger = createLedger({
      db,
      prices: createPriceBooks(db, [x]),
      now: () => start,
      onError: () => {},
    })
    const door = ledger.scoped({
      workspaceId: 'wsp',
      connectionId: null,
      deliveryId: null,
      actor: 'job:test',
      definition: x,
      login: 'x',
      now: () => start,
    })
    await expect(door.open(post)).rejects.toMatchObject({ code: 'budget_exhausted' })
    await sql`update budget set amount = 1`.execute(db)
    await expect(door.open(post)).resolves.toBeDefined()
    await test.close()
  })
})
