/** Terms and prices of networks are read again from time to time, and the ledger names what was read last. */
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { allShippedTerms, type TermsView } from '#app/terms.ts'
import { rereadAfterDays } from '#engine/terms.ts'
import { watchTerms } from '#jobs/terms.ts'
import { networks } from '#networks/registry.ts'
import { runCli } from '#test/support/cli.ts'
import { connectSandbox } from '#test/support/posting.ts'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'

const day = 86_400_000
const [network] = networks.map(({ definition }) => definition)
if (!network) throw new Error('there is no network')
const shippedOn = network.dataTerms.readOn
const withToken = networks
  .flatMap((one) => one.definition.logins)
  .find(({ appToken }) => appToken !== undefined)
const start = new Date(`${shippedOn}T12:00:00Z`)
let now = start
let product: TestProduct
beforeAll(async () => {
  product = await startTestProduct({
    env: {
      LITFASS_ROLES: 'serve',
      [`LITFASS_${withToken?.settings}_CLIENT_ID`]: 'app',
      [`LITFASS_${withToken?.settings}_CLIENT_SECRET`]: 'secret',
    },
    now: () => now,
  })
})
afterAll(() => product.close())

const dayOf = (at: Date) => at.toISOString().slice(0, 10)
const after = (days: number) => new Date(start.getTime() + days * day)
const list = async (key?: string): Promise<TermsView[]> =>
  (await product.call('GET', '/terms', key === undefined ? {} : { key })).body.items
const rules = async () =>
  (await list()).find((one) => one.network === network.id && one.subject === 'data-rules')
const record = (body: object, key?: string) =>
  product.call('POST', '/terms/readings', {
    body: { network: network.id, ...body },
    ...(key === undefined ? {} : { key }),
  })
const notices = async () =>
  (await product.call('GET', '/notices?open=true')).body.items.filter(
    ({ kind }: { kind: string }) => kind === 'terms-unread',
  )
const { id: networkId, logins } = network
const watch = () => {
  const { system } = product.product
  return watchTerms(system.db, now, allShippedTerms(system, now))
}

describe('terms of networks', () => {
  it('have a version, a day and pages to read them again, rules and prices apart', async () => {
    const items = await list()
    for (const { definition } of networks) {
      const own = items.filter((one) => one.network === definition.id)
      expect(own.map(({ subject }) => subject)).toContain('data-rules')
      for (const { version, readOn, sources, readings } of own) {
        expect(version).not.toBe('')
        expect(readOn).toMatch(/^\d{4}-\d{2}-\d{2}$/)
        for (const source of sources) expect(URL.canParse(source)).toBe(true)
        expect(readings).toEqual([])
      }
    }
    expect(items.some(({ subject, sources }) => subject === 'prices' && sources.length > 0)).toBe(true)
  })

  it('are announced to whoever uses the network for real when nobody read them for a quarter', async () => {
    const { db } = product.product.system
    await sql`insert into connection (id, workspace_id, network, login, remote_account_id, name, sealed_grant, created_at, updated_at)
      values ('con_real', ${product.workspaceId}, ${networkId}, ${logins[0]?.id}, '1', 'Real', 'x', ${now}, ${now})`.execute(
      db,
    )
    now = after(rereadAfterDays)
    await watch()
    expect(await notices()).toEqual([])
    expect((await rules())?.isOverdue).toBe(false)
    now = after(rereadAfterDays + 1)
    await watch()
    const open = await notices()
    expect(open).toMatchObject([{ subject: { kind: 'network', id: networkId }, severity: 'info' }])
    expect(open[0].message).toContain(network.name)
    expect((await rules())?.isOverdue).toBe(true)
  })

  it('are fresh again once an admin has read both, who is kept with the day and the version', async () => {
    expect((await record({ readOn: dayOf(now) })).status).toBe(201)
    const read = await rules()
    expect(read).toMatchObject({ ageDays: 0, isOverdue: false, hasChanged: false })
    expect(read?.version).toBe(read?.shipped.version)
    expect(read?.readings).toMatchObject([{ by: 'Owner', readOn: dayOf(now), hasChanged: false }])
    await record({ subject: 'prices' })
    expect(await notices()).toEqual([])
    now = after(2 * rereadAfterDays + 5)
    await watch()
    expect(await notices()).toHaveLength(1)
  })

  it('stand in new entries of the ledger by the version that was read last', async () => {
    const changed = await record({ version: 'terms of the summer', hasChanged: true, note: 'clause 4' })
    expect(changed.body).toMatchObject({ version: 'terms of the summer', hasChanged: true })
    expect(changed.body.readings).toHaveLength(2)
    await connectSandbox(product)
    await product.product.system.ledger.settled()
    const { rows } = await sql<{ network: string; version: string }>`
      select distinct network, terms_version as version from access_record
      where workspace_id = ${product.workspaceId}`.execute(product.product.system.db)
    const own = rows.filter((row) => row.network === networkId)
    expect(own).toEqual([{ network: networkId, version: 'terms of the summer' }])
    for (const row of rows.filter((one) => one.network !== networkId))
      expect(row.version).toMatch(/^\d{4}-\d{2}-\d{2} [0-9a-f]{8}$/)
  })

  it('are in the doctor’s findings, as is a token that is missing', async () => {
    const { stdout } = await runCli(['doctor', '--json'], { env: { LITFASS_DATA_DIR: product.dataDir } })
    const { items } = JSON.parse(stdout) as { items: Array<{ name: string; state: string; message: string }> }
    const found = (name: string) => items.find((one) => one.name === name)
    expect(found('terms')).toMatchObject({ state: 'warn' })
    expect(found('terms')?.message).toContain(network.name)
    expect(found('app-tokens')).toMatchObject({ state: 'warn' })
    expect(found('app-tokens')?.message).toContain(withToken?.appToken?.label ?? 'no token')
  })

  it('cannot be read in the future, before they were read last, or changed without a version', async () => {
    const refusals = [
      await record({ readOn: dayOf(new Date(now.getTime() + 2 * day)) }),
      await record({ readOn: dayOf(new Date(now.getTime() - day)) }),
      await record({ hasChanged: true }),
    ]
    for (const { status, body } of refusals) {
      expect(status).toBe(422)
      expect(body.code).toBe('invalid_input')
    }
    expect(
      (await product.call('POST', '/terms/readings', { body: { network: 'nowhere' } })).body,
    ).toMatchObject({
      code: 'network_unknown',
    })
    expect((await rules())?.readings).toHaveLength(2)
  })

  it('are read by admins, and the readings of a workspace are nobody else’s', async () => {
    const stranger = await product.addWorkspace()
    const theirs = (await list(stranger.apiKey)).filter((one) => one.network === networkId)
    expect(theirs.flatMap(({ readings }) => readings)).toEqual([])
    await sql`update member set role = 'editor' where id = ${stranger.ownerId}`.execute(
      product.product.system.db,
    )
    expect((await record({}, stranger.apiKey)).status).toBe(403)
    expect((await product.call('GET', '/terms', { key: stranger.apiKey })).status).toBe(403)
  })
})
