/** Set-up, sign-in, roles and invitations, over HTTP as a browser does it. */
import { createServer, type Server } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { freePort } from '#test/support/free-port.ts'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'
import { visitor } from '#test/support/visitor.ts'

const password = 'a long glass of lemonade'

const input = (token: string) => ({
  token,
  workspace: 'Lemonade',
  name: 'Owner',
  email: 'Owner@lemonade.example',
  password,
  timeZone: 'Europe/Berlin',
  locale: 'de',
})

describe('the first set-up in a browser', () => {
  let product: TestProduct
  beforeAll(async () => {
    product = await startTestProduct({ isBare: true })
  })
  afterAll(() => product.close())

  it('is open until somebody owns the installation', async () => {
    const { body } = await visitor(product).get('/api/v1/setup')
    expect(body).toEqual({ initialised: false, sandbox: true, mail: false })
  })

  it('needs the one-time token, a long password and a real time zone, and half-saves nothing', async () => {
    const guest = visitor(product)
    expect((await guest.send('POST', '/api/v1/setup', input('guess'))).body).toMatchObject({
      status: 403,
      code: 'setup_token_invalid',
    })
    const short = { ...input(product.setupToken()), password: 'short' }
    expect((await guest.send('POST', '/api/v1/setup', short)).body).toMatchObject({ code: 'invalid_input' })
    const nowhere = { ...input(product.setupToken()), timeZone: 'Mars/Base' }
    expect((await guest.send('POST', '/api/v1/setup', nowhere)).body).toMatchObject({ code: 'invalid_input' })
    expect((await guest.get('/api/v1/setup')).body.initialised).toBe(false)
  })

  it('happens once, even when two race, and signs the owner in', async () => {
    const [one, two] = [visitor(product), visitor(product)]
    const answers = await Promise.all(
      [one, two].map((guest) => guest.send('POST', '/api/v1/setup', input(product.setupToken()))),
    )
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([201, 409])
    const owner = answers[0]?.status === 201 ? one : two
    expect((await owner.get('/api/v1/me')).body).toMatchObject({
      member: { name: 'Owner', email: 'owner@lemonade.example', role: 'owner', locale: 'de' },
      workspace: { name: 'Lemonade', timeZone: 'Europe/Berlin' },
      installation: { sandbox: true, mail: false },
    })
  })

  it('leaves a password that opens the door, and no other does', async () => {
    const guest = visitor(product)
    expect((await guest.signIn('owner@lemonade.example', 'something else')).body).toMatchObject({
      status: 401,
      code: 'sign_in_wrong',
    })
    expect((await guest.signIn('nobody@lemonade.example', password)).body).toMatchObject({
      code: 'sign_in_wrong',
    })
    expect((await guest.get('/api/v1/me')).status).toBe(401)
    expect((await guest.signIn('OWNER@lemonade.example', password)).status).toBe(200)
    expect((await guest.get('/api/v1/me')).status).toBe(200)
  })
})

describe('people of a workspace', () => {
  let product: TestProduct
  let owner: ReturnType<typeof visitor>
  beforeAll(async () => {
    product = await startTestProduct({ isBare: true })
    owner = visitor(product)
    await owner.send('POST', '/api/v1/setup', input(product.setupToken()))
  })
  afterAll(() => product.close())

  const join = async (email: string, role: string) => {
    const invited = await owner.send('POST', '/api/v1/invitations', { email, role })
    const token = new URL(invited.body.url).searchParams.get('token') ?? ''
    const guest = visitor(product)
    const accepted = await guest.send('POST', `/api/v1/invitations/by-token/${token}/accept`, {
      name: 'Guest',
      password,
    })
    return { guest, token, invited, accepted, memberId: String(accepted.body.memberId) }
  }

  it('come by an invitation that works once', async () => {
    const { guest, token, invited, accepted } = await join('editor@lemonade.example', 'editor')
    expect(invited).toMatchObject({ status: 201, body: { role: 'editor', mailed: false } })
    expect(accepted.status).toBe(200)
    expect((await guest.get('/api/v1/me')).body.member).toMatchObject({ name: 'Guest', role: 'editor' })
    const again = await visitor(product).send('POST', `/api/v1/invitations/by-token/${token}/accept`, {
      password,
    })
    expect(again.body).toMatchObject({ status: 410, code: 'link_invalid' })
    expect((await visitor(product).get(`/api/v1/invitations/by-token/${token}`)).status).toBe(410)
  })

  it('cannot come by an invitation that was revoked', async () => {
    const invited = await owner.send('POST', '/api/v1/invitations', {
      email: 'late@lemonade.example',
      role: 'viewer',
    })
    await owner.send('DELETE', `/api/v1/invitations/${invited.body.id}`)
    const token = new URL(invited.body.url).searchParams.get('token') ?? ''
    const guest = visitor(product)
    expect((await guest.get(`/api/v1/invitations/by-token/${token}`)).body).toMatchObject({
      code: 'link_invalid',
    })
    expect((await owner.get('/api/v1/invitations')).body.items).toEqual([])
  })

  it('may do what their role allows', async () => {
    const { guest } = await join('viewer@lemonade.example', 'viewer')
    for (const [method, path, body] of [
      ['POST', '/api/v1/posts', { text: 'x', draft: true }],
      ['POST', '/api/v1/invitations', { email: 'x@lemonade.example', role: 'viewer' }],
      ['GET', '/api/v1/invitations', undefined],
      ['POST', '/api/v1/keys', { name: 'x' }],
      ['POST', '/api/v1/backups', {}],
    ] as const)
      expect({ path, ...(await guest.send(method, path, body)).body }).toMatchObject({
        path,
        code: 'not_allowed',
      })
    expect((await guest.get('/api/v1/posts')).status).toBe(200)
  })

  it('are out at once when they are removed or sign out', async () => {
    const { guest, memberId } = await join('leaving@lemonade.example', 'admin')
    const key = (await guest.send('POST', '/api/v1/keys', { name: 'Mine' })).body.apiKey
    expect((await product.call('GET', '/me', { key })).status).toBe(200)
    expect((await owner.send('DELETE', `/api/v1/members/${memberId}`)).status).toBe(200)
    expect((await guest.get('/api/v1/me')).body).toMatchObject({ code: 'not_signed_in' })
    expect((await product.call('GET', '/me', { key })).status).toBe(401)

    const other = visitor(product)
    await other.signIn('owner@lemonade.example', password)
    const cookie = other.cookie()
    expect((await other.send('POST', '/api/auth/sign-out', {})).status).toBe(200)
    expect((await visitor(product).get('/api/v1/me', { cookie })).status).toBe(401)
  })

  it('always have an owner', async () => {
    const { body } = await owner.get('/api/v1/me')
    const path = `/api/v1/members/${body.member.id}`
    expect((await owner.send('PATCH', path, { role: 'viewer' })).body).toMatchObject({ code: 'conflict' })
    expect((await owner.send('DELETE', path)).body).toMatchObject({ code: 'conflict' })
    const { guest } = await join('admin@lemonade.example', 'admin')
    expect((await guest.send('PATCH', path, { role: 'viewer' })).body).toMatchObject({ code: 'not_allowed' })
    expect((await guest.send('DELETE', path)).body).toMatchObject({ code: 'not_allowed' })
  })

  it('get back in without mail by a link that works once and ends their sessions', async () => {
    const { guest, memberId } = await join('forgot@lemonade.example', 'editor')
    const link = await owner.send('POST', `/api/v1/members/${memberId}/password-link`, {})
    const token = new URL(link.body.url).searchParams.get('token')
    const helped = visitor(product)
    const set = (newPassword: string) =>
      helped.send('POST', '/api/auth/reset-password', { token, newPassword })
    expect((await set('short')).body).toMatchObject({ code: 'invalid_input' })
    expect((await set('another long password')).status).toBe(200)
    expect((await set('yet another password')).body).toMatchObject({ code: 'link_invalid' })
    expect((await guest.get('/api/v1/me')).status).toBe(401)
    expect((await helped.signIn('forgot@lemonade.example', password)).status).toBe(401)
    expect((await helped.signIn('forgot@lemonade.example', 'another long password')).status).toBe(200)
  })

  it('change their password when they know it', async () => {
    const { guest } = await join('careful@lemonade.example', 'editor')
    const change = (currentPassword: string) =>
      guest.send('POST', '/api/auth/change-password', {
        currentPassword,
        newPassword: 'a better password',
        revokeOtherSessions: false,
      })
    const elsewhere = visitor(product)
    expect((await elsewhere.signIn('careful@lemonade.example', password)).status).toBe(200)
    expect((await change('not this one')).body).toMatchObject({ code: 'password_wrong' })
    expect((await elsewhere.get('/api/v1/me')).status).toBe(200)
    expect((await change(password)).status).toBe(200)
    expect((await guest.get('/api/v1/me')).status).toBe(200)
    // Whoever else is signed in may be why, whatever the request asks for.
    expect((await elsewhere.get('/api/v1/me')).status).toBe(401)
    expect((await visitor(product).signIn('careful@lemonade.example', 'a better password')).status).toBe(200)
  })

  it('are not acted for by pages of other sites', async () => {
    const foreign = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
    const post = await owner.send('POST', '/api/v1/posts', { text: 'x', draft: true }, foreign)
    expect(post.body).toMatchObject({ status: 403, code: 'not_allowed' })
    const out = await owner.send('POST', '/api/auth/sign-out', {}, foreign)
    expect(out.body).toMatchObject({ code: 'not_allowed' })
    expect((await owner.get('/api/v1/me')).status).toBe(200)
  })

  it('cannot forge a session', async () => {
    const [name = '', value = ''] = owner.cookie().split('=')
    const token = decodeURIComponent(value).split('.')[0] ?? ''
    const forged = `${name}=${encodeURIComponent(`${token}.AAAA`)}`
    expect((await visitor(product).get('/api/v1/me', { cookie: forged })).status).toBe(401)
    expect((await visitor(product).get('/api/v1/me', { cookie: `${name}=%E0%A4%A` })).status).toBe(401)
  })

  it('finish a consent only as the one who started it', async () => {
    const started = await owner.send('POST', '/api/v1/connections/start', {
      login: product.product.system.networks[0]?.definition.logins[0]?.id,
      sandbox: true,
    })
    const { guest } = await join('lured@lemonade.example', 'admin')
    const callback = `/api/v1/connections/callback?state=${started.body.state}&code=whatever`
    const lured = await guest.get(callback, { accept: 'text/html' })
    expect(lured.status).toBe(303)
    expect(lured.headers.get('location')).toContain('error=oauth_state_invalid')
  })

  it('change names, languages and the time zone', async () => {
    const me = await owner.send('PATCH', '/api/v1/me', { name: 'The owner', locale: 'en' })
    expect(me.body.member).toMatchObject({ name: 'The owner', locale: 'en' })
    const path = `/api/v1/workspaces/${me.body.workspace.id}`
    expect((await owner.send('PATCH', path, { timeZone: 'Mars/Base' })).body).toMatchObject({
      code: 'invalid_input',
    })
    expect((await owner.send('PATCH', path, { timeZone: 'Asia/Tokyo' })).body).toMatchObject({
      timeZone: 'Asia/Tokyo',
    })
    expect((await owner.send('PATCH', '/api/v1/workspaces/wsp_other', { name: 'x' })).status).toBe(404)
    expect((await owner.get('/api/v1/workspaces')).body.items).toHaveLength(1)
  })
})

describe('an owner made at the command line', () => {
  let product: TestProduct
  beforeAll(async () => {
    product = await startTestProduct()
  })
  afterAll(() => product.close())

  it('gets a password by a link', async () => {
    const members = await product.call('GET', '/members')
    expect(members.body.items).toMatchObject([{ role: 'owner', canSignIn: false }])
    const link = await product.call('POST', `/members/${product.ownerId}/password-link`, { body: {} })
    const token = new URL(link.body.url).searchParams.get('token')
    const guest = visitor(product)
    await guest.send('POST', '/api/auth/reset-password', { token, newPassword: password })
    expect((await guest.signIn(members.body.items[0].email, password)).status).toBe(200)
    expect((await guest.get('/api/v1/me')).body.member).toMatchObject({ id: product.ownerId, role: 'owner' })
  })
})

describe('mail', () => {
  let product: TestProduct
  let mailServer: Server
  let mails: string[]
  beforeAll(async () => {
    const port = await freePort()
    mails = []
    mailServer = smtpServer(mails).listen(port, '127.0.0.1')
    product = await startTestProduct({
      isBare: true,
      env: { LITFASS_SMTP_URL: `smtp://127.0.0.1:${port}`, LITFASS_MAIL_FROM: 'litfass@lemonade.example' },
    })
  })
  afterAll(async () => {
    await product.close()
    mailServer.close()
  })

  it('brings invitations and new passwords, and tells nobody which accounts there are', async () => {
    const owner = visitor(product)
    await owner.send('POST', '/api/v1/setup', input(product.setupToken()))
    const invited = await owner.send('POST', '/api/v1/invitations', {
      email: 'guest@lemonade.example',
      role: 'viewer',
    })
    expect(invited.body.mailed).toBe(true)
    const ask = (email: string) =>
      visitor(product).send('POST', '/api/auth/request-password-reset', { email })
    const [known, unknown] = [await ask('owner@lemonade.example'), await ask('nobody@lemonade.example')]
    expect([known.status, known.body]).toEqual([unknown.status, unknown.body])
    // It goes out after the answer, so that the time it takes tells nothing either.
    await vi.waitUntil(() => mails.length === 2, { timeout: 5_000 })
    expect(mails[0]).toContain('guest@lemonade.example')
    const token = /reset-password\?token=(?:3D)?([\w-]+)/.exec(mails[1]?.replaceAll('=\r\n', '') ?? '')?.[1]
    const reset = await visitor(product).send('POST', '/api/auth/reset-password', {
      token,
      newPassword: 'a new long password',
    })
    expect(reset.status).toBe(200)
  })
})

/** Takes every mail. */
function smtpServer(mails: string[]): Server {
  return createServer((socket) => {
    let isData = false
    let mail = ''
    socket.write('220 mail\r\n')
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      const text = chunk.toString()
      if (isData) {
        mail += text
        if (!mail.endsWith('\r\n.\r\n')) return
        mails.push(mail)
        mail = ''
        isData = false
        socket.write('250 taken\r\n')
        return
      }
      for (const line of text.split('\r\n').filter((part) => part !== '')) {
        isData = line.toUpperCase() === 'DATA'
        socket.write(isData ? '354 go on\r\n' : line.toUpperCase() === 'QUIT' ? '221 bye\r\n' : '250 ok\r\n')
      }
    })
  })
}
