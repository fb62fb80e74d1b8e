import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { appTokenOf } from '#app/app-tokens.ts'
import { networks } from '#networks/registry.ts'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'

const everyLogin = networks.flatMap(({ definition }) => definition.logins)
const logins = everyLogin.filter(
  ({ kind, needsHost, isOwnClient }) => kind !== 'form' && !needsHost && !isOwnClient,
)
const [fromEnvironment, other] = logins
if (!fromEnvironment || !other) throw new Error('there are fewer than two logins')

let test: TestProduct
beforeAll(async () => {
  test = await startTestProduct({
    env: {
      LITFASS_ROLES: 'serve',
      [`LITFASS_${fromEnvironment.settings}_CLIENT_ID`]: 'environment-id',
      [`LITFASS_${fromEnvironment.settings}_CLIENT_SECRET`]: 'environment-secret',
    },
  })
})
afterAll(() => test.close())

const apps = async (key?: string) =>
  Object.fromEntries(
    (await test.call('GET', '/network-apps', key === undefined ? {} : { key })).body.items.map(
      (app: { login: string }) => [app.login, app],
    ),
  )
const clientIdOf = async (login: string) => {
  const { body } = await test.call('POST', '/connections/start', { body: { login } })
  return new URL(body.url).searchParams.get('client_id')
}

describe('the app of an operator', () => {
  it('is listed for every login with a consent page, with what to enter at the network', async () => {
    const listed = await apps()
    expect(Object.keys(listed).sort()).toEqual(logins.map(({ id }) => id).sort())
    for (const app of Object.values(listed))
      expect(app).toMatchObject({ redirectUri: `${test.url}/api/v1/connections/callback` })
    expect(listed[fromEnvironment.id]).toMatchObject({
      source: 'environment',
      clientId: 'environment-id',
      updatedAt: null,
    })
    expect(listed[other.id]).toMatchObject({ source: null, clientId: null })
  })

  it('is used where it is stored, before the environment’s, and forgotten again', async () => {
    const { id } = fromEnvironment
    expect(await clientIdOf(id)).toBe('environment-id')
    const saved = await test.call('PUT', `/network-apps/${id}`, {
      body: { clientId: 'stored-id', clientSecret: 'stored-secret' },
    })
    expect(saved.body).toMatchObject({ login: id, source: 'stored', clientId: 'stored-id' })
    expect(await clientIdOf(id)).toBe('stored-id')
    const removed = await test.call('DELETE', `/network-apps/${id}`)
    expect(removed.body).toMatchObject({ source: 'environment' })
    expect(await clientIdOf(id)).toBe('environment-id')
  })

  it('never gives its secret away, neither in answers nor in the database', async () => {
    const secret = 'a-secret-nobody-may-read'
    const answers = [
      await test.call('PUT', `/network-apps/${other.id}`, { body: { clientId: 'i', clientSecret: secret } }),
      await test.call('GET', '/network-apps'),
    ]
    expect(JSON.stringify(answers.map(({ body }) => body))).not.toContain(secret)
    const { rows } = await sql<{
      sealed: string
    }>`select sealed_secret as sealed from network_app where login = ${other.id}`.execute(
      test.product.system.db,
    )
    expect(rows[0]?.sealed).toMatch(/\S/)
    expect(rows[0]?.sealed).not.toContain(secret)
  })

  it('cannot be opened under another row', async () => {
    await test.call('PUT', `/network-apps/${other.id}`, { body: { clientId: 'i', clientSecret: 's' } })
    const { workspaceId, apiKey } = await test.addWorkspace()
    await sql`insert into network_app select ${workspaceId}, login, client_id, sealed_secret, updated_at
      from network_app where login = ${other.id} and workspace_id = ${test.workspaceId}`.execute(
      test.product.system.db,
    )
    const started = await test.call('POST', '/connections/start', {
      key: apiKey,
      body: { login: other.id },
    })
    expect(started.body).toMatchObject({ code: 'secret_unreadable' })
  })

  it('belongs to one workspace', async () => {
    await test.call('PUT', `/network-apps/${other.id}`, { body: { clientId: 'ours', clientSecret: 's' } })
    const elsewhere = await test.addWorkspace()
    expect((await apps(elsewhere.apiKey))[other.id]).toMatchObject({ source: null, clientId: null })
    await test.call('DELETE', `/network-apps/${other.id}`, { key: elsewhere.apiKey })
    expect((await apps())[other.id]).toMatchObject({ clientId: 'ours' })
  })

  it('is for admins', async () => {
    const editor = await test.addWorkspace()
    await sql`update member set role = 'editor' where id = ${editor.ownerId}`.execute(test.product.system.db)
    const key = editor.apiKey
    const body = { clientId: 'i', clientSecret: 's' }
    expect((await test.call('GET', '/network-apps', { key })).status).toBe(403)
    expect((await test.call('PUT', `/network-apps/${other.id}`, { key, body })).status).toBe(403)
    expect((await test.call('DELETE', `/network-apps/${other.id}`, { key })).status).toBe(403)
  })

  it('is refused for a login with a form, which needs none', async () => {
    const form = everyLogin.find(({ kind }) => kind === 'form')
    const body = { clientId: 'i', clientSecret: 's' }
    for (const [method, sent] of [
      ['PUT', { body }],
      ['DELETE', {}],
    ] as const)
      expect((await test.call(method, `/network-apps/${form?.id}`, sent)).body).toMatchObject({
        code: 'invalid_input',
      })
  })

  it('is refused for a login nobody knows', async () => {
    const body = { clientId: 'i', clientSecret: 's' }
    expect((await test.call('PUT', '/network-apps/nowhere', { body })).body).toMatchObject({
      code: 'network_unknown',
    })
  })
})

describe('the own token of an app', () => {
  const withToken = logins.find(({ appToken }) => appToken !== undefined)
  const id = withToken?.id ?? ''
  const token = 'AAAA%2Ba-token-nobody-may-read'
  const path = `/network-apps/${id}/token`
  const known = () =>
    withToken ? appTokenOf(test.product.system, test.workspaceId, withToken, false) : Promise.resolve(null)

  it('is entered and forgotten by an admin, and never given away', async () => {
    expect((await apps())[id].token).toEqual({
      label: withToken?.appToken?.label,
      setting: `LITFASS_${withToken?.settings}_${withToken?.appToken?.setting}`,
      source: null,
      updatedAt: null,
    })
    const saved = await test.call('PUT', path, { body: { token: ` ${token}\n` } })
    expect(saved.body.token).toMatchObject({ source: 'stored', updatedAt: expect.any(String) })
    expect(await known()).toBe(token)
    expect(JSON.stringify([saved.body, await apps()])).not.toContain(token)
    const { rows } = await sql<{
      sealed: string
    }>`select sealed_token as sealed from network_app_token`.execute(test.product.system.db)
    expect(rows.map(({ sealed }) => sealed.includes(token))).toEqual([false])
    expect((await test.call('DELETE', path)).body.token).toMatchObject({ source: null })
    expect(await known()).toBeNull()
  })

  it('is of one app: it waits for the first one, and goes with it', async () => {
    await test.call('PUT', path, { body: { token } })
    const enter = (clientId: string) =>
      test.call('PUT', `/network-apps/${id}`, { body: { clientId, clientSecret: 's' } })
    expect((await enter('first')).body.token.source).toBe('stored')
    expect(await known()).toBe(token)
    expect((await enter('second')).body.token.source).toBeNull()
    expect(await known()).toBeNull()
    await test.call('PUT', path, { body: { token } })
    expect((await test.call('DELETE', `/network-apps/${id}`)).body.token.source).toBeNull()
    expect(await known()).toBeNull()
  })

  it('is refused where a login has none, where it is no token, and for others than admins', async () => {
    const without = logins.find(({ appToken }) => appToken === undefined)
    const put = (login: string | undefined, value: string, key?: string) =>
      test.call('PUT', `/network-apps/${login}/token`, {
        body: { token: value },
        ...(key === undefined ? {} : { key }),
      })
    expect((await put(without?.id, token)).body).toMatchObject({ code: 'invalid_input' })
    expect((await put(id, 'two words')).body).toMatchObject({ code: 'invalid_input' })
    const editor = await test.addWorkspace()
    await sql`update member set role = 'editor' where id = ${editor.ownerId}`.execute(test.product.system.db)
    expect((await put(id, token, editor.apiKey)).status).toBe(403)
    expect((await test.call('DELETE', path, { key: editor.apiKey })).status).toBe(403)
  })

  it('is nobody else’s, and the environment’s serves the environment’s app alone', async () => {
    await test.call('PUT', path, { body: { token } })
    const other = await test.addWorkspace()
    const { system } = test.product
    if (!withToken) throw new Error('no login has a token')
    expect(await appTokenOf(system, other.workspaceId, withToken, false)).toBeNull()
    const shared = {
      ...system,
      appTokenFromEnvironment: () => 'from-the-environment',
      appFromEnvironment: () => ({ clientId: 'shared', clientSecret: 's' }),
    }
    expect(await appTokenOf(shared, other.workspaceId, withToken, false)).toBe('from-the-environment')
    await test.call('PUT', `/network-apps/${id}`, {
      body: { clientId: 'their own', clientSecret: 's' },
      key: other.apiKey,
    })
    expect(await appTokenOf(shared, other.workspaceId, withToken, false)).toBeNull()
    await test.call('DELETE', path)
  })
})

describe('networks', () => {
  it('are listed as their definitions say', async () => {
    const { body } = await test.call('GET', '/networks')
    expect(body.items.map((item: { id: string }) => item.id)).toEqual(
      networks.map(({ definition }) => definition.id),
    )
    expect(body.items[0].text).toEqual(networks[0]?.definition.text)
  })

  it('have a guide with the addresses of this installation', async () => {
    for (const { definition } of networks) {
      const { body } = await test.call('GET', `/networks/${definition.id}/guide`)
      const withApp = definition.logins.filter((login) => logins.includes(login))
      expect(body.markdown).toMatch(/^# \S/)
      expect(body.markdown).not.toContain('<your host>/')
      if (withApp.length > 0) expect(body.markdown).toContain(`${test.url}/api/v1/connections/callback`)
      for (const login of withApp) expect(body.markdown).toContain(`LITFASS_${login.settings}_CLIENT_ID`)
    }
    for (const id of ['nowhere', '..', '%2e%2e%2f%2e%2e'])
      expect((await test.call('GET', `/networks/${id}/guide`)).status).toBe(404)
  })

  it('have a logo that everybody may see and that can do nothing', async () => {
    for (const { definition } of networks) {
      const answer = await fetch(`${test.url}/api/v1/networks/${definition.id}/logo.svg`)
      expect(answer.status).toBe(200)
      expect(answer.headers.get('content-type')).toMatch(/^image\/svg\+xml/)
      expect(answer.headers.get('cache-control')).toMatch(/public, max-age=\d+/)
      expect(answer.headers.get('content-security-policy')).toMatch(/default-src 'none'.*sandbox/)
      const svg = await answer.text()
      expect(svg).toMatch(/^<svg [^>]*viewBox="0 0 24 24"/)
      expect(svg.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|<script|<image|\son\w+=/)
    }
    expect((await fetch(`${test.url}/api/v1/networks/nowhere/logo.svg`)).status).toBe(404)
  })
})
