import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { claimDeliveries } from '#storage/deliveries.ts'
import { runPieces } from '#storage/pieces.ts'
import { settlePiece } from '#storage/settlements.ts'
import { backends, type TestDatabase } from '#test/support/databases.ts'
import { fillStage, scheduleOn, stage, start } from '#test/support/stage.ts'
import { createLanes, type Lane } from './lanes.ts'

describe.each(backends)('deliveries on the $name database', ({ open }) => {
  let test: TestDatabase
  beforeAll(async () => {
    test = await open()
    await fillStage(test.database.db, 'wsp_1', ['chn_1', 'chn_2'])
  })
  afterAll(() => test.close())
  beforeEach(() => sql`delete from delivery`.execute(test.database.db))

  const schedule = (dueAt: Date = start, channelId = 'chn_1') =>
    scheduleOn(test.database.db, 'wsp_1', channelId, dueAt)
  type Row = {
    state: string
    attempts: number
    remote_id: string | null
    hold_reason: string | null
    next_at: Date | null
    reason: { code: string } | null
  }
  const rowOf = async (id: string) => {
    const { rows } =
      await sql<Row>`select state, attempts, remote_id, hold_reason, next_at, reason from delivery where id = ${id}`.execute(
        test.database.db,
      )
    return rows[0]
  }

  it('go out when due and not before', async () => {
    const { state, worker, send, advance } = stage(() => test)
    const id = await schedule(new Date(start.getTime() + 60_000))
    state.publish = (job) =>
      send(job, () => ({ kind: 'published', remoteId: 'p1', url: 'https://example.com/p1' }))
    expect(await worker('a').runDue()).toBe(0)
    advance(60)
    expect(await worker('a').runDue()).toBe(1)
    expect(await rowOf(id)).toMatchObject({ state: 'published', remote_id: 'p1', attempts: 1, next_at: null })
  })

  it('go out once when many workers look at the same time', async () => {
    const { state, worker, send } = stage(() => test)
    const ids = await Promise.all(Array.from({ length: 40 }, () => schedule()))
    state.publish = (job) => send(job, () => ({ kind: 'published', remoteId: `r-${job.payload.text}` }))
    await Promise.all(['a', 'b', 'c'].map((name) => worker(name).runDue()))
    expect([...state.published].sort()).toEqual([...ids].sort())
    expect(state.errors).toEqual([])
  })

  it('are looked for, not sent again, when the answer was lost', async () => {
    const { state, worker, send, advance } = stage(() => test)
    const id = await schedule()
    state.publish = (job) =>
      send(job, () => ({ kind: 'unsure', reason: { code: 'no_answer', message: 'lost' } }))
    await worker('a').runDue()
    expect((await rowOf(id))?.state).toBe('unsure')
    state.find = async () => ({ kind: 'found', remoteId: 'live', url: 'https://example.com/live' })
    advance(5)
    await worker('a').runDue()
    expect(await rowOf(id)).toMatchObject({ state: 'published', remote_id: 'live' })
    expect(state.published).toEqual([id])
  })

  it('are sent again only after repeated empty reads past the deadline and the settling time', async () => {
    const { state, worker, send, advance } = stage(() => test)
    const id = await schedule()
    state.publish = (job) =>
      send(job, () => ({ kind: 'unsure', reason: { code: 'no_answer', message: 'lost' } }))
    await worker('a').runDue()
    for (let elapsed = 0; elapsed < 38; elapsed += 2) {
      advance(2)
      await worker('a').runDue()
      expect((await rowOf(id))?.state).toBe('unsure')
    }
    expect(state.published).toEqual([id])
    state.publish = (job) => send(job, () => ({ kind: 'published', remoteId: 'second' }))
    for (let round = 0; round < 30 && (await rowOf(id))?.state !== 'published'; round += 1) {
      advance(10)
      await worker('a').runDue()
    }
    expect(await rowOf(id)).toMatchObject({ state: 'published', remote_id: 'second' })
    expect(state.published).toEqual([id, id])
  })

  it('are left to a person after three sends that never show up', async () => {
    const { state, worker, send, advance } = stage(() => test)
    const id = await schedule()
    state.publish = (job) =>
      send(job, () => ({ kind: 'unsure', reason: { code: 'no_answer', message: 'lost' } }))
    for (let round = 0; round < 100; round += 1) {
      await worker('a').runDue()
      advance(30)
    }
    expect(await rowOf(id)).toMatchObject({
      state: 'unsure',
      next_at: null,
      reason: { code: 'keeps_vanishing' },
    })
    expect(state.published).toEqual([id, id, id])
  })

  it('stay unsure for a person when reading never works', async () => {
    const { state, worker, send, advance } = stage(() => test)
    const id = await schedule()
    state.publish = (job) =>
      send(job, () => ({ kind: 'unsure', reason: { code: 'no_answer', message: 'lost' } }))
    state.find = async () => ({ kind: 'unknown', reason: { code: 'read_failed', message: '503' } })
    for (let round = 0; round < 200; round += 1) {
      await worker('a').runDue()
      advance(30)
    }
    expect(await rowOf(id)).toMatchObject({ state: 'unsure', next_at: null })
    expect(state.published).toEqual([id])
  })

  it('of a dead worker are looked for when a request had left, and simply sent when none had', async () => {
    const { state, worker, send, advance } = stage(() => test)
    const before = await schedule()
    await claimDeliveries(test.database.db, {
      workerId: 'dead',
      now: state.now,
      leaseMs: 5_000,
      channelIds: ['chn_1'],
    })
    const after = await schedule(start, 'chn_2')
    const [claim] = await claimDeliveries(test.database.db, {
      workerId: 'dead',
      now: state.now,
      leaseMs: 5_000,
      channelIds: ['chn_2'],
    })
    await sql`update delivery set state = 'sending', operation_id = 'op', sent_at = ${state.now}, deadline_at = ${new Date(state.now.getTime() + 30_000)} where id = ${claim?.id}`.execute(
      test.database.db,
    )
    state.publish = (job) => send(job, () => ({ kind: 'published', remoteId: `r-${job.payload.text}` }))
    state.find = async () => ({ kind: 'found', remoteId: 'found' })
    advance(4)
    expect(await worker('b').runDue()).toBe(0)
    advance(2)
    await worker('b').runDue()
    expect(await rowOf(before)).toMatchObject({ state: 'published', remote_id: `r-${before}` })
    expect(await rowOf(after)).toMatchObject({ state: 'published', remote_id: 'found' })
    expect(state.published).toEqual([before])
    const { rows } = await sql`select worker_id, outcome, finished_at is null as is_open from attempt
      where delivery_id = ${before} order by number`.execute(test.database.db)
    expect(rows).toEqual([
      { worker_id: 'dead', outcome: null, is_open: true },
      { worker_id: 'b', outcome: 'published', is_open: false },
    ])
  })

  it('of one channel follow each other in due order, the next claimed as the one before is settled', async () => {
    const { state, worker, send } = stage(() => test)
    const ids: string[] = []
    for (let minute = 5; minute > 0; minute -= 1)
      ids.push(await schedule(new Date(start.getTime() - minute * 60_000)))
    state.publish = (job) => send(job, () => ({ kind: 'published', remoteId: job.payload.text }))
    // Nothing else would look at the table so soon.
    const running = worker('a', { pollMs: 60_000 })
    running.start()
    await expect.poll(async () => (await rowOf(ids.at(-1) ?? ''))?.state).toBe('published')
    await running.stop()
    expect(state.published).toEqual(ids)
  })

  it('are finished before a worker stops, also those it claimed while it was settling the ones before', async () => {
    const { state, worker, send } = stage(() => test)
    for (const minute of [3, 2, 1]) await schedule(new Date(start.getTime() - minute * 60_000))
    state.publish = (job) => send(job, () => ({ kind: 'published', remoteId: job.payload.text }))
    const lanes = createLanes(test.database.db)
    let stopped: Promise<void> | undefined
    // Once the statement is made that settles the first and claims the next.
    const arrivals: Lane = (part) =>
      lanes.arrivals({
        ...part,
        ready: async (handle, items) => {
          const ready = await part.ready(handle, items)
          stopped ??= running.stop()
          return ready
        },
      })
    const running = worker('a', { pollMs: 60_000, lanes: { ...lanes, arrivals } })
    running.start()
    await expect.poll(() => stopped !== undefined).toBe(true)
    await stopped
    const { rows } = await sql<{ state: string }>`select state from delivery order by due_at`.execute(
      test.database.db,
    )
    expect(rows.map((row) => row.state)).toEqual(['published', 'published', 'waiting'])
  })

  it('wait for a person where a quota would let them go only hours after their time', async () => {
    const { state, worker, advance } = stage(() => test)
    const db = test.database.db
    const until = (hours: number) => new Date(start.getTime() + hours * 3_600_000)
    const throttle = (hours: number) => {
      const reason = { code: 'quota', message: 'No more today.' }
      state.publish = async () => ({ kind: 'throttled', until: until(hours), reason })
    }
    const id = await schedule()
    throttle(6)
    await worker('a').runDue()
    expect(await rowOf(id)).toMatchObject({ state: 'waiting', next_at: until(6) })
    advance(6 * 3_600)
    throttle(7)
    await worker('a').runDue()
    expect(await rowOf(id)).toMatchObject({
      state: 'held',
      hold_reason: 'late',
      next_at: null,
      reason: { code: 'quota', message: 'No more today.' },
    })
    const { rows } =
      await sql`select kind from notice where subject_id = ${id} and resolved_at is null`.execute(db)
    expect(rows).toEqual([{ kind: 'delivery-held' }])
    // A person's word begins the time anew.
    await sql`update delivery set state = 'waiting', next_at = ${state.now}, hold_reason = null,
      memory = ${JSON.stringify({ '#let-go': state.now.toISOString() })}::jsonb where id = ${id}`.execute(db)
    await worker('a').runDue()
    expect(await rowOf(id)).toMatchObject({ state: 'waiting', next_at: until(7) })
  })

  it('refuse a late write of a worker that was overtaken', async () => {
    const { state, advance } = stage(() => test)
    const id = await schedule()
    const { db } = test.database
    const [stalled] = await claimDeliveries(db, {
      workerId: 'stalled',
      now: state.now,
      leaseMs: 5_000,
      channelIds: ['chn_1'],
    })
    advance(6)
    await claimDeliveries(db, { workerId: 'next', now: state.now, leaseMs: 5_000, channelIds: ['chn_1'] })
    const late = settlePiece([
      {
        id,
        token: stalled?.token ?? 0,
        change: { state: 'published', nextAt: null, remoteId: 'late' },
        outcome: 'published',
        detail: null,
        at: state.now,
        emptyReads: 0,
        countsAsAttempt: true,
      },
    ])
    expect(await runPieces(db, [late])).toEqual([[]])
    expect(await rowOf(id)).toMatchObject({ state: 'claimed', remote_id: null })
  })

  it('never send when the intent could not be committed', async () => {
    const { state, worker, send } = stage(() => test)
    const id = await schedule()
    state.publish = async (job) => {
      await sql`update delivery set token = token + 1 where id = ${id}`.execute(test.database.db)
      return send(job, () => ({ kind: 'published', remoteId: 'x' }))
    }
    await worker('a').runDue()
    expect(state.published).toEqual([])
  })

  it('remember invisible steps across attempts', async () => {
    const { state, worker, advance } = stage(() => test)
    const id = await schedule()
    let uploads = 0
    state.publish = async (job) => {
      const upload = await job.steps.step('upload', async () => ({ id: `media-${(uploads += 1)}` }))
      if (job.steps.recall('ready') === undefined) {
        await job.steps.step('ready', async () => true)
        return { kind: 'processing', until: new Date(state.now.getTime() + 2_000) }
      }
      return { kind: 'published', remoteId: upload.id }
    }
    await worker('a').runDue()
    advance(2)
    await worker('a').runDue()
    expect(await rowOf(id)).toMatchObject({ state: 'published', remote_id: 'media-1', attempts: 1 })
  })

  it('keep what happened after an unexpected error: unsure once a request may have left', async () => {
    const { state, worker, send } = stage(() => test)
    const id = await schedule()
    state.publish = (job) =>
      send(job, () => {
        throw new Error('a bug')
      })
    await worker('a').runDue()
    expect((await rowOf(id))?.state).toBe('unsure')
  })
})
