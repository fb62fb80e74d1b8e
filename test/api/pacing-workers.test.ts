/** Several workers on one PostgreSQL server stay inside a quota that only one of them heard of. */
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfig } from '#main/config.ts'
import { type Product, startProduct } from '#main/main.ts'
import { startWorker } from '#main/worker.ts'
import { freshServerDatabase } from '#test/support/databases.ts'
import { type Channel, connectSandbox, settled } from '#test/support/posting.ts'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'

let first: TestProduct
let second: Product
let channels: Channel[]
beforeAll(async () => {
  const databaseUrl = await freshServerDatabase()
  first = await startTestProduct({ env: { LITFASS_DATABASE_URL: databaseUrl } })
  const config = readConfig({
    LITFASS_ROLES: 'worker',
    LITFASS_DATABASE_URL: databaseUrl,
    LITFASS_DATA_DIR: `${first.dataDir}/second`,
    LITFASS_MASTER_KEY_FILE: `${first.dataDir}/master.key`,
    LITFASS_ORIGIN: first.url,
  })
  second = await startProduct(config)
  // What is due is the first one's alone at the beginning.
  await second.dispatcher?.stop(1_000)
  channels = await connectSandbox(first)
})
afterAll(async () => {
  await second.close()
  await first.close()
})

/** Of a network with a window for each kind of call of an account: no network is named here. */
function windowed(): Channel {
  const network = first.product.system.networks.find(({ definition }) =>
    definition.counters.value.some(
      ({ of, unit, holds }) => of === 'connection' && unit === 'count' && holds?.of === 'told',
    ),
  )
  const channel = channels.find((one) => one.network === network?.definition.id)
  if (!channel) throw new Error('no network tells so of its use')
  return channel
}

async function until<T>(look: () => Promise<T | null>): Promise<T> {
  for (let round = 0; round < 150; round += 1) {
    const found = await look()
    if (found !== null) return found
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('it did not come')
}

async function post(channel: Channel, text: string): Promise<string> {
  const { body } = await first.call('POST', '/posts', { body: { text, channelIds: [channel.id] } })
  return body.id
}

describe('a worker that was there before', () => {
  it('puts off what another worker heard to be used up, and asks the network nothing', async () => {
    const channel = windowed()
    await first.fetch('/_sandbox/faults', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ network: channel.network, fault: 'quota', remaining: 1 }),
    })
    expect((await settled(first, await post(channel, 'the last one'))).state).toBe('published')
    const { rows } = await sql<{ connectionId: string; login: string; server: string }>`
      select k.id as "connectionId", k.login, k.server from channel c join connection k on k.id = c.connection_id
      where c.id = ${channel.id}`.execute(second.system.db)
    const known = second.system.loginById(rows[0]?.login ?? '')
    if (!rows[0] || !known) throw new Error('the channel has no account')
    const pace = second.system.counters.scoped({
      workspaceId: first.workspaceId,
      network: known.network,
      ...rows[0],
      channel: null,
      now: () => new Date(),
    })
    const call = {
      method: 'POST',
      url: '',
      endpointClass: 'post.create',
      dataClass: 'none',
      purpose: 'publish',
    } as const
    const heldBack = await until(async () => {
      try {
        pace.before(call)
        return null
      } catch (cause) {
        return cause
      }
    })
    expect(heldBack).toMatchObject({ code: 'network_paused' })

    await first.product.dispatcher?.stop(1_000)
    const since = new Date()
    const worker = startWorker({ system: second.system, database: second.database, log: () => {} })
    try {
      const id = await post(channel, 'waits')
      const waiting = await until(async () => {
        const { body } = await first.call('GET', `/posts/${id}`)
        return body.deliveries[0].reason === null ? null : body.deliveries[0]
      })
      expect(waiting).toMatchObject({ state: 'waiting', attempts: 0, reason: { code: 'network_paused' } })
      await second.system.ledger.settled()
      const { rows: calls } = await sql`select 1 from access_record where workspace_id = ${first.workspaceId}
        and purpose = 'publish' and endpoint_class = 'post.create' and at >= ${since}`.execute(
        second.system.db,
      )
      expect(calls).toEqual([])
    } finally {
      await worker.stop()
    }
  }, 60_000)
})
