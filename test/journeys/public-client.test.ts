/** A server with a public address signs in at a real one as an app of its own, by its document and its key. */
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { networks } from '#networks/registry.ts'
import { type Browser, launchBrowser } from '#test/support/browser.ts'
import { freePort } from '#test/support/free-port.ts'
import { startPds, type TestPds } from '#test/support/pds.ts'
import { answerConsent } from '#test/support/pds-consent.ts'
import { settled } from '#test/support/posting.ts'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'

const login = networks.flatMap(({ definition }) => definition.logins).find(({ isOwnClient }) => isOwnClient)
if (!login) throw new Error('no network takes Litfass itself')
const origin = 'https://posts.lemonade.column'

let pds: TestPds
let product: TestProduct
let browser: Browser
beforeAll(async () => {
  const port = await freePort()
  pds = await startPds({ column: `http://127.0.0.1:${port}` })
  product = await startTestProduct({
    env: {
      LITFASS_PORT: String(port),
      LITFASS_ORIGIN: origin,
      LITFASS_SANDBOX: 'off',
      LITFASS_ALLOW_PRIVATE_HOSTS: 'on',
      [`LITFASS_${login.settings}_READ_URL`]: pds.ownUrl,
      [`LITFASS_${login.settings}_DIRECTORY_URL`]: pds.plcUrl,
    },
  })
  browser = await launchBrowser()
})
afterAll(async () => {
  await browser?.close()
  await product?.close()
  await pds?.close()
})

it('the other server reads who asks, lasts two years, and is shown the key at each renewal', async () => {
  const account = await pds.account('lemonade.test')
  const started = await product.call('POST', '/connections/start', {
    body: { login: login.id, account: account.handle },
  })
  expect(started).toMatchObject({ status: 200, body: { url: expect.any(String) } })
  const answer = await answerConsent(
    browser,
    started.body.url,
    account,
    `${origin}/api/v1/connections/callback`,
  )
  const back = await product.fetch(`/api/v1/connections/callback?${answer}`)
  const { connection, channels } = (await back.json()) as {
    connection: { id: string; endsAt: string }
    channels: Array<{ id: string }>
  }
  expect(Math.round((Date.parse(connection.endsAt) - Date.now()) / 86_400_000)).toBe(730)

  const { db, sealer } = product.product.system
  const identity = `connection/${connection.id}/grant`
  const grantNow = async () => {
    const { rows } = await sql<{ sealed: string }>`select sealed_grant as sealed from connection`.execute(db)
    return JSON.parse(sealer.open(identity, rows[0]?.sealed ?? '')) as Record<string, unknown>
  }
  // As in the last minutes of the hour that a token lives.
  const before = { ...(await grantNow()), accessExpiresAt: new Date(Date.now() + 60_000) } as Record<
    string,
    unknown
  >
  await sql`update connection set sealed_grant = ${sealer.seal(identity, JSON.stringify(before))}`.execute(db)
  const made = await product.call('POST', '/posts', {
    body: { text: 'From everywhere', channelIds: [channels[0]?.id] },
  })
  expect((await settled(product, made.body.id)).state).toBe('published')
  const after = await grantNow()
  expect(after['refreshToken']).not.toBe(before['refreshToken'])
  expect({ key: after['proofKey'], app: after['clientId'] }).toEqual({
    key: before['proofKey'],
    app: expect.stringContaining(origin),
  })
  expect(await pds.posts(account.did)).toMatchObject([{ value: { text: 'From everywhere' } }])
})
