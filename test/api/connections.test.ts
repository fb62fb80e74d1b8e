import { sql } from 'kysely'
import sharp from 'sharp'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openChannel } from '#app/channel-access.ts'
import { saveConnection } from '#app/connection-saving.ts'
import { createKey } from '#app/initialise.ts'
import { planContent } from '#app/post-content.ts'
import { mediaCheck } from '#app/reachability.ts'
import type { Actor } from '#app/system.ts'
import { newId } from '#domain/id.ts'
import type { Grant, RemoteChannel } from '#networks/contract.ts'
import { networks } from '#networks/registry.ts'
import { consentAnswerUrl } from '#networks/sandbox-kit.ts'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'

let now = new Date('2026-12-01T09:00:00Z')
let test: TestProduct
let actor: Actor
let accounts = 0

beforeAll(async () => {
  test = await startTestProduct({ env: { LITFASS_ROLES: 'serve' }, now: () => now })
  actor = { workspaceId: test.workspaceId, memberId: test.ownerId, role: 'owner' }
})
afterAll(() => test.close())
beforeEach(() => {
  now = new Date('2026-12-01T09:00:00Z')
})

const network = networks.find(
  ({ definition: { logins } }) => logins.length === 1 && logins[0]?.kind !== 'form',
)
const login = network?.definition.logins[0]
if (!network || !login) throw new Error('no network has a single login')

/** What a network would answer to a consent of one account that reaches these pages. */
function granted(
  account: string,
  names: readonly string[],
  more: { isComplete?: boolean; newChannels?: 'offered' | 'active'; grant?: Partial<Grant> } = {},
) {
  const channels = names.map((name): RemoteChannel => ({ remoteId: name, kind: 'page', name }))
  return saveConnection(test.product.system, actor, {
    network: network as NonNullable<typeof network>,
    login: login as NonNullable<typeof login>,
    isSandbox: true,
    newChannels: more.newChannels ?? 'offered',
    connected: {
      grant: { accessToken: 'a-token', scopes: ['write'], ...more.grant },
      account: { remoteId: account, name: account },
      channels,
      isComplete: more.isComplete ?? true,
    },
  })
}
const newAccount = () => `account-${(accounts += 1)}`

/** Something scheduled on a channel, as the composer writes it. */
async function schedule(channelId: string, dueAt: Date, text = 'Fresh from the column'): Promise<string> {
  const { db } = test.product.system
  const postId = newId('pst', now)
  const id = newId('dlv', now)
  await sql`insert into post (id, workspace_id, text, is_draft, due_at, created_by, created_at, updated_at)
    values (${postId}, ${test.workspaceId}, ${text}, false, ${dueAt}, ${test.ownerId}, ${now}, ${now})`.execute(
    db,
  )
  await sql`insert into delivery (id, workspace_id, post_id, channel_id, network, state, due_at, next_at, payload, created_at, updated_at)
    values (${id}, ${test.workspaceId}, ${postId}, ${channelId}, ${network?.definition.id}, 'waiting', ${dueAt}, ${dueAt},
      ${JSON.stringify({ text, images: [] })}::jsonb, ${now}, ${now})`.execute(db)
  return id
}
async function stateOf(id: string) {
  const { rows } = await sql<{ state: string; holdReason: string | null; reason: { code: string } | null }>`
    select state, hold_reason as "holdReason", reason from delivery where id = ${id}`.execute(
    test.product.system.db,
  )
  return rows[0]
}
const minutes = (count: number) => new Date(now.getTime() + count * 60_000)
const states = (channels: readonly { name: string; state: string }[]) =>
  Object.fromEntries(channels.map((channel) => [channel.name, channel.state]))
const show = async (id: string) => (await test.call('GET', `/connections/${id}`)).body

describe('a consent in the browser', () => {
  async function consent(decision: 'allow' | 'deny', loginId: string) {
    const started = await test.call('POST', '/connections/start', {
      body: { login: loginId, sandbox: true },
    })
    expect(started.status).toBe(200)
    const page = await fetch(started.body.url)
    const answerUrl = consentAnswerUrl(await page.text(), started.body.url, decision)
    const answer = await fetch(answerUrl ?? '', { redirect: 'manual' })
    const target = new URL(answer.headers.get('location') ?? '')
    return target.pathname + target.search
  }
  let browser = { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8', cookie: '' } }

  beforeAll(async () => {
    browser = { headers: { ...browser.headers, cookie: await signIn() } }
  })

  /** The owner signs in with a password, as in the browser that starts a consent. */
  async function signIn(): Promise<string> {
    const link = await test.call('POST', `/members/${test.ownerId}/password-link`, { body: {} })
    const token = new URL(link.body.url).searchParams.get('token')
    const password = 'a long glass of lemonade'
    const send = (path: string, body: unknown) =>
      fetch(`${test.url}/api/auth/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    await send('reset-password', { token, newPassword: password })
    const answer = await send('sign-in/email', { email: 'owner@lemonade.example', password })
    return answer.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  }

  it('leads on to the choice of channels, or to the list where there is none to make', async () => {
    const consenting = networks
      .flatMap(({ definition }) => definition.logins)
      .filter(({ kind }) => kind !== 'form')
    for (const { id: loginId } of consenting) {
      const answer = await test.fetch(await consent('allow', loginId), browser)
      expect(answer.status).toBe(303)
      const location = answer.headers.get('location') ?? ''
      const id = /con_\w+/.exec(location)?.[0] ?? ''
      const { channels } = await show(id)
      const isSingle = channels.length === 1
      expect(location).toBe(isSingle ? `/connections?added=${id}` : `/connections/${id}/channels?added=1`)
      expect(
        channels.every((channel: { state: string }) => channel.state === (isSingle ? 'active' : 'offered')),
      ).toBe(true)
    }
  })

  it('works once', async () => {
    const callback = await consent('allow', login.id)
    expect((await test.fetch(callback, browser)).headers.get('location')).toMatch(/con_/)
    const again = await test.fetch(callback, browser)
    expect(again.status).toBe(303)
    expect(again.headers.get('location')).toMatch(/^\/connections\?error=oauth_state_invalid&message=/)
  })

  it('says that it was declined, or came too late, and repeats neither code nor state', async () => {
    const declined = await test.fetch(await consent('deny', login.id), browser)
    expect(declined.headers.get('location')).toMatch(/^\/connections\?error=oauth_declined&message=/)
    const callback = await consent('allow', login.id)
    now = minutes(31)
    const late = await test.fetch(callback, browser)
    const location = late.headers.get('location') ?? ''
    expect(location).toMatch(/error=oauth_state_invalid/)
    const { searchParams } = new URL(callback, test.url)
    for (const secret of [searchParams.get('code'), searchParams.get('state')])
      expect(location).not.toContain(secret)
  })

  it('answers a client that wants no page in JSON', async () => {
    const answer = await test.fetch(await consent('allow', login.id))
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({ connection: { state: 'active' } })
    const refused = await test.fetch('/api/v1/connections/callback?state=guess&code=guess')
    expect(refused.status).toBe(400)
    expect(await refused.json()).toMatchObject({ code: 'oauth_state_invalid', remedy: /\S/ })
  })

  it('is not finished by a picture that another page makes a browser load', async () => {
    const headers = { accept: 'image/avif,image/*,*/*;q=0.8', 'sec-fetch-site': 'cross-site', cookie: '' }
    const unseen = await test.fetch(await consent('allow', login.id), { headers })
    expect(unseen.status).toBe(400)
    const own = { headers: { ...headers, cookie: browser.headers.cookie } }
    expect((await test.fetch(await consent('allow', login.id), own)).status).toBe(200)
  })

  it('is for admins, also when the role was lost on the way', async () => {
    const callback = await consent('allow', login.id)
    const role = (name: string) =>
      sql`update member set role = ${name} where id = ${test.ownerId}`.execute(test.product.system.db)
    await role('editor')
    const answer = await test.fetch(callback)
    await role('owner')
    expect(answer.status).toBe(403)
  })
})

describe('a connection', () => {
  it('shows scopes, ends and channels', async () => {
    const { connection } = await granted(newAccount(), ['Only'])
    expect(await show(connection.id)).toMatchObject({
      id: connection.id,
      scopes: ['write'],
      createdAt: '2026-12-01T09:00:00.000Z',
      channels: [{ name: 'Only', state: 'active', connectionState: 'active' }],
    })
    expect(
      (await test.call('GET', '/connections')).body.items.map((item: { id: string }) => item.id),
    ).toContain(connection.id)
  })

  it('is kept whatever characters a network puts into names', async () => {
    const { connection } = await granted(newAccount(), ['Half \ud83d and \0 nothing'])
    expect(await show(connection.id)).toMatchObject({
      channels: [{ name: 'Half \ufffd and \ufffd nothing' }],
    })
  })

  it('names the earliest end that nothing renews', async () => {
    const ends = async (grant: Partial<Grant>) =>
      (await granted(newAccount(), ['Only'], { grant })).connection.endsAt
    const soon = minutes(1_000)
    const later = minutes(2_000)
    expect(await ends({ refreshExpiresAt: later, dataAccessExpiresAt: soon })).toEqual(soon)
    expect(await ends({})).toBeNull()
    const renewed = { accessExpiresAt: soon, refreshToken: 'r' }
    for (const { definition } of networks) {
      for (const method of definition.logins) {
        const system = test.product.system
        const save = async (grant: Partial<Grant>) =>
          (
            await saveConnection(system, actor, {
              network: networks.find(
                (one) => one.definition.id === definition.id,
              ) as (typeof networks)[number],
              login: method,
              isSandbox: true,
              newChannels: 'active',
              connected: {
                grant: { accessToken: 'a-token', scopes: [], ...grant },
                account: { remoteId: newAccount(), name: 'A' },
                channels: [],
                isComplete: true,
              },
            })
          ).connection.endsAt
        expect(await save(renewed)).toBeNull()
        expect(await save({ accessExpiresAt: soon })).toEqual(
          method.renewal === 'refresh-token' ? soon : null,
        )
      }
    }
  })

  it('of another workspace is not there', async () => {
    const { connection, channels } = await granted(newAccount(), ['Only'])
    const other = await test.addWorkspace()
    const calls: Array<[string, string, unknown?]> = [
      ['GET', `/connections/${connection.id}`],
      ['GET', `/connections/${connection.id}/impact`],
      ['GET', `/connections/${connection.id}/check`],
      ['DELETE', `/connections/${connection.id}`],
      ['GET', `/channels/${channels[0]?.id}/check`],
      ['GET', `/channels/${channels[0]?.id}/readings`],
      ['PUT', `/connections/${connection.id}/channels`, { channelIds: [] }],
    ]
    for (const [method, path, body] of calls) {
      const answer = await test.call(method, path, { key: other.apiKey, body })
      expect({ path, status: answer.status }).toEqual({ path, status: 404 })
    }
    expect((await show(connection.id)).state).toBe('active')
  })

  it('is asked about at its network by who may publish, since reading costs, and not by who only looks on', async () => {
    const { body } = await test.call('POST', '/connections', { body: { login: login.id, sandbox: true } })
    const { db } = test.product.system
    const member = { workspaceId: test.workspaceId, memberId: newId('mbr'), role: 'viewer' } as const
    await sql`insert into member (id, workspace_id, name, email, role, created_at)
      values (${member.memberId}, ${member.workspaceId}, 'Guest', 'guest@lemonade.example', 'viewer', ${now})`.execute(
      db,
    )
    const { apiKey: key } = await createKey(db, member, 'Guest', now)
    const paths = [`/connections/${body.connection.id}/check`, `/channels/${body.channels[0].id}/check`]
    for (const path of paths)
      expect(await test.call('GET', path, { key })).toMatchObject({
        status: 403,
        body: { code: 'not_allowed' },
      })
    await sql`update member set role = 'editor' where id = ${member.memberId}`.execute(db)
    for (const path of paths) expect((await test.call('GET', path, { key })).status).toBe(200)
  })

  it('added from the command line uses all its channels', async () => {
    const { body } = await test.call('POST', '/connections', { body: { login: login.id, sandbox: true } })
    expect(body.channels.length).toBeGreaterThan(1)
    expect(body.channels.every((channel: { state: string }) => channel.state === 'active')).toBe(true)
    const { body: checks } = await test.call('GET', `/connections/${body.connection.id}/check`)
    expect(checks.items.length).toBe(body.channels.length)
    for (const item of checks.items)
      expect(item.checks.filter((check: { ok: boolean }) => !check.ok)).toEqual([])
  })
})

describe('the app a grant was given to', () => {
  it('proves its secret; the secret of an app put in its place is never sent along', async () => {
    const { system } = test.product
    const saved = await saveConnection(system, actor, {
      network,
      login,
      isSandbox: false,
      newChannels: 'active',
      connected: {
        grant: { accessToken: 'a-token', scopes: [], clientId: 'first' },
        account: { remoteId: newAccount(), name: 'A' },
        channels: [{ remoteId: 'A', kind: 'page', name: 'A' }],
        isComplete: true,
      },
    })
    const appNow = async () => {
      const use = { workspaceId: test.workspaceId, channelId: saved.channels[0]?.id ?? '', deliveryId: null }
      return (await openChannel(system, { ...use, actor: 'test' })).context.app()
    }
    const keep = (clientId: string) =>
      test.call('PUT', `/network-apps/${login.id}`, { body: { clientId, clientSecret: 's' } })
    expect(await appNow()).toBeNull()
    await keep('first')
    expect(await appNow()).toEqual({ clientId: 'first', clientSecret: 's' })
    await keep('second')
    expect(await appNow()).toBeNull()
  })
})

describe('choosing channels', () => {
  it('offers what is new, and lists and uses only what was chosen', async () => {
    const { connection, channels } = await granted(newAccount(), ['A', 'B'])
    expect(states(channels)).toEqual({ A: 'offered', B: 'offered' })
    const listed = async () =>
      (await test.call('GET', '/channels')).body.items
        .filter((channel: { connectionId: string }) => channel.connectionId === connection.id)
        .map((channel: { name: string }) => channel.name)
    expect(await listed()).toEqual([])
    const chosen = await test.call('PUT', `/connections/${connection.id}/channels`, {
      body: { channelIds: [channels[1]?.id] },
    })
    expect(states(chosen.body.channels)).toEqual({ A: 'offered', B: 'active' })
    expect(await listed()).toEqual(['B'])
  })

  it('refuses a channel that the connection does not reach', async () => {
    const { connection } = await granted(newAccount(), ['A', 'B'])
    const { channels: foreign } = await granted(newAccount(), ['C'])
    const answer = await test.call('PUT', `/connections/${connection.id}/channels`, {
      body: { channelIds: [foreign[0]?.id] },
    })
    expect(answer.body).toMatchObject({ status: 404, code: 'unknown_channel' })
  })

  it('does not leave out one with something scheduled, and names it', async () => {
    const { connection, channels } = await granted(newAccount(), ['A', 'B'], { newChannels: 'active' })
    await schedule(channels[0]?.id ?? '', minutes(60), 'Ten to the dozen')
    const answer = await test.call('PUT', `/connections/${connection.id}/channels`, {
      body: { channelIds: [channels[1]?.id] },
    })
    expect(answer.body).toMatchObject({ status: 409, code: 'conflict' })
    expect(JSON.stringify(answer.body)).toContain('Ten to the dozen')
    expect(states((await show(connection.id)).channels)).toEqual({ A: 'active', B: 'active' })
  })
})

describe('connecting an account again', () => {
  it('keeps what was chosen, and offers what is new', async () => {
    const account = newAccount()
    const first = await granted(account, ['A', 'B'])
    await test.call('PUT', `/connections/${first.connection.id}/channels`, {
      body: { channelIds: [first.channels[0]?.id] },
    })
    const second = await granted(account, ['A', 'B', 'C'])
    expect(second.connection.id).toBe(first.connection.id)
    expect(states(second.channels)).toEqual({ A: 'active', B: 'offered', C: 'offered' })
  })

  it('keeps the history of a channel it no longer reaches, and holds what is scheduled there', async () => {
    const account = newAccount()
    const { connection, channels } = await granted(account, ['A', 'B'], { newChannels: 'active' })
    const id = await schedule(channels[1]?.id ?? '', minutes(60))
    await granted(account, ['A'], { isComplete: false })
    expect(await stateOf(id)).toMatchObject({ state: 'waiting' })
    await granted(account, ['A'])
    expect(states((await show(connection.id)).channels)).toEqual({ A: 'active', B: 'removed' })
    expect(await stateOf(id)).toMatchObject({ state: 'held', holdReason: 'connection' })
    await granted(account, ['A', 'B'])
    expect(states((await show(connection.id)).channels)).toEqual({ A: 'active', B: 'active' })
    expect(await stateOf(id)).toMatchObject({ state: 'waiting', holdReason: null })
  })

  it('forgets a channel that was offered and never used', async () => {
    const account = newAccount()
    const { connection } = await granted(account, ['A', 'B'])
    await granted(account, ['A'])
    expect(states((await show(connection.id)).channels)).toEqual({ A: 'active' })
  })

  it('looks again for a post whose answer was lost and that the old grant could not find', async () => {
    const account = newAccount()
    const { channels } = await granted(account, ['Only'], { newChannels: 'active' })
    const id = await schedule(channels[0]?.id ?? '', minutes(30))
    await sql`update delivery set state = 'unsure', operation_id = 'post:1', next_at = null where id = ${id}`.execute(
      test.product.system.db,
    )
    now = minutes(120)
    await granted(account, ['Only'])
    const { rows } = await sql`select state, next_at from delivery where id = ${id}`.execute(
      test.product.system.db,
    )
    expect(rows).toEqual([{ state: 'unsure', next_at: now }])
  })

  it('sends nothing late by surprise: what was due long ago stays held for a person', async () => {
    const account = newAccount()
    const { connection, channels } = await granted(account, ['Only'])
    const channelId = channels[0]?.id ?? ''
    const missed = await schedule(channelId, minutes(30))
    const justNow = await schedule(channelId, minutes(110))
    const ahead = await schedule(channelId, minutes(300))
    await test.call('DELETE', `/connections/${connection.id}`)
    for (const id of [missed, justNow, ahead]) expect(await stateOf(id)).toMatchObject({ state: 'held' })
    now = minutes(120)
    await granted(account, ['Only'])
    expect(await stateOf(missed)).toMatchObject({
      state: 'held',
      holdReason: 'connection',
      reason: { code: 'due_while_not_connected' },
    })
    for (const id of [justNow, ahead]) expect(await stateOf(id)).toMatchObject({ state: 'waiting' })
  })
})

describe('disconnecting', () => {
  it('says before what it would touch, and touches that', async () => {
    const { connection, channels } = await granted(newAccount(), ['A', 'B'], { newChannels: 'active' })
    const id = await schedule(channels[0]?.id ?? '', minutes(60), 'Soon')
    const impact = (await test.call('GET', `/connections/${connection.id}/impact`)).body
    expect(impact).toMatchObject({
      connectionId: connection.id,
      channels: [{ name: 'A' }, { name: 'B' }],
      deliveries: [{ id, text: 'Soon', channelId: channels[0]?.id }],
      deliveryCount: 1,
    })
    const { body } = await test.call('DELETE', `/connections/${connection.id}`)
    expect(body).toEqual({ connectionId: connection.id, channels: 2, heldDeliveries: 1 })
    expect(await stateOf(id)).toMatchObject({ state: 'held', holdReason: 'connection' })
    expect(await show(connection.id)).toMatchObject({ state: 'disconnected', endsAt: null })
  })

  it('leaves no token behind', async () => {
    const { connection } = await granted(newAccount(), ['A'])
    await test.call('DELETE', `/connections/${connection.id}`)
    const { rows } = await sql`select 1 from connection k left join channel c on c.connection_id = k.id
      where k.id = ${connection.id} and (k.sealed_grant <> '' or c.sealed_token is not null)`.execute(
      test.product.system.db,
    )
    expect(rows).toEqual([])
  })
})

describe('a channel’s own figures', () => {
  it('come once for each day, the newest reading', async () => {
    const { channels } = await granted(newAccount(), ['A'])
    const id = channels[0]?.id ?? ''
    const { db } = test.product.system
    const read = (metric: string, value: number, readAt: Date, day: string | null = null) =>
      sql`insert into reading (id, workspace_id, channel_id, metric, remote_name, value, day, version, read_at)
        values (${newId('rdg', readAt)}, ${test.workspaceId}, ${id}, ${metric}, 'x', ${value}, ${day}, 'v', ${readAt})`.execute(
        db,
      )
    await read('followers', 10, minutes(-120))
    await read('followers', 11, minutes(-60))
    await read('views', 5, minutes(-60), '2026-11-29')
    await read('views', 6, minutes(-30), '2026-11-29')
    await read('views', 7, minutes(-30), '2026-11-30')
    const { body } = await test.call('GET', `/channels/${id}/readings`)
    expect(body.items.map(({ metric, value, day }: Record<string, unknown>) => [metric, value, day])).toEqual(
      [
        ['followers', 11, null],
        ['views', 6, '2026-11-29'],
        ['views', 7, '2026-11-30'],
      ],
    )
  })
})

describe('reaching this server from outside', () => {
  const apiUrl = 'https://api.fetcher.example'
  const at = (
    origin: string,
    more: { fetchesMedia?: boolean; apiUrl?: string; isSandbox?: boolean } = {},
  ) => {
    const definition = { ...network.definition, name: 'Fetcher', fetchesMedia: more.fetchesMedia ?? true }
    const hostsOf = () => ({ ...login.hosts, apiUrl: more.apiUrl ?? apiUrl })
    return mediaCheck({ origin, hostsOf }, { ...network, definition }, login, more.isSandbox ?? false)
  }

  it('is asked only where a network outside fetches pictures', () => {
    const origin = 'http://127.0.0.1:3000'
    expect(at(origin)).toMatchObject({ ok: false })
    expect(at(origin, { fetchesMedia: false })).toBeNull()
    expect(at(origin, { isSandbox: true })).toBeNull()
    expect(at(origin, { apiUrl: 'http://127.0.0.1:4000' })).toBeNull()
  })

  it.each([
    'http://127.0.0.1:3000',
    'http://litfass.example',
    'https://localhost',
    'https://10.1.2.3',
    'https://172.20.0.1',
    'https://192.168.1.5:8443',
    'https://[::1]',
    'https://[fd00::1]',
    'https://[fe80::1]',
    'https://server.local',
    'https://server',
  ])('cannot work at %s', (origin) => {
    expect(at(origin)).toMatchObject({
      ok: false,
      message: `Fetcher fetches pictures from this server; ${origin} cannot be reached from outside.`,
      remedy: expect.stringContaining('LITFASS_ORIGIN'),
    })
  })

  it.each(['https://posts.example.org', 'https://203.0.113.7', 'https://[2001:db8::1]'])(
    'can work at %s',
    (origin) => {
      expect(at(origin)).toMatchObject({ ok: true })
    },
  )

  it('is a reason not to take a post with pictures, and none for one in the sandbox', async () => {
    const fetching = networks.find(({ definition }) => definition.fetchesMedia)
    const its = fetching?.definition.logins[0]
    if (!fetching || !its) throw new Error('no network fetches')
    const picture = await sharp({ create: { width: 1080, height: 1080, channels: 3, background: '#c33' } })
      .jpeg()
      .toBuffer()
    const { db } = test.product.system
    const mediaFileId = newId('med', now)
    await sql`insert into media_file (id, workspace_id, file_name, mime_type, bytes, width, height, sha256, created_at)
      values (${mediaFileId}, ${test.workspaceId}, 'a.jpg', 'image/jpeg', ${picture.length}, 1080, 1080, '', ${now})`.execute(
      db,
    )
    const problemsOn = async (isSandbox: boolean) => {
      const { channels } = await saveConnection(test.product.system, actor, {
        network: fetching,
        login: its,
        isSandbox,
        newChannels: 'active',
        connected: {
          grant: { accessToken: 'a-token', scopes: [] },
          account: { remoteId: newAccount(), name: 'A' },
          channels: [{ remoteId: 'A', kind: 'profile', name: 'A' }],
          isComplete: true,
        },
      })
      const content = {
        text: 'Words',
        channelIds: [channels[0]?.id ?? ''],
        attachments: [{ mediaFileId, altText: '' }],
      }
      const { verdicts } = await planContent(db, test.product.system, actor, content, { isDraft: false })
      return verdicts.flatMap((verdict) => verdict.problems.map((problem) => problem.code))
    }
    expect(await problemsOn(false)).toEqual(['media_unreachable'])
    expect(await problemsOn(true)).toEqual([])
  })
})
