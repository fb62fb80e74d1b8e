import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { DataTerm, LoginMethod, MeasureOutcome, Network, VerbContext } from '#networks/contract.ts'
import { backends, type TestDatabase } from '#test/support/databases.ts'
import { fillStage, start } from '#test/support/stage.ts'
import { createBreakers } from './breakers.ts'
import { measureDue, type MeasureOptions } from './measure.ts'

const hour = 3_600_000
const rule = (deleteOn: DataTerm['deleteOn']): DataTerm => ({
  id: 'S1',
  dataClass: 'metric',
  keepFor: null,
  deleteOn,
  since: '2026-01-01',
  rule: 'A rule of the stage',
  source: 'https://rules.example',
  confidence: 'high',
})

describe.each(backends)('a post that the network does not find, on the $name database', ({ open }) => {
  let test: TestDatabase
  let now = start
  let answer: () => Promise<MeasureOutcome> | MeasureOutcome
  let rules: readonly DataTerm[]
  const found: MeasureOutcome = {
    kind: 'measured',
    readings: [{ metric: 'likes', remoteName: 'likes', value: 1 }],
  }
  beforeAll(async () => {
    test = await open()
  })
  afterAll(() => test.close())
  beforeEach(async () => {
    now = start
    rules = [rule({ removed: 'PT24H' })]
    answer = () => ({ kind: 'gone' })
    const { db } = test.database
    await sql`delete from workspace`.execute(db)
    await fillStage(db, 'wsp_1', ['chn_1'])
    await sql`insert into delivery (id, workspace_id, post_id, channel_id, network, state, due_at, payload, published_at, remote_id,
        created_at, updated_at)
      values ('dlv_1', 'wsp_1', 'pst_wsp_1', 'chn_1', 'stage', 'published', ${start}, '{}', ${start}, 'remote', ${start}, ${start})`.execute(
      db,
    )
    await sql`insert into poll (delivery_id, workspace_id, next_at) values ('dlv_1', 'wsp_1', ${start})`.execute(
      db,
    )
  })

  const fail = (cause: unknown) => {
    throw cause
  }
  const options = (): MeasureOptions => ({
    db: test.database.db,
    now: () => now,
    unmeasurableLogins: [],
    breakers: createBreakers({
      db: test.database.db,
      now: () => now,
      random: () => 0,
      networkOf: () => ({ id: 'stage', name: 'Stage' }),
      wake: () => {},
      onEvent: () => {},
      onError: fail,
    }),
    onError: fail,
    openChannel: async () => ({
      network: {
        definition: {
          id: 'stage',
          dataTerms: { value: rules, source: '', readOn: '' },
          keeps: { account: 'metric', channel: 'metric', 'remote-post': 'metric', reading: 'metric' },
        },
        measurePost: async () => answer(),
      } as unknown as Network,
      source: { login: 'stage', server: '', connectionId: 'con_wsp_1' },
      context: { version: 'v1', login: { id: 'stage' } as LoginMethod } as VerbContext,
      access: { channelId: 'chn_1', remoteId: 'r', kind: 'page', accessToken: 't', scopes: [] },
    }),
  })
  const look = async (hours: number) => {
    now = new Date(start.getTime() + hours * hour)
    await measureDue(options())
  }
  const rows = async (table: string) =>
    (await sql<Record<string, unknown>>`select * from ${sql.table(table)}`.execute(test.database.db)).rows

  it('is looked for once more after half a day, and only then believed gone', async () => {
    await look(0)
    expect(await rows('deletion')).toEqual([])
    await look(11)
    expect(await rows('deletion')).toEqual([])
    await look(12)
    expect(await rows('deletion')).toMatchObject([
      {
        reason: 'removed',
        delivery_id: 'dlv_1',
        received_at: start,
        deadline_at: new Date(start.getTime() + 24 * hour),
        done_at: null,
      },
    ])
    expect(await rows('poll')).toMatchObject([{ next_at: null }])
  })

  it('stays as it is where it is found again: networks in trouble have said so of posts that were there', async () => {
    await look(0)
    answer = () => found
    await look(12)
    answer = () => ({ kind: 'gone' })
    await look(13)
    expect(await rows('deletion')).toEqual([])
    expect(await rows('reading')).toHaveLength(1)
  })

  it('keeps its doubt over an answer that says nothing', async () => {
    await look(0)
    answer = () => ({ kind: 'later', until: new Date(start.getTime() + 13 * hour), message: 'busy' })
    await look(12)
    answer = () => ({ kind: 'gone' })
    await look(13)
    expect(await rows('deletion')).toHaveLength(1)
  })

  it('ends nothing where no rule of its network speaks of it', async () => {
    rules = [rule({})]
    await look(0)
    await look(12)
    expect(await rows('deletion')).toEqual([])
  })

  it('leaves no figures of an account that was given up while it was read', async () => {
    answer = async () => {
      await sql`update connection set state = 'disconnected'`.execute(test.database.db)
      return found
    }
    await look(0)
    expect(await rows('reading')).toEqual([])
  })

  it('leaves no figures of itself where it was deleted while it was read', async () => {
    answer = async () => {
      await sql`update delivery set removed_at = ${now}`.execute(test.database.db)
      return found
    }
    await look(0)
    expect(await rows('reading')).toEqual([])
  })
})
