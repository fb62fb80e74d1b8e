import { request } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMeteredFetch, unmetered } from '#networks/metered-fetch.ts'
import { networks } from '#networks/registry.ts'
import { consentAnswerUrl } from '#networks/sandbox-kit.ts'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'
import { pageOf } from '#test/support/sandbox-world.ts'

type Item = Record<string, unknown>

let product: TestProduct
beforeAll(async () => {
  product = await startTestProduct({ env: { LITFASS_ROLES: 'serve' } })
})
afterAll(() => product.close())

const send = async (method: string, path: string, body?: unknown) => {
  const answer = await product.fetch(`/_sandbox${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  return { status: answer.status, body: (text === '' ? {} : JSON.parse(text)) as Item }
}

describe('the control API of the sandbox', () => {
  it.each(['wall', 'requests', 'faults', 'errors', 'clock', 'audience', 'bill'])(
    'keeps %s to itself without a key',
    async (area) => {
      const answer = await product.fetch(`/_sandbox/${area}`, { headers: { cookie: 'none=1' } })
      expect(answer.status).toBe(401)
      expect(await answer.json()).toMatchObject({ code: 'not_signed_in' })
      expect((await send('GET', `/${area}`)).status).toBe(200)
    },
  )

  it('answers what it does not understand with a problem document', async () => {
    const { status, body } = await send('PUT', '/faults', [{ fault: 'meteor' }])
    expect(status).toBe(422)
    expect(body).toMatchObject({ code: 'invalid_input', requestId: expect.any(String) })
    expect((await send('GET', '/wall?network=nowhere')).status).toBe(404)
  })

  it('tells a person in a browser to sign in', async () => {
    const answer = await product.fetch('/_sandbox/', {
      headers: { cookie: 'none=1', 'accept-language': 'de' },
    })
    expect(answer.status).toBe(401)
    expect(await answer.text()).toContain('Melde dich bei Litfass an')
  })
})

/** Consents in the simulator as the account with that id and returns a token with which it can be used. */
async function visit(login: (typeof networks)[number]['definition']['logins'][number], id: string) {
  const network = networks.find(({ definition }) => definition.id === id)
  if (!network) throw new Error(`no network ${id}`)
  const hosts = product.product.system.hostsOf(network, login, true)
  const version = network.definition.version?.value.name ?? ''
  const { now } = product.product.system
  const context = { login, hosts, version, fetch: createMeteredFetch(unmetered), now, app: async () => null }
  const asked = await pageOf(network, context, `${product.url}/api/v1/connections/callback`)
  const url = new URL(asked.url)
  url.protocol = 'http:'
  url.host = new URL(product.url).host
  const page = await request(url)
  return { url: url.href, headers: page.headers, status: page.statusCode, html: await page.body.text() }
}

describe.each(
  networks.flatMap(({ definition }) =>
    definition.logins.filter(({ kind }) => kind !== 'form').map((login) => ({ login, id: definition.id })),
  ),
)('the consent page of $login.id', ({ login, id }) => {
  it('offers several accounts, loads nothing from elsewhere and leads back to the product', async () => {
    const { status, headers, html } = await visit(login, id)
    expect(status).toBe(200)
    expect(html.match(/type="radio"/g)?.length).toBeGreaterThanOrEqual(2)
    expect(html).not.toMatch(/<script|https?:\/\/(?!127\.0\.0\.1)[^"]*\.(?:js|css|png)/)
    expect(headers['content-security-policy']).toContain(`form-action 'self' ${product.url}`)
  })

  it('is answered by a browser and by a simple reader of its form alike', async () => {
    const inputs = /<input type="(?:radio|checkbox)"[^>]*>/g
    for (const read of [(html: string) => html, (html: string) => html.replaceAll(inputs, '')]) {
      const { url, html } = await visit(login, id)
      const back = await request(consentAnswerUrl(read(html), url, 'allow') ?? '')
      await back.body.dump()
      expect(back.statusCode).toBe(302)
      expect(new URL(String(back.headers['location'])).searchParams.get('code')).toBeTruthy()
    }
  })
})

describe('a fault in a simulated network', () => {
  it('resets the connection of the product’s own client', async () => {
    await send('PUT', '/faults', [{ fault: 'lost-before' }])
    const ask = () => request(`${product.url}/_sandbox/x/2/users/me`)
    await expect(ask()).rejects.toMatchObject({ code: 'ECONNRESET' })
    const answer = await ask()
    await answer.body.dump()
    expect(answer.statusCode).toBe(401)
    const log = (await send('GET', '/requests?network=x')).body['items'] as Item[]
    expect(log.at(-2)).toMatchObject({ status: null, fault: 'lost-before' })
  })

  it('resets an upload before it is read', async () => {
    await send('PUT', '/faults', [{ fault: 'reset-upload' }])
    const upload = request(`${product.url}/_sandbox/x/2/media/upload`, {
      method: 'POST',
      body: Buffer.alloc(4_000_000),
    })
    await expect(upload).rejects.toThrow()
    await send('DELETE', '/faults')
  })
})
