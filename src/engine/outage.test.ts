import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { PublishOutcome } from '#domain/delivery.ts'
import { closeForgotten, openBreakers } from '#storage/breakers.ts'
import { claimDeliveries } from '#storage/deliveries.ts'
import { backends, type TestDatabase } from '#test/support/databases.ts'
import { fillStage, scheduleOn, stage, start } from '#test/support/stage.ts'

const accounts = [1, 2, 3, 4, 5]
const after = (seconds: number) => new Date(start.getTime() + seconds * 1_000)
const down: PublishOutcome = { kind: 'networkDown', reason: { code: 'http_503', message: 'Broken.' } }
const dead: PublishOutcome = {
  kind: 'refused',
  fix: 'reauthorise',
  reason: { code: 'token_dead', message: 'The access is not accepted.' },
}

describe.each(backends)('an outage, on the $name database', ({ open }) => {
  let test: TestDatabase
  beforeAll(async () => {
    test = await open()
  })
  afterAll(() => test.close())
  /** Five accounts, each of a workspace of its own. */
  beforeEach(async () => {
    await sql`delete from workspace`.execute(test.database.db)
    await sql`delete from breaker`.execute(test.database.db)
    for (const number of accounts) await fillStage(test.database.db, `wsp_${number}`, [`chn_${number}`])
  })

  const schedule = (number: number, seconds = 0) =>
    scheduleOn(test.database.db, `wsp_${number}`, `chn_${number}`, after(seconds))
  type Row = {
    id: string
    state: string
    attempts: number
    next_at: Date | null
    hold_reason: string | null
    reason: { code: string; message: string } | null
  }
  const rows = async () =>
    (
      await sql<Row>`select id, state, attempts, next_at, hold_reason, reason from delivery order by due_at, id`.execute(
        test.database.db,
      )
    ).rows
  const notices = async () =>
    (
      await sql<{ workspace: string; kind: string; ended: boolean; since: string | null }>`
        select workspace_id as workspace, kind, resolved_at is not null as ended, params->>'since' as since
        from notice order by workspace_id, kind`.execute(test.database.db)
    ).rows
  const parked = { state: 'waiting', hold_reason: 'breaker', next_at: null }

  it('sends nothing late by itself when it ends: what is hours past its time waits for a person', async () => {
    const { state, worker, send, advance } = stage(() => test)
    for (const number of [1, 2, 3, 4]) await schedule(number)
    const soon = await schedule(5, 7 * 3_600)
    state.publish = async () => down
    const one = worker('a')
    for (
      let round = 0;
      round < 12 && !(await rows()).slice(0, 4).every((row) => row.hold_reason === 'breaker');
      round += 1
    ) {
      await one.runDue()
      advance(6)
    }
    expect((await rows()).slice(0, 4)).toEqual([1, 2, 3, 4].map(() => expect.objectContaining(parked)))
    state.now = after(7 * 3_600)
    await one.runDue()
    const late = { state: 'held', hold_reason: 'late', next_at: null, reason: { code: 'late' } }
    expect((await rows()).slice(0, 4)).toMatchObject([late, late, late, late])
    expect((await notices()).filter(({ kind, ended }) => kind === 'delivery-held' && !ended).length).toBe(4)
    state.publish = (job) => send(job, () => ({ kind: 'published', remoteId: job.payload.text }))
    for (let round = 0; round < 60 && state.published.length === 0; round += 1) {
      await one.runDue()
      advance(30)
    }
    expect(state.published).toEqual([soon])
    expect((await rows()).slice(0, 4)).toMatchObject([late, late, late, late])
  })

  it('keeps everything due back with one notice for each workspace, and lets it go when it is over', async () => {
    const { state, worker, send, advance } = stage(() => test)
    for (const number of [1, 2, 3, 4]) for (const seconds of [0, 1, 2]) await schedule(number, seconds)
    await schedule(5, 3_600)
    let calls = 0
    state.publish = async () => {
      calls += 1
      return down
    }
    const one = worker('a')
    advance(2)
    await one.runDue()
    expect(state.events).toEqual(['breaker-opened  publish'])
    const due = (await rows()).slice(0, 12)
    expect(due.filter(({ hold_reason }) => hold_reason === 'breaker').length).toBeGreaterThanOrEqual(8)
    // Those that failed before anybody could know return once, and then wait as well.
    advance(6)
    state.now = new Date(state.now.getTime() - 3_000)
    await one.runDue()
    expect((await rows()).slice(0, 12)).toEqual(due.map(() => expect.objectContaining(parked)))
    expect(due[11]?.reason).toMatchObject({
      code: 'network_outage',
      message:
        'Stage has not answered as it should since 2026-11-24 09:00 UTC. Litfass tries again by itself.',
    })
    const told = ['wsp_1', 'wsp_2', 'wsp_3', 'wsp_4'].map((workspace) =>
      expect.objectContaining({ workspace, kind: 'network-outage', ended: false }),
    )
    expect(await notices()).toEqual(told)

    const before = calls
    for (let minute = 0; minute < 120; minute += 1) {
      advance(60)
      await one.runDue()
    }
    // One at a time and ever more rarely, instead of thirteen deliveries that each try and give up.
    expect(calls - before).toBeGreaterThan(15)
    expect(calls - before).toBeLessThan(40)
    const waiting = await rows()
    expect(waiting).toEqual(waiting.map(() => expect.objectContaining(parked)))
    expect(Math.max(...waiting.map((row) => row.attempts))).toBeLessThanOrEqual(1)
    expect((await notices()).map(({ workspace, kind, ended }) => ({ workspace, kind, ended }))).toEqual(
      accounts.map((number) => ({ workspace: `wsp_${number}`, kind: 'network-outage', ended: false })),
    )

    state.publish = (job) => send(job, () => ({ kind: 'published', remoteId: job.payload.text }))
    advance(400)
    await one.runDue()
    expect(state.events).toEqual(['breaker-opened  publish', 'breaker-closed  publish'])
    expect(new Set(state.published).size).toBe(13)
    expect(state.published).toHaveLength(13)
    const order = waiting.map((row) => row.id)
    for (const number of [1, 2, 3, 4]) {
      const own = (published: readonly string[]) =>
        published.filter((id) => order.indexOf(id) % 4 === number - 1 && id !== order[12])
      expect(own(state.published)).toEqual(own(order))
    }
    expect((await notices()).every((notice) => notice.ended)).toBe(true)
    expect(state.errors).toEqual([])
  })

  it('is no news because of one account, and none of the others wait', async () => {
    const { state, worker, send, advance } = stage(() => test)
    for (const number of accounts) await schedule(number)
    state.publish = async (job) => {
      if (job.channel.channelId === 'chn_1') return down
      return send(job, () => ({ kind: 'published', remoteId: job.payload.text }))
    }
    const one = worker('a')
    for (let round = 0; round < 5; round += 1) {
      await one.runDue()
      advance(90)
    }
    expect(state.events).toEqual([])
    expect(state.published).toHaveLength(4)
    expect(await notices()).toEqual([])
  })

  it('is seen by every worker, and ends for every worker', async () => {
    const { state, worker, send, advance } = stage(() => test)
    for (const number of [1, 2]) await schedule(number)
    state.publish = async () => down
    const [one, two] = [worker('a'), worker('b')]
    await one.runDue()
    await schedule(3)
    state.publish = (job) => send(job, () => ({ kind: 'published', remoteId: job.payload.text }))
    expect(await two.runDue()).toBe(0)
    expect((await rows())[2]).toMatchObject(parked)
    advance(6)
    expect(await two.runDue()).toBeGreaterThan(0)
    await schedule(4)
    await one.runDue()
    await two.runDue()
    expect((await rows()).map((row) => row.state)).toEqual(Array(4).fill('published'))
    expect(state.published).toHaveLength(4)
  })

  it('is tried by one delivery at a time, also when the worker that tries dies', async () => {
    const { state, worker, send, advance } = stage(() => test)
    for (const number of accounts) await schedule(number)
    state.publish = async () => down
    await worker('a').runDue()
    advance(4)
    await worker('a').runDue()
    expect(await rows()).toEqual(accounts.map(() => expect.objectContaining(parked)))
    advance(6)
    const doomed = worker('b', { openChannel: () => new Promise(() => {}) })
    void doomed.runDue()
    await expect.poll(async () => (await rows()).filter((row) => row.state === 'claimed').length).toBe(1)
    state.publish = (job) => send(job, () => ({ kind: 'published', remoteId: job.payload.text }))
    advance(30)
    await worker('c').runDue()
    expect((await rows()).map((row) => row.state)).toEqual(Array(5).fill('published'))
    expect(state.published).toHaveLength(5)
  })

  it('that refuses the access of all costs no account its connection', async () => {
    const { state, worker, send, advance } = stage(() => test)
    for (const number of accounts) await schedule(number, number * 60)
    state.publish = async () => dead
    const one = worker('a')
    advance(60)
    await one.runDue()
    advance(60)
    await one.runDue()
    // So far it may be these two accounts.
    expect((await rows()).slice(0, 2)).toMatchObject([{ state: 'held' }, { state: 'held' }])
    expect((await notices()).map(({ kind }) => kind)).toEqual(['delivery-held', 'delivery-held'])
    for (const _ of [3, 4, 5]) {
      advance(60)
      await one.runDue()
    }
    expect(await rows()).toEqual(
      accounts.map(() => expect.objectContaining({ ...parked, attempts: expect.any(Number) })),
    )
    expect((await notices()).filter(({ ended }) => !ended).map(({ kind }) => kind)).toEqual(
      accounts.map(() => 'network-outage'),
    )
    state.publish = (job) => send(job, () => ({ kind: 'published', remoteId: job.payload.text }))
    advance(600)
    await one.runDue()
    expect(state.published).toHaveLength(5)
    expect((await notices()).every((notice) => notice.ended)).toBe(true)
  })

  it('is not made of accounts that people were asked to connect again already', async () => {
    const { state, worker, advance } = stage(() => test)
    state.publish = async () => dead
    for (const number of [1, 2]) await schedule(number)
    await worker('a').runDue()
    advance(3_600)
    for (const number of [1, 2, 3]) await schedule(number, 3_600)
    await worker('b').runDue()
    expect(state.events).toEqual([])
    expect((await rows()).map((row) => row.state)).toEqual(Array(5).fill('held'))
  })

  it('asks nobody what is live while reading fails, and finds it out afterwards', async () => {
    const { state, worker, send, advance } = stage(() => test)
    for (const number of [1, 2, 3]) await schedule(number)
    const lost: PublishOutcome = { kind: 'unsure', reason: { code: 'answer_lost', message: 'No answer.' } }
    state.publish = (job) => send(job, () => lost)
    const one = worker('a')
    await one.runDue()
    state.find = async () => ({ kind: 'unknown', reason: { code: 'http_503', message: 'Broken.' } })
    const told = stage(() => test)
    told.state.now = after(1)
    const elsewhere = told.breakers()
    for (const number of [1, 2])
      await elsewhere.report(
        { login: 'stage', server: '', connectionId: `con_wsp_${number}` },
        'read',
        'down',
      )
    for (let minute = 0; minute < 60; minute += 1) {
      advance(60)
      await one.runDue()
    }
    expect(await rows()).toEqual(
      [1, 2, 3].map(() =>
        expect.objectContaining({ state: 'unsure', hold_reason: 'breaker', next_at: null }),
      ),
    )
    expect((await notices()).map(({ kind }) => kind)).toEqual(Array(3).fill('network-outage'))
    state.find = async () => ({ kind: 'found' })
    advance(600)
    await one.runDue()
    expect((await rows()).map((row) => row.state)).toEqual(Array(3).fill('published'))
    expect(state.published).toHaveLength(3)
  })

  it('leaves nothing waiting for a breaker that has closed meanwhile', async () => {
    const { worker, breakers } = stage(() => test)
    const id = await schedule(1)
    const seen = breakers()
    for (const number of [1, 2])
      await seen.report({ login: 'stage', server: '', connectionId: `con_${number}` }, 'publish', 'down')
    await seen.beforePlan(start, 0)
    expect(await rows()).toMatchObject([parked])
    await sql`update breaker set closed_at = ${start}`.execute(test.database.db)
    await seen.beforePlan(start, 0)
    expect(await rows()).toMatchObject([{ id, state: 'waiting', hold_reason: null, next_at: start }])
    expect(await worker('b').runDue()).toBe(1)
  })

  it('is over when nothing waits and nobody has met it for a quarter of an hour', async () => {
    const { breakers } = stage(() => test)
    const seen = breakers()
    for (const connectionId of ['con_8', 'con_9'])
      await seen.report({ login: 'stage', server: '', connectionId }, 'publish', 'down')
    const id = await schedule(1)
    await seen.beforePlan(start, 0)
    await closeForgotten(test.database.db, after(3_600))
    expect(await openBreakers(test.database.db)).toHaveLength(1)
    await sql`update delivery set state = 'cancelled', next_at = null where id = ${id}`.execute(
      test.database.db,
    )
    await closeForgotten(test.database.db, after(800))
    expect(await openBreakers(test.database.db)).toHaveLength(1)
    await closeForgotten(test.database.db, after(901))
    expect(await openBreakers(test.database.db)).toEqual([])
  })

  it('of one server is none of another, nor of the simulator', async () => {
    const { state, worker, send, breakers } = stage(() => test)
    await sql`update connection set server = 'one.example' where workspace_id = 'wsp_1'`.execute(
      test.database.db,
    )
    await sql`update connection set server = 'sandbox' where workspace_id = 'wsp_2'`.execute(test.database.db)
    for (const number of [1, 2, 3]) await schedule(number)
    const seen = breakers()
    for (const connectionId of ['con_8', 'con_9'])
      await seen.report({ login: 'stage', server: 'one.example', connectionId }, 'publish', 'down')
    state.publish = (job) => send(job, () => ({ kind: 'published', remoteId: job.payload.text }))
    await worker('a').runDue()
    expect((await rows()).map((row) => row.state)).toEqual(['waiting', 'published', 'published'])
  })

  it('takes a delivery whose worker died along, and fences that worker', async () => {
    const { breakers, advance, state } = stage(() => test)
    await schedule(1)
    const [claimed] = await claimDeliveries(test.database.db, {
      workerId: 'dead',
      now: start,
      leaseMs: 2_000,
      channelIds: ['chn_1'],
    })
    const seen = breakers()
    for (const connectionId of ['con_8', 'con_9'])
      await seen.report({ login: 'stage', server: '', connectionId }, 'publish', 'down')
    advance(3)
    await seen.beforePlan(state.now, 0)
    const { rows: after } = await sql<{ token: number; lease_until: Date | null }>`
      select token::int as token, lease_until from delivery`.execute(test.database.db)
    expect(after[0]).toEqual({ token: (claimed?.token ?? 0) + 1, lease_until: null })
    expect(await rows()).toMatchObject([parked])
  })
})
