/** Counters as one process knows them, and the calls it keeps back by them. */
import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Network } from '#networks/contract.ts'
import { type Call, createMeteredFetch, type Settlement } from '#networks/metered-fetch.ts'
import type { Handle } from '#storage/deliveries.ts'
import { readCounters } from '#storage/counters.ts'
import { backends, type TestDatabase } from '#test/support/databases.ts'
import { fillStage } from '#test/support/stage.ts'
import { createCounters } from './counters.ts'

const start = new Date('2026-11-24T12:00:00Z')
const after = (seconds: number) => new Date(start.getTime() + seconds * 1_000)
type Told = ReturnType<NonNullable<Network['told']>>[number]

/** A network with one window for each class of endpoint, of which every answer tells what the test says. */
function stage(db: Handle, connectionId = 'con_one') {
  const state = { now: start, told: [] as Told[], errors: [] as unknown[] }
  const window = {
    name: 'window',
    of: 'connection',
    holds: { of: 'told', protectedPercent: 10 },
    ours: null,
  }
  const day = { name: 'day', of: 'channel', holds: { of: ['post.create'], protectedPercent: 0 }, ours: null }
  const network = {
    definition: { id: 'stage', name: 'Stage', counters: { value: [window, day] } },
    told: () => state.told,
  } as unknown as Network
  const now = () => state.now
  const counters = createCounters({ db, now, onError: (cause) => state.errors.push(cause) })
  const paceOf = (id = connectionId, channel: { id: string; remoteId: string } | null = null) =>
    counters.scoped({
      workspaceId: 'wsp_1',
      network,
      login: 'stage',
      server: '',
      connectionId: id,
      channel,
      now,
    })
  return { state, counters, paceOf, network }
}

const call = (purpose: Call['purpose'], endpointClass = 'post.create'): Call => ({
  method: 'GET',
  url: '',
  endpointClass,
  dataClass: 'none',
  purpose,
})
const answer = (status = 200, headers: Record<string, string> = {}) => ({
  status,
  headers,
  text: '',
  json: null,
})

/** A database that only counts what it is asked. */
function counted(): { db: Handle; asked: () => number } {
  let asked = 0
  const db = new Kysely({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (one) => new PostgresIntrospector(one),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
    log: () => {
      asked += 1
    },
  }) as unknown as Handle
  return { db, asked: () => asked }
}

const isPutOff = (pace: { before: (call: Call) => number }, one: Call): Date | null => {
  try {
    expect(pace.before(one)).toBe(0)
    return null
  } catch (cause) {
    expect(cause).toMatchObject({ name: 'PutOff', code: 'network_paused' })
    return (cause as { until: Date }).until
  }
}

describe('the pace of calls', () => {
  it('holds back the class and the account whose window is full, and no other', () => {
    const { state, paceOf } = stage(counted().db)
    state.told = [
      { counter: 'window', endpointClass: 'post.create', used: 10, limit: 10, resetsAt: after(600) },
    ]
    paceOf().hear(call('publish'), answer())
    expect(isPutOff(paceOf(), call('publish'))).toEqual(after(600))
    expect(isPutOff(paceOf(), call('publish', 'media.upload'))).toBeNull()
    expect(isPutOff(paceOf('con_two'), call('publish'))).toBeNull()
    state.now = after(600)
    expect(isPutOff(paceOf(), call('publish'))).toBeNull()
  })

  it('puts reads off first', () => {
    const { state, paceOf } = stage(counted().db)
    state.told = [{ counter: 'window', endpointClass: 'list', used: 9, limit: 10, resetsAt: after(600) }]
    paceOf().hear(call('measure', 'list'), answer())
    expect(isPutOff(paceOf(), call('measure', 'list'))).toEqual(after(600))
    expect(isPutOff(paceOf(), call('reconcile', 'list'))).toBeNull()
  })

  it('tells one page of an account from another', () => {
    const { state, paceOf } = stage(counted().db)
    const [one, two] = ['1', '2'].map((remoteId) => ({ id: `chn_${remoteId}`, remoteId }))
    state.told = [{ counter: 'day', subject: '1', used: 50, limit: 50, resetsAt: after(600) }]
    paceOf('con_one', one).hear(call('connect', 'quota'), answer())
    paceOf('con_one', two).hear(call('connect', 'quota'), answer())
    expect(isPutOff(paceOf('con_one', one), call('publish'))).toEqual(after(600))
    expect(isPutOff(paceOf('con_one', two), call('publish'))).toBeNull()
  })

  it('heeds a refusal that tells of no counter, by its Retry-After or for a minute', () => {
    const { state, paceOf } = stage(counted().db)
    paceOf().hear(call('publish'), answer(429, { 'retry-after': '300' }))
    expect(isPutOff(paceOf(), call('publish'))).toEqual(after(300))
    expect(isPutOff(paceOf(), call('publish', 'list'))).toBeNull()
    state.now = after(300)
    expect(isPutOff(paceOf(), call('publish'))).toBeNull()
    paceOf().hear(call('publish'), answer(429))
    expect(isPutOff(paceOf(), call('publish'))).toEqual(after(360))
  })

  it('heeds what a refusal says of all calls of the account or the app', () => {
    const { state, paceOf, network } = stage(counted().db)
    network.refusal = () => ({ of: 'connection', until: after(600) })
    paceOf().hear(call('measure', 'list'), answer(400))
    expect(isPutOff(paceOf(), call('publish'))).toEqual(after(600))
    expect(isPutOff(paceOf('con_two'), call('publish'))).toBeNull()
    network.refusal = () => ({ of: 'app', until: after(300) })
    paceOf('con_two').hear(call('measure', 'list'), answer(400))
    expect(isPutOff(paceOf('con_three'), call('publish'))).toEqual(after(300))
    state.now = after(300)
    expect(isPutOff(paceOf('con_three'), call('publish'))).toBeNull()
    expect(isPutOff(paceOf(), call('publish'))).toEqual(after(600))
  })

  it('waits where the end is near, and says in the settlement how long', async () => {
    const { state, paceOf } = stage(counted().db)
    state.told = [
      { counter: 'window', endpointClass: 'post.create', used: 10, limit: 10, resetsAt: after(0.05) },
    ]
    paceOf().hear(call('publish'), answer())
    const settlements: Settlement[] = []
    const door = createMeteredFetch(
      { open: async () => null, settle: async (_call, _opened, one) => void settlements.push(one) },
      null,
      paceOf(),
    )
    await expect(door({ ...call('publish'), url: 'http://127.0.0.1:9/' })).rejects.toThrow()
    expect(settlements).toMatchObject([{ waitedMs: 50 }])
  })

  it('asks no database, and writes at most once a minute', () => {
    const { db, asked } = counted()
    const { state, paceOf } = stage(db)
    for (let second = 0; second < 59; second += 1) {
      state.now = after(second)
      state.told = [{ counter: 'window', endpointClass: 'post.create', used: second, limit: 900 }]
      paceOf().before(call('publish'))
      paceOf().hear(call('publish'), answer())
    }
    return new Promise(setImmediate).then(() => expect(asked()).toBe(1))
  })

  it('costs a worker two reads a second and two statements where others are to know, however many calls it makes', async () => {
    const { db, asked } = counted()
    const { state, counters, paceOf } = stage(db)
    const tell = (used: number) => {
      state.told = [{ counter: 'window', endpointClass: 'post.create', used, limit: 900 }]
      paceOf().hear(call('publish'), answer())
    }
    tell(1)
    await counters.flush()
    const before = asked()
    for (let used = 2; used < 400; used += 1) tell(used)
    await counters.share()
    expect(asked() - before).toBe(2)
    for (let used = 450; used < 800; used += 1) tell(used)
    await counters.share()
    expect(asked() - before).toBe(5)
  })
})

describe.each(backends)('counters of a process on the $name database', ({ open }) => {
  let test: TestDatabase
  beforeAll(async () => {
    test = await open()
    await fillStage(test.database.db, 'wsp_1', ['chn_1'])
  })
  afterAll(() => test.close())

  it('are known to the next process, which does not ask what would be refused', async () => {
    const first = stage(test.database.db, 'con_wsp_1')
    first.state.told = [
      { counter: 'window', endpointClass: 'post.create', used: 10, limit: 10, resetsAt: after(600) },
    ]
    first.paceOf().hear(call('publish'), answer())
    await first.counters.flush()
    expect(first.state.errors).toEqual([])
    expect(await readCounters(test.database.db, 'wsp_1')).toMatchObject([{ used: 10, limit: 10 }])
    const second = stage(test.database.db, 'con_wsp_1')
    expect(isPutOff(second.paceOf(), call('publish'))).toBeNull()
    await second.counters.recall()
    expect(isPutOff(second.paceOf(), call('publish'))).toEqual(after(600))
  })

  it('are known to another process within a look, where much is used or calls are refused', async () => {
    const [first, second] = [stage(test.database.db, 'con_wsp_1'), stage(test.database.db, 'con_wsp_1')]
    first.state.now = second.state.now = after(700)
    await second.counters.recall()
    await first.counters.share()
    first.state.told = [
      { counter: 'window', endpointClass: 'list', used: 9, limit: 10, resetsAt: after(1_500) },
    ]
    first.paceOf().hear(call('measure', 'list'), answer())
    first.paceOf().hear(call('publish', 'upload'), answer(429, { 'retry-after': '300' }))
    await first.counters.share()
    second.state.now = after(701)
    expect(isPutOff(second.paceOf(), call('measure', 'list'))).toBeNull()
    await second.counters.share()
    expect(isPutOff(second.paceOf(), call('measure', 'list'))).toEqual(after(1_500))
    expect(isPutOff(second.paceOf(), call('publish', 'list'))).toBeNull()
    expect(isPutOff(second.paceOf(), call('publish', 'upload'))).toEqual(after(1_000))
    // What the second one hears later is news to the first.
    second.state.told = [
      { counter: 'window', endpointClass: 'list', used: 10, limit: 10, resetsAt: after(1_500) },
    ]
    second.paceOf().hear(call('reconcile', 'list'), answer())
    await second.counters.share()
    first.state.now = after(702)
    await first.counters.share()
    expect(isPutOff(first.paceOf(), call('reconcile', 'list'))).toEqual(after(1_500))
    expect([...first.state.errors, ...second.state.errors]).toEqual([])
  })
})
