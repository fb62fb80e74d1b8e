import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createBreakers } from '#engine/breakers.ts'
import { createCounters } from '#engine/counters.ts'
import { createLedger } from '#engine/meter.ts'
import { createPriceBooks } from '#engine/price-books.ts'
import type { Grant, LoginMethod, Network, RefreshOutcome, VerbContext } from '#networks/contract.ts'
import { createSealer } from '#storage/seal.ts'
import { backends, type TestDatabase } from '#test/support/databases.ts'
import { openChannel } from './channel-access.ts'
import { liveGrant } from './live-grant.ts'
import type { System } from './system.ts'

const start = new Date('2026-11-24T09:00:00Z')
const login = { id: 'stage', settings: 'STAGE', renewal: 'refresh-token' } as unknown as LoginMethod
const sealer = createSealer(new Uint8Array(32).fill(7))
const inMinutes = (minutes: number) => new Date(start.getTime() + minutes * 60_000)

/** A network that takes a refresh token once, and kills the sign-in when one is shown again. */
function singleUse() {
  const state = {
    live: 'refresh-0',
    number: 0,
    refreshes: 0,
    isDead: false,
    /** Wall time that a renewal takes at the network. */
    wait: () => new Promise<void>((resolve) => setTimeout(resolve, 150)),
  }
  const network = {
    definition: { id: 'stage', name: 'Stage', logins: [login], version: null },
    refresh: async (_context: unknown, grant: Grant): Promise<RefreshOutcome> => {
      state.refreshes += 1
      if (state.isDead || grant.refreshToken !== state.live) {
        state.isDead = true
        return { kind: 'dead', message: 'This refresh token was used before.' }
      }
      state.number += 1
      state.live = `refresh-${state.number}`
      await state.wait()
      return { kind: 'refreshed', grant: grantOf(state.number, inMinutes(120)) }
    },
  } as unknown as Network
  return { state, network }
}

function grantOf(number: number, accessExpiresAt: Date): Grant {
  return { accessToken: `access-${number}`, refreshToken: `refresh-${number}`, accessExpiresAt, scopes: [] }
}

describe.each(backends)('a token that ends, on the $name database', ({ open }) => {
  let test: TestDatabase
  beforeAll(async () => {
    test = await open()
    await sql`insert into workspace (id, name, created_at) values ('wsp_1', 'W', ${start})`.execute(
      test.database.db,
    )
  })
  afterAll(() => test.close())
  beforeEach(async () => {
    await sql`delete from breaker`.execute(test.database.db)
    await sql`delete from connection`.execute(test.database.db)
    await sql`delete from notice`.execute(test.database.db)
  })

  const connect = async (id: string, grant: Grant) => {
    const { db } = test.database
    await sql`insert into connection (id, workspace_id, network, login, remote_account_id, name, sealed_grant, access_expires_at, created_at, updated_at)
      values (${id}, 'wsp_1', 'stage', 'stage', ${id}, 'Acme', ${sealer.seal(`connection/${id}/grant`, JSON.stringify(grant))},
        ${grant.accessExpiresAt ?? null}, ${start}, ${start})`.execute(db)
    await sql`insert into channel (id, workspace_id, connection_id, network, remote_id, kind, name, created_at)
      values (${`chn_${id}`}, 'wsp_1', ${id}, 'stage', 'r', 'page', 'C', ${start})`.execute(db)
  }
  /** One process of an installation: what it keeps to itself is its own. */
  const process = (network: Network) =>
    ({
      db: test.database.db,
      sealer,
      ledger: createLedger({
        db: test.database.db,
        prices: createPriceBooks(test.database.db, []),
        now: () => start,
        onError: () => {},
      }),
      breakers: createBreakers({
        db: test.database.db,
        now: () => start,
        random: () => 0,
        networkOf: () => ({ id: 'stage', name: 'Stage' }),
        wake: () => {},
        onEvent: () => {},
        onError: (cause) => {
          throw cause
        },
      }),
      counters: createCounters({ db: test.database.db, now: () => start, onError: () => {} }),
      now: () => start,
      networks: [network],
      loginById: () => ({ network, login }),
      hostsOf: () => ({ apiUrl: '', uploadUrl: '', authorizeUrl: '', tokenUrl: '' }),
      appFromEnvironment: () => ({ clientId: 'c', clientSecret: 's' }),
    }) as unknown as System
  const use = (id: string) => ({
    workspaceId: 'wsp_1',
    channelId: `chn_${id}`,
    deliveryId: null,
    actor: 'job:deliver',
  })
  const stateOf = async (id: string) =>
    (
      await sql<{ state: string; refresh_lease_until: Date | null }>`
        select state, refresh_lease_until from connection where id = ${id}`.execute(test.database.db)
    ).rows[0]

  it('is renewed once, however many processes need it', async () => {
    const { state, network } = singleUse()
    await connect('con_many', grantOf(0, inMinutes(-1)))
    // A second copy of the module, as a second process has: the queue of one is not what keeps them apart.
    const another = (await import(
      // @ts-expect-error only the test runner knows the query
      './live-grant.ts?another'
    )) as { liveGrant: typeof liveGrant }
    const { rows } = await sql<{ sealed: string }>`select sealed_grant as sealed from connection`.execute(
      test.database.db,
    )
    const needed = (system: System) => ({
      workspaceId: 'wsp_1',
      source: { login: 'stage', server: '', connectionId: 'con_many' },
      deliveryId: null,
      actor: 'job:deliver',
      isSandbox: false,
      network,
      login,
      context: { now: system.now } as unknown as VerbContext,
    })
    const get = (get: typeof liveGrant) => {
      const system = process(network)
      return get(system, needed(system), rows[0]?.sealed ?? '')
    }
    const opened = await Promise.all(
      [liveGrant, another.liveGrant].flatMap((one) => Array.from({ length: 5 }, () => get(one))),
    )
    expect(opened.map((grant) => grant.accessToken)).toEqual(Array(10).fill('access-1'))
    expect(state.refreshes).toBe(1)
    expect(await stateOf('con_many')).toEqual({ state: 'active', refresh_lease_until: null })
  })

  it('is stored before it is used, so that the next process starts from it', async () => {
    const { state, network } = singleUse()
    await connect('con_next', grantOf(0, inMinutes(-1)))
    await openChannel(process(network), use('con_next'))
    const { access } = await openChannel(process(network), use('con_next'))
    expect(access.accessToken).toBe('access-1')
    expect(state.refreshes).toBe(1)
  })

  it('is not given up for a refusal that another process caused by renewing it', async () => {
    const { state, network } = singleUse()
    await connect('con_race', grantOf(0, inMinutes(-1)))
    // The other process renewed and stored while this one's request with the old token was under way.
    const late = {
      ...network,
      refresh: async () => {
        const sealed = sealer.seal('connection/con_race/grant', JSON.stringify(grantOf(1, inMinutes(120))))
        await sql`update connection set sealed_grant = ${sealed} where id = 'con_race'`.execute(
          test.database.db,
        )
        return { kind: 'dead', message: 'used before' }
      },
    } as unknown as Network
    const { access } = await openChannel(process(late), use('con_race'))
    expect(access.accessToken).toBe('access-1')
    expect((await stateOf('con_race'))?.state).toBe('active')
    expect(state.isDead).toBe(false)
  })

  it('that the network ended for good asks for a person, once and with a notice', async () => {
    const { state, network } = singleUse()
    state.isDead = true
    await connect('con_dead', grantOf(0, inMinutes(-1)))
    for (let round = 0; round < 3; round += 1)
      await expect(openChannel(process(network), use('con_dead'))).rejects.toMatchObject({
        code: 'connection_expired',
      })
    expect(state.refreshes).toBe(1)
    expect((await stateOf('con_dead'))?.state).toBe('needs-reauthorisation')
    const { rows } = await sql<{ kind: string; params: unknown }>`select kind, params from notice`.execute(
      test.database.db,
    )
    expect(rows).toMatchObject([{ kind: 'connection-expired', params: { connection: 'Acme' } }])
  })

  it('is taken over from a process that died while renewing it', async () => {
    const { network } = singleUse()
    await connect('con_died', grantOf(0, inMinutes(-1)))
    await sql`update connection set refresh_lease_until = ${inMinutes(-1)} where id = 'con_died'`.execute(
      test.database.db,
    )
    const { access } = await openChannel(process(network), use('con_died'))
    expect(access.accessToken).toBe('access-1')
  })

  it('that the network refuses before its time is renewed once, for all who met the refusal', async () => {
    const { state, network } = singleUse()
    await connect('con_early', grantOf(0, inMinutes(60)))
    const opened = await Promise.all([1, 2, 3].map(() => openChannel(process(network), use('con_early'))))
    expect(await Promise.all(opened.map((one) => one.renewAccess()))).toEqual([true, true, true])
    expect(state.refreshes).toBe(1)
    const { access } = await openChannel(process(network), use('con_early'))
    expect(access.accessToken).toBe('access-1')
  })

  it('that the network refuses is not given up while it cannot be renewed, and is where that is refused, too', async () => {
    const { state, network } = singleUse()
    const down = {
      ...network,
      refresh: async () => ({ kind: 'unavailable', message: 'Down.' }),
    } as unknown as Network
    await connect('con_refused', grantOf(0, inMinutes(60)))
    const waits = await openChannel(process(down), use('con_refused'))
    await expect(waits.renewAccess()).rejects.toThrow('could not be renewed yet')
    expect((await stateOf('con_refused'))?.state).toBe('active')
    state.isDead = true
    const ends = await openChannel(process(network), use('con_refused'))
    await expect(ends.renewAccess()).rejects.toMatchObject({ code: 'connection_expired' })
    expect((await stateOf('con_refused'))?.state).toBe('needs-reauthorisation')
  })

  it('is used as long as it lives when the network cannot renew it now', async () => {
    const { network } = singleUse()
    const down = {
      ...network,
      refresh: async () => ({ kind: 'unavailable', message: 'Down.' }),
    } as unknown as Network
    await connect('con_down', grantOf(0, inMinutes(2)))
    const { access } = await openChannel(process(down), use('con_down'))
    expect(access.accessToken).toBe('access-0')
    await connect('con_over', grantOf(0, inMinutes(-1)))
    await expect(openChannel(process(down), use('con_over'))).rejects.toThrow('could not be renewed yet')
    expect((await stateOf('con_over'))?.state).toBe('active')
  })

  it('that the network refuses to everybody asks nobody, and is tried by one at a time', async () => {
    const { state, network } = singleUse()
    state.wait = async () => {}
    state.isDead = true
    const ids = [1, 2, 3, 4, 5].map((number) => `con_wave_${number}`)
    for (const id of ids) await connect(id, grantOf(0, inMinutes(-1)))
    const one = process(network)
    const outcomes = []
    for (const id of ids)
      outcomes.push(await openChannel(one, use(id)).catch((cause: Error & { code?: string }) => cause))
    expect(outcomes.slice(0, 2)).toMatchObject([
      { code: 'connection_expired' },
      { code: 'connection_expired' },
    ])
    expect(outcomes.slice(2)).toMatchObject(
      ids.slice(2).map(() => ({ name: 'NotNow', reason: { code: 'network_outage', ability: 'connect' } })),
    )
    // The third refusal opened the breaker; the fourth and fifth asked nobody.
    expect(state.refreshes).toBe(3)
    for (const id of ids) expect((await stateOf(id))?.state).toBe('active')
    const { rows } = await sql<{ kind: string }>`select kind from notice where resolved_at is null`.execute(
      test.database.db,
    )
    expect(rows).toEqual([])
    // What still lives is used meanwhile.
    await connect('con_wave_alive', grantOf(0, inMinutes(2)))
    expect((await openChannel(one, use('con_wave_alive'))).access.accessToken).toBe('access-0')
    expect(state.refreshes).toBe(3)
  })

  it('that the network refuses while it accepts nobody’s posts is not given up', async () => {
    const { state, network } = singleUse()
    state.wait = async () => {}
    state.isDead = true
    const system = process(network)
    for (const connectionId of ['con_8', 'con_9', 'con_10'])
      await system.breakers.report({ login: 'stage', server: '', connectionId }, 'publish', 'unauthorised')
    await connect('con_one', grantOf(0, inMinutes(-1)))
    await expect(openChannel(system, use('con_one'))).rejects.toMatchObject({ name: 'NotNow' })
    expect((await stateOf('con_one'))?.state).toBe('active')
  })
})
