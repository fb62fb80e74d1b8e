import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { backends, type TestDatabase } from '#test/support/databases.ts'
import { fillStage, scheduleOn, start } from '#test/support/stage.ts'
import { createJobs } from './jobs.ts'
import { freeStuck, prune, tidyNotices, watchDelays, watchVersions } from './sweeps.ts'

const after = (seconds: number) => new Date(start.getTime() + seconds * 1_000)

describe.each(backends)('what is looked after on the $name database', ({ open }) => {
  let test: TestDatabase
  beforeAll(async () => {
    test = await open()
  })
  afterAll(() => test.close())
  beforeEach(async () => {
    await sql`delete from workspace`.execute(test.database.db)
    await sql`delete from worker`.execute(test.database.db)
    await fillStage(test.database.db, 'wsp_1', ['chn_1'])
  })

  const { beat, notices } = {
    beat: (at: Date) =>
      sql`insert into worker (id, started_at, seen_at) values ('wrk_1', ${at}, ${at}) on conflict (id) do update set seen_at = excluded.seen_at`.execute(
        test.database.db,
      ),
    notices: async () =>
      (
        await sql<{
          kind: string
          subject_id: string
          params: Record<string, unknown>
          resolved_at: Date | null
        }>`
          select kind, subject_id, params, read_at, resolved_at from notice order by kind, created_at`.execute(
          test.database.db,
        )
      ).rows,
  }

  it('a worker that falls silent is told of, once, until it is back', async () => {
    await beat(start)
    await watchDelays(test.database.db, after(29))
    expect(await notices()).toEqual([])
    await watchDelays(test.database.db, after(31))
    await sql`update notice set read_at = ${after(32)}`.execute(test.database.db)
    await watchDelays(test.database.db, after(61))
    expect(await notices()).toMatchObject([{ kind: 'worker-silent', read_at: after(32), resolved_at: null }])
    await beat(after(90))
    await watchDelays(test.database.db, after(91))
    expect(await notices()).toMatchObject([{ kind: 'worker-silent', resolved_at: after(91) }])
  })

  it('late deliveries are one piece of news, until none of it is late', async () => {
    await beat(after(60))
    const ids: string[] = []
    for (let index = 0; index < 3; index += 1)
      ids.push(await scheduleOn(test.database.db, 'wsp_1', 'chn_1', after(index)))
    await watchDelays(test.database.db, after(20))
    expect(await notices()).toEqual([])
    await watchDelays(test.database.db, after(60))
    await watchDelays(test.database.db, after(70))
    expect(await notices()).toMatchObject([
      {
        kind: 'delivery-late',
        subject_id: ids[0],
        params: { count: 3, channel: 'Page chn_1' },
        resolved_at: null,
      },
    ])
    await sql`update delivery set state = 'published', next_at = null`.execute(test.database.db)
    await watchDelays(test.database.db, after(80))
    expect(await notices()).toMatchObject([{ kind: 'delivery-late', resolved_at: after(80) }])
  })

  it('a delivery that a person held or released by another way gets and loses its notice', async () => {
    const id = await scheduleOn(test.database.db, 'wsp_1', 'chn_1')
    await sql`update delivery set state = 'held', hold_reason = 'connection', next_at = null`.execute(
      test.database.db,
    )
    await tidyNotices(test.database.db, after(1))
    await tidyNotices(test.database.db, after(2))
    expect(await notices()).toMatchObject([
      { kind: 'delivery-held', subject_id: id, params: { holdReason: 'connection' }, resolved_at: null },
    ])
    await sql`update delivery set state = 'waiting', hold_reason = null`.execute(test.database.db)
    await tidyNotices(test.database.db, after(3))
    expect(await notices()).toMatchObject([{ resolved_at: after(3) }])
    await sql`update delivery set state = 'held', hold_reason = 'restore', next_at = null`.execute(
      test.database.db,
    )
    await tidyNotices(test.database.db, after(4))
    expect(await notices()).toMatchObject([{ params: { holdReason: 'restore' }, resolved_at: null }])
    await sql`delete from delivery`.execute(test.database.db)
    await tidyNotices(test.database.db, after(5))
    expect(await notices()).toMatchObject([{ resolved_at: after(5) }])
  })

  it('rows that nothing would take up again are taken up', async () => {
    const lost = await scheduleOn(test.database.db, 'wsp_1', 'chn_1')
    const asking = await scheduleOn(test.database.db, 'wsp_1', 'chn_1')
    await sql`update delivery set state = 'sending', next_at = null where id = ${lost}`.execute(
      test.database.db,
    )
    await sql`update delivery set state = 'unsure', next_at = null where id = ${asking}`.execute(
      test.database.db,
    )
    await freeStuck(test.database.db, after(1))
    const { rows } = await sql`select id, next_at from delivery order by id`.execute(test.database.db)
    expect(rows).toEqual(
      expect.arrayContaining([
        { id: lost, next_at: after(1) },
        { id: asking, next_at: null },
      ]),
    )
  })

  it('a version that ends is told of 60 days before, to who uses the network', async () => {
    await fillStage(test.database.db, 'wsp_2', ['chn_2'])
    await sql`update connection set network = 'other' where workspace_id = 'wsp_2'`.execute(test.database.db)
    const versions = [{ networkId: 'stage', version: 'v1', endsOn: '2027-01-23' }]
    await watchVersions(test.database.db, start, [{ ...versions[0]!, endsOn: '2027-02-24' }])
    expect(await notices()).toEqual([])
    await watchVersions(test.database.db, start, versions)
    await watchVersions(test.database.db, after(3_600), versions)
    expect(await notices()).toMatchObject([
      { kind: 'version-ends-soon', subject_id: 'stage', params: { version: 'v1', endsOn: '2027-01-23' } },
    ])
    await watchVersions(test.database.db, after(7_200), [])
    expect(await notices()).toMatchObject([{ resolved_at: after(7_200) }])
  })

  it('what has served its time is deleted, and nothing else', async () => {
    const { db } = test.database
    for (const [id, at] of [
      ['old', start],
      ['new', after(80_000)],
    ] as const) {
      await sql`insert into idempotency_key (workspace_id, key, body_hash, created_at) values ('wsp_1', ${id}, 'h', ${at})`.execute(
        db,
      )
      await sql`insert into worker (id, started_at, seen_at) values (${id}, ${at}, ${at})`.execute(db)
      await sql`insert into auth_verification (id, identifier, value, expires_at, created_at, updated_at)
        values (${id}, 'i', 'v', ${new Date(at.getTime() + 10_000_000)}, ${at}, ${at}) on conflict (id) do update set expires_at = excluded.expires_at`.execute(
        db,
      )
    }
    await prune(db, after(86_400))
    for (const table of ['idempotency_key', 'worker']) {
      const { rows } = await sql<{
        key: string
      }>`select ${sql.ref(table === 'idempotency_key' ? 'key' : 'id')} as key from ${sql.table(table)}`.execute(
        db,
      )
      expect(rows, table).toEqual([{ key: 'new' }])
    }
    const { rows } = await sql`select 1 from auth_verification`.execute(db)
    expect(rows).toHaveLength(1)
    await sql`delete from auth_verification`.execute(db)
  })

  it('is triggered by the queue with the clock of the product, and stops cleanly', async () => {
    const errors: unknown[] = []
    const ran: Date[] = []
    let done = () => {}
    const once = new Promise<void>((resolve) => {
      done = resolve
    })
    const jobs = createJobs({
      database: test.database,
      pollSeconds: 1,
      now: () => start,
      sweeps: [
        {
          name: 'look-around',
          cron: '* * * * *',
          run: async (now) => {
            ran.push(now)
            done()
          },
        },
      ],
      onError: (cause) => errors.push(cause),
    })
    await jobs.start()
    await once
    await jobs.stop()
    expect(ran[0]).toEqual(start)
    expect(errors).toEqual([])
  })

  it('starts on several workers at once, on a database that has no queue yet', async () => {
    const fresh = await open()
    const errors: unknown[] = []
    const workers = [1, 2, 3].map(() =>
      createJobs({
        database: fresh.database,
        now: () => start,
        sweeps: [{ name: 'look-around', cron: '* * * * *', run: async () => {} }],
        onError: (cause) => errors.push(cause),
      }),
    )
    await Promise.all(workers.map((jobs) => jobs.start()))
    await Promise.all(workers.map((jobs) => jobs.stop()))
    await fresh.close()
    expect(errors).toEqual([])
  })
})
