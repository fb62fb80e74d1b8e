/** Calls that a network would only refuse are not made, with sandbox accounts whose quota runs out. */
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Channel, connectSandbox, settled } from '#test/support/posting.ts'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'

let product: TestProduct
let channels: Channel[]
beforeAll(async () => {
  product = await startTestProduct()
  channels = await connectSandbox(product)
})
afterEach(() => product.fetch('/_sandbox/faults', { method: 'DELETE' }))
afterAll(() => product.close())

const db = () => product.product.system.db

/** Of a network that tells so of its use: no network is named here. */
function channelOf(tells: {
  of: 'app' | 'connection'
  unit: 'percent' | 'count'
  classes: 'all' | 'told'
}): Channel {
  const network = product.product.system.networks.find(({ definition }) =>
    definition.counters.value.some(
      ({ of, unit, holds }) => of === tells.of && unit === tells.unit && holds?.of === tells.classes,
    ),
  )
  const channel = channels.find((one) => one.network === network?.definition.id)
  if (!channel) throw new Error('no network tells so of its use')
  return channel
}

function limit(network: string, remaining: number) {
  return product.fetch('/_sandbox/faults', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ network, fault: 'quota', remaining }),
  })
}

async function post(channel: Channel, text: string): Promise<string> {
  const { body } = await product.call('POST', '/posts', { body: { text, channelIds: [channel.id] } })
  return body.id
}

type Entry = { purpose: string; status: number | null; waitedMs: number | null }
async function entriesSince(network: string, at: Date): Promise<Entry[]> {
  await product.product.system.ledger.settled()
  const { rows } = await sql<Entry>`select purpose, status, waited_ms as "waitedMs" from access_record
    where workspace_id = ${product.workspaceId} and network = ${network} and kind = 'settle' and at >= ${at} order by at`.execute(
    db(),
  )
  return rows
}

/** What became of reading the channel's figures, asked for now. */
async function readFigures(channel: Channel): Promise<{ message: string | null; nextAt: Date }> {
  const at = new Date()
  await sql`update channel_poll set next_at = ${at}, message = 'asked' where channel_id = ${channel.id}`.execute(
    db(),
  )
  return until(async () => {
    const { rows } = await sql<{ message: string | null; nextAt: Date }>`
      select message, next_at as "nextAt" from channel_poll where channel_id = ${channel.id} and lease_until is null
        and message is distinct from 'asked'`.execute(db())
    return rows[0] ?? null
  })
}

async function until<T>(look: () => Promise<T | null>): Promise<T> {
  for (let round = 0; round < 150; round += 1) {
    const found = await look()
    if (found !== null) return found
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('it did not come')
}

describe('a quota that runs out', () => {
  it('puts figures off first, lets posts go out, and is never asked beyond its end', async () => {
    const channel = channelOf({ of: 'app', unit: 'percent', classes: 'all' })
    await settled(product, await post(channel, 'before'))
    expect((await readFigures(channel)).message).toBeNull()

    await limit(channel.network, 40)
    const first = await settled(product, await post(channel, 'tells that little is left'))
    expect(first.state).toBe('published')
    const scarceAt = new Date()
    const { message, nextAt } = await readFigures(channel)
    expect(message).toMatch(/takes no more calls of this kind/)
    expect(nextAt.getTime()).toBeGreaterThan(scarceAt.getTime() + 60_000)
    expect((await settled(product, await post(channel, 'goes out all the same'))).state).toBe('published')
    const scarce = await entriesSince(channel.network, scarceAt)
    expect(scarce.map(({ purpose }) => purpose)).toContain('publish')
    expect(scarce.map(({ purpose }) => purpose)).not.toContain('measure')

    await limit(channel.network, 1)
    await until(async () => {
      const { rows } = await sql<{ count: number }>`select count(*)::int as count from delivery
        where reason->>'code' = 'network_paused'`.execute(db())
      if ((rows[0]?.count ?? 0) > 0) return true
      await post(channel, `until nothing is left ${Math.random()}`)
      return null
    })
    const fullAt = new Date()
    const { body } = await product.call('GET', `/posts/${await post(channel, 'waits')}`)
    const waiting = await until(async () => {
      const { body: now } = await product.call('GET', `/posts/${body.id}`)
      return now.deliveries[0].reason === null ? null : now.deliveries[0]
    })
    expect(waiting).toMatchObject({ state: 'waiting', attempts: 0, reason: { code: 'network_paused' } })
    expect(await entriesSince(channel.network, fullAt)).toEqual([])
  }, 60_000)

  it('is waited for where that is short, as the ledger shows', async () => {
    const channel = channelOf({ of: 'connection', unit: 'count', classes: 'told' })
    const { system } = product.product
    const { rows } = await sql<{ connectionId: string; login: string }>`
      select c.connection_id as "connectionId", k.login from channel c join connection k on k.id = c.connection_id
      where c.id = ${channel.id}`.execute(db())
    const network = system.networks.find(({ definition }) => definition.id === channel.network)
    const counter = network?.definition.counters.value.find(
      ({ of, holds }) => of === 'connection' && holds?.of === 'told',
    )
    if (!rows[0] || !network || !counter) throw new Error('nothing to tell of')
    const told = { counter: counter.name, endpointClass: 'post.create', used: 5, limit: 5 }
    const pace = system.counters.scoped({
      workspaceId: product.workspaceId,
      network: { ...network, told: () => [{ ...told, resetsAt: new Date(Date.now() + 1_900) }] },
      login: rows[0].login,
      server: 'sandbox',
      connectionId: rows[0].connectionId,
      channel: null,
      now: () => new Date(),
    })
    const call = { method: 'POST', url: '', endpointClass: 'post.create', dataClass: 'none' } as const
    const answer = { status: 200, headers: {}, text: '', json: null }
    const hear = () => pace.hear({ ...call, purpose: 'publish' }, answer)
    hear()
    // However long it takes until the post is sent, the end is near then.
    const again = setInterval(hear, 100)
    const startedAt = new Date()
    const id = await post(channel, 'a moment later')
    const { state } = await settled(product, id).finally(() => clearInterval(again))
    expect(state).toBe('published')
    const waits = (await entriesSince(channel.network, startedAt)).flatMap(({ waitedMs }) => waitedMs ?? [])
    expect(waits).toHaveLength(1)
    expect(waits[0]).toBeGreaterThan(0)
    expect(waits[0]).toBeLessThanOrEqual(2_000)
  })
})
