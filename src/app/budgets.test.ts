/** API budgets as people set and change them, and what follows for what they kept back. */
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createLedger } from '#engine/meter.ts'
import { createPriceBooks } from '#engine/price-books.ts'
import type { Network } from '#networks/contract.ts'
import type { Call, Settlement } from '#networks/metered-fetch.ts'
import { definition as x } from '#networks/x/definition.ts'
import { recountNew } from '#storage/budget-rows.ts'
import { answered, post } from '#test/support/calls.ts'
import { backends, type TestDatabase } from '#test/support/databases.ts'
import { fillStage, scheduleOn, start } from '#test/support/stage.ts'
import { changeBudget, createBudget, listBudgets, type NewBudget, removeBudget } from './budgets.ts'
import { listCharges, plannedByDay, sumCharges } from './charges.ts'
import { proposeBudgets } from './budget-proposals.ts'
import type { Actor, System } from './system.ts'

const hours = (count: number) => new Date(start.getTime() + count * 3_600_000)

describe.each(backends)('an API budget, on the $name database', ({ open }) => {
  let test: TestDatabase
  let count = 0
  let workspaceId = ''
  let channelId = ''
  let actor: Actor
  let system: System
  let woken = 0
  beforeAll(async () => {
    test = await open()
  })
  afterAll(() => test.close())
  beforeEach(async () => {
    const { db } = test.database
    count += 1
    workspaceId = `wsp_${count}`
    channelId = `chn_${count}`
    await fillStage(db, workspaceId, [channelId])
    await sql`update connection set network = 'x' where workspace_id = ${workspaceId}`.execute(db)
    await sql`update channel set network = 'x' where workspace_id = ${workspaceId}`.execute(db)
    actor = { workspaceId, memberId: 'm', role: 'admin' }
    const prices = createPriceBooks(db, [x])
    system = {
      db,
      prices,
      now: () => start,
      networks: [{ definition: x } as Network],
      wake: () => (woken += 1),
    } as unknown as System
  })

  const ofX = (amount: string, more: Partial<NewBudget> = {}) =>
    createBudget(system, actor, { network: 'x', period: 'month', amount, ...more })
  const make = async (call: Call = post, settlement: Settlement | null = answered, isSandbox = false) => {
    const { db, prices, now } = system
    const ledger = createLedger({
      db,
      prices,
      now,
      onError: (cause) => {
        throw cause
      },
    })
    const door = ledger.scoped({
      workspaceId,
      connectionId: `con_${workspaceId}`,
      deliveryId: null,
      actor: 'job:test',
      definition: x,
      login: 'x',
      isSandbox,
      now,
    })
    const opened = await door.open(call)
    if (settlement) await door.settle(call, opened, settlement)
  }
  /** A delivery that the budget kept back. */
  const kept = async (state: 'held' | 'waiting', dueAt: Date) => {
    const id = await scheduleOn(test.database.db, workspaceId, channelId, dueAt)
    const reason = JSON.stringify({ code: 'budget_exhausted', message: 'No room' })
    await sql`update delivery set network = 'x', state = ${state}, hold_reason = ${state === 'held' ? 'budget' : null},
      next_at = ${state === 'held' ? null : hours(4)}, reason = ${reason}::jsonb where id = ${id}`.execute(
      test.database.db,
    )
    return id
  }
  const stateOf = async (id: string) => {
    const { rows } = await sql<{ state: string; next: Date | null; hold: string | null }>`
      select state, next_at as next, hold_reason as hold from delivery where id = ${id}`.execute(
      test.database.db,
    )
    return rows[0]
  }
  const alerts = async () => {
    const { rows } = await sql<{ percent: number }>`select (params->>'percent')::int as percent from notice
      where workspace_id = ${workspaceId} and kind = 'budget-reached' and resolved_at is null`.execute(
      test.database.db,
    )
    return rows.map(({ percent }) => percent)
  }

  it('shows what is spent, reserved and left, for reading less than for publishing', async () => {
    await make()
    await ofX('1')
    await make()
    await make(post, null)
    expect(await listBudgets(system, actor)).toMatchObject([
      {
        network: 'x',
        amount: { amount: '1.000', currency: 'USD' },
        spent: { amount: '0.400' },
        reserved: { amount: '0.200' },
        left: { amount: '0.400' },
        leftForReads: { amount: '0.200' },
        startsOn: '2026-11-01',
        endsAt: new Date('2026-12-01T00:00:00Z'),
      },
    ])
  })

  it('holds practice on simulated accounts apart, by the same amount', async () => {
    await make(post, answered, true)
    await ofX('0.50')
    await make(post, answered, true)
    await expect(make(post, answered, true)).rejects.toMatchObject({ code: 'budget_exhausted' })
    await make()
    expect(await listBudgets(system, actor)).toMatchObject([
      {
        spent: { amount: '0.200' },
        left: { amount: '0.300' },
        practice: { spent: { amount: '0.400' }, left: { amount: '0.100' } },
      },
    ])
    const [sum] = await sumCharges(system, actor, { by: 'network' })
    expect(sum).toMatchObject({ amount: { amount: '0.600' }, sandbox: { amount: '0.400' } })
  })

  it('counts in the end also what a process charged that had not noticed it', async () => {
    const { prices } = system
    await prices.of(workspaceId)
    const budget = await createBudget({ ...system, prices: { ...prices, forget: () => {} } }, actor, {
      network: 'x',
      period: 'month',
      amount: '1',
    })
    const { db } = test.database
    const other = { ...system, prices: createPriceBooks(db, [x]) }
    const before = system
    system = other
    await make()
    system = before
    await make()
    expect((await listBudgets(system, actor))[0]?.spent.amount).toBe('0.200')
    await recountNew(db, start)
    expect((await listBudgets(system, actor))[0]?.spent.amount).toBe('0.400')
    await recountNew(db, hours(1))
    expect(budget.spent.amount).toBe('0.000')
  })

  it('foresees its end by what was spent so far, and by what is planned', async () => {
    await ofX('10')
    await make()
    await scheduleOn(test.database.db, workspaceId, channelId, hours(24), 'see https://example.com')
    await scheduleOn(test.database.db, workspaceId, channelId, hours(24 * 30), 'in the next month')
    await sql`update delivery set network = 'x' where workspace_id = ${workspaceId}`.execute(test.database.db)
    const [budget] = await listBudgets(system, actor)
    // 23.375 of 30 days have passed.
    expect(budget?.forecast.byPace?.amount).toBe('0.256684')
    // 0.20 used, 0.20 planned, and its figures on each of the six UTC days that are left then.
    expect(budget?.forecast.byPlan.amount).toBe('0.430')
    const days = await plannedByDay(system, actor, { to: hours(72).toISOString() })
    expect(days.map(({ day, purpose, amount }) => [day, purpose, amount.amount])).toEqual([
      ['2026-11-25', 'publish', '0.200'],
      ['2026-11-25', 'measure', '0.005'],
      ['2026-11-26', 'measure', '0.005'],
      ['2026-11-27', 'measure', '0.005'],
    ])
  })

  it('lets go what it kept back once it is raised, but nothing that is late by more than six hours', async () => {
    const budget = await ofX('0.10')
    const [held, waiting, late] = [
      await kept('held', hours(-5)),
      await kept('waiting', hours(-1)),
      await kept('held', hours(-7)),
    ]
    const before = woken
    await changeBudget(system, actor, budget.id, { amount: '5' })
    expect(await stateOf(held)).toEqual({ state: 'waiting', next: start, hold: null })
    expect(await stateOf(waiting)).toEqual({ state: 'waiting', next: start, hold: null })
    expect(await stateOf(late)).toEqual({ state: 'held', next: null, hold: 'budget' })
    expect(woken).toBeGreaterThan(before)
  })

  it('lets go what it kept back when it is removed or only tells from now on, and not when it is lowered', async () => {
    const budget = await ofX('0.10')
    const first = await kept('held', hours(-1))
    await changeBudget(system, actor, budget.id, { amount: '0.05' })
    expect((await stateOf(first))?.state).toBe('held')
    await changeBudget(system, actor, budget.id, { isHard: false })
    expect((await stateOf(first))?.state).toBe('waiting')
    const second = await kept('held', hours(-1))
    await removeBudget(system, actor, budget.id)
    expect((await stateOf(second))?.state).toBe('waiting')
    await make()
  })

  it('reads figures again that were put off until its next period', async () => {
    const budget = await ofX('0.10')
    await sql`insert into channel_poll (channel_id, workspace_id, next_at) values (${channelId}, ${workspaceId}, ${budget.endsAt})`.execute(
      test.database.db,
    )
    await changeBudget(system, actor, budget.id, { amount: '5' })
    const { rows } = await sql<{ next: Date }>`select next_at as next from channel_poll
      where channel_id = ${channelId}`.execute(test.database.db)
    expect(rows).toEqual([{ next: start }])
  })

  it('tells of its steps anew once it is raised', async () => {
    const budget = await ofX('0.40')
    await make()
    expect(await alerts()).toEqual([50])
    await changeBudget(system, actor, budget.id, { amount: '0.80' })
    expect(await alerts()).toEqual([])
    await make()
    expect(await alerts()).toEqual([50])
  })

  it('tells once that it is full where what is to go out has no room, and not for a read', async () => {
    const { id } = await ofX('0.30')
    await make()
    const read: Call = { ...post, endpointClass: 'post.lookup', purpose: 'measure', mostItems: 50 }
    await expect(make(read)).rejects.toMatchObject({ code: 'budget_exhausted' })
    expect(await alerts()).toEqual([50])
    await expect(make()).rejects.toMatchObject({ code: 'budget_exhausted' })
    await expect(make()).rejects.toMatchObject({ code: 'budget_exhausted' })
    const { rows } = await sql`select params->>'full' as full, params->>'used' as used from notice
      where workspace_id = ${workspaceId} and subject_id = ${id}`.execute(test.database.db)
    expect(rows).toEqual([{ full: '1', used: '0.200' }])
  })

  it('is one for the same, also where two people set it at once', async () => {
    const results = await Promise.allSettled([ofX('1'), ofX('2')])
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(await listBudgets(system, actor)).toHaveLength(1)
    await ofX('1', { period: 'day' })
    await ofX('1', { purpose: 'measure' })
    expect(await listBudgets(system, actor)).toHaveLength(3)
  })

  it('of a connection is of its network, and of no stranger’s', async () => {
    const own = await createBudget(system, actor, {
      connectionId: `con_${workspaceId}`,
      period: 'day',
      amount: '1',
    })
    expect(own.network).toBe('x')
    const stranger = { connectionId: 'con_wsp_0', period: 'day', amount: '1' } as const
    await expect(createBudget(system, actor, stranger)).rejects.toMatchObject({ code: 'not_found' })
  })

  it('is proposed where calls cost and nothing limits them, and holds only once it is set', async () => {
    expect(await proposeBudgets(system, actor)).toEqual([
      {
        network: 'x',
        amount: { amount: '5.000', currency: 'USD' },
        perPost: {
          withLink: { amount: '0.200', currency: 'USD' },
          withoutLink: { amount: '0.015', currency: 'USD' },
        },
        isPractice: false,
      },
    ])
    expect(await listBudgets(system, actor)).toEqual([])
    await ofX('5', { purpose: 'measure' })
    expect(await proposeBudgets(system, actor)).toHaveLength(1)
    await ofX('5')
    expect(await proposeBudgets(system, actor)).toEqual([])
  })

  it('is no member’s to change who is below an admin', async () => {
    const { id } = await ofX('1')
    const editor: Actor = { ...actor, role: 'editor' }
    expect(await listBudgets(system, editor)).toHaveLength(1)
    const refused = { code: 'not_allowed' }
    await expect(changeBudget(system, editor, id, { amount: '2' })).rejects.toMatchObject(refused)
    await expect(removeBudget(system, editor, id)).rejects.toMatchObject(refused)
    await expect(createBudget(system, editor, { period: 'day', amount: '1' })).rejects.toMatchObject(refused)
  })

  it('is answered for by charges, of which those are marked that are assumed', async () => {
    await make()
    await make({ ...post, hasLink: false })
    await make(post, { ...answered, outcome: 'no-answer', status: null, items: 0 })
    const { items, next } = await listCharges(system, actor, { limit: 2 })
    expect(next).not.toBeNull()
    const rest = await listCharges(system, actor, { limit: 2, cursor: next ?? '' })
    expect([...items, ...rest.items].map(({ amount }) => amount.amount).toSorted()).toEqual([
      '0.015',
      '0.200',
      '0.200',
    ])
    expect((await listCharges(system, actor, { limit: 9, assumed: true })).items).toHaveLength(1)
    const usd = (amount: string) => ({ amount, currency: 'USD' })
    const sum = { charges: 3, amount: usd('0.415'), assumed: usd('0.200'), sandbox: usd('0.000') }
    expect(await sumCharges(system, actor, { by: 'network' })).toEqual([{ of: 'x', ...sum }])
    expect(await sumCharges(system, actor, { by: 'day', to: '2026-11-25' })).toEqual([
      { of: '2026-11-24', ...sum },
    ])
    expect(await sumCharges(system, actor, { by: 'purpose', from: '2026-11-25' })).toEqual([])
  })
})
