/** Writing help over HTTP, with a real server in the model's place: what is sent, kept, refused and told. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { errorCodes } from '#domain/errors.ts'
import { newId } from '#domain/id.ts'
import { createKey } from '#app/initialise.ts'
import { type ModelServer, startModelServer } from '#test/support/model-server.ts'
import { connectSandbox } from '#test/support/posting.ts'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'

const secret = 'sk-lemonade-0123456789'
let model: ModelServer
let product: TestProduct
let other: Awaited<ReturnType<TestProduct['addWorkspace']>>
let channels: Awaited<ReturnType<typeof connectSandbox>>

beforeAll(async () => {
  model = await startModelServer()
  product = await startTestProduct({ env: { LITFASS_AI_URL: model.endpoint } })
  other = await product.addWorkspace()
  channels = await connectSandbox(product)
})
afterEach(() => model.answer({ suggestions: ['Fresh lemonade today.'] }))
afterAll(async () => {
  await product?.close()
  await model?.close()
})

const suggest = (body: object, key?: string) =>
  product.call('POST', '/ai/suggestions', { body, ...(key === undefined ? {} : { key }) })
const save = (body: object, key?: string) =>
  product.call('PUT', '/ai', { body, ...(key === undefined ? {} : { key }) })

async function keyOf(role: 'admin' | 'editor' | 'viewer'): Promise<string> {
  const { db } = product.product.system
  const memberId = newId('mbr')
  await sql`insert into member (id, workspace_id, name, email, role, created_at)
    values (${memberId}, ${product.workspaceId}, ${role}, ${`${memberId}@lemonade.example`}, ${role}, now())`.execute(
    db,
  )
  const actor = { workspaceId: product.workspaceId, memberId, role }
  return (await createKey(db, actor, role, new Date())).apiKey
}

describe('writing help', () => {
  it('is off at first, for everybody, even where the operator has a server', async () => {
    expect((await product.call('GET', '/ai')).body).toMatchObject({
      isOn: false,
      isReady: false,
      endpoint: null,
      hasOperatorServer: true,
      hasKey: false,
      uses: [],
    })
    expect((await product.call('GET', '/ai/help')).body).toEqual({ isOffered: false })
    const { status, body } = await suggest({ action: 'rephrase', text: 'Lemonade' })
    expect({ status, body }).toMatchObject({ status: 409, body: { code: 'ai_off' } })
    expect(model.asked).toEqual([])
  })

  it('cannot be switched on without a model', async () => {
    expect((await save({ isOn: true })).body).toMatchObject({
      code: 'invalid_input',
      issues: [{ path: 'model' }],
    })
  })

  it('sends the text and an instruction, and nothing else of the workspace', async () => {
    expect((await save({ isOn: true, model: 'small', apiKey: secret })).body).toMatchObject({
      isOn: true,
      isReady: true,
      hasKey: true,
    })
    const { status, body } = await suggest({ action: 'correct', text: 'Fresch lemonade' })
    expect({ status, body }).toEqual({
      status: 200,
      body: { suggestions: ['Fresh lemonade today.'], maxLength: null, lengths: [21] },
    })
    const [asked] = model.asked
    expect(asked).toMatchObject({
      path: '/v1/chat/completions',
      authorization: `Bearer ${secret}`,
      body: { model: 'small', stream: false },
    })
    expect(asked?.body.messages.map(({ role }) => role)).toEqual(['system', 'user'])
    expect(asked?.body.messages[1]?.content).toBe('Fresch lemonade')
    const sent = JSON.stringify(asked?.body)
    for (const { id, name } of channels) for (const word of [id, name]) expect(sent).not.toContain(word)
    for (const word of [product.workspaceId, 'Lemonade"']) expect(sent).not.toContain(word)
  })

  it('counts requests by day, and writes nothing of authored text into the access ledger', async () => {
    const today = new Date().toISOString().slice(0, 10)
    expect((await product.call('GET', '/ai')).body.uses).toEqual([{ day: today, requests: 1, failed: 0 }])
    expect((await product.call('GET', '/access-records?purpose=ai')).body.items).toEqual([])
    const { rows } = await sql`select * from ai_use`.execute(product.product.system.db)
    expect(JSON.stringify(rows)).not.toContain('lemonade')
  })

  it('shortens to what the channel with the least room takes, in its own counting', async () => {
    const text = 'Lemonade. '.repeat(900)
    const { body } = await suggest({ action: 'shorten', text, channelIds: channels.map(({ id }) => id) })
    const { networks } = product.product.system
    const tightest = Math.min(
      ...networks
        .filter(({ definition }) => channels.some(({ network }) => network === definition.id))
        .map(({ definition }) => definition.text.value.maxLength),
    )
    expect(body).toMatchObject({ maxLength: tightest, lengths: [21] })
    const most = /shortened to at most (\d+) characters/.exec(
      model.asked.at(-1)?.body.messages[0]?.content ?? '',
    )?.[1]
    expect(Number(most)).toBe(Math.floor(tightest * 0.95))
  })

  it('shortens a text that fits already by a third', async () => {
    await suggest({ action: 'shorten', text: 'Lemonade', channelIds: channels.map(({ id }) => id) })
    expect(model.asked.at(-1)?.body.messages[0]?.content).toContain('at most 5 characters')
  })

  it('translates into the language that was asked for, and takes suggestions from a fenced block behind thoughts', async () => {
    model.answer({
      content:
        '<think>Fresh means frisch.</think>\n```json\n{"suggestions":["Frische Limonade", " Frische Limonade "]}\n```',
    })
    const { body } = await suggest({ action: 'translate', language: 'de', text: 'Fresh lemonade' })
    expect(body.suggestions).toEqual(['Frische Limonade'])
    expect(model.asked.at(-1)?.body.messages[0]?.content).toContain('translated into German')
  })

  it.each([
    ['prose', { content: 'Here is your text: Lemonade' }],
    ['no suggestion', { content: '{"suggestions":[]}' }],
    ['empty ones', { content: '{"suggestions":["  "]}' }],
    ['half a character', { content: String.raw`{"suggestions":["\ud83d"]}` }],
    ['other JSON', { content: '["Lemonade"]' }],
    ['no choice', { status: 200, raw: '{"choices":[]}' }],
    ['no JSON', { status: 200, raw: '<html>' }],
    ['far too much', { status: 200, raw: 'x'.repeat(1_200_000) }],
  ] as const)('says so where a model answers with %s', async (_, answering) => {
    model.answer(answering)
    const { status, body } = await suggest({ action: 'rephrase', text: 'Lemonade' })
    expect({ status, body }).toMatchObject({
      status: 409,
      body: { code: 'ai_answer_unusable', remedy: expect.stringMatching(/Try again/) },
    })
  })

  it.each([401, 404, 429, 500])(
    'says so where the server answers %i, and keeps its words',
    async (status) => {
      model.answer({ status, raw: `{"error":"wrong key ${secret}"}` })
      const { body } = await suggest({ action: 'rephrase', text: 'Lemonade' })
      expect(body).toMatchObject({ code: 'ai_failed', title: expect.stringContaining(`HTTP ${status}`) })
      expect(JSON.stringify(body)).not.toContain(secret)
    },
  )

  it('follows no redirect', async () => {
    const before = model.asked.length
    model.answer({ redirectTo: `${model.endpoint}/elsewhere` })
    expect((await suggest({ action: 'rephrase', text: 'Lemonade' })).body.code).toBe('ai_failed')
    expect(model.asked).toHaveLength(before + 1)
  })

  it('is taken back by who does not wait for it', async () => {
    model.answer('silence')
    const before = { asked: model.asked.length, left: model.left() }
    const leaving = new AbortController()
    const asking = product
      .fetch('/api/v1/ai/suggestions', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ action: 'rephrase', text: 'Lemonade' }),
        signal: leaving.signal,
      })
      .catch(() => null)
    await expect.poll(() => model.asked.length).toBe(before.asked + 1)
    leaving.abort()
    await asking
    await expect.poll(() => model.left()).toBe(before.left + 1)
  })

  it('is for those who may write, and set up by admins', async () => {
    const [admin, editor, viewer] = await Promise.all(
      (['admin', 'editor', 'viewer'] as const).map((role) => keyOf(role)),
    )
    expect((await suggest({ action: 'rephrase', text: 'Lemonade' }, editor)).status).toBe(200)
    expect((await suggest({ action: 'rephrase', text: 'Lemonade' }, viewer)).status).toBe(403)
    expect((await product.call('GET', '/ai/help', { key: viewer ?? '' })).status).toBe(200)
    expect((await product.call('GET', '/ai', { key: editor ?? '' })).status).toBe(403)
    expect((await save({ isOn: true }, editor)).status).toBe(403)
    expect((await save({ isOn: true }, admin)).status).toBe(200)
    for (const { network } of (await product.call('GET', '/ai')).body.networks)
      expect(
        (
          await product.call('PUT', `/ai/networks/${network}`, {
            key: editor ?? '',
            body: { isAllowed: false },
          })
        ).status,
      ).toBe(403)
  })

  it('is each workspace’s own', async () => {
    expect((await product.call('GET', '/ai', { key: other.apiKey })).body).toMatchObject({
      isOn: false,
      hasKey: false,
      model: '',
      uses: [],
    })
    const own = { action: 'rephrase', text: 'Lemonade' }
    expect((await suggest(own, other.apiKey)).body.code).toBe('ai_off')
    await save({ isOn: true, model: 'theirs' }, other.apiKey)
    await suggest(own, other.apiKey)
    expect(model.asked.at(-1)).toMatchObject({ authorization: undefined, body: { model: 'theirs' } })
    const foreign = await suggest(
      { action: 'shorten', text: 'Lemonade', channelIds: [channels[0]?.id] },
      other.apiKey,
    )
    expect(foreign).toMatchObject({ status: 404, body: { code: 'unknown_channel' } })
  })
})

describe('the key', () => {
  it('is never shown, and lies sealed', async () => {
    const shown = [await product.call('GET', '/ai'), await save({ apiKey: secret })]
    for (const { body } of shown) expect(JSON.stringify(body)).not.toContain(secret)
    const { rows } = await sql<{ sealed: string }>`
      select sealed_key as sealed from ai_setting where workspace_id = ${product.workspaceId}`.execute(
      product.product.system.db,
    )
    expect(rows[0]?.sealed).toMatch(/^v1\./)
    expect(rows[0]?.sealed).not.toContain(secret)
    expect(readFileSync(`${product.dataDir}/master.key`, 'utf8')).not.toContain(secret)
  })

  it('is in no log, whatever goes wrong', async () => {
    const logged: string[] = []
    const internal = await startTestProduct({
      env: { LITFASS_AI_URL: model.endpoint },
      log: (event) => logged.push(JSON.stringify(event)),
    })
    const ask = { body: { action: 'rephrase', text: 'words of a draft' } }
    try {
      await internal.call('PUT', '/ai', { body: { model: 'small', apiKey: secret, isOn: true } })
      model.answer({ status: 401, raw: `wrong key ${secret}` })
      expect((await internal.call('POST', '/ai/suggestions', ask)).body.code).toBe('ai_failed')
      model.answer({ content: 'no JSON' })
      expect((await internal.call('POST', '/ai/suggestions', ask)).body.code).toBe('ai_answer_unusable')
      const { db } = internal.product.system
      await sql`update ai_setting set sealed_key = left(sealed_key, -4) || 'AAAA'`.execute(db)
      expect((await internal.call('POST', '/ai/suggestions', ask)).body.code).toBe('secret_unreadable')
      expect(logged.join()).toContain('request-failed')
      for (const words of [secret, 'words of a draft']) expect(logged.join()).not.toContain(words)
    } finally {
      await internal.close()
    }
  })

  it('goes to no other server than the one it was entered for', async () => {
    const internal = await startTestProduct({ env: { LITFASS_ALLOW_PRIVATE_HOSTS: 'on' } })
    const elsewhere = await startModelServer()
    try {
      const put = (body: object) => internal.call('PUT', '/ai', { body })
      await put({ endpoint: model.endpoint, model: 'small', apiKey: secret, isOn: true })
      expect((await put({ model: 'large' })).body.hasKey).toBe(true)
      expect((await put({ endpoint: elsewhere.endpoint })).body.hasKey).toBe(false)
      await internal.call('POST', '/ai/suggestions', { body: { action: 'rephrase', text: 'Lemonade' } })
      expect(elsewhere.asked.at(-1)?.authorization).toBeUndefined()
      await put({ apiKey: secret })
      expect((await put({ apiKey: null })).body.hasKey).toBe(false)
    } finally {
      await elsewhere.close()
      await internal.close()
    }
  })
})

describe('a server that somebody types', () => {
  it.each([
    'http://127.0.0.1:11434/v1',
    'https://127.0.0.1/v1',
    'https://[::1]/v1',
    'https://169.254.169.254/v1',
    'https://10.0.0.7',
    'https://localhost/v1',
    'http://93.184.216.34/v1',
  ])('is not %s, since it is private or unencrypted', async (endpoint) => {
    const { status, body } = await save({ endpoint }, other.apiKey)
    expect({ status, body }).toMatchObject({
      status: 422,
      body: { code: 'host_not_allowed', issues: [{ path: 'endpoint' }] },
    })
  })

  it('may be the operator’s own, wherever that is', async () => {
    expect((await save({ endpoint: model.endpoint }, other.apiKey)).status).toBe(200)
    await save({ endpoint: null }, other.apiKey)
  })

  it('is judged again when it is asked, should its row say otherwise', async () => {
    const { db } = product.product.system
    await sql`update ai_setting set endpoint = 'http://127.0.0.1:9/v1' where workspace_id = ${other.workspaceId}`.execute(
      db,
    )
    const { body } = await suggest({ action: 'rephrase', text: 'Lemonade' }, other.apiKey)
    expect(body).toMatchObject({ code: 'ai_failed', title: expect.stringContaining('not public') })
    await save({ endpoint: null }, other.apiKey)
  })

  it('says so when nobody is there', async () => {
    const internal = await startTestProduct({ env: { LITFASS_AI_URL: 'http://127.0.0.1:9/v1' } })
    try {
      await internal.call('PUT', '/ai', { body: { model: 'small', isOn: true } })
      const body = { action: 'rephrase', text: 'Lemonade' }
      expect((await internal.call('POST', '/ai/suggestions', { body })).body).toMatchObject({
        code: 'ai_failed',
        title: expect.stringContaining('cannot be reached'),
      })
      expect((await internal.call('GET', '/ai')).body.uses).toMatchObject([{ requests: 1, failed: 1 }])
    } finally {
      await internal.close()
    }
  })
})

describe('junk', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom('', '\0', '\ud83d', 'x'.repeat(20_000), '__proto__', 'http://[::1', 'file:///etc/passwd'),
  )
  const value = fc.oneof(text, fc.jsonValue({ maxDepth: 2 }), fc.constantFrom(null, true, 1e308, [], {}))

  it.each([
    ['PUT', '/ai', ['isOn', 'endpoint', 'model', 'apiKey']],
    ['PUT', '/ai/networks/%00', ['isAllowed']],
    ['PUT', '/ai/networks/constructor', ['isAllowed']],
    ['POST', '/ai/suggestions', ['action', 'text', 'language', 'channelIds']],
  ] as const)('sent as %s %s is refused in words, or done', async (method, path, names) => {
    const body = fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 4 })
    const property = fc.asyncProperty(body, async (sent) => {
      const { status, body: answered } = await product.call(method, path, { body: sent, key: other.apiKey })
      if (status < 400) return
      expect(status).toBeLessThan(500)
      expect(Object.keys(errorCodes)).toContain(answered.code)
      expect(answered.remedy).toMatch(/\S/)
    })
    await fc.assert(property, { seed: 20_261_124, numRuns: 60, endOnFailure: true })
  })
})
