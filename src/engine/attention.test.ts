import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { LitfassError } from '#domain/errors.ts'
import { dueChannels } from '#storage/deliveries.ts'
import { backends, type TestDatabase } from '#test/support/databases.ts'
import { fillStage, scheduleOn, stage, start } from '#test/support/stage.ts'

type NoticeRow = {
  kind: string
  subject_id: string
  post_id: string | null
  params: Record<string, unknown>
  read_at: Date | null
  resolved_at: Date | null
}

describe.each(backends)('a delivery that stops for a person, on the $name database', ({ open }) => {
  let test: TestDatabase
  beforeAll(async () => {
    test = await open()
    await fillStage(test.database.db, 'wsp_1', ['chn_1', 'chn_2'])
  })
  afterAll(() => test.close())
  beforeEach(async () => {
    await sql`delete from delivery`.execute(test.database.db)
    await sql`delete from notice`.execute(test.database.db)
  })

  const notices = async () =>
    (await sql<NoticeRow>`select * from notice order by created_at, id`.execute(test.database.db)).rows
  const stateOf = async (id: string) => {
    const { rows } = await sql<{
      state: string
      hold_reason: string | null
      next_at: Date | null
      reason: { code: string; message: string; fix?: string } | null
    }>`select state, hold_reason, next_at, reason from delivery where id = ${id}`.execute(test.database.db)
    return rows[0]
  }
  const release = (id: string, at: Date) =>
    sql`update delivery set state = 'waiting', hold_reason = null, next_at = ${at}, token = token + 1 where id = ${id}`.execute(
      test.database.db,
    )
  const lost = () =>
    Promise.reject(
      new LitfassError('channel_unavailable', 'This channel is not connected any more', {
        remedy: 'Connect it again',
      }),
    )

  it('is never silent: a refusal has its notice, with what it is about', async () => {
    const { state, worker } = stage(() => test)
    const text = 'Long words. '.repeat(20)
    const id = await scheduleOn(test.database.db, 'wsp_1', 'chn_1', start, text)
    state.publish = async () => ({
      kind: 'refused',
      fix: 'content',
      reason: { code: 'text_too_long', message: 'The text is too long.' },
    })
    await worker('a').runDue()
    expect(await notices()).toMatchObject([
      {
        kind: 'delivery-refused',
        severity: 'error',
        subject_id: id,
        post_id: 'pst_wsp_1',
        params: {
          channel: 'Page chn_1',
          networkId: 'stage',
          reason: 'The text is too long.',
          fix: 'content',
        },
        read_at: null,
        resolved_at: null,
      },
    ])
    const shown = String((await notices())[0]?.params['text'])
    expect([...shown]).toHaveLength(80)
    expect(shown.endsWith('…')).toBe(true)
  })

  it('is unread again when it fails again, and its notice ends when it is published', async () => {
    const { state, worker, send, advance } = stage(() => test)
    const id = await scheduleOn(test.database.db, 'wsp_1', 'chn_1')
    const refuse = async () =>
      ({ kind: 'refused', fix: 'user', reason: { code: 'no', message: 'No.' } }) as const
    state.publish = refuse
    await worker('a').runDue()
    await sql`update notice set read_at = ${state.now}`.execute(test.database.db)
    advance(60)
    await release(id, state.now)
    await worker('a').runDue()
    expect(await notices()).toMatchObject([{ kind: 'delivery-refused', read_at: null, resolved_at: null }])
    await release(id, state.now)
    state.publish = (job) => send(job, () => ({ kind: 'published', remoteId: 'p' }))
    await worker('a').runDue()
    expect(await notices()).toMatchObject([{ kind: 'delivery-refused', resolved_at: state.now }])
  })

  it('has a notice when it stays unsure and nothing more is tried, not before', async () => {
    const { state, worker, send, advance } = stage(() => test)
    await scheduleOn(test.database.db, 'wsp_1', 'chn_1')
    state.publish = (job) =>
      send(job, () => ({ kind: 'unsure', reason: { code: 'no_answer', message: 'lost' } }))
    state.find = async () => ({ kind: 'unknown', reason: { code: 'read_failed', message: '503' } })
    await worker('a').runDue()
    expect(await notices()).toEqual([])
    for (let round = 0; round < 100; round += 1) {
      advance(30)
      await worker('a').runDue()
    }
    expect(await notices()).toMatchObject([{ kind: 'delivery-unsure', params: { reason: '503' } }])
  })

  it('is held, not tried for ever, when its connection is gone while its answer is unknown', async () => {
    const { state, worker, send, advance } = stage(() => test)
    const id = await scheduleOn(test.database.db, 'wsp_1', 'chn_1')
    state.publish = (job) =>
      send(job, () => ({ kind: 'unsure', reason: { code: 'no_answer', message: 'lost' } }))
    await worker('a').runDue()
    advance(5)
    await worker('a', { openChannel: lost }).runDue()
    expect(await stateOf(id)).toMatchObject({ state: 'held', hold_reason: 'connection', next_at: null })
    expect(await notices()).toMatchObject([{ kind: 'delivery-held', params: { holdReason: 'connection' } }])
    expect(state.errors).toEqual([])

    await release(id, state.now)
    state.find = async () => ({ kind: 'found', remoteId: 'was-live' })
    await worker('a').runDue()
    expect(state.published).toEqual([id])
    expect(await stateOf(id)).toMatchObject({ state: 'published' })
    expect(await notices()).toMatchObject([{ resolved_at: state.now }])
  })

  it.each([
    ['is sent again after such a hold only when reading finds nothing', 3_600, true],
    ['is left to a person after such a hold of days, even when reading finds nothing', 3 * 86_400, false],
  ])('%s', async (_claim, seconds, isSent) => {
    const { state, worker, send, advance } = stage(() => test)
    const id = await scheduleOn(test.database.db, 'wsp_1', 'chn_1')
    state.publish = (job) =>
      send(job, () => ({ kind: 'unsure', reason: { code: 'no_answer', message: 'lost' } }))
    await worker('a').runDue()
    advance(5)
    await worker('a', { openChannel: lost }).runDue()
    advance(seconds)
    await release(id, state.now)
    state.publish = (job) => send(job, () => ({ kind: 'published', remoteId: 'second' }))
    await worker('a').runDue()
    expect(state.published).toEqual([id])
    for (let round = 0; round < 10; round += 1) {
      advance(60)
      await worker('a').runDue()
    }
    expect(state.published).toEqual(isSent ? [id, id] : [id])
    expect(await stateOf(id)).toMatchObject({ state: isSent ? 'published' : 'unsure', next_at: null })
  })

  it('reads ever more rarely while the network cannot be asked', async () => {
    const { state, worker, send, advance } = stage(() => test)
    await scheduleOn(test.database.db, 'wsp_1', 'chn_1')
    state.publish = (job) =>
      send(job, () => ({ kind: 'unsure', reason: { code: 'no_answer', message: 'lost' } }))
    let reads = 0
    state.find = async () => {
      reads += 1
      throw new Error('the network is gone')
    }
    for (let second = 0; second < 1_500; second += 1) {
      await worker('a').runDue()
      advance(1)
    }
    expect(reads).toBeGreaterThan(5)
    expect(reads).toBeLessThan(40)
    const shown = JSON.stringify((await notices())[0]?.params)
    expect(shown).not.toContain('the network is gone')
  })

  it('tells a person in plain words, and gives up in the end, when the fault is our own', async () => {
    const { state, worker, advance } = stage(() => test)
    const id = await scheduleOn(test.database.db, 'wsp_1', 'chn_1')
    state.publish = async () => {
      throw new TypeError("Cannot read properties of undefined (reading 'id')")
    }
    await worker('a').runDue()
    expect(await stateOf(id)).toMatchObject({ state: 'waiting', reason: { code: 'internal_error' } })
    expect((await stateOf(id))?.reason?.message).not.toContain('undefined')
    expect(state.errors).toHaveLength(1)
    for (let round = 0; round < 15; round += 1) {
      advance(2 * 3_600)
      await worker('a').runDue()
    }
    expect(await stateOf(id)).toMatchObject({ state: 'refused', reason: { fix: 'give-up' } })
  })

  it('does not end the loop when reporting it fails', async () => {
    const { state, worker } = stage(() => test)
    const first = await scheduleOn(test.database.db, 'wsp_1', 'chn_1')
    const second = await scheduleOn(test.database.db, 'wsp_1', 'chn_1')
    state.publish = async (job) => ({ kind: 'published', remoteId: job.payload.text })
    const fail = () => {
      throw new Error('the log is full')
    }
    await worker('a', { onSettled: fail, onError: fail }).runDue()
    expect([(await stateOf(first))?.state, (await stateOf(second))?.state]).toEqual([
      'published',
      'published',
    ])
  })
})

describe.each(backends)('what is due, on the $name database', ({ open }) => {
  let test: TestDatabase
  beforeAll(async () => {
    test = await open()
    const { db } = test.database
    await fillStage(db, 'wsp_1', ['chn_a', 'chn_c'])
    await fillStage(db, 'wsp_2', ['chn_b'])
    const after = (seconds: number) => new Date(start.getTime() + seconds * 1_000)
    for (const [channelId, count, dueAt] of [
      ['chn_a', 25_000, start],
      ['chn_c', 1, after(30)],
    ] as const)
      await sql`insert into delivery (id, workspace_id, post_id, channel_id, network, state, due_at, next_at, payload, created_at, updated_at)
        select 'dlv_' || ${channelId}::text || n, 'wsp_1', 'pst_wsp_1', ${channelId}, 'stage', 'waiting', ${dueAt}, ${dueAt}, '{}', ${start}, ${start}
        from generate_series(1, ${count}::int) n`.execute(db)
    await scheduleOn(db, 'wsp_2', 'chn_b', after(20))
    await scheduleOn(db, 'wsp_2', 'chn_b', after(3_600))
  })
  afterAll(() => test.close())

  it('is seen on every channel, also behind a backlog of another workspace, the longest due first', async () => {
    const due = await dueChannels(test.database.db, new Date(start.getTime() + 60_000))
    expect(due.map(({ channelId, workspaceId, network }) => [channelId, workspaceId, network])).toEqual([
      ['chn_a', 'wsp_1', 'stage'],
      ['chn_b', 'wsp_2', 'stage'],
      ['chn_c', 'wsp_1', 'stage'],
    ])
    expect(due.map(({ count }) => count > 1)).toEqual([true, false, false])
    expect(due[1]).toMatchObject({ count: 1, dueAt: new Date(start.getTime() + 20_000) })
  })
})

describe.each(backends)('whose turn it is, on the $name database', ({ open }) => {
  let test: TestDatabase
  beforeAll(async () => {
    test = await open()
    await fillStage(test.database.db, 'wsp_big', ['chn_b1', 'chn_b2', 'chn_b3'])
    await fillStage(test.database.db, 'wsp_small', ['chn_s'])
  })
  afterAll(() => test.close())
  beforeEach(() => sql`delete from delivery`.execute(test.database.db))

  const backlog = (count: number) =>
    sql`insert into delivery (id, workspace_id, post_id, channel_id, network, state, due_at, next_at, payload, created_at, updated_at)
      select 'dlv_big' || n, 'wsp_big', 'pst_wsp_big', 'chn_b' || (n % 3 + 1), 'stage', 'waiting', ${start}::timestamptz - interval '1 hour',
        ${start}::timestamptz - interval '1 hour', jsonb_build_object('text', 'big' || n), ${start}, ${start} from generate_series(1, ${count}::int) n`.execute(
      test.database.db,
    )

  it('is soon that of a small workspace, also behind ten thousand posts of another', async () => {
    const { state, worker } = stage(() => test)
    await backlog(10_000)
    const small = await scheduleOn(test.database.db, 'wsp_small', 'chn_s')
    const order: string[] = []
    let stop = () => {}
    const done = new Promise<void>((resolve) => {
      stop = resolve
    })
    state.publish = async (job) => {
      order.push(job.payload.text)
      if (job.payload.text === small || order.length > 200) stop()
      return { kind: 'published', remoteId: job.payload.text }
    }
    const dispatcher = worker('a', { concurrency: 2 })
    dispatcher.start()
    await done
    await dispatcher.stop()
    expect(order.indexOf(small)).toBeGreaterThanOrEqual(0)
    expect(order.indexOf(small)).toBeLessThan(10)
  })

  it('is one post of a channel after the other, in due order', async () => {
    const { state, worker } = stage(() => test)
    const ids: string[] = []
    for (let index = 0; index < 12; index += 1)
      ids.push(
        await scheduleOn(test.database.db, 'wsp_small', 'chn_s', new Date(start.getTime() - 60_000 + index)),
      )
    const order: string[] = []
    let inFlight = 0
    let most = 0
    state.publish = async (job) => {
      inFlight += 1
      most = Math.max(most, inFlight)
      await new Promise((resolve) => setImmediate(resolve))
      order.push(job.payload.text)
      inFlight -= 1
      return { kind: 'published', remoteId: job.payload.text }
    }
    await worker('a').runDue()
    expect(order).toEqual(ids)
    expect(most).toBe(1)
  })
})
