/** What may have gone out already is never sent blindly: after a pause of the machine, and after a restore. */
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { holdAfterRestore } from '#storage/deliveries.ts'
import { post } from '#test/support/calls.ts'
import { backends, type TestDatabase } from '#test/support/databases.ts'
import { fillStage, scheduleOn, stage, start } from '#test/support/stage.ts'
import { PutOff } from './pacing.ts'

describe.each(backends)('what may be live already, on the $name database,', ({ open }) => {
  let test: TestDatabase
  beforeAll(async () => {
    test = await open()
    await fillStage(test.database.db, 'wsp_1', ['chn_1'])
  })
  afterAll(() => test.close())
  beforeEach(() => sql`delete from delivery`.execute(test.database.db))

  const rowOf = async (id: string) => {
    const { rows } = await sql<Record<string, unknown>>`
      select state, hold_reason, next_at, operation_id from delivery where id = ${id}`.execute(
      test.database.db,
    )
    return rows[0]
  }

  it('is not sent by a machine that slept after it had said that it would', async () => {
    const { state, worker, send, advance } = stage(() => test)
    const id = await scheduleOn(test.database.db, 'wsp_1', 'chn_1')
    state.publish = (job) => {
      const sending = send(job, () => ({ kind: 'published', remoteId: 'late' }))
      advance(3_600)
      return sending
    }
    await worker('a').runDue()
    expect(state.published).toEqual([])
    expect(await rowOf(id)).toMatchObject({ state: 'waiting', operation_id: null })
    state.publish = (job) => send(job, () => ({ kind: 'published', remoteId: 'once' }))
    advance(60)
    await worker('a').runDue()
    expect(state.published).toEqual([id])
  })

  it('is not sent where the ledger took too long, while another may have found it missing', async () => {
    const { state, worker, advance } = stage(() => test)
    const id = await scheduleOn(test.database.db, 'wsp_1', 'chn_1')
    let waitSeconds = 60
    state.fetch = async (call) => {
      advance(waitSeconds)
      await call.mayLeave?.()
      state.published.push(id)
      return { status: 200, headers: {}, text: '', json: undefined }
    }
    state.publish = (job, context) =>
      job.steps.visible('publish', async () => {
        await context.fetch(post)
        // What follows may take its time: the post is out.
        advance(waitSeconds)
        await context.fetch({ ...post, method: 'GET' })
        return { kind: 'published', remoteId: 'once' }
      })
    await worker('a').runDue()
    expect(state.published).toEqual([])
    expect(await rowOf(id)).toMatchObject({ state: 'waiting', operation_id: null })
    waitSeconds = 4
    advance(60)
    await worker('a').runDue()
    expect(state.published.length).toBe(2)
    expect(await rowOf(id)).toMatchObject({ state: 'published' })
  })

  it('is not sent again before a lost request has had its time, whoever released it', async () => {
    const { state, worker, send, advance } = stage(() => test)
    const id = await scheduleOn(test.database.db, 'wsp_1', 'chn_1')
    state.publish = (job) => send(job, () => ({ kind: 'unsure', reason: { code: 'lost', message: 'Lost' } }))
    await worker('a').runDue()
    state.publish = (job) => send(job, () => ({ kind: 'published', remoteId: 'again' }))
    // Sent again by a person, held as the account went, and released as it came back.
    const release = () =>
      sql`update delivery set state = 'waiting', next_at = ${state.now}, operation_id = null where id = ${id}`.execute(
        test.database.db,
      )
    for (const seconds of [1, 30]) {
      await release()
      await worker('a').runDue()
      expect(await rowOf(id)).toMatchObject({ state: 'waiting', operation_id: null })
      expect(state.published).toEqual([id])
      advance(seconds)
    }
    advance(9)
    await worker('a').runDue()
    expect(state.published).toEqual([id, id])
    expect(await rowOf(id)).toMatchObject({ state: 'published' })
  })

  it('does not hold up what got its answer', async () => {
    const { state, worker, send, advance } = stage(() => test)
    const id = await scheduleOn(test.database.db, 'wsp_1', 'chn_1')
    state.publish = (job) =>
      send(job, () => ({
        kind: 'throttled',
        until: new Date(state.now.getTime() + 1_000),
        reason: { code: 'slow', message: 'Slower' },
      }))
    await worker('a').runDue()
    advance(1)
    state.publish = (job) => send(job, () => ({ kind: 'published', remoteId: 'once' }))
    await worker('a').runDue()
    expect(await rowOf(id)).toMatchObject({ state: 'published' })
  })

  it('is looked for when the network takes reads again, however long that is, and not given up before', async () => {
    const { state, worker, send, advance } = stage(() => test)
    const id = await scheduleOn(test.database.db, 'wsp_1', 'chn_1')
    state.publish = (job) => send(job, () => ({ kind: 'unsure', reason: { code: 'lost', message: 'Lost' } }))
    await worker('a').runDue()
    const until = new Date(start.getTime() + 6 * 3_600_000)
    state.find = async () => {
      throw new PutOff('Stage', until, state.now)
    }
    for (const seconds of [5, 3_600, 3_600]) {
      advance(seconds)
      await worker('a').runDue()
      expect(await rowOf(id)).toMatchObject({ state: 'unsure', next_at: until })
    }
    expect(state.errors).toEqual([])
    state.find = async () => ({ kind: 'found', remoteId: 'there' })
    advance(6 * 3_600)
    await worker('a').runDue()
    expect(await rowOf(id)).toMatchObject({ state: 'published' })
    expect(state.published).toEqual([id])
  })

  it.each([3_600, -3_600])(
    'is not sent again while the network’s clock is %i s off from ours: it was looked for at the wrong time',
    async (seconds) => {
      const { state, worker, send, advance } = stage(() => test)
      const id = await scheduleOn(test.database.db, 'wsp_1', 'chn_1')
      state.publish = (job) =>
        send(job, () => ({ kind: 'unsure', reason: { code: 'lost', message: 'Lost' } }))
      let difference = seconds
      state.fetch = async () => {
        const date = new Date(state.now.getTime() + difference * 1_000).toUTCString()
        return { status: 200, headers: { date }, text: '', json: undefined }
      }
      state.find = async ({ fetch }) => {
        const call = { endpointClass: 'list', dataClass: 'own-post', purpose: 'reconcile' } as const
        await fetch({ method: 'GET', url: 'https://network.example/', ...call })
        return { kind: 'absent' }
      }
      for (let look = 0; look < 10; look += 1) {
        await worker('a').runDue()
        advance(60)
      }
      expect(state.published).toEqual([id])
      expect(await rowOf(id)).toMatchObject({ state: 'unsure' })
      difference = 0
      for (let look = 0; look < 10; look += 1) {
        await worker('a').runDue()
        advance(60)
      }
      expect(state.published.length).toBeGreaterThan(1)
    },
  )

  it.each([3_600, -3_600])(
    'is found once the clocks agree, where it was sent while they were %i s apart',
    async (seconds) => {
      const { state, worker, send, advance } = stage(() => test)
      const id = await scheduleOn(test.database.db, 'wsp_1', 'chn_1')
      let difference = seconds
      const theirs = () => state.now.getTime() + difference * 1_000
      let publishedAt = 0
      state.publish = (job) =>
        send(job, () => {
          publishedAt = theirs()
          return { kind: 'unsure', reason: { code: 'lost', message: 'Lost' } }
        })
      state.fetch = async (call) => {
        await call.mayLeave?.()
        return { status: 200, headers: { date: new Date(theirs()).toUTCString() }, text: '', json: undefined }
      }
      state.find = async ({ fetch }, { sentAt, deadlineAt }) => {
        await fetch({ ...post, method: 'GET' })
        const isListed = publishedAt >= sentAt.getTime() - 10_000 && publishedAt <= deadlineAt.getTime()
        return isListed ? { kind: 'found', remoteId: 'live' } : { kind: 'absent' }
      }
      await worker('a').runDue()
      advance(60)
      await worker('a').runDue()
      expect(await rowOf(id)).toMatchObject({ state: 'unsure' })
      // Somebody sets our clock right.
      advance(seconds > 0 ? seconds : 0)
      difference = 0
      for (let look = 0; look < 20; look += 1) {
        await worker('a').runDue()
        advance(60)
      }
      expect(state.published).toEqual([id])
      expect(await rowOf(id)).toMatchObject({ state: 'published' })
    },
  )

  it('is settled also where the network answers with what no database keeps', async () => {
    const { state, worker, send } = stage(() => test)
    const id = await scheduleOn(test.database.db, 'wsp_1', 'chn_1')
    state.publish = async (job) => {
      await job.steps.step('note', async () => ({ text: 'half \ud83d and \0' }))
      return send(job, () => ({
        kind: 'refused',
        fix: 'content',
        reason: { code: 'odd', message: 'No \0 to half a smile \ud83d' },
      }))
    }
    await worker('a').runDue()
    expect(state.errors).toEqual([])
    expect(await rowOf(id)).toMatchObject({ state: 'refused', operation_id: null })
  })

  it('waits for a person after a restore, also where an account that comes back would release it', async () => {
    const ids = [
      await scheduleOn(test.database.db, 'wsp_1', 'chn_1'),
      await scheduleOn(test.database.db, 'wsp_1', 'chn_1'),
    ]
    await sql`update delivery set state = 'held', hold_reason = 'connection', next_at = null where id = ${ids[1]}`.execute(
      test.database.db,
    )
    expect(await holdAfterRestore(test.database.db, start)).toBe(2)
    for (const id of ids)
      expect(await rowOf(id)).toMatchObject({ state: 'held', hold_reason: 'restore', next_at: null })
  })
})
