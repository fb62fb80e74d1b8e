/** What a caller is told when a request cannot be served. */
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'

let product: TestProduct
beforeAll(async () => {
  product = await startTestProduct()
})
afterAll(() => product.close())

const send = async (method: string, path: string, headers: Record<string, string> = {}, body?: string) => {
  const answer = await product.fetch(path, { method, headers, ...(body === undefined ? {} : { body }) })
  return {
    status: answer.status,
    headers: answer.headers,
    body: (await answer.json()) as { title: string; requestId: string },
  }
}

describe('a request that cannot be served', () => {
  it('is told what is wrong with a field', async () => {
    const { status, body } = await product.call('POST', '/keys', { body: { name: '' } })
    expect(status).toBe(422)
    expect(body).toMatchObject({
      code: 'invalid_input',
      requestId: expect.stringMatching(/^app_/),
      issues: [{ path: 'name', message: expect.stringMatching(/\S/) }],
    })
  })

  it.each([
    ['a wrong field', 'POST', '/api/v1/keys', 'application/json', '{"name":7}', 422, 'invalid_input'],
    ['broken JSON', 'POST', '/api/v1/keys', 'application/json', '{"name":', 422, 'invalid_input'],
    ['another type', 'POST', '/api/v1/keys', 'text/plain', 'name', 415, 'unsupported_media_type'],
    ['a wrong method', 'PUT', '/api/v1/keys', 'application/json', '{}', 405, 'method_not_allowed'],
    ['an unknown operation', 'POST', '/api/v1/nothing', 'application/json', '{}', 404, 'not_found'],
    ['an unknown address', 'POST', '/nothing', 'application/json', '{}', 404, 'not_found'],
  ])('for %s answers the status its problem names', async (_what, method, path, type, text, status, code) => {
    const answer = await send(method, path, { 'content-type': type }, text)
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/)
    expect(answer).toMatchObject({ status, body: { status, code, remedy: expect.stringMatching(/\S/) } })
  })

  it('says which methods an address takes, also for machines', async () => {
    const { headers } = await send('PUT', '/api/v1/keys', {}, '{}')
    expect(headers.get('allow')?.split(', ').toSorted()).toEqual(['GET', 'POST'])
  })

  it('is refused before its body is read where that is too large', async () => {
    expect(await head(product.url, 50_000_000)).toMatch(/^HTTP\/1\.1 413 /)
  })

  it('reads which fields of a first set-up are wrong', async () => {
    const token = { 'x-setup-token': product.setupToken(), 'content-type': 'application/json' }
    const { status, body } = await send('POST', '/api/v1/init', token, '{"email":"nobody"}')
    expect(status).toBe(422)
    expect(body).toMatchObject({ code: 'invalid_input', issues: [{ path: 'email' }] })
    expect(body.title).not.toMatch(/[[{]/)
  })
})

describe('every answer', () => {
  it('carries the id its problem names', async () => {
    for (const [method, path] of [
      ['GET', '/api/v1/nothing'],
      ['GET', '/api/v1/posts/%'],
      ['GET', '/nothing'],
      ['POST', '/api/v1/keys'],
    ] as const) {
      const { headers, body } = await send(method, path)
      expect({ path, id: headers.get('x-request-id') }).toEqual({ path, id: body.requestId })
    }
  })

  it('has an id of its own', async () => {
    const ids = await Promise.all(
      ['/healthz', '/api/v1/me', '/api/docs', '/api/v1/me'].map(
        async (path) => (await product.fetch(path)).headers.get('x-request-id') ?? '',
      ),
    )
    expect(ids).toEqual(ids.map(() => expect.stringMatching(/^app_/)))
    expect(new Set(ids).size).toBe(ids.length)
  })
})

/** The first line of the answer to a request that announces a body and sends none of it. */
async function head(url: string, length: number): Promise<string> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.write(
    `POST /api/v1/keys HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: Bearer ${product.apiKey}\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`,
  )
  for await (const chunk of socket) {
    socket.destroy()
    return String(chunk)
  }
  return ''
}
