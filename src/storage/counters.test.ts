/** Counters that networks told, at rest. */
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { backends, type TestDatabase } from '#test/support/databases.ts'
import {
  keepCounters,
  keepPauses,
  type KeptCounter,
  readCounters,
  readLiveCounters,
  readPauses,
} from './counters.ts'

const at = (minute: number) => new Date(Date.UTC(2026, 10, 24, 12, minute))
const told = (change: Partial<KeptCounter> = {}): KeptCounter => ({
  workspaceId: 'wsp_one',
  network: 'net',
  login: 'net',
  server: 'sandbox',
  connectionId: null,
  channelId: null,
  counter: 'app-day',
  endpointClass: null,
  used: 1,
  limit: 100,
  resetsAt: at(59),
  toldAt: at(1),
  ...change,
})

describe.each(backends)('counters on the $name database', ({ open }) => {
  let test: TestDatabase
  const list = async (workspaceId = 'wsp_one') =>
    (await readCounters(test.database.db, workspaceId)).map(({ counter, used }) => [counter, used])
  beforeAll(async () => {
    test = await open()
    const { db } = test.database
    for (const id of ['wsp_one', 'wsp_two']) {
      await sql`insert into workspace (id, name, time_zone, created_at) values (${id}, ${id}, 'UTC', ${at(0)})`.execute(
        db,
      )
      await sql`insert into connection (id, workspace_id, network, login, sandbox, server, remote_account_id, name, scopes,
          sealed_grant, state, created_at, updated_at)
        values (${`con_${id}`}, ${id}, 'net', 'net', true, 'sandbox', '1', 'One', '{}', 'x', 'active', ${at(0)}, ${at(0)})`.execute(
        db,
      )
    }
  })
  afterAll(() => test.close())

  it('keep the value told last, and one told earlier by another process is not put over it', async () => {
    const { db } = test.database
    await keepCounters(db, [told({ used: 5, toldAt: at(5) })], at(5))
    await keepCounters(db, [told({ used: 3, toldAt: at(3) })], at(5))
    expect(await list()).toEqual([['app-day', 5]])
    await keepCounters(db, [told({ used: 6, toldAt: at(6) })], at(6))
    expect(await list()).toEqual([['app-day', 6]])
  })

  it('are nobody else’s, and are passed over where their account is gone', async () => {
    const counters = [
      told({ counter: 'window', connectionId: 'con_gone' }),
      told({ counter: 'window', connectionId: 'con_wsp_one', used: 7 }),
    ]
    await keepCounters(test.database.db, counters, at(7))
    expect(await list()).toContainEqual(['window', 7])
    expect(await list()).toHaveLength(2)
    expect(await list('wsp_two')).toEqual([])
  })

  it('are read by other processes as far as they were written since', async () => {
    const { db } = test.database
    await keepCounters(db, [told({ counter: 'late', toldAt: at(8) })], at(9))
    expect((await readLiveCounters(db, at(10), at(9))).map(({ counter }) => counter)).toEqual(['late'])
    expect(await readLiveCounters(db, at(10), at(10))).toEqual([])
    expect((await readLiveCounters(db, at(10))).length).toBeGreaterThan(1)
  })
})

describe.each(backends)('pauses on the $name database', ({ open }) => {
  let test: TestDatabase
  beforeAll(async () => {
    test = await open()
    await sql`insert into workspace (id, name, time_zone, created_at) values ('wsp_one', 'W', 'UTC', ${at(0)})`.execute(
      test.database.db,
    )
  })
  afterAll(() => test.close())

  it('keep the longest refusal, until it ends', async () => {
    const { db } = test.database
    const place = {
      workspaceId: 'wsp_one',
      login: 'net',
      server: '',
      connectionId: null,
      endpointClass: null,
    }
    const pause = (until: Date, workspaceId = 'wsp_one') => ({
      ...place,
      workspaceId,
      whose: 'app' as const,
      until,
    })
    await keepPauses(db, [pause(at(20))], at(1))
    await keepPauses(db, [pause(at(10)), pause(at(30), 'wsp_gone')], at(2))
    expect(await readPauses(db, at(5))).toEqual([pause(at(20))])
    expect(await readPauses(db, at(5), at(2))).toEqual([])
    expect(await readPauses(db, at(20))).toEqual([])
  })
})
