/** Connecting an account by a form: in the sandbox, at a real server, and not at one in a private place. */
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { networks } from '#networks/registry.ts'
import { startPds, type TestPds } from '#test/support/pds.ts'
import { settled } from '#test/support/posting.ts'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'

const logins = networks.flatMap(({ definition }) => definition.logins)
const withForm = logins.flatMap((login) => (login.kind === 'form' ? [login] : []))
const login = withForm.find(({ id }) => id.startsWith('bluesky'))
if (!login) throw new Error('no login of the network the real server speaks')

const rightFields = Object.fromEntries(
  login.fields.flatMap(({ key, sandboxValue }) => (sandboxValue === undefined ? [] : [[key, sandboxValue]])),
)
const secret = login.fields.find(({ isSecret }) => isSecret)?.key ?? ''
const server = login.fields.find(({ isHost }) => isHost)?.key ?? ''

const signIn = (test: TestProduct, body: object, key?: string) =>
  test.call('POST', '/connections/sign-in', {
    body: { login: login.id, ...body },
    ...(key === undefined ? {} : { key }),
  })

describe('a form', () => {
  let test: TestProduct
  beforeAll(async () => {
    // No request of this leaves the machine.
    test = await startTestProduct({
      env: { LITFASS_ROLES: 'serve', [`LITFASS_${login.settings}_API_URL`]: 'http://127.0.0.1:9' },
    })
  })
  afterAll(() => test.close())

  it('stands in the list of networks, with all a client needs to show it', async () => {
    const { body } = await test.call('GET', '/networks')
    const listed = body.items
      .flatMap((item: { logins: object[] }) => item.logins)
      .find(({ id }: { id: string }) => id === login.id)
    expect(listed).toMatchObject({ kind: 'form' })
    expect(listed.fields.map(({ key }: { key: string }) => key)).toEqual(login.fields.map(({ key }) => key))
    for (const field of listed.fields)
      expect(field).toMatchObject({ label: expect.stringMatching(/\S/), help: expect.stringMatching(/\.$/) })
  })

  it('connects a simulated account, again without making a second one, and keeps no password', async () => {
    const first = await signIn(test, { sandbox: true, fields: rightFields })
    expect(first.status).toBe(201)
    expect(first.body.channels).toMatchObject([{ state: 'active', sandbox: true }])
    const again = await signIn(test, { sandbox: true, fields: rightFields })
    expect(again.body.connection.id).toBe(first.body.connection.id)
    const atOnce = await test.call('POST', '/connections', { body: { login: login.id, sandbox: true } })
    expect(atOnce.body.connection.id).toBe(first.body.connection.id)
    const { rows } = await sql<{ id: string; sealed: string }>`
      select id, sealed_grant as sealed from connection`.execute(test.product.system.db)
    const opened = rows.map(({ id, sealed }) =>
      test.product.system.sealer.open(`connection/${id}/grant`, sealed),
    )
    expect(opened.length).toBe(1)
    expect(JSON.stringify([opened, first.body])).not.toContain(rightFields[secret])
  })

  it('never takes a simulated account to a server that somebody names', async () => {
    const fields = { ...rightFields, [server]: 'https://pds.example.com' }
    const { status, body } = await signIn(test, { sandbox: true, fields })
    expect(status).toBe(201)
    expect(body.connection.sandbox).toBe(true)
  })

  it('says at its field what is missing, and what is no field', async () => {
    const empty = await signIn(test, { sandbox: true, fields: { ...rightFields, [secret]: '  ' } })
    expect(empty).toMatchObject({
      status: 422,
      body: { code: 'invalid_input', issues: [{ path: `fields.${secret}` }] },
    })
    const stray = await signIn(test, { sandbox: true, fields: { ...rightFields, more: 'x' } })
    expect(stray.body).toMatchObject({ code: 'invalid_input', issues: [{ path: 'fields.more' }] })
    const wrong = await signIn(test, { sandbox: true, fields: { ...rightFields, [secret]: 'wrong' } })
    expect(wrong).toMatchObject({ status: 409, body: { code: 'connection_refused' } })
  })

  it.each([
    'https://127.0.0.1',
    'https://localhost',
    'https://[::1]',
    'https://169.254.169.254',
    'https://10.0.0.1:8443',
    'http://1.1.1.1',
    'ftp://example.com',
    'https://example.com/path',
    'https://user:word@example.com',
  ])('does not go to %s', async (address) => {
    const { status, body } = await signIn(test, { fields: { ...rightFields, [server]: address } })
    expect({ status, code: body.code }).toEqual({ status: 422, code: 'host_not_allowed' })
    expect(body.issues).toMatchObject([{ path: `fields.${server}` }])
  })

  it('is not for a login with a consent page, nor a consent for one with a form', async () => {
    const other = logins.find(({ kind }) => kind !== 'form')
    const signed = await test.call('POST', '/connections/sign-in', {
      body: { login: other?.id, sandbox: true, fields: {} },
    })
    expect(signed.body).toMatchObject({ code: 'invalid_input' })
    const started = await test.call('POST', '/connections/start', {
      body: { login: login.id, sandbox: true },
    })
    expect(started.body).toMatchObject({ code: 'invalid_input' })
  })

  it('is for admins', async () => {
    const editor = await test.addWorkspace()
    await sql`update member set role = 'editor' where id = ${editor.ownerId}`.execute(test.product.system.db)
    expect((await signIn(test, { sandbox: true, fields: rightFields }, editor.apiKey)).status).toBe(403)
  })
})

describe('an account that lives elsewhere', () => {
  let pds: TestPds
  beforeAll(async () => {
    pds = await startPds()
  })
  afterAll(() => pds.close())

  const productWith = (env: Record<string, string>) =>
    startTestProduct({
      env: {
        LITFASS_ROLES: 'serve',
        [`LITFASS_${login.settings}_READ_URL`]: pds.url,
        [`LITFASS_${login.settings}_DIRECTORY_URL`]: pds.plcUrl,
        ...env,
      },
    })
  const signInAs = async (test: TestProduct, handle: string) => {
    const { password } = await pds.account(handle)
    return signIn(test, { fields: { [server]: '', handle, password } })
  }

  it('is signed in at the server its handle leads to, and stays there', async () => {
    const test = await productWith({ LITFASS_ALLOW_PRIVATE_HOSTS: 'on' })
    const { status, body } = await signInAs(test, 'found.test')
    expect({ status, body }).toMatchObject({ status: 201, body: { channels: [{ handle: 'found.test' }] } })
    const { rows } = await sql<{ server: string }>`select server from connection`.execute(
      test.product.system.db,
    )
    expect(rows).toEqual([{ server: `localhost:${new URL(pds.url).port}` }])
    const checked = await test.call('GET', `/connections/${body.connection.id}/check`)
    expect(checked.body.items[0].checks.filter(({ ok }: { ok: boolean }) => !ok)).toEqual([])
    await test.close()
  })

  it('is not signed in at a private place its handle leads to', async () => {
    const test = await productWith({})
    expect(await signInAs(test, 'inside.test')).toMatchObject({
      status: 409,
      body: { code: 'connection_refused' },
    })
    const { rows } = await sql<{ outcome: string; status: number | null }>`
      select outcome, status from access_record where endpoint_class = 'session.create' and kind = 'settle'`.execute(
      test.product.system.db,
    )
    expect(rows).toEqual([{ outcome: 'not-sent', status: null }])
    await test.close()
  })
})

describe('a real server', () => {
  let test: TestProduct
  let pds: TestPds
  beforeAll(async () => {
    pds = await startPds()
    test = await startTestProduct({ env: { LITFASS_ALLOW_PRIVATE_HOSTS: 'on' } })
  })
  afterAll(async () => {
    await test.close()
    await pds.close()
  })

  it('is signed in to, published to and deleted from by the whole product', async () => {
    const account = await pds.account('wholesome.test')
    const fields = { handle: account.handle, password: account.password, server: pds.url }
    const connected = await signIn(test, { fields })
    expect(connected).toMatchObject({
      status: 201,
      body: { channels: [{ handle: account.handle, state: 'active', sandbox: false }] },
    })
    const [channel] = connected.body.channels
    const made = await test.call('POST', '/posts', {
      body: { text: 'Fresh from the column 👋 #Litfass', channelIds: [channel.id] },
    })
    const post = await settled(test, made.body.id)
    expect(post).toMatchObject({ state: 'published', deliveries: [{ state: 'published' }] })
    const [record] = await pds.posts(account.did)
    expect(record?.value['text']).toBe('Fresh from the column 👋 #Litfass')
    expect(record?.uri).toBe(post.deliveries[0].remoteId)
    const checked = await test.call('GET', `/channels/${channel.id}/check`)
    expect(checked.body.items.filter(({ ok }: { ok: boolean }) => !ok)).toEqual([])
    const removed = await test.call('POST', `/deliveries/${post.deliveries[0].id}/remove`)
    expect(removed.status).toBe(200)
    expect(await pds.posts(account.did)).toEqual([])
  })
})
