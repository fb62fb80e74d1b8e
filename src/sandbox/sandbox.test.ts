import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { request } from 'undici'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { multipart } from '#networks/multipart.ts'
import { consentAnswerUrl } from '#networks/sandbox-kit.ts'
import { startSandbox, type SandboxServer } from './serve.ts'

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

type Item = Record<string, unknown>

/** What a client of one sandbox does. */
function clientOf(url: () => string) {
  const json = async (method: string, path: string, body?: unknown) => {
    const answer = await request(`${url()}/_sandbox${path}`, {
      method: method as 'GET',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.body.text()
    return { status: answer.statusCode, body: (text === '' ? {} : JSON.parse(text)) as Item }
  }
  const items = async (path: string) => (await json('GET', path)).body['items'] as Item[]
  const post = async (token: string, text: string, more: object = {}) => {
    const answer = await request(`${url()}/_sandbox/x/2/tweets`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ text, ...more }),
    })
    return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() }
  }
  const read = async (token: string, path: string) => {
    const answer = await request(`${url()}/_sandbox/x${path}`, {
      headers: { authorization: `Bearer ${token}` },
    })
    return { status: answer.statusCode, text: await answer.body.text() }
  }
  const upload = async (token: string) => {
    const { body, headers } = multipart(
      {},
      { field: 'media', fileName: 'media', type: 'image/png', bytes: png },
    )
    const answer = await request(`${url()}/_sandbox/x/2/media/upload`, {
      method: 'POST',
      headers: { ...headers, authorization: `Bearer ${token}` },
      body,
    })
    return ((await answer.body.json()) as { data: { id: string } }).data.id
  }
  const pictureOf = (item: Item | undefined) =>
    ((item?.['images'] ?? []) as Array<{ url?: string }>)[0]?.url ?? ''
  const fault = (rule: object) => json('PUT', '/faults', [rule])
  return {
    json,
    items,
    post,
    read,
    upload,
    fault,
    pictureOf,
    token: (account?: string) => tokenOf(url(), account),
    texts: async () => (await items('/wall')).map((item) => item['text']),
    page: async (path: string, headers = {}) => {
      const answer = await request(`${url()}${path}`, { headers })
      return { status: answer.statusCode, headers: answer.headers, html: await answer.body.text() }
    },
  }
}

function consentUrl(url: string): string {
  const query = new URLSearchParams({
    client_id: 'client',
    redirect_uri: 'https://litfass.example/back',
    scope: 'tweet.read tweet.write users.read media.write offline.access',
    state: 'state',
    code_challenge: createHash('sha256').update('verifier').digest('base64url'),
  })
  return `${url}/_sandbox/x/i/oauth2/authorize?${query}`
}

/** Signs in by the consent page, as an account of choice. */
async function tokenOf(url: string, account?: string): Promise<string> {
  const page = await request(consentUrl(url))
  const answer = await request(
    consentAnswerUrl(await page.body.text(), consentUrl(url), 'allow', account) ?? '',
  )
  await answer.body.dump()
  const code = new URL(String(answer.headers['location'])).searchParams.get('code') ?? ''
  const given = await request(`${url}/_sandbox/x/2/oauth2/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      client_id: 'client',
      redirect_uri: 'https://litfass.example/back',
      code_verifier: 'verifier',
    }).toString(),
  })
  return ((await given.body.json()) as { access_token: string }).access_token
}

describe('the sandbox alone', () => {
  let now = new Date('2026-11-24T09:00:00Z')
  let server: SandboxServer
  let token = ''
  const client = clientOf(() => server.url)

  beforeAll(async () => {
    server = await startSandbox({ port: 0, host: '127.0.0.1', folder: null, now: () => now })
    token = await client.token()
  })
  afterAll(() => server.close())
  beforeEach(() => client.json('POST', '/reset', {}))

  it('is never open to everybody without a key', async () => {
    await expect(startSandbox({ port: 0, host: '0.0.0.0', folder: null })).rejects.toMatchObject({
      code: 'config_invalid',
    })
  })

  it('does not answer a name that somebody made point here', async () => {
    const answer = await request(`${server.url}/_sandbox/wall`, { headers: { host: 'evil.example' } })
    expect(answer.statusCode).toBe(403)
    await answer.body.dump()
  })

  it('asks for its key where it has one, and lets the simulated networks be', async () => {
    const guarded = await startSandbox({ port: 0, host: '127.0.0.1', folder: null, apiKey: 'let-me-in' })
    const status = async (path: string, key?: string) => {
      const headers = key === undefined ? {} : { authorization: `Bearer ${key}` }
      const answer = await request(`${guarded.url}${path}`, { headers })
      await answer.body.dump()
      return answer.statusCode
    }
    expect(await status('/_sandbox/wall')).toBe(401)
    expect(await status('/_sandbox/wall', 'guess')).toBe(401)
    expect(await status('/_sandbox/wall', 'let-me-in')).toBe(200)
    expect(await status(consentUrl(''))).toBe(200)
    await guarded.close()
  })

  it('says what is wrong with an order it cannot follow', async () => {
    for (const [rule, path] of [
      [{ fault: 'meteor' }, 'items.0.fault'],
      [{ fault: 'slow' }, 'items.0.ms'],
      [{ fault: 'lost-after', match: { effects: 'publish' } }, 'items.0.match'],
    ] as const) {
      const { status, body } = await client.fault(rule)
      expect({ status, code: body['code'] }).toEqual({ status: 422, code: 'invalid_input' })
      expect(JSON.stringify(body['issues'])).toContain(path)
    }
    expect((await client.fault({ fault: 'error', error: 'no-such' })).status).toBe(422)
    expect((await client.fault({ fault: 'outage', network: 'nowhere' })).status).toBe(404)
    expect((await client.json('PUT', '/clock', { at: 'tomorrow' })).status).toBe(422)
    expect((await client.json('PATCH', '/clock')).status).toBe(404)
  })

  describe('a lost answer', () => {
    it('before the request was handled leaves nothing behind', async () => {
      await client.fault({ fault: 'lost-before', match: { effect: 'publish' } })
      await expect(client.post(token, 'Never there')).rejects.toThrow()
      expect(await client.texts()).toEqual([])
      expect((await client.post(token, 'Never there')).status).toBe(201)
    })

    it('after it was handled leaves the post live, and the connection is reset', async () => {
      await client.fault({ fault: 'lost-after', match: { effect: 'publish' } })
      await expect(client.post(token, 'Live all the same')).rejects.toMatchObject({ code: 'ECONNRESET' })
      expect(await client.texts()).toEqual(['Live all the same'])
    })

    it('cut off in the middle is no JSON, with the status of success', async () => {
      await client.fault({ fault: 'cut-body', match: { effect: 'publish' } })
      const { status, text } = await client.post(token, 'Cut')
      expect(status).toBe(201)
      expect(() => JSON.parse(text) as unknown).toThrow()
      expect(await client.texts()).toEqual(['Cut'])
    })

    it('in the middle of an upload keeps no picture', async () => {
      await client.fault({ fault: 'reset-upload', match: { effect: 'upload' } })
      await expect(client.upload(token)).rejects.toThrow()
      const [entry] = await client.items('/requests')
      expect(entry).toMatchObject({ path: '/2/media/upload', status: null, fault: 'reset-upload' })
    })

    it('may be a server error that came too late', async () => {
      await client.fault({ fault: 'server-error-after', status: 500 })
      expect((await client.post(token, 'Late')).status).toBe(500)
      expect(await client.texts()).toEqual(['Late'])
    })
  })

  describe('a refusal on order', () => {
    it('is a real one of the network, by its id or its status', async () => {
      const known = await client.items('/errors')
      expect(new Set(known.map((error) => error['network'])).size).toBe(server.host.mounts.size)
      for (const error of ['403-duplicate', 403] as const) {
        await client.fault({ network: 'x', fault: 'error', error })
        const { status, text } = await client.post(token, `Refused ${error}`)
        expect(status).toBe(403)
        expect(text).toContain('duplicate content')
      }
      expect(await client.texts()).toEqual([])
    })

    it('happens as often as asked for, and not before its turn', async () => {
      await client.fault({ fault: 'unauthorised', times: 2, after: 1 })
      const seen: number[] = []
      for (let round = 0; round < 5; round += 1) seen.push((await client.post(token, `Turn ${round}`)).status)
      expect(seen).toEqual([201, 401, 401, 201, 201])
      const [rule] = await client.items('/faults')
      expect(rule).toMatchObject({ seen: 3, applied: 2 })
    })

    it('meets only the requests it names', async () => {
      await client.fault({
        fault: 'throttled',
        times: 'always',
        match: { method: 'get', pathPattern: '/2/users/*' },
      })
      expect((await client.post(token, 'Not meant')).status).toBe(201)
      expect((await client.read(token, '/2/users/me')).status).toBe(429)
      await client.fault({ network: 'linkedin', fault: 'outage' })
      expect((await client.post(token, 'Another network')).status).toBe(201)
    })

    it('tells when to come back where the network does', async () => {
      await client.fault({ fault: 'throttled' })
      const { status, headers } = await client.post(token, 'Too many')
      expect(status).toBe(429)
      expect(Number(headers['x-rate-limit-reset'])).toBeGreaterThan(now.getTime() / 1_000)
      expect(headers['x-rate-limit-remaining']).toBe('0')
    })

    it('lasts as an outage until it is taken away', async () => {
      await client.fault({ id: 'dark', fault: 'outage' })
      for (const text of ['One', 'Two']) expect((await client.post(token, text)).status).toBe(503)
      expect((await client.json('DELETE', '/faults?id=dark')).status).toBe(204)
      expect((await client.post(token, 'One')).status).toBe(201)
    })

    it('ends an ability for good as the network would', async () => {
      await client.fault({ network: 'x', fault: 'withdrawal', of: 'ability', match: { effect: 'publish' } })
      expect((await client.post(token, 'Over')).text).toContain('client-not-enrolled')
      expect((await client.read(token, '/2/users/me')).status).toBe(200)
    })

    it('slows an answer down', async () => {
      await client.fault({ fault: 'slow', ms: 60 })
      const startedAt = performance.now()
      await client.post(token, 'Slow')
      expect(performance.now() - startedAt).toBeGreaterThanOrEqual(55)
    })
  })

  it('lets a quota run out', async () => {
    await client.fault({ network: 'x', fault: 'quota', remaining: 1 })
    expect((await client.post(token, 'Last one')).headers['x-rate-limit-remaining']).toBe('0')
    expect((await client.post(token, 'Too much')).status).toBe(429)
    await client.json('DELETE', '/faults')
    expect((await client.post(token, 'Enough again')).status).toBe(201)
  })

  it('ends the consent of one account and leaves the other', async () => {
    const other = await client.token('litfass_cafe')
    await client.fault({ network: 'x', fault: 'token-death', account: 'litfass_cafe' })
    expect((await client.post(other, 'Gone')).status).toBe(401)
    expect((await client.post(token, 'Still here')).status).toBe(201)
  })

  it('charges by its own prices, and by others after a change', async () => {
    await client.post(token, 'Plain')
    await client.post(token, 'With https://litfass.example/ in it')
    expect((await client.items('/bill'))[0]).toMatchObject({ network: 'x', currency: 'USD', total: '0.215' })
    await client.fault({ network: 'x', fault: 'price-change', prices: { 'post.create': '0.5' } })
    await client.post(token, 'Dear')
    expect((await client.items('/bill'))[0]).toMatchObject({ total: '0.715' })
    expect((await client.fault({ network: 'linkedin', fault: 'price-change', prices: {} })).status).toBe(422)
  })

  it('speaks the newer field names while it is told to', async () => {
    await client.fault({ network: 'x', fault: 'renamed-fields' })
    expect((await client.post(token, 'New names')).text).toContain('edit_history_post_ids')
    await client.json('DELETE', '/faults')
    expect((await client.post(token, 'Old names')).text).toContain('edit_history_tweet_ids')
    expect((await client.fault({ network: 'linkedin', fault: 'renamed-fields' })).status).toBe(422)
  })

  it('has a clock of its own that can be moved and stopped', async () => {
    const at = async () => String((await client.json('GET', '/clock')).body['at'])
    await client.json('PUT', '/clock', { offsetSeconds: 3_600 })
    expect(await at()).toBe('2026-11-24T10:00:00.000Z')
    await client.json('PUT', '/clock', { at: '2027-01-01T00:00:00Z', frozen: true })
    now = new Date(now.getTime() + 60_000)
    expect(await at()).toBe('2027-01-01T00:00:00.000Z')
    expect((await client.post(token, 'Expired')).status).toBe(401)
    await client.json('PUT', '/clock', { frozen: false })
    now = new Date(now.getTime() + 60_000)
    expect(await at()).toBe('2027-01-01T00:01:00.000Z')
    await client.json('PUT', '/clock', { offsetSeconds: 0 })
    expect(await at()).toBe(now.toISOString())
  })

  describe('the audience', () => {
    const views = async () => {
      const [item] = await client.items('/wall')
      return Number(((item?.['figures'] ?? {}) as Item)['views'])
    }
    const story = async (seed: string) => {
      await client.json('POST', '/reset', {})
      await client.json('PUT', '/audience', { network: 'x', seed })
      await client.post(token, 'Seen by many')
      now = new Date(now.getTime() + 45_000)
      return views()
    }

    it('grows within the first minute, and is equal for an equal seed', async () => {
      const first = await story('spring')
      expect(first).toBeGreaterThan(0)
      expect(await story('spring')).toBe(first)
      expect(await story('autumn')).not.toBe(first)
    })

    it('stands still while it is paused', async () => {
      const before = await story('spring')
      await client.json('PUT', '/audience', { network: 'x', paused: true })
      now = new Date(now.getTime() + 600_000)
      expect(await views()).toBe(before)
      await client.json('PUT', '/audience', { network: 'x', paused: false, size: 2_000_000 })
      expect(await views()).toBeGreaterThan(before)
    })
  })

  it('logs requests without secrets, and can forget them', async () => {
    await client.post(token, 'Logged')
    const log = await client.items('/requests?network=x')
    expect(log.at(-1)).toMatchObject({ method: 'POST', path: '/2/tweets', status: 201, effect: 'publish' })
    expect(JSON.stringify(log)).not.toContain(token)
    expect(JSON.stringify(log)).not.toContain('Logged')
    now = new Date(now.getTime() + 1_000)
    expect(await client.items(`/requests?since=${now.toISOString()}`)).toEqual([])
    await client.json('DELETE', '/requests')
    expect(await client.items('/requests')).toEqual([])
  })

  describe('the wall', () => {
    it('shows the picture of a post and the requests that made it', async () => {
      const media = await client.upload(token)
      await client.post(token, 'With\na picture', { media: { media_ids: [media] } })
      const [item] = await client.items('/wall?network=x')
      expect(item).toMatchObject({ channelName: 'Litfass Column', handle: 'litfass', networkName: 'X' })
      expect(item?.['requests']).toMatchObject([
        { method: 'POST', path: '/2/media/upload', status: 200 },
        { method: 'POST', path: '/2/tweets', status: 201 },
      ])
      const picture = await request(client.pictureOf(item))
      expect(picture.headers['content-type']).toBe('image/png')
      expect(Buffer.from(await picture.body.arrayBuffer()).equals(png)).toBe(true)
      expect((await client.page('/_sandbox/')).html).toContain(new URL(client.pictureOf(item)).pathname)
    })

    it('is a page in the language of the reader, without script', async () => {
      await client.post(token, '<script>alert(1)</script>')
      const { html, headers } = await client.page('/_sandbox/', { 'accept-language': 'de-DE,de;q=0.9' })
      expect(html).toContain('<html lang="de">')
      expect(html).not.toContain('<script')
      expect(headers['content-security-policy']).toContain("default-src 'none'")
      expect((await client.page('/_sandbox/?lang=en', { 'accept-language': 'de' })).html).toContain(
        'lang="en"',
      )
    })

    it('links every post to a page of its own that needs no key', async () => {
      await client.post(token, 'Line one\nLine two')
      const url = String((await client.items('/wall'))[0]?.['url'])
      const page = await client.page(new URL(url).pathname)
      expect(page.status).toBe(200)
      expect(page.html).toContain('Line one\nLine two')
      expect((await client.page('/_sandbox/x/i/web/status/1')).status).toBe(404)
    })
  })

  it('offers several accounts, the first of them preset', async () => {
    expect(await client.read(await client.token(), '/2/users/me')).toMatchObject({
      text: expect.stringContaining('"litfass"'),
    })
    expect(await client.read(await client.token('litfass_books'), '/2/users/me')).toMatchObject({
      text: expect.stringContaining('"litfass_books"'),
    })
  })
})

describe('what the sandbox knows', () => {
  const folder = mkdtempSync(join(tmpdir(), 'litfass-sandbox-'))
  const script = fileURLToPath(new URL('fixtures/serve-until-killed.ts', import.meta.url))
  let child: ChildProcess | undefined
  let url = ''
  const client = clientOf(() => url)
  const start = async () => {
    child = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
    const lines = child.stdout as AsyncIterable<Buffer>
    for await (const line of lines) {
      url = String(line).trim()
      return
    }
  }
  const kill = () =>
    new Promise<void>((resolve) => {
      child?.once('exit', () => resolve())
      child?.kill('SIGKILL')
    })
  afterEach(kill)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('survives being killed: posts, pictures, consents, faults, log, clock and audience', async () => {
    await start()
    const token = await client.token()
    const media = await client.upload(token)
    await client.post(token, 'Kept', { media: { media_ids: [media] } })
    await client.json('PUT', '/clock', { offsetSeconds: 60 })
    await client.json('PUT', '/audience', { seed: 'kept' })
    await client.json('PUT', '/faults', [{ id: 'kept', fault: 'throttled', after: 1 }])
    await client.post(token, 'Second')
    await kill()
    await start()
    expect(await client.texts()).toEqual(['Second', 'Kept'])
    const [, kept] = await client.items('/wall')
    expect((await request(client.pictureOf(kept))).statusCode).toBe(200)
    expect(kept?.['requests']).toHaveLength(2)
    expect((await client.json('GET', '/clock')).body).toMatchObject({ offsetSeconds: 60 })
    expect((await client.items('/audience'))[0]).toMatchObject({ seed: 'kept' })
    expect((await client.items('/requests')).length).toBeGreaterThanOrEqual(4)
    expect((await client.post(token, 'Now it fails')).status).toBe(429)
    expect((await client.post(token, 'Second')).text).toContain('duplicate content')
  })
})
