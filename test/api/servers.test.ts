/** Connecting an account at a network of many servers: at one that somebody names, and at no private one. */
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startSimulator } from '#networks/conformance-kit.ts'
import { loadSimulator, networks } from '#networks/registry.ts'
import { consentAnswerUrl } from '#networks/sandbox-kit.ts'
import { picture, settled, upload } from '#test/support/posting.ts'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'

const found = networks
  .flatMap(({ definition }) => definition.logins.map((login) => ({ definition, login })))
  .find(({ login }) => login.needsHost)
if (!found) throw new Error('no network has many servers')
const { definition, login } = found

const start = (test: TestProduct, body: object) =>
  test.call('POST', '/connections/start', { body: { login: login.id, ...body } })

/** Apps stored by the product, as they are opened. */
async function appsOf(test: TestProduct): Promise<Array<{ host: string; sealed: string }>> {
  const { rows } = await sql<{
    host: string
    sealed: string
  }>`select host, sealed_app as sealed from registered_app order by host`.execute(test.product.system.db)
  return rows
}

describe('a server that somebody names', () => {
  let test: TestProduct
  beforeAll(async () => {
    test = await startTestProduct({ env: { LITFASS_ROLES: 'serve' } })
  })
  afterAll(() => test.close())

  it('is asked for in the list of networks, and no app of the operator is', async () => {
    const { body } = await test.call('GET', '/networks')
    const listed = body.items.find(({ id }: { id: string }) => id === definition.id)
    expect(listed.logins).toMatchObject([{ kind: 'consent', needsHost: true }])
    const saved = await test.call('PUT', `/network-apps/${login.id}`, {
      body: { clientId: 'id', clientSecret: 'secret' },
    })
    expect(saved.status).toBe(422)
  })

  it('is needed', async () => {
    for (const host of [undefined, '', ' '])
      expect(await start(test, host === undefined ? {} : { host })).toMatchObject({
        status: 422,
        body: { code: 'invalid_input', issues: [{ path: 'host' }] },
      })
  })

  it.each([
    'https://127.0.0.1',
    'localhost',
    'https://[::1]',
    'https://169.254.169.254',
    'http://1.1.1.1',
    'https://example.com/path',
    'https://user:word@example.com',
  ])('is not %s', async (host) => {
    const refused = { status: 422, body: { code: 'host_not_allowed', issues: [{ path: 'host' }] } }
    expect(await start(test, { host })).toMatchObject(refused)
    const adopted = await test.call('POST', '/connections', {
      body: { login: login.id, host, grant: { accessToken: 'a token of somebody' } },
    })
    expect(adopted).toMatchObject(refused)
  })

  it('is not asked for in the sandbox, where an app is registered once', async () => {
    const first = await test.call('POST', '/connections', { body: { login: login.id, sandbox: true } })
    expect(first).toMatchObject({ status: 201, body: { channels: [{ state: 'active', sandbox: true }] } })
    const [app] = await appsOf(test)
    await start(test, { sandbox: true, host: 'https://127.0.0.1' })
    expect(await appsOf(test)).toEqual([app])
  })
})

describe('another server', () => {
  let test: TestProduct
  let server: Awaited<ReturnType<typeof startSimulator>>
  beforeAll(async () => {
    server = await startSimulator((await loadSimulator(definition.id)).createSandbox)
    test = await startTestProduct({ env: { LITFASS_ALLOW_PRIVATE_HOSTS: 'on', LITFASS_SANDBOX: 'off' } })
  })
  afterAll(async () => {
    await test.close()
    await server.close()
  })

  const connect = async () => {
    const { body } = await start(test, { host: server.baseUrl })
    const page = await fetch(body.url)
    const answer = consentAnswerUrl(await page.text(), body.url, 'allow')
    const back = await fetch(answer ?? '', { redirect: 'manual' })
    const callback = new URL(back.headers.get('location') ?? '')
    return test.fetch(`${callback.pathname}${callback.search}`)
  }

  it('is consented at, published to and deleted from by the whole product, by an app of its own', async () => {
    const connected = await connect()
    expect(connected.status).toBe(200)
    const { connection } = (await connected.json()) as { connection: { id: string } }
    const { channels } = (await test.call('GET', `/connections/${connection.id}`)).body
    expect(channels).toMatchObject([{ state: 'active', sandbox: false }])
    expect(await (await connect()).json()).toMatchObject({ connection: { id: connection.id } })
    const apps = await appsOf(test)
    expect(apps).toMatchObject([{ host: server.baseUrl }])
    expect(apps[0]?.sealed).toMatch(/^v1\./)
    const text = 'Fresh from the column 👋 #Litfass'
    const made = await test.call('POST', '/posts', { body: { text, channelIds: [channels[0].id] } })
    const post = await settled(test, made.body.id)
    expect(post).toMatchObject({ state: 'published', deliveries: [{ state: 'published' }] })
    expect(server.sandbox.wall().map((shown) => shown.text)).toEqual([text])
    const checked = await test.call('GET', `/channels/${channels[0].id}/check`)
    expect(checked.body.items.filter(({ ok }: { ok: boolean }) => !ok)).toEqual([])
    await test.call('POST', `/deliveries/${post.deliveries[0].id}/remove`)
    expect(server.sandbox.wall().map((shown) => shown.deleted)).toEqual([true])
  })

  it('counts by limits of its own, which a check reads anew', async () => {
    await connect()
    const [channel] = (await test.call('GET', '/channels')).body.items
    expect(channel.ownLimits).toMatchObject({ maxLength: definition.text.value.maxLength })
    const { system } = test.product
    const network = system.networks.find((candidate) => candidate.definition.id === definition.id)
    if (!network?.ownLimits) throw new Error('no network of many servers reads their limits')
    const { ownLimits } = network
    network.ownLimits = async () => ({ maxLength: 1_000, urlLength: 10, maxCount: 1 })
    await test.call('GET', `/channels/${channel.id}/check`)
    network.ownLimits = async () => null
    await test.call('GET', `/channels/${channel.id}/check`)
    network.ownLimits = ownLimits
    expect((await test.call('GET', '/channels')).body.items[0].ownLimits).toEqual({
      maxLength: 1_000,
      urlLength: 10,
      maxCount: 1,
    })
    const verdict = async (body: object) =>
      (await test.call('POST', '/posts/dry-run', { body: { channelIds: [channel.id], ...body } })).body
        .verdicts[0]
    expect(await verdict({ text: 'https://example.com/a/long/one' })).toMatchObject({
      length: 10,
      maxLength: 1_000,
      problems: [],
    })
    expect(await verdict({ text: 'x'.repeat(1_001) })).toMatchObject({
      problems: [{ code: 'text_too_long' }],
    })
    const { id: mediaFileId } = (await upload(test, await picture(20, 20))).body
    const attachments = [{ mediaFileId }, { mediaFileId }]
    expect(await verdict({ text: 'x', attachments })).toMatchObject({
      problems: [{ code: 'too_many_images', params: { allowed: 1 } }],
    })
  })

  it('that forgot the app is given another the next time', async () => {
    const [before] = await appsOf(test)
    const { body } = await start(test, { host: server.baseUrl })
    const bogus = await test.fetch(`/api/v1/connections/callback?state=${body.state}&code=bogus`)
    expect(bogus.status).toBe(409)
    expect(await appsOf(test)).toEqual([])
    expect((await connect()).status).toBe(200)
    expect((await appsOf(test))[0]?.sealed).not.toBe(before?.sealed)
  })
})
