/** Litfass as an app of its own at networks that register none: its document, its key, and where it can be none. */
import { createPublicKey } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startLogin } from '#app/connecting.ts'
import { ownClientOf } from '#app/own-client.ts'
import { networks } from '#networks/registry.ts'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'

const login = networks.flatMap(({ definition }) => definition.logins).find(({ isOwnClient }) => isOwnClient)
if (!login) throw new Error('no network takes Litfass itself')

const start = (origin: string) =>
  startTestProduct({ env: { LITFASS_ROLES: 'serve', LITFASS_ORIGIN: origin, LITFASS_SANDBOX: 'off' } })

describe('at a public address', () => {
  let test: TestProduct
  beforeAll(async () => {
    test = await start('https://posts.lemonade.example')
  })
  afterAll(() => test.close())

  const path = () => `/oauth/${login.id}/${test.workspaceId}/client-metadata.json`

  it('there is a document that strangers read, once somebody wants to sign in', async () => {
    expect((await fetch(test.url + path())).status).toBe(404)
    const client = await ownClientOf(test.product.system, test.workspaceId, login)
    const answer = await fetch(test.url + path())
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/)
    const document = (await answer.json()) as { jwks: { keys: Array<Record<string, string>> } }
    expect(document).toMatchObject({
      client_id: client?.clientId,
      client_name: 'Litfass',
      redirect_uris: ['https://posts.lemonade.example/api/v1/connections/callback'],
      scope: login.scopes.join(' '),
      token_endpoint_auth_method: 'private_key_jwt',
      dpop_bound_access_tokens: true,
    })
    expect(client?.clientId).toBe(`https://posts.lemonade.example${path()}`)
    const [key = {}] = document.jwks.keys
    expect(createPublicKey({ key, format: 'jwk' }).asymmetricKeyType).toBe('ec')
    const { d } = JSON.parse(client?.clientSecret ?? '{}') as { d: string }
    expect(d).toMatch(/\S/)
    expect(JSON.stringify(document)).not.toContain(d)
  })

  it('the key is made once, also where two want it at the same time, is sealed, and belongs to one workspace', async () => {
    const { system } = test.product
    const other = await test.addWorkspace()
    const both = await Promise.all([1, 2].map(() => ownClientOf(system, other.workspaceId, login)))
    expect(both[0]).toEqual(both[1])
    const own = await ownClientOf(system, test.workspaceId, login)
    expect(own?.clientSecret).not.toBe(both[0]?.clientSecret)
    const { rows } = await sql<{ sealed: string }>`select sealed_app as sealed from registered_app`.execute(
      system.db,
    )
    const { d } = JSON.parse(own?.clientSecret ?? '{}') as { d: string }
    expect(rows.length).toBe(2)
    expect(JSON.stringify(rows)).not.toContain(d)
  })

  it('nothing is said of workspaces and logins that there are not', async () => {
    const other = networks
      .flatMap(({ definition }) => definition.logins)
      .find(({ isOwnClient }) => !isOwnClient)
    for (const wrong of [`/oauth/${login.id}/wsp_nobody`, `/oauth/${other?.id}/${test.workspaceId}`]) {
      const answer = await fetch(`${test.url}${wrong}/client-metadata.json`)
      expect(answer.status).toBe(404)
      expect(await answer.json()).toMatchObject({ code: 'not_found' })
    }
  })
})

describe('on one’s own machine', () => {
  let test: TestProduct
  beforeAll(async () => {
    test = await start('http://localhost:4999')
  })
  afterAll(() => test.close())

  it('the app says in its id where it sends people back to, by number, and the answer is led on to the name', async () => {
    const client = await ownClientOf(test.product.system, test.workspaceId, login)
    const { searchParams, origin } = new URL(client?.clientId ?? '')
    const redirect = 'http://127.0.0.1:4999/api/v1/connections/callback'
    expect({ origin, redirect: searchParams.get('redirect_uri'), scope: searchParams.get('scope') }).toEqual({
      origin: 'http://localhost',
      redirect,
      scope: login.scopes.join(' '),
    })
    const answer = await test.product.server?.inject({
      url: '/api/v1/connections/callback?state=a&code=b',
      headers: { host: '127.0.0.1:4999', accept: 'text/html' },
    })
    expect(answer?.statusCode).toBe(303)
    expect(answer?.headers['location']).toBe(
      'http://localhost:4999/api/v1/connections/callback?state=a&code=b',
    )
  })

  it('no server in a private place is asked for a sign-in, whatever was typed', async () => {
    for (const account of [
      'https://127.0.0.1:8443',
      'http://1.1.1.1',
      'https://169.254.169.254',
      'ftp://example.com',
    ]) {
      const { status, body } = await test.call('POST', '/connections/start', {
        body: { login: login.id, account },
      })
      expect({ account, status, code: body.code }).toEqual({ account, status: 422, code: 'host_not_allowed' })
      expect(body.issues).toMatchObject([{ path: 'account' }])
    }
  })

  it('but at an address that no network reaches nobody is sent anywhere, and is told what helps', async () => {
    const system = { ...test.product.system, origin: 'http://192.168.1.20:3000' }
    const actor = { workspaceId: test.workspaceId, memberId: test.ownerId, role: 'owner' } as const
    await expect(startLogin(system, actor, login.id, false)).rejects.toMatchObject({
      code: 'address_not_public',
      remedy: expect.stringMatching(/LITFASS_ORIGIN/),
    })
  })
})
