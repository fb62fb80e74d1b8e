/** How often one caller may ask. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestProduct, type Answer, type TestProduct } from '#test/support/product.ts'
import { visitor } from '#test/support/visitor.ts'

describe('a caller who asks too often', () => {
  let product: TestProduct
  beforeAll(async () => {
    product = await startTestProduct({ env: { LITFASS_API_LIMIT: '20' } })
  })
  afterAll(() => product.close())

  const first429 = async (most: number, ask: () => Promise<Answer>) => {
    for (let asked = 1; asked <= most; asked += 1) {
      const answer = await ask()
      if (answer.status === 429) return { asked, answer }
    }
    return null
  }
  const refusal = {
    status: 429,
    body: { code: 'rate_limited', status: 429, remedy: expect.stringMatching(/Wait \d+ seconds/) },
  }

  it('is told how long to wait, and nobody else is held up', async () => {
    const other = await product.addWorkspace()
    const limited = await first429(25, () => product.call('GET', '/me'))
    expect(limited?.asked).toBe(21)
    expect(limited?.answer).toMatchObject(refusal)
    const seconds = Number(limited?.answer.headers.get('retry-after'))
    expect(seconds).toBeGreaterThan(0)
    expect(seconds).toBeLessThanOrEqual(60)
    expect((await product.call('GET', '/me', { key: other.apiKey })).status).toBe(200)
  })

  it('still sees pages, health, pictures and the sandbox', async () => {
    for (const path of ['/healthz', '/readyz', '/api/docs', '/_sandbox/wall'])
      expect({ path, status: (await product.fetch(path)).status }).toEqual({ path, status: 200 })
    expect((await product.fetch('/media/x/1/y')).status).toBe(404)
  })

  it('cannot guess keys without end', async () => {
    const limited = await first429(130, () => product.call('GET', '/me', { key: 'lf_guess' }))
    expect(limited?.asked).toBe(121)
    expect(limited?.answer).toMatchObject(refusal)
  })

  it('cannot guess passwords or tokens without end', async () => {
    const guest = visitor(product)
    const limited = await first429(40, () => guest.signIn('olga@lemonade.example', 'a wrong guess'))
    expect(limited?.asked).toBe(31)
    expect(limited?.answer).toMatchObject(refusal)
    const accept = await product.call('POST', '/invitations/by-token/guess/accept', {
      key: null,
      body: { password: 'x' },
    })
    expect(accept).toMatchObject(refusal)
    const setUp = await product.call('POST', '/setup', { key: null, body: {} })
    expect(setUp).toMatchObject(refusal)
  })

  it('cannot have somebody mailed without end', async () => {
    const guest = visitor(product)
    const limited = await first429(10, () =>
      guest.send('POST', '/api/auth/request-password-reset', { email: 'olga@lemonade.example' }),
    )
    expect(limited?.asked).toBe(7)
  })
})

describe('addresses', () => {
  it('are believed from a proxy only when it is trusted', async () => {
    for (const [proxies, isTrusted] of [
      ['', false],
      ['127.0.0.1', true],
    ] as const) {
      const product = await startTestProduct({ env: { LITFASS_TRUSTED_PROXIES: proxies } })
      const ask = async (from: string) => {
        const answer = await fetch(`${product.url}/api/auth/request-password-reset`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-forwarded-for': from },
          body: '{"email":"nobody@lemonade.example"}',
        })
        return answer.status
      }
      for (let asked = 0; asked < 6; asked += 1) expect(await ask('203.0.113.1')).toBe(200)
      expect(await ask('203.0.113.1')).toBe(429)
      expect(await ask('203.0.113.2')).toBe(isTrusted ? 200 : 429)
      await product.close()
    }
  })
})
