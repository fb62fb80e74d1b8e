/**
 * Every operation of the contract against input made from its own schema, and against junk: a caller is never
 * answered with a fault of ours, always with a problem that says what to do. The seed is fixed.
 */
import fc from 'fast-check'
import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { contract } from '#contract/api.ts'
import { errorCodes } from '#domain/errors.ts'
import { networks } from '#networks/registry.ts'
import { connectSandbox, picture, upload } from '#test/support/posting.ts'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'

/** A schema in JSON Schema, as far as this needs it. */
type Schema = {
  type?: string
  properties?: Record<string, Schema>
  propertyNames?: Schema
  additionalProperties?: Schema | boolean
  required?: string[]
  items?: Schema
  anyOf?: Schema[]
  oneOf?: Schema[]
  enum?: unknown[]
  const?: unknown
  format?: string
  pattern?: string
}

type Operation = { name: string; method: string; path: string; input: Schema }

/**
 * What the contract declares. Left out: the upload of a file and a model's server, which might be reached, have tests
 * of their own, and each backup writes one.
 */
const operations = operationsIn(contract as unknown as Node).filter(
  ({ name }) => !['media.add', 'backups.create', 'ai.save'].includes(name),
)

type Node = { [key: string]: Node } & { '~orpc'?: Declared }
type Declared = { route: { method: string; path: string }; inputSchema?: z.ZodType }

function operationsIn(node: Node, name = ''): Operation[] {
  const declared = node['~orpc']
  if (declared) {
    const { method, path } = declared.route
    const input = declared.inputSchema
      ? (z.toJSONSchema(declared.inputSchema, { io: 'input', unrepresentable: 'any' }) as Schema)
      : {}
    return [{ name, method, path, input }]
  }
  return Object.entries(node).flatMap(([key, child]) =>
    operationsIn(child as Node, name === '' ? key : `${name}.${key}`),
  )
}

/** Texts that have broken programs before: no character, half a character, tricks of encodings and of languages. */
const nasty = fc.constantFrom(
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud83d',
  'x\udc00y',
  '%',
  '%E0%A4%A',
  '../../../etc/passwd',
  '..%2f..%2f',
  "'; drop table post; --",
  '<script>alert(1)</script>',
  '__proto__',
  'constructor',
  '\u202e\u2066',
  '\r\nset-cookie: a=b',
  'NaN',
  '-1',
  '9'.repeat(400),
  'ä'.repeat(5_000),
  '👩‍👩‍👧‍👦'.repeat(100),
)
const junk = fc.oneof(
  nasty,
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom(null, true, -1, 0, 1e308, 2 ** 53, -0.5, 1e21, [], {}, [[[]]], { length: 1e9 }),
  fc.jsonValue({ maxDepth: 3 }),
)

/** `ids` are of rows that are there, also of another workspace. */
function valuesOf(schema: Schema, ids: readonly string[]): fc.Arbitrary<unknown> {
  const options = schema.anyOf ?? schema.oneOf
  if (options) return fc.oneof(...options.map((option) => valuesOf(option, ids)))
  if (schema.enum) return fc.constantFrom(...schema.enum)
  if ('const' in schema) return fc.constant(schema.const)
  if (schema.type === 'object') return objectsOf(schema, ids)
  if (schema.type === 'array') return fc.array(valuesOf(schema.items ?? {}, ids), { maxLength: 4 })
  if (schema.type === 'boolean') return fc.boolean()
  if (schema.type === 'string') return textsOf(schema, ids)
  if (schema.type === 'integer' || schema.type === 'number')
    return fc.oneof(fc.integer({ min: -2, max: 60 }), fc.maxSafeInteger(), fc.double())
  return junk
}

function textsOf({ format, pattern }: Schema, ids: readonly string[]): fc.Arbitrary<unknown> {
  if (format === 'date-time') {
    const years = { min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }
    return fc.oneof(
      fc.date(years).map((date) => date.toISOString()),
      fc.constantFrom('2026-13-45T25:61:00Z', '2026-12-01T08:30:00', '+275760-09-13T00:00:00.000Z'),
    )
  }
  if (format === 'email')
    return fc.oneof(fc.emailAddress(), fc.constantFrom('ANNA@X.EXAMPLE', '"a b"@x.example'))
  if (format === 'uri') return fc.oneof(fc.webUrl(), fc.constantFrom('javascript:alert(1)', 'http://[::1'))
  if (pattern) return fc.oneof(fc.constantFrom(...ids), fc.stringMatching(/^[\w-]{3,80}$/))
  return fc.oneof(
    nasty,
    fc.string({ unit: 'grapheme', maxLength: 60 }),
    fc.constantFrom(...ids, 'UTC', 'Europe/Berlin', '2026-12-01T08:30', '2027-03-28T02:30', 'Anna'),
  )
}

function objectsOf(schema: Schema, ids: readonly string[]): fc.Arbitrary<unknown> {
  const properties = Object.entries(schema.properties ?? {})
  if (properties.length === 0 && typeof schema.additionalProperties === 'object') {
    const names = valuesOf(schema.propertyNames ?? { type: 'string' }, ids) as fc.Arbitrary<string>
    return fc.dictionary(names, valuesOf(schema.additionalProperties, ids), { maxKeys: 3 })
  }
  const shape = Object.fromEntries(properties.map(([name, one]) => [name, valuesOf(one, ids)]))
  return fc.record(shape, { requiredKeys: schema.required ?? [] })
}

/** Mostly what the schema asks for, often with one field that is not, sometimes nothing like it. */
function inputsOf(schema: Schema, ids: readonly string[]): fc.Arbitrary<unknown> {
  const valid = valuesOf({ type: 'object', ...schema }, ids) as fc.Arbitrary<object>
  const names = Object.keys(schema.properties ?? { none: {} })
  const spoilt = fc
    .tuple(valid, fc.constantFrom(...names), junk)
    .map(([input, name, value]) => ({ ...input, [name]: value }))
  return fc.oneof(
    { arbitrary: valid, weight: 4 },
    { arbitrary: spoilt, weight: 4 },
    { arbitrary: junk, weight: 1 },
  )
}

let product: TestProduct
let ids: string[]
let draft: { channelIds: string[]; attachments: Array<{ mediaFileId: string }> }

beforeAll(async () => {
  // No request of this leaves the machine.
  const nowhere = ['API_URL', 'UPLOAD_URL', 'AUTHORIZE_URL', 'TOKEN_URL']
  const logins = networks.flatMap(({ definition }) => definition.logins)
  const env = Object.fromEntries(
    logins.flatMap(({ settings }) =>
      nowhere.map((name) => [`LITFASS_${settings}_${name}`, 'http://127.0.0.1:9']),
    ),
  )
  product = await startTestProduct({ env })
  const channels = await connectSandbox(product)
  const media = await upload(product, await picture())
  draft = {
    channelIds: channels.map(({ id }) => id),
    attachments: [{ mediaFileId: media.body.id }],
  }
  const post = await product.call('POST', '/posts', { body: { text: 'Draft', ...draft, draft: true } })
  const later = await product.call('POST', '/posts', {
    body: { text: 'Later', ...draft, at: '2099-01-01T08:00:00Z' },
  })
  const other = await product.addWorkspace()
  const foreign = await product.call('POST', '/posts', {
    body: { text: 'Theirs', draft: true },
    key: other.apiKey,
  })
  ids = [
    ...draft.channelIds,
    media.body.id,
    post.body.id,
    later.body.id,
    later.body.deliveries[0].id,
    foreign.body.id,
    other.workspaceId,
    other.ownerId,
  ]
})
afterAll(() => product.close())

type Answered = { status: number; type: string; text: string }

/** By hand, because `fetch` refuses what a bad client sends. */
function send(method: string, path: string, type: string | null, body: Buffer | null): Promise<Answered> {
  const { promise, resolve, reject } = Promise.withResolvers<Answered>()
  const headers = {
    authorization: `Bearer ${product.apiKey}`,
    ...(type === null ? {} : { 'content-type': type }),
    ...(body === null ? {} : { 'content-length': String(body.length) }),
  }
  const outgoing = request(`${product.url}/api/v1${path}`, { method, headers }, (answer) => {
    const chunks: Buffer[] = []
    answer.on('data', (chunk: Buffer) => chunks.push(chunk))
    answer.on('end', () => {
      const contentType = answer.headers['content-type'] ?? ''
      resolve({ status: answer.statusCode ?? 0, type: contentType, text: Buffer.concat(chunks).toString() })
    })
  })
  outgoing.on('error', reject)
  outgoing.end(body ?? undefined)
  return promise
}

function ask({ method, path, input: schema }: Operation, input: unknown): Promise<Answered> {
  const fields = typeof input === 'object' && input !== null ? { ...(input as Record<string, unknown>) } : {}
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = fields[name] ?? 'none'
    delete fields[name]
    return encodeURIComponent((typeof value === 'string' ? value : JSON.stringify(value)).toWellFormed())
  })
  if (method === 'GET') {
    const query = new URLSearchParams(
      Object.entries(fields).map(([name, value]): [string, string] => [
        name,
        typeof value === 'string' ? value : (JSON.stringify(value) ?? ''),
      ]),
    )
    return send(method, `${filled}?${query}`, null, null)
  }
  const body = typeof input === 'object' && input !== null && !Array.isArray(input) ? fields : input
  if (!schema.properties && method !== 'POST') return send(method, filled, null, null)
  return send(method, filled, 'application/json', Buffer.from(JSON.stringify(body) ?? ''))
}

function expectNoFault(answered: Answered, sent = ''): void {
  const { status, type, text } = answered
  if (status < 400) return
  if (status >= 500) throw new Error(`${sent} was answered ${status}: ${text}`)
  expect(type).toMatch(/^application\/problem\+json/)
  const problem = JSON.parse(text) as Record<string, unknown>
  expect(Object.keys(errorCodes)).toContain(problem['code'])
  expect(problem).toMatchObject({
    status,
    title: expect.stringMatching(/\S/),
    remedy: expect.stringMatching(/\S/),
    requestId: expect.stringMatching(/^app_/),
  })
}

describe('whatever is sent', () => {
  it.each(operations)('to $name, it is done or refused in words', async (operation) => {
    const property = fc.asyncProperty(inputsOf(operation.input, ids), async (input) =>
      expectNoFault(await ask(operation, input)),
    )
    await fc.assert(property, { seed: 20_261_124, numRuns: 20, endOnFailure: true })
  })

  it('as a body that is none, it is refused in words', async () => {
    const bodies = ['{', '"', '[1,', '\ufeff{}', '{"a":1}}', '\0', 'a=b&c[d]=e', '-', '{"__proto__":{"x":1}}']
    const types = [
      'application/json',
      'text/plain',
      'multipart/form-data',
      'multipart/form-data; boundary=x',
      'application/x-www-form-urlencoded',
      'application/octet-stream',
      'nonsense',
      '',
    ]
    for (const type of types)
      for (const body of bodies)
        for (const path of ['/posts', '/setup', '/keys', '/media', '/init', '/connections'])
          expectNoFault(await send('POST', path, type, Buffer.from(body)), `${type} ${body}`)
  })

  it('as an address that is none, it is refused in words', async () => {
    const paths = [
      '/posts/%',
      '/posts/%00',
      '/posts/%E0%A4%A',
      '/posts/..%2f..%2fme',
      '//posts',
      '/posts//',
      '/posts?limit=1&limit=2',
      '/posts?cursor=%00',
      '/posts?cursor[]=1',
      '/posts?limit[a]=1',
      '/posts?from=0',
      '/media/%2e%2e/preview',
      '/media/x/preview?width=320&width=640',
      `/posts/${'a'.repeat(5_000)}`,
      '/uploads/%00',
      '/networks/__proto__/logo.svg',
      '/networks/constructor/guide',
      '/connections/callback?state=%00&code=1',
    ]
    for (const path of paths)
      for (const method of ['GET', 'POST', 'DELETE', 'PUT', 'PATCH', 'HEAD', 'OPTIONS']) {
        const answered = await send(
          method,
          path,
          'application/json',
          method === 'GET' ? null : Buffer.from('{}'),
        )
        if (method === 'HEAD') expect(answered.status).toBeLessThan(500)
        else expectNoFault(answered, `${method} ${path}`)
      }
  })

  it('a valid post still goes through after it', async () => {
    const { status, body } = await product.call('POST', '/posts', {
      body: { text: 'Still here', ...draft, draft: true },
    })
    expect({ status, body }).toMatchObject({ status: 201, body: { state: 'draft', text: 'Still here' } })
    const { status: answered } = await product.call('GET', '/posts?limit=200')
    expect(answered).toBe(200)
  })
})
