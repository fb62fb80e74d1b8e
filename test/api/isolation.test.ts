/**
 * Workspaces do not see each other: every operation of the contract that takes an id answers 404 for one of
 * another workspace, and every list leaves it out. New operations are covered as soon as they are declared.
 */
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { contract } from '#contract/api.ts'
import { newId } from '#domain/id.ts'
import { operations } from '#http/operations.ts'
import { publicOperations } from '#http/routes/people.ts'
import { connectSandbox, picture, upload } from '#test/support/posting.ts'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'

type Schema = {
  type?: string
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  anyOf?: Schema[]
  oneOf?: Schema[]
  enum?: unknown[]
  const?: unknown
  format?: string
  minLength?: number
}

/** The least that a schema takes, so that a request is refused for its id and for nothing else. */
function leastOf(schema: Schema): unknown {
  const option = (schema.anyOf ?? schema.oneOf)?.[0]
  if (option) return leastOf(option)
  if (schema.enum) return schema.enum.at(-1)
  if ('const' in schema) return schema.const
  if (schema.type === 'object')
    return Object.fromEntries(
      (schema.required ?? []).map((name) => [name, leastOf(schema.properties?.[name] ?? {})]),
    )
  if (schema.type === 'array') return []
  if (schema.type === 'integer' || schema.type === 'number') return 1
  if (schema.type === 'boolean') return true
  if (schema.format === 'uri') return 'https://lemonade.example/1'
  if (schema.format === 'date-time') return '2099-01-01T08:00:00Z'
  if (schema.format === 'email') return 'a@lemonade.example'
  return 'x'.repeat(Math.max(3, schema.minLength ?? 0))
}

function inputOf(name: string): Record<string, unknown> {
  const declared = name
    .split('.')
    .reduce<unknown>((node, key) => (node as Record<string, unknown>)[key], contract)
  const schema = (declared as { '~orpc': { inputSchema?: z.ZodType } })['~orpc'].inputSchema
  if (!schema) return {}
  return leastOf(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Schema) as Record<
    string,
    unknown
  >
}

const isPublic = (method: string, path: string) =>
  publicOperations.some((one) => one.method === method && one.path.test(path))

/** These name something that is the same for everybody, or the caller's own. */
const notOfAWorkspace = new Set([
  'ai.allow',
  'networks.guide',
  'networkApps.save',
  'networkApps.remove',
  'networkApps.saveToken',
  'networkApps.removeToken',
])

const withId = operations.filter(
  ({ name, method, path }) => path.includes('{') && !isPublic(method, path) && !notOfAWorkspace.has(name),
)
const lists = operations.filter(
  ({ method, path }) => method === 'GET' && !path.includes('{') && !isPublic(method, path),
)

describe('another workspace', () => {
  let product: TestProduct
  let stranger: string
  /** One row of each kind, by the first part of its path. */
  let ids: Record<string, string>
  beforeAll(async () => {
    product = await startTestProduct()
    stranger = (await product.addWorkspace()).apiKey
    ids = await oneOfEach(product)
  })
  afterAll(() => product.close())

  const idFor = (path: string) => {
    const kind = path.split('/')[1] ?? ''
    const id = ids[kind]
    if (id === undefined) throw new Error(`make one of ${kind} in oneOfEach, so that ${path} is covered`)
    return id
  }
  const ask = (method: string, path: string, name: string, key?: string) => {
    const { id, ...body } = { ...inputOf(name), id: idFor(path) }
    const filled = path.replace(/\{\w+\}/, id)
    return product.call(method, filled, {
      ...(key === undefined ? {} : { key }),
      ...(method === 'GET' ? {} : { body }),
    })
  }

  it.each(withId)('finds nothing at $method $path', async ({ method, path, name }) => {
    const { status, body } = await ask(method, path, name, stranger)
    expect({ status, body }).toMatchObject({
      status: 404,
      body: { code: expect.stringMatching(/not_found|unknown/) },
    })
  })

  it.each(withId.filter(({ method }) => method === 'GET'))(
    'is what made the difference at $path',
    async ({ method, path, name }) => {
      expect((await ask(method, path, name)).status).not.toBe(404)
    },
  )

  it.each(lists)('sees nothing of it at $path', async ({ path }) => {
    const { status, body } = await product.call('GET', path, { key: stranger })
    expect(status).toBe(200)
    for (const id of [...Object.values(ids), product.workspaceId, 'client-of-lemonade', 'Lemonade'])
      expect(JSON.stringify(body)).not.toContain(id)
  })

  it('cannot use its channels or pictures', async () => {
    const channel = ids['channels'] ?? ''
    const bodies = [
      { text: 'x', channelIds: [channel], draft: true },
      { text: 'x', attachments: [{ mediaFileId: ids['media'] }], draft: true },
      { text: 'x', channelIds: [channel] },
    ]
    for (const body of bodies)
      expect((await product.call('POST', '/posts', { key: stranger, body })).status).toBeGreaterThanOrEqual(
        400,
      )
    const verdicts = await product.call('POST', '/posts/dry-run', { key: stranger, body: bodies[2] })
    expect(JSON.stringify(verdicts.body)).not.toContain('network')
    for (const query of [
      `/deliveries?channelId=${channel}`,
      `/posts?channelId=${channel}`,
      `/metrics?postId=${ids['posts']}`,
    ])
      expect((await product.call('GET', query, { key: stranger })).body.items ?? []).toEqual([])
  })

  it('has changed nothing', async () => {
    for (const kind of ['posts', 'connections', 'deliveries'])
      expect((await product.call('GET', `/${kind}/${ids[kind]}`)).status).toBe(200)
    expect((await product.call('GET', '/keys')).body.items).toContainEqual(
      expect.objectContaining({ id: ids['keys'], revokedAt: null }),
    )
    expect((await product.call('GET', '/invitations')).body.items).toHaveLength(1)
  })
})

function priceOfItsOwn(product: TestProduct): unknown {
  const [network] = product.product.system.networks
  const { id, priceBook } = network?.definition ?? {}
  const facts = { plan: priceBook?.defaultPlan, source: 'Lemonade', readOn: '2026-11-24' }
  return { network: id, entry: { unit: 'month', price: '7', ...facts } }
}

async function oneOfEach(product: TestProduct): Promise<Record<string, string>> {
  const { db } = product.product.system
  const [channel] = await connectSandbox(product)
  const media = await upload(product, await picture(400, 400))
  const { body: connections } = await product.call('GET', '/connections')
  const login = await product.call('GET', '/network-apps')
  await product.call('PUT', `/network-apps/${login.body.items[0].login}`, {
    body: { clientId: 'client-of-lemonade', clientSecret: 'secret' },
  })
  const budget = await product.call('POST', '/budgets', { body: { period: 'month', amount: '25' } })
  const post = await product.call('POST', '/posts', {
    body: {
      text: 'Fresh',
      channelIds: [channel?.id],
      attachments: [{ mediaFileId: media.body.id }],
      at: '2099-01-01T08:00:00Z',
    },
  })
  const invitation = await product.call('POST', '/invitations', {
    body: { email: 'guest@lemonade.example', role: 'viewer' },
  })
  const key = await product.call('POST', '/keys', { body: { name: 'Robot' } })
  const price = await product.call('PUT', '/prices', { body: priceOfItsOwn(product) })
  const notice = newId('ntc')
  await sql`insert into notice (id, workspace_id, kind, subject_kind, subject_id, created_at)
    values (${notice}, ${product.workspaceId}, 'delivery-late', 'delivery', 'dlv_none', ${new Date()})`.execute(
    db,
  )
  return {
    posts: post.body.id,
    deliveries: post.body.deliveries[0].id,
    channels: channel?.id ?? '',
    connections: connections.items.find((one: { channels: Array<{ id: string }> }) =>
      one.channels.some(({ id }) => id === channel?.id),
    ).id,
    media: media.body.id,
    notices: notice,
    members: product.ownerId,
    workspaces: product.workspaceId,
    invitations: invitation.body.id,
    keys: key.body.id,
    prices: price.body.id,
    budgets: budget.body.id,
  }
}
