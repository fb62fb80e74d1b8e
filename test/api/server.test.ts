/** What the server says about itself: browser policies, docs, figures, health. */
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { operations } from '#http/operations.ts'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'

describe('the server', () => {
  let product: TestProduct
  let now = new Date('2026-11-24T09:00:00Z')
  beforeAll(async () => {
    // Without a worker nothing beats and nothing is sent, so that a test decides both.
    product = await startTestProduct({ now: () => now, env: { LITFASS_ROLES: 'serve' } })
  })
  afterAll(() => product.close())

  it('lets pages run only its own scripts, and no other site frame them', async () => {
    for (const path of ['/healthz', '/api/docs', '/api/v1/me', '/api/nowhere']) {
      const { headers } = await product.fetch(path, { headers: { accept: 'text/html' } })
      const policy = headers.get('content-security-policy') ?? ''
      expect(policy).toMatch(/(^|;)script-src 'self'(;|$)/)
      expect(policy).toMatch(/(^|;)frame-ancestors 'none'(;|$)/)
      expect(policy).not.toMatch(/upgrade-insecure-requests|unsafe-eval/)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
    }
  })

  it('lets the pages of the sandbox have policies of their own', async () => {
    const { headers } = await product.fetch('/_sandbox/wall', { headers: { accept: 'text/html' } })
    expect(headers.get('content-security-policy') ?? '').not.toContain("script-src 'self'")
  })

  it('describes every operation, who may call it and what a refusal looks like', async () => {
    const { body: document } = await product.call('GET', '/openapi.json', { key: null })
    expect(document).toMatchObject({
      openapi: expect.stringMatching(/^3\.1/),
      components: { securitySchemes: { apiKey: { scheme: 'bearer' }, session: { in: 'cookie' } } },
    })
    for (const { name, method, path } of operations) {
      const operation = document.paths[path][method.toLowerCase()]
      expect(operation).toMatchObject({
        operationId: name,
        tags: [name.split('.')[0]],
        responses: { default: { $ref: '#/components/responses/Problem' } },
      })
      const isPublic = /^(setup|invitations\.(show|accept))/.test(name)
      expect({ name, security: operation.security }).toEqual({ name, security: isPublic ? [] : undefined })
      const headers = (operation.parameters ?? []).map((one: { name: string }) => one.name)
      expect(headers.includes('Idempotency-Key')).toBe(method !== 'GET' && !isPublic)
    }
  })

  it('shows the same as a page that needs nothing from elsewhere', async () => {
    const answer = await product.fetch('/api/docs')
    const html = await answer.text()
    expect(answer.headers.get('content-type')).toContain('text/html')
    for (const { name, path } of operations) {
      expect(html).toContain(`id="${name}"`)
      expect(html).toContain(`<code>${path}</code>`)
    }
    expect(html).not.toMatch(/<script|https?:\/\/|<link|@import/)
  })

  it('says which methods there are, and that other content is not read', async () => {
    expect(await product.call('DELETE', '/posts')).toMatchObject({
      status: 405,
      body: { code: 'method_not_allowed', remedy: expect.stringContaining('POST') },
    })
    const send = async (type: string, body: string) => {
      const answer = await product.fetch('/api/v1/keys', {
        method: 'POST',
        headers: { 'content-type': type },
        body,
      })
      return { status: answer.status, body: await answer.json() }
    }
    expect(await send('text/plain', '{"name":"x"}')).toMatchObject({
      status: 415,
      body: { code: 'unsupported_media_type' },
    })
    expect(await send('application/json', '{"name":')).toMatchObject({
      status: 422,
      body: { code: 'invalid_input', title: expect.stringContaining('JSON') },
    })
    expect(await product.call('GET', '/nowhere')).toMatchObject({ status: 404, body: { code: 'not_found' } })
  })

  it('is red while something is due and no worker is alive', async () => {
    const { db } = product.product.system
    const ready = async () => {
      const answer = await product.fetch('/readyz')
      return { status: answer.status, body: await answer.json() }
    }
    const beat = (at: Date) =>
      sql`insert into worker (id, started_at, seen_at) values ('wrk_1', ${at}, ${at})
        on conflict (id) do update set seen_at = excluded.seen_at`.execute(db)
    expect(await ready()).toMatchObject({ status: 200, body: { ok: true, lastWorkerHeartbeat: null } })
    await dueDelivery(product, new Date(now.getTime() - 5_000))
    expect(await ready()).toMatchObject({ status: 503, body: { ok: false, overdue: { count: 1 } } })
    await beat(now)
    expect(await ready()).toMatchObject({ status: 200, body: { ok: true } })
    await beat(new Date(now.getTime() - 31_000))
    expect(await ready()).toMatchObject({ status: 503 })
    now = new Date(now.getTime() + 60_000)
    await beat(now)
    expect(await ready()).toMatchObject({ status: 503, body: { overdue: { oldestSeconds: 65 } } })
  })

  it('counts for Prometheus, by route, and names nobody', async () => {
    await product.call('GET', '/posts/pst_0123456789')
    const answer = await product.fetch('/metrics', { headers: { cookie: 'a=b' } })
    const text = await answer.text()
    expect(answer.status).toBe(200)
    expect(text).toMatch(
      /litfass_http_request_duration_seconds_count\{method="GET",route="\/api\/v1\/posts\/\{id\}",status="404"\} 1/,
    )
    expect(text).toContain('litfass_deliveries{state="waiting"} 1')
    expect(text).toMatch(/litfass_overdue_seconds 6\d/)
    expect(text).toContain('process_resident_memory_bytes')
    for (const word of ['Lemonade', product.workspaceId, 'pst_']) expect(text).not.toContain(word)
  })

  it('shows its figures to nobody who comes through a proxy without a key', async () => {
    const forwarded = { 'x-forwarded-for': '203.0.113.1' }
    expect((await product.fetch('/metrics', { headers: { ...forwarded, cookie: 'a=b' } })).status).toBe(401)
    expect((await product.fetch('/metrics', { headers: forwarded })).status).toBe(200)
  })
})

describe('a server with a public address', () => {
  it('asks for a key of an admin before it shows figures', async () => {
    const product = await startTestProduct({ env: { LITFASS_ORIGIN: 'https://lemonade.example' } })
    expect((await product.fetch('/metrics', { headers: { cookie: 'a=b' } })).status).toBe(401)
    expect((await product.fetch('/metrics')).status).toBe(200)
    await sql`update member set role = 'viewer' where id = ${product.ownerId}`.execute(
      product.product.system.db,
    )
    expect((await product.fetch('/metrics')).status).toBe(403)
    const { headers } = await product.fetch('/healthz')
    expect(headers.get('strict-transport-security')).toMatch(/max-age=31536000/)
    await product.close()
  })
})

async function dueDelivery({ product, workspaceId }: TestProduct, at: Date): Promise<void> {
  const { db } = product.system
  await sql`insert into connection (id, workspace_id, network, login, remote_account_id, name, sealed_grant, created_at, updated_at)
    values ('con_1', ${workspaceId}, 'n', 'n', '1', 'n', '', ${at}, ${at})`.execute(db)
  await sql`insert into channel (id, workspace_id, connection_id, network, remote_id, kind, name, created_at)
    values ('chn_1', ${workspaceId}, 'con_1', 'n', '1', 'page', 'n', ${at})`.execute(db)
  await sql`insert into post (id, workspace_id, created_by, created_at, updated_at)
    values ('pst_1', ${workspaceId}, 'x', ${at}, ${at})`.execute(db)
  await sql`insert into delivery (id, workspace_id, post_id, channel_id, network, state, due_at, next_at, payload, created_at, updated_at)
    values ('dlv_1', ${workspaceId}, 'pst_1', 'chn_1', 'n', 'waiting', ${at}, ${at}, '{}', ${at}, ${at})`.execute(
    db,
  )
}
