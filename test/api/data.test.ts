import { createHmac } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { saveConnection } from '#app/connection-saving.ts'
import { keptNetworks } from '#app/kept-networks.ts'
import { insertAccount } from '#app/accounts.ts'
import { createKey } from '#app/initialise.ts'
import type { Actor } from '#app/system.ts'
import { newId } from '#domain/id.ts'
import { provenanceOf } from '#engine/rule-books.ts'
import { sweepRetention } from '#jobs/retention.ts'
import type { Network } from '#networks/contract.ts'
import { networks } from '#networks/registry.ts'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'

const talking = networks.find(({ callbacks }) => callbacks !== undefined)
const login = talking?.definition.logins[0]
if (!talking || !login) throw new Error('no network has callbacks')
const secret = 'the secret of the app'

let now = new Date('2026-12-01T09:00:00Z')
let test: TestProduct
let actor: Actor
let accounts = 0
const db = () => test.product.system.db

beforeAll(async () => {
  const env = {
    LITFASS_ROLES: 'serve',
    LITFASS_ORIGIN: 'https://posts.example',
    [`LITFASS_${login.settings}_CLIENT_ID`]: 'the-app',
    [`LITFASS_${login.settings}_CLIENT_SECRET`]: secret,
  }
  test = await startTestProduct({ env, now: () => now })
  actor = { workspaceId: test.workspaceId, memberId: test.ownerId, role: 'owner' }
})
afterAll(() => test.close())
beforeEach(() => {
  now = new Date('2026-12-01T09:00:00Z')
})

/** An account with one channel, a published post and two readings of it. */
async function connect(network: Network = talking as Network, of = actor, isSandbox = false) {
  const account = `account-${(accounts += 1)}`
  const [way] = network.definition.logins
  if (!way) throw new Error('a network has a login')
  const { connection, channels } = await saveConnection(test.product.system, of, {
    network,
    login: way,
    isSandbox,
    newChannels: 'active',
    connected: {
      grant: { accessToken: 'a-token', scopes: [] },
      account: { remoteId: account, name: `Name of ${account}` },
      channels: [{ remoteId: `${account}-page`, kind: 'page', name: `Page of ${account}` }],
      isComplete: true,
    },
  })
  const channelId = channels[0]?.id ?? ''
  const deliveryId = await publish(network, channelId, of)
  return { account, connectionId: connection.id, channelId, deliveryId, network: network.definition.id }
}

async function publish(network: Network, channelId: string, of: Actor): Promise<string> {
  const [postId, id] = [newId('pst', now), newId('dlv', now)]
  const { id: networkId } = network.definition
  await sql`insert into post (id, workspace_id, text, is_draft, created_by, created_at, updated_at)
    values (${postId}, ${of.workspaceId}, 'Ours', false, ${of.memberId}, ${now}, ${now})`.execute(db())
  await sql`insert into delivery (id, workspace_id, post_id, channel_id, network, state, due_at, payload, published_at, remote_id, url,
      created_at, updated_at)
    values (${id}, ${of.workspaceId}, ${postId}, ${channelId}, ${networkId}, 'published', ${now}, '{"text":"Ours","images":[]}',
      ${now}, ${`remote-${id}`}, 'https://network.example/post', ${now}, ${now})`.execute(db())
  await read(network, channelId, id, 2, of)
  return id
}

async function read(network: Network, channelId: string, deliveryId: string, count: number, of = actor) {
  const { dataClass, termsVersion, expiresAt } = provenanceOf(network.definition, 'reading', 'page', now)
  for (let index = 0; index < count; index += 1)
    await sql`insert into reading (id, workspace_id, network, channel_id, delivery_id, metric, remote_name, value, version, read_at,
        data_class, terms_version, expires_at)
      values (${newId('rdg', now)}, ${of.workspaceId}, ${network.definition.id}, ${channelId}, ${deliveryId}, 'likes', 'likes',
        ${index}, 'v', ${now}, ${dataClass}, ${termsVersion}, ${expiresAt})`.execute(db())
}

const sweep = () => sweepRetention({ db: db(), networks: keptNetworks(networks), now })
const readingsOf = async (channelId: string) =>
  (await sql`select 1 from reading where channel_id = ${channelId}`.execute(db())).rows.length
const connectionOf = async (id: string) => {
  const { rows } = await sql<{ state: string; name: string; remote_account_id: string }>`
    select state, name, remote_account_id from connection where id = ${id}`.execute(db())
  return rows[0]
}

function signedBody(userId: string, at = now, by = secret): string {
  const said = Buffer.from(
    JSON.stringify({
      algorithm: 'HMAC-SHA256',
      issued_at: Math.floor(at.getTime() / 1_000),
      user_id: userId,
    }),
  ).toString('base64url')
  const signature = createHmac('sha256', by).update(said).digest('base64url')
  return new URLSearchParams({ signed_request: `${signature}.${said}` }).toString()
}
async function callBack(kind: string, body: string) {
  const answer = await fetch(`${test.url}/api/v1/network-callbacks/${login?.id}/${kind}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body,
  })
  return { status: answer.status, body: (await answer.json()) as Record<string, string> }
}
const page = async (code: string, language = 'en') =>
  fetch(`${test.url}/data-deletion/${code}`, { headers: { 'accept-language': language } })

describe('a person who asks the network to have their data deleted', () => {
  it('is given a code and a page that says when it is done, and everything read of them goes', async () => {
    const { account, connectionId, channelId, deliveryId } = await connect()
    const answer = await callBack('data-deletion', signedBody(account))
    expect(answer.status).toBe(200)
    const code = answer.body['confirmation_code'] ?? ''
    expect(code).toMatch(/^[0-9a-z]{20,}$/)
    expect(answer.body['url']).toBe(`https://posts.example/data-deletion/${code}`)
    const before = await page(code)
    expect(before.status).toBe(200)
    expect(await before.text()).toContain('Under way')
    await sweep()
    const after = await (await page(code, 'de-DE,de;q=0.9')).text()
    expect(after).toContain('Erledigt')
    expect(after).not.toContain(account)
    expect(await readingsOf(channelId)).toBe(0)
    expect(await connectionOf(connectionId)).toMatchObject({
      state: 'disconnected',
      remote_account_id: `deleted:${connectionId}`,
    })
    const { body } = await test.call('GET', `/deliveries/${deliveryId}`)
    expect(body.delivery).toMatchObject({ state: 'published', remoteId: null, url: null })
  })

  it('gets the same answer when the network repeats itself, and orders nothing twice', async () => {
    const { account, connectionId } = await connect()
    const body = signedBody(account)
    const first = await callBack('data-deletion', body)
    const again = await callBack('data-deletion', body)
    await sweep()
    now = new Date(now.getTime() + 3_600_000)
    expect(await callBack('data-deletion', body)).toEqual(first)
    expect(again).toEqual(first)
    const { rows } = await sql`select 1 from deletion where connection_id = ${connectionId}`.execute(db())
    expect(rows).toHaveLength(1)
  })

  it('is answered too where nothing is held of them', async () => {
    const answer = await callBack('data-deletion', signedBody('nobody-here'))
    expect(answer.status).toBe(200)
    expect(await (await page(answer.body['confirmation_code'] ?? '')).text()).toContain('Done')
  })

  it('is not believed without the secret of an app that is used here', async () => {
    const { account, connectionId } = await connect()
    const { status, body } = await callBack('data-deletion', signedBody(account, now, 'another secret'))
    expect({ status, code: body['code'] }).toEqual({ status: 422, code: 'grant_invalid' })
    expect(await connectionOf(connectionId)).toMatchObject({ state: 'active' })
    expect((await page('0123456789abcdef01230123456789')).status).toBe(404)
  })

  it('may have signed in again since: what came after is not theirs to end', async () => {
    const { account, connectionId } = await connect()
    await callBack('deauthorize', signedBody(account, new Date(now.getTime() - 2 * 3_600_000)))
    expect(await connectionOf(connectionId)).toMatchObject({ state: 'active' })
  })

  it('is not taken for one of a simulated account, whose secret everybody knows', async () => {
    const { account, connectionId } = await connect(talking, actor, true)
    await callBack('deauthorize', signedBody(account))
    expect(await connectionOf(connectionId)).toMatchObject({ state: 'active' })
  })
})

describe('a person who removes the app on the network', () => {
  it('is disconnected, and what the rules end goes; whoever comes back finds what was scheduled', async () => {
    const { account, connectionId, channelId } = await connect()
    expect((await callBack('deauthorize', signedBody(account))).status).toBe(200)
    expect(await connectionOf(connectionId)).toMatchObject({ state: 'disconnected' })
    await sweep()
    expect(await readingsOf(channelId)).toBe(0)
    expect(await connectionOf(connectionId)).toMatchObject({
      name: talking.definition.name,
      remote_account_id: account,
    })
  })

  it('is known by the app of the workspace that has one of its own, and by no other', async () => {
    const other = await test.addWorkspace()
    await test.call('PUT', `/network-apps/${login.id}`, {
      key: other.apiKey,
      body: { clientId: 'own', clientSecret: 'own secret' },
    })
    const theirs = await connect(talking, {
      ...actor,
      workspaceId: other.workspaceId,
      memberId: other.ownerId,
    })
    await callBack('deauthorize', signedBody(theirs.account))
    expect(await connectionOf(theirs.connectionId)).toMatchObject({ state: 'active' })
    await callBack('deauthorize', signedBody(theirs.account, now, 'own secret'))
    expect(await connectionOf(theirs.connectionId)).toMatchObject({ state: 'disconnected' })
  })

  it('has addresses to be entered at the network, beside the app', async () => {
    const { body } = await test.call('GET', '/network-apps')
    const app = body.items.find((item: { login: string }) => item.login === login.id)
    expect(app.callbacks).toEqual([
      { kind: 'deauthorize', url: `https://posts.example/api/v1/network-callbacks/${login.id}/deauthorize` },
      {
        kind: 'data-deletion',
        url: `https://posts.example/api/v1/network-callbacks/${login.id}/data-deletion`,
      },
    ])
  })
})

describe('a written request', () => {
  it('has to be done within a day of coming in, disconnects the account, and leaves a proof', async () => {
    now = new Date('2026-12-01T09:30:00Z')
    const { connectionId, channelId } = await connect()
    const receivedAt = '2026-11-30T20:00:00.000Z'
    const { status, body } = await test.call('POST', '/data/deletions', {
      body: { connectionId, receivedAt, note: 'Letter 17' },
    })
    expect(status).toBe(201)
    expect(body).toMatchObject({
      reason: 'request',
      scope: 'connection',
      receivedAt,
      deadlineAt: '2026-12-01T20:00:00.000Z',
      doneAt: null,
      note: 'Letter 17',
    })
    await sweep()
    expect(await readingsOf(channelId)).toBe(0)
    const list = await test.call('GET', '/data/deletions?limit=1')
    expect(list.body.items[0]).toMatchObject({ id: body.id, doneAt: now.toISOString(), deleted: 5 })
    const proof = await test.call('GET', `/data/certificates?deletionId=${body.id}`)
    const counts = proof.body.items.map(({ item, count }: { item: string; count: number }) => [item, count])
    expect(counts.sort()).toEqual([
      ['account', 1],
      ['channel', 1],
      ['reading', 2],
      ['remote-post', 1],
    ])
    for (const { rule, source } of proof.body.items) {
      expect(rule).toMatch(/\S/)
      expect(source).toMatch(/^https:/)
    }
  })

  it('may be about one post only', async () => {
    const { connectionId, channelId, deliveryId } = await connect()
    await test.call('POST', '/data/deletions', { body: { deliveryId } })
    await sweep()
    expect(await readingsOf(channelId)).toBe(0)
    expect(await connectionOf(connectionId)).toMatchObject({ state: 'active' })
  })

  it('ends the whole network where the agreement with it is over', async () => {
    const [one, other] = [await connect(), await connect()]
    await test.call('POST', '/data/deletions', { body: { network: one.network, reason: 'terminated' } })
    await sweep()
    for (const { connectionId, channelId } of [one, other]) {
      expect(await connectionOf(connectionId)).toMatchObject({ state: 'disconnected' })
      expect(await readingsOf(channelId)).toBe(0)
    }
  })

  it.each([
    ['about nothing', {}],
    ['about two things', { connectionId: 'con_x', network: 'y' }],
    ['from the future', { network: talking.definition.id, receivedAt: '2027-01-01T00:00:00Z' }],
  ])('is refused %s', async (_name, body) => {
    expect((await test.call('POST', '/data/deletions', { body })).status).toBe(422)
  })

  it('is no business of another workspace, or of an editor', async () => {
    const { connectionId } = await connect()
    const other = await test.addWorkspace()
    const foreign = await test.call('POST', '/data/deletions', { key: other.apiKey, body: { connectionId } })
    expect(foreign.status).toBe(404)
    const editor = await member('editor')
    const refused = await test.call('POST', '/data/deletions', { key: editor.apiKey, body: { connectionId } })
    expect(refused.status).toBe(403)
  })
})

describe('what is kept', () => {
  it('is told for each network and class, with its rules, how much it is and what comes next', async () => {
    const { network } = await connect()
    await sweep()
    const { body } = await test.call('GET', '/data/kept')
    const kept = body.items.find((item: { network: string }) => item.network === network)
    const figures = kept.classes.find((one: { dataClass: string }) => one.dataClass === 'metric')
    expect(figures.rows).toBeGreaterThanOrEqual(2)
    expect(figures.oldestReadAt).toBe('2026-12-01T09:00:00.000Z')
    expect(figures.deleteOn).toContain('request')
    expect(figures.rules[0].source).toMatch(/^https:/)
    expect(body.items).toHaveLength(networks.length)
  })

  it('is not shown past its clock, also where no sweep has been by', async () => {
    const { channelId, deliveryId } = await connect()
    await sql`update reading set expires_at = ${new Date(now.getTime() + 1_000)} where channel_id = ${channelId}`.execute(
      db(),
    )
    const shown = async () =>
      (await test.call('GET', '/metrics?limit=200')).body.items.find(
        (item: { deliveryId: string }) => item.deliveryId === deliveryId,
      ).metrics
    expect(await shown()).toEqual({ likes: expect.any(Number) })
    now = new Date(now.getTime() + 1_000)
    expect(await shown()).toEqual({})
  })

  it('leaves Litfass as far as the rules of its network let it, and says what stayed', async () => {
    const strict = networks.find(({ definition }) =>
      definition.dataTerms.value.some(({ use }) => use?.export?.kind === 'limited'),
    )
    if (!strict) throw new Error('no network limits exports')
    const { channelId, deliveryId, network } = await connect(strict)
    await read(strict, channelId, deliveryId, 600)
    const first = (await test.call('POST', '/data/export')).body
    const own = first.readings.filter((reading: { network: string }) => reading.network === network)
    expect(own).toHaveLength(500)
    expect(first.leftOut).toMatchObject([{ network, dataClass: 'metric', rows: 102 }])
    const second = (await test.call('POST', '/data/export')).body
    expect(second.readings.filter((reading: { network: string }) => reading.network === network)).toEqual([])
    now = new Date(now.getTime() + 86_400_000)
    const tomorrow = (await test.call('POST', '/data/export')).body
    expect(tomorrow.readings.some((reading: { network: string }) => reading.network === network)).toBe(true)
  })
})

async function member(role: Actor['role']) {
  const id = newId('mbr', now)
  const email = `${id}@people.example`
  const userId = await insertAccount(db(), { name: 'Robin', email, locale: 'de', passwordHash: 'x' }, now)
  await sql`insert into member (id, workspace_id, name, email, role, created_at, user_id)
    values (${id}, ${test.workspaceId}, 'Robin', ${email}, ${role}, ${now}, ${userId ?? null})`.execute(db())
  await sql`insert into auth_session (id, user_id, token, expires_at, ip_address, created_at, updated_at)
    values (${newId('usr', now)}, ${userId ?? null}, ${id}, ${new Date(now.getTime() + 86_400_000)}, '192.0.2.1', ${now}, ${now})`.execute(
    db(),
  )
  await sql`insert into invitation (id, workspace_id, email, role, token_hash, invited_by, created_at, expires_at, accepted_at)
    values (${newId('inv', now)}, ${test.workspaceId}, ${email}, 'editor', ${id}, ${test.ownerId}, ${now}, ${now}, ${now})`.execute(
    db(),
  )
  const { apiKey } = await createKey(db(), { workspaceId: test.workspaceId, memberId: id, role }, 'Key', now)
  return { id, email, userId, apiKey }
}

/** How often an address stands anywhere in the database. */
async function traces(email: string): Promise<string[]> {
  const { rows: columns } = await sql<{ table: string; column: string }>`
    select table_name as table, column_name as column from information_schema.columns
    where table_schema = 'public' and data_type in ('text', 'jsonb')`.execute(db())
  const found: string[] = []
  for (const { table, column } of columns) {
    const { rows } =
      await sql`select 1 from ${sql.table(table)} where ${sql.ref(column)}::text ilike ${`%${email}%`}`.execute(
        db(),
      )
    if (rows.length > 0) found.push(`${table}.${column}`)
  }
  return found
}

describe('a member', () => {
  it('is given everything that is held about them, as one document', async () => {
    const robin = await member('editor')
    await test.call('POST', '/posts', { key: robin.apiKey, body: { text: 'By Robin', draft: true } })
    const { status, body } = await test.call('GET', '/me/data', { key: robin.apiKey })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      account: { email: robin.email, locale: 'de' },
      sessions: [{ ipAddress: '192.0.2.1' }],
      memberships: [{ id: robin.id, role: 'editor', accessRecords: 0 }],
      keys: [{ name: 'Key' }],
      invitations: [{ email: robin.email, isOwn: true }],
      posts: [{ text: 'By Robin', isDraft: true }],
    })
    expect(JSON.stringify(body)).not.toContain(robin.apiKey)
  })

  it('is answered by an admin too, who sees what is this workspace’s and no sessions', async () => {
    const robin = await member('editor')
    const { body } = await test.call('GET', `/members/${robin.id}/data`)
    expect(body).toMatchObject({ account: null, sessions: [], memberships: [{ email: robin.email }] })
    const other = await member('editor')
    expect((await test.call('GET', `/members/${robin.id}/data`, { key: other.apiKey })).status).toBe(403)
  })

  it('is erased when they ask, everywhere, and what they wrote stays', async () => {
    const robin = await member('editor')
    const post = await test.call('POST', '/posts', {
      key: robin.apiKey,
      body: { text: 'Stays', draft: true },
    })
    const wrong = await test.call('POST', '/me/erase', { key: robin.apiKey, body: { email: 'a@b.example' } })
    expect(wrong.status).toBe(422)
    const done = await test.call('POST', '/me/erase', { key: robin.apiKey, body: { email: robin.email } })
    expect(done).toMatchObject({ status: 200, body: { workspaces: 1 } })
    expect((await test.call('GET', '/me', { key: robin.apiKey })).status).toBe(401)
    expect(await traces(robin.email)).toEqual([])
    expect((await test.call('GET', `/posts/${post.body.id}`)).body.text).toBe('Stays')
  })

  it('who is removed leaves no address behind either', async () => {
    const robin = await member('viewer')
    await test.call('DELETE', `/members/${robin.id}`)
    expect(await traces(robin.email)).toEqual([])
  })

  it('who is the last owner has to hand the workspace over first', async () => {
    const { status, body } = await test.call('POST', '/me/erase', {
      body: { email: 'owner@lemonade.example' },
    })
    expect(status).toBe(409)
    expect(body.code).toBe('conflict')
  })
})
