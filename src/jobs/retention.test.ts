import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { after, clockOf, type DataRule, type EndReason } from '#domain/retention.ts'
import { backends, type TestDatabase } from '#test/support/databases.ts'
import { fillStage, start } from '#test/support/stage.ts'
import { writeDeletion } from '#storage/deletions.ts'
import { type KeptNetwork, sweepRetention } from './retention.ts'

type Rule = DataRule & { rule: string; source: string }

const rule = (dataClass: string, change: Partial<Rule>): Rule => ({
  id: 'S1',
  dataClass,
  keepFor: null,
  deleteOn: {},
  since: '2020-01-01',
  rule: `Rule of ${dataClass}`,
  source: 'https://rules.example',
  ...change,
})

/** Figures live two days, names as long as the connection. */
const firstRules = [
  rule('metric', { keepFor: 'PT48H', deleteOn: { removed: 'PT24H' } }),
  rule('profile', { deleteOn: { disconnected: null } }),
  rule('own-post', {}),
]
const classes = { reading: 'metric', channel: 'profile', account: 'profile', 'remote-post': 'own-post' }

function network(rules: readonly Rule[], version: string): KeptNetwork {
  return {
    name: 'Stage',
    book: { network: 'stage', version, rules },
    provenance: (item, _kind, readAt) => ({
      dataClass: classes[item],
      termsVersion: version,
      readAt,
      expiresAt: clockOf(rules, classes[item], readAt)?.at ?? null,
    }),
  }
}

describe.each(backends)('data read from networks on the $name database', ({ open }) => {
  let test: TestDatabase
  const db = () => test.database.db
  beforeAll(async () => {
    test = await open()
  })
  afterAll(() => test.close())
  beforeEach(async () => {
    await sql`delete from workspace`.execute(db())
    await sql`delete from deletion_certificate`.execute(db())
    await fillStage(db(), 'wsp_1', ['chn_1', 'chn_2'])
    for (const channel of ['chn_1', 'chn_2']) await publish(`dlv_${channel}`, channel)
    await sql`update channel set read_at = ${start}`.execute(db())
    await sql`update connection set read_at = ${start}, remote_account_id = 'secret-id'`.execute(db())
  })

  const hours = (count: number) => after(start, `PT${count}H`)
  const sweep = (now: Date, options: Partial<Parameters<typeof sweepRetention>[0]> = {}) =>
    sweepRetention({ db: db(), networks: [network(firstRules, 'v1')], now, ...options })
  const publish = (id: string, channelId: string) =>
    sql`insert into delivery (id, workspace_id, post_id, channel_id, network, state, due_at, payload, published_at, remote_id, url,
        memory, created_at, updated_at)
      values (${id}, 'wsp_1', 'pst_wsp_1', ${channelId}, 'stage', 'published', ${start}, '{"text": "ours"}', ${start}, ${`remote-${id}`},
        'https://stage.example/post', '{"step": 1}', ${start}, ${start})`.execute(db())
  const read = async (count: number, readAt: Date, channelId = 'chn_1') =>
    sql`insert into reading (id, workspace_id, network, channel_id, delivery_id, metric, remote_name, value, version, read_at)
      select ${`rdg_${channelId}_${readAt.getTime()}`} || n, 'wsp_1', 'stage', ${channelId}, ${`dlv_${channelId}`}, 'likes', 'l', n, 'v',
        ${readAt} from generate_series(1, ${count}::int) n`.execute(db())
  const readings = async () =>
    (await sql<{ count: number }>`select count(*)::int as count from reading`.execute(db())).rows[0]?.count
  const certificates = async () =>
    (
      await sql<Record<string, unknown>>`
        select item, data_class, reason, rule, sum(count)::int as count from deletion_certificate
        group by item, data_class, reason, rule order by item`.execute(db())
    ).rows
  const order = (reason: EndReason, change: { connectionId?: string; deliveryId?: string }, at = start) =>
    writeDeletion(
      db(),
      {
        workspaceId: 'wsp_1',
        network: 'stage',
        reason,
        scope: change.deliveryId ? 'delivery' : change.connectionId ? 'connection' : 'network',
        connectionId: change.connectionId ?? null,
        deliveryId: change.deliveryId ?? null,
        askedBy: 'mbr_1',
        receivedAt: at,
        deadlineAt: after(at, 'PT24H'),
      },
      at,
    )
  const disconnect = () => sql`update connection set state = 'disconnected'`.execute(db())
  const one = async (table: 'channel' | 'connection' | 'delivery' | 'deletion', id?: string) =>
    (
      await sql<Record<string, unknown>>`
        select * from ${sql.table(table)} ${id === undefined ? sql`` : sql`where id = ${id}`} limit 1`.execute(
        db(),
      )
    ).rows[0]

  it('goes when its clock has run out, and a certificate says how much and by which rule', async () => {
    await read(3, start)
    await read(2, hours(24))
    await sweep(hours(47))
    expect(await readings()).toBe(5)
    await sweep(hours(48))
    expect(await readings()).toBe(2)
    await sweep(hours(72))
    expect(await readings()).toBe(0)
    expect(await certificates()).toEqual([
      { item: 'reading', data_class: 'metric', reason: 'clock', rule: 'Rule of metric', count: 5 },
    ])
  })

  it('that was read before a rule came gets the clock of the new rule', async () => {
    await read(3, start)
    await sweep(hours(1))
    const shorter = network([rule('metric', { keepFor: 'PT24H' }), ...firstRules], 'v2')
    await sweep(hours(24), { networks: [shorter] })
    expect(await readings()).toBe(0)
  })

  it('is deleted by the chunk, and a sweep that was stopped is taken up by the next without counting twice', async () => {
    await read(25, start)
    let chunks = 0
    const onChunk = () => {
      chunks += 1
      if (chunks % 7 === 0) throw new Error('killed')
    }
    for (let round = 0; (await readings()) !== 0; round += 1) {
      if (round > 50) throw new Error('the sweeps get nowhere')
      await sweep(hours(48), { chunk: 4, onChunk }).catch((cause: Error) =>
        expect(cause.message).toBe('killed'),
      )
    }
    expect(chunks).toBeGreaterThan(9)
    expect(await certificates()).toMatchObject([{ count: 25 }])
  })

  it('of a post that is gone from the network goes, and that of other posts stays', async () => {
    await read(2, start, 'chn_1')
    await read(3, start, 'chn_2')
    await order('removed', { deliveryId: 'dlv_chn_1' })
    await sweep(hours(1))
    expect(await readings()).toBe(3)
    expect(await one('deletion')).toMatchObject({ done_at: hours(1) })
    // No rule of the stage speaks of ids when a post is removed.
    expect(await one('delivery', 'dlv_chn_1')).toMatchObject({ remote_id: 'remote-dlv_chn_1' })
  })

  it('of an account that was disconnected goes where a rule says so; its ids stay for whoever comes back', async () => {
    await read(2, start)
    await disconnect()
    await order('disconnected', { connectionId: 'con_wsp_1' })
    await sweep(hours(1))
    expect(await one('channel', 'chn_1')).toMatchObject({ name: 'Stage', read_at: null, remote_id: 'chn_1' })
    expect(await one('connection')).toMatchObject({ name: 'Stage', remote_account_id: 'secret-id' })
    expect(await readings()).toBe(2)
  })

  it('of an account whose owner asks goes whole, with its ids, and what people wrote stays', async () => {
    await read(2, start)
    await disconnect()
    await order('request', { connectionId: 'con_wsp_1' })
    await sweep(hours(1))
    expect(await readings()).toBe(0)
    expect(await one('connection')).toMatchObject({ remote_account_id: 'deleted:con_wsp_1' })
    expect(await one('channel', 'chn_2')).toMatchObject({ name: 'Stage', remote_id: 'deleted:chn_2' })
    expect(await one('delivery', 'dlv_chn_1')).toMatchObject({
      remote_id: null,
      url: null,
      memory: {},
      payload: { text: 'ours' },
      state: 'published',
    })
    expect((await certificates()).map(({ item, count }) => [item, count])).toEqual([
      ['account', 1],
      ['channel', 2],
      ['reading', 2],
      ['remote-post', 2],
    ])
  })

  it('of a post goes with that of the comment below it where somebody asks; a comment may outlive its post', async () => {
    await publish('dlv_comment', 'chn_1')
    await sql`update delivery set parent_id = 'dlv_chn_1' where id = 'dlv_comment'`.execute(db())
    await order('removed', { deliveryId: 'dlv_chn_1' })
    await sweep(hours(1))
    expect(await one('delivery', 'dlv_comment')).toMatchObject({ remote_id: 'remote-dlv_comment' })
    await order('request', { deliveryId: 'dlv_chn_1' }, hours(2))
    await sweep(hours(3))
    expect(await one('delivery', 'dlv_comment')).toMatchObject({ remote_id: null, url: null })
  })

  it('of an account whose owner disconnects first and asks later goes whole, too', async () => {
    await disconnect()
    await order('disconnected', { connectionId: 'con_wsp_1' })
    await sweep(hours(1))
    await order('request', { connectionId: 'con_wsp_1' }, hours(2))
    await sweep(hours(3))
    expect(await one('connection')).toMatchObject({ remote_account_id: 'deleted:con_wsp_1' })
    expect(await one('channel', 'chn_1')).toMatchObject({ remote_id: 'deleted:chn_1' })
  })

  it('that was read with a new grant after the deletion was ordered is not meant', async () => {
    await read(2, start)
    await order('request', { connectionId: 'con_wsp_1' })
    await read(4, hours(1))
    await sweep(hours(2))
    expect(await readings()).toBe(4)
  })

  it('keeps a deletion open until nothing is left of what it is about', async () => {
    await read(9, start)
    await disconnect()
    await order('terminated', {})
    const first = await sweep(hours(1), { chunk: 2, maxChunks: 6 })
    expect(first).toMatchObject({ finishedDeletions: 0, isComplete: false })
    expect(await one('deletion')).toMatchObject({ done_at: null })
    await sweep(hours(2))
    expect(await one('deletion')).toMatchObject({ done_at: hours(2) })
    expect(await readings()).toBe(0)
  })
})
