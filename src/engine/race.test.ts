/** Several workers on one database. */
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { claimDeliveries, renewLeases } from '#storage/deliveries.ts'
import { runPieces } from '#storage/pieces.ts'
import { intentPiece } from '#storage/settlements.ts'
import { backends, type TestDatabase } from '#test/support/databases.ts'
import { fillStage, scheduleOn, start } from '#test/support/stage.ts'

describe.each(backends)('several workers, on the $name database,', ({ open }) => {
  let test: TestDatabase
  beforeAll(async () => {
    test = await open()
    await fillStage(test.database.db, 'wsp_1', ['chn_1'])
  })
  afterAll(() => test.close())
  beforeEach(() => sql`delete from delivery`.execute(test.database.db))

  it('never have two deliveries of one channel in flight, also when they look at the same moment', async () => {
    for (let round = 0; round < 20; round += 1) {
      await sql`delete from delivery`.execute(test.database.db)
      for (let index = 0; index < 4; index += 1) await scheduleOn(test.database.db, 'wsp_1', 'chn_1')
      const claims = await Promise.all(
        ['a', 'b', 'c', 'd'].map((workerId) =>
          claimDeliveries(test.database.db, { workerId, now: start, leaseMs: 5_000, channelIds: ['chn_1'] }),
        ),
      )
      expect(claims.flat()).toHaveLength(1)
    }
  })

  it('renew their leases beside intents of the same deliveries, and neither ends in a deadlock', async () => {
    const { db } = test.database
    const channelIds = Array.from({ length: 60 }, (_, index) => `chn_r${index}`)
    await fillStage(db, 'wsp_2', channelIds)
    for (const channelId of channelIds) await scheduleOn(db, 'wsp_2', channelId)
    const held = await claimDeliveries(db, { workerId: 'a', now: start, leaseMs: 60_000, channelIds })
    expect(held).toHaveLength(60)
    const intents = held.toReversed().map(({ id, token }) => ({
      id,
      token,
      operationId: `publish:${id}`,
      fingerprint: 'f',
      sentAt: start,
      deadlineAt: start,
    }))
    for (let round = 0; round < 100; round += 1) {
      await sql`update delivery set state = 'claimed'`.execute(db)
      await Promise.all([renewLeases(db, held, start, 60_000), runPieces(db, [intentPiece(intents)])])
    }
    const { rows } = await sql<{ count: number }>`
      select count(*)::int as count from delivery where state = 'sending'`.execute(db)
    expect(rows[0]?.count).toBe(60)
  })
})
