import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { PublishOutcome } from '#domain/delivery.ts'
import { backends, type TestDatabase } from '#test/support/databases.ts'
import { commentOn, fillStage, scheduleOn, stage, start } from '#test/support/stage.ts'

const lost: PublishOutcome = { kind: 'unsure', reason: { code: 'no_answer', message: 'lost' } }
const refused: PublishOutcome = {
  kind: 'refused',
  fix: 'content',
  reason: { code: 'no', message: 'Not like this.' },
}
const live: PublishOutcome = { kind: 'published', remoteId: 'p1', url: 'https://example.com/p1' }

describe.each(backends)('a first comment on the $name database', ({ open }) => {
  let test: TestDatabase
  beforeAll(async () => {
    test = await open()
    await fillStage(test.database.db, 'wsp_1', ['chn_1'])
  })
  afterAll(() => test.close())
  beforeEach(async () => {
    await sql`delete from notice`.execute(test.database.db)
    await sql`delete from delivery`.execute(test.database.db)
  })

  type Row = {
    state: string
    remote_id: string | null
    next_at: Date | null
    attempts: number
    reason: unknown
  }
  const rowOf = async (id: string) => {
    const { rows } =
      await sql<Row>`select state, remote_id, next_at, attempts, reason from delivery where id = ${id}`.execute(
        test.database.db,
      )
    return rows[0]
  }
  const post = async () => {
    const id = await scheduleOn(test.database.db, 'wsp_1', 'chn_1')
    return { id, commentId: await commentOn(test.database.db, id) }
  }
  /** A stage on which posts go live at once and comments as told; says which comments were sent. */
  const onStage = (answer: () => PublishOutcome) => {
    const { state, worker, send, advance } = stage(() => test)
    const sent: string[] = []
    state.publish = (job) => send(job, () => live)
    state.comment = (job) =>
      job.steps.visible('comment', async () => {
        sent.push(`${job.payload.text} below ${job.parent.remoteId}`)
        return answer()
      })
    return { state, advance, sent, run: () => worker('a').runDue() }
  }

  it('goes out once its post is published, and not before', async () => {
    const { id, commentId } = await post()
    const { state, sent, run } = onStage(() => ({ kind: 'published', remoteId: 'c1' }))
    state.publish = async () => ({ kind: 'processing', until: new Date(start.getTime() + 60_000) })
    await run()
    expect(await rowOf(commentId)).toMatchObject({ state: 'waiting', next_at: null })
    state.publish = async () => live
    state.now = new Date(start.getTime() + 61_000)
    await run()
    expect(await rowOf(id)).toMatchObject({ state: 'published', remote_id: 'p1' })
    expect(await rowOf(commentId)).toMatchObject({ state: 'published', remote_id: 'c1', attempts: 1 })
    expect(sent).toEqual([`${commentId} below p1`])
  })

  it('goes out once when many workers look at the same time', async () => {
    const posts = await Promise.all(Array.from({ length: 10 }, post))
    const { state, worker, send } = stage(() => test)
    const sent: string[] = []
    state.publish = (job) => send(job, () => ({ kind: 'published', remoteId: `p-${job.payload.text}` }))
    state.comment = (job) =>
      job.steps.visible('comment', async () => {
        sent.push(job.payload.text)
        return { kind: 'published', remoteId: `c-${job.payload.text}` }
      })
    for (let round = 0; round < 3; round += 1)
      await Promise.all(['a', 'b', 'c'].map((name) => worker(name).runDue()))
    expect(sent.sort()).toEqual(posts.map(({ commentId }) => commentId).sort())
    expect(state.errors).toEqual([])
  })

  it('is looked for, not sent again, when its answer was lost', async () => {
    const { id, commentId } = await post()
    const { state, advance, sent, run } = onStage(() => lost)
    await run()
    expect((await rowOf(commentId))?.state).toBe('unsure')
    state.findComment = async (job) => ({ kind: 'found', remoteId: `c-below-${job.parent.remoteId}` })
    advance(5)
    await run()
    expect(await rowOf(commentId)).toMatchObject({ state: 'published', remote_id: 'c-below-p1' })
    expect(await rowOf(id)).toMatchObject({ state: 'published', remote_id: 'p1' })
    expect(sent.length).toBe(1)
  })

  it('is left to a person after three sends that never show up', async () => {
    const { commentId } = await post()
    const { advance, sent, run } = onStage(() => lost)
    for (let round = 0; round < 100; round += 1) {
      await run()
      advance(30)
    }
    expect(await rowOf(commentId)).toMatchObject({
      state: 'unsure',
      next_at: null,
      reason: { code: 'keeps_vanishing' },
    })
    expect(sent.length).toBe(3)
  })

  it('never changes its post, whatever becomes of it, and says itself that it needs a person', async () => {
    const { id, commentId } = await post()
    const { run } = onStage(() => refused)
    await run()
    expect(await rowOf(commentId)).toMatchObject({ state: 'refused' })
    expect(await rowOf(id)).toMatchObject({ state: 'published', remote_id: 'p1', reason: null })
    const { rows } = await sql`select subject_id, kind, params->>'part' as part from notice`.execute(
      test.database.db,
    )
    expect(rows).toEqual([{ subject_id: commentId, kind: 'delivery-refused', part: 'comment' }])
  })

  it('waits on where its post was refused, and goes out when that is sent again', async () => {
    const { id, commentId } = await post()
    const { state, sent, run } = onStage(() => ({ kind: 'published', remoteId: 'c1' }))
    state.publish = async () => refused
    await run()
    expect(await rowOf(commentId)).toMatchObject({ state: 'waiting', next_at: null })
    state.publish = async () => live
    await sql`update delivery set state = 'waiting', next_at = ${start} where id = ${id}`.execute(
      test.database.db,
    )
    await run()
    expect(await rowOf(commentId)).toMatchObject({ state: 'published' })
    expect(sent.length).toBe(1)
  })

  it('is refused with words where the id of its post is not known or its post was deleted', async () => {
    const { id, commentId } = await post()
    const { state, sent, run } = onStage(() => live)
    state.publish = async () => ({ kind: 'published' })
    await run()
    expect(await rowOf(id)).toMatchObject({ state: 'published', remote_id: null })
    expect(await rowOf(commentId)).toMatchObject({ state: 'refused', reason: { code: 'post_id_unknown' } })
    await sql`update delivery set remote_id = 'p9', removed_at = ${start} where id = ${id}`.execute(
      test.database.db,
    )
    await sql`update delivery set state = 'waiting', next_at = ${start} where id = ${commentId}`.execute(
      test.database.db,
    )
    await run()
    expect(await rowOf(commentId)).toMatchObject({ state: 'refused', reason: { code: 'post_deleted' } })
    expect(sent).toEqual([])
  })

  it('is not sent where its post turns out not to be published', async () => {
    const { id, commentId } = await post()
    const { sent, run, state } = onStage(() => live)
    await sql`update delivery set state = 'held', next_at = null where id = ${id}`.execute(test.database.db)
    await sql`update delivery set next_at = ${start} where id = ${commentId}`.execute(test.database.db)
    await run()
    const waits = { state: 'waiting', attempts: 0, next_at: new Date(state.now.getTime() + 60_000) }
    expect(await rowOf(commentId)).toMatchObject(waits)
    expect(sent).toEqual([])
  })

  it('is not measured', async () => {
    const { id } = await post()
    const { run } = onStage(() => ({ kind: 'published', remoteId: 'c1' }))
    await run()
    const { rows } = await sql`select delivery_id from poll`.execute(test.database.db)
    expect(rows).toEqual([{ delivery_id: id }])
  })
})
