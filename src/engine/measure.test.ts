import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { DataTerm, LoginMethod, MeasureOutcome, Network, VerbContext } from '#networks/contract.ts'
import { backends, type TestDatabase } from '#test/support/databases.ts'
import { fillStage, start } from '#test/support/stage.ts'
import { createBreakers } from './breakers.ts'
import { measureDue, type MeasureOptions, pollNewChannels } from './measure.ts'

function term(keepFor: DataTerm['keepFor']): DataTerm {
  return {
    id: 'S1',
    dataClass: 'metric',
    keepFor,
    deleteOn: { removed: 'PT24H' },
    since: '2026-01-01',
    rule: 'A rule of the stage',
    source: 'test',
    confidence: 'high',
  }
}

describe.each(backends)('figures of channels on the $name database', ({ open }) => {
  let test: TestDatabase
  let now = start
  let reads: string[] = []
  let answer: () => MeasureOutcome = () => ({ kind: 'gone' })
  let keepFor: DataTerm['keepFor'] = null
  const advance = (seconds: number) => {
    now = new Date(now.getTime() + seconds * 1_000)
  }
  beforeAll(async () => {
    test = await open()
  })
  afterAll(() => test.close())
  beforeEach(async () => {
    now = start
    reads = []
    keepFor = null
    answer = () => ({ kind: 'measured', readings: [{ metric: 'followers', remoteName: 'fans', value: 12 }] })
    await sql`delete from workspace`.execute(test.database.db)
    await fillStage(test.database.db, 'wsp_1', ['chn_1'])
  })

  const breakers = () =>
    createBreakers({
      db: test.database.db,
      now: () => now,
      random: () => 0,
      networkOf: () => ({ id: 'stage', name: 'Stage' }),
      wake: () => {},
      onEvent: () => {},
      onError: (cause) => {
        throw cause
      },
    })
  const options = (unmeasurableLogins: string[] = []): MeasureOptions => ({
    db: test.database.db,
    now: () => now,
    unmeasurableLogins,
    breakers: breakers(),
    onError: (cause) => {
      throw cause
    },
    openChannel: async (poll) => ({
      network: {
        definition: {
          id: 'stage',
          dataTerms: { value: [term(keepFor)], source: '', readOn: '' },
          keeps: { account: 'metric', channel: 'metric', 'remote-post': 'metric', reading: 'metric' },
        },
        measureChannel: async () => {
          reads.push(poll.channelId)
          return answer()
        },
      } as unknown as Network,
      source: { login: 'stage', server: '', connectionId: 'con_wsp_1' },
      context: { version: 'v1', login: { id: 'stage' } as LoginMethod } as VerbContext,
      access: { channelId: poll.channelId, remoteId: 'r', kind: 'page', accessToken: 't', scopes: [] },
    }),
  })
  /** What the worker does every few seconds. */
  const tick = async (unmeasurable?: string[]) => {
    await pollNewChannels(options(unmeasurable))
    await measureDue(options(unmeasurable))
  }

  it('are read hourly at first and every six hours after a day', async () => {
    for (let hour = 0; hour < 48; hour += 1) {
      await tick()
      advance(3_600)
    }
    expect(reads.length).toBeGreaterThanOrEqual(24 + 4)
    expect(reads.length).toBeLessThanOrEqual(24 + 5)
    const { rows } =
      await sql`select distinct metric, value, delivery_id, version, channel_id from reading`.execute(
        test.database.db,
      )
    expect(rows).toEqual([
      { metric: 'followers', value: 12, delivery_id: null, version: 'v1', channel_id: 'chn_1' },
    ])
  })

  it('are read every 30 seconds in a new sandbox, and later as rarely as others', async () => {
    await sql`update channel set sandbox = true`.execute(test.database.db)
    for (let second = 0; second < 120; second += 10) {
      await tick()
      advance(10)
    }
    expect(reads).toHaveLength(4)
    advance(3 * 3_600)
    for (let minute = 0; minute < 60; minute += 1) {
      await tick()
      advance(60)
    }
    expect(reads).toHaveLength(5)
  })

  it('are never asked for where the login may not read any', async () => {
    await tick(['stage'])
    expect(reads).toEqual([])
    const { rows } = await sql`select 1 from channel_poll`.execute(test.database.db)
    expect(rows).toEqual([])
  })

  it('rest while the channel is out of use, and go on when it is back', async () => {
    await tick()
    await sql`update channel set state = 'removed'`.execute(test.database.db)
    advance(7_200)
    await tick()
    expect(reads).toHaveLength(1)
    await sql`update channel set state = 'active'`.execute(test.database.db)
    await tick()
    expect(reads).toHaveLength(2)
  })

  it('are asked for once a day where the network knows the channel no more', async () => {
    answer = () => ({ kind: 'gone' })
    for (let hour = 0; hour < 47; hour += 1) {
      await tick()
      advance(3_600)
    }
    expect(reads).toHaveLength(2)
  })

  it('keep their end where the terms of the network set one', async () => {
    keepFor = 'PT24H'
    await tick()
    const { rows } = await sql<{ at: Date }>`select expires_at as at from reading`.execute(test.database.db)
    expect(rows).toEqual([{ at: new Date(start.getTime() + 86_400_000) }])
  })

  it('are not read while reading is out of order, but for one that tries, and on from its end', async () => {
    await fillStage(test.database.db, 'wsp_2', ['chn_2'])
    await pollNewChannels(options())
    const out = breakers()
    for (const connectionId of ['con_wsp_1', 'con_wsp_2'])
      await out.report({ login: 'stage', server: '', connectionId }, 'read', 'down')
    expect(await measureDue(options())).toBe(0)
    answer = () => ({ kind: 'later', until: new Date(now.getTime() + 10_000), message: 'Broken.' })
    advance(6)
    expect(await measureDue(options())).toBe(1)
    advance(9)
    expect(await measureDue(options())).toBe(0)
    answer = () => ({ kind: 'measured', readings: [] })
    advance(10)
    // The one that tries finds it working, and the next look reads all.
    expect(await measureDue(options())).toBe(1)
    expect(await measureDue(options())).toBe(1)
    expect(reads).toHaveLength(3)
    expect(new Set(reads)).toEqual(new Set(['chn_1', 'chn_2']))
  })
})
