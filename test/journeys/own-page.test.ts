/** Connecting an account at a real server in a real browser: its own page signs in and asks, and posts go out with that. */
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createKey } from '#app/initialise.ts'
import type { Grant } from '#networks/contract.ts'
import { createMeteredFetch, unmetered } from '#networks/metered-fetch.ts'
import { loginById, networks } from '#networks/registry.ts'
import {
  type Browser,
  complaintsOf,
  launchBrowser,
  openPage,
  type Page,
  setUp,
  violations,
} from '#test/support/browser.ts'
import { startPds, type TestPds } from '#test/support/pds.ts'
import { answerPages } from '#test/support/pds-consent.ts'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'

const login = networks.flatMap(({ definition }) => definition.logins).find(({ asksAccount }) => asksAccount)
if (!login) throw new Error('no login asks who signs in')

describe('an account whose server has a page of its own to sign in', () => {
  let pds: TestPds
  let product: TestProduct
  let browser: Browser
  let page: Page
  let account: Awaited<ReturnType<TestPds['account']>>
  let complaints: string[]

  beforeAll(async () => {
    pds = await startPds()
    account = await pds.account('lemonade.test')
    product = await startTestProduct({
      isBare: true,
      env: {
        LITFASS_SANDBOX: 'off',
        LITFASS_ALLOW_PRIVATE_HOSTS: 'on',
        [`LITFASS_${login.settings}_READ_URL`]: pds.ownUrl,
        [`LITFASS_${login.settings}_DIRECTORY_URL`]: pds.plcUrl,
      },
    })
    browser = await launchBrowser()
    page = await openPage(browser, { url: product.url })
    complaints = complaintsOf(page)
    await setUp(page, product.setupToken())
  })
  afterAll(async () => {
    await browser?.close()
    await product?.close()
    await pds?.close()
  })

  const connect = async (typed: string) => {
    await page.getByRole('button', { name: `Connect ${login.name}`, exact: true }).press('Enter')
    await page.getByRole('dialog').waitFor()
    await page.locator('input[name=account]').fill(typed)
  }

  it('is asked for by its handle, in a dialog that axe finds nothing wrong with', async () => {
    await connect('https://example.com/path')
    expect(await violations(page, '[role=dialog]')).toEqual([])
    await page.keyboard.press('Enter')
    await page
      .getByRole('dialog')
      .getByText(/no address of a server/)
      .waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  })

  it('is connected after its consent, and says until when', async () => {
    await connect(`@${account.handle}`)
    await page.keyboard.press('Enter')
    await page.waitForURL((address) => address.origin === pds.ownUrl)
    await answerPages(page, account)
    await page.waitForURL('**/connections?added=*')
    await page.getByText(`@${account.handle}`).first().waitFor()
    await page.getByText(/Must be renewed by you by/).waitFor()
    expect(complaints).toEqual([])
  })

  it('posts with what it was given, which is kept sealed together with its key', async () => {
    const { db, sealer, now } = product.product.system
    const { rows } = await sql<{ id: string; workspaceId: string; memberId: string; sealed: string }>`
      select c.id, c.workspace_id as "workspaceId", m.id as "memberId", c.sealed_grant as sealed
      from connection c join member m on m.workspace_id = c.workspace_id`.execute(db)
    const [row] = rows
    if (!row) throw new Error('nothing is connected')
    const grant = JSON.parse(sealer.open(`connection/${row.id}/grant`, row.sealed)) as Grant
    expect(grant).toMatchObject({ proofKey: { kty: 'EC' }, apiUrl: pds.ownUrl })
    const { apiKey: key } = await createKey(
      db,
      { workspaceId: row.workspaceId, memberId: row.memberId, role: 'owner' },
      'a test',
      now(),
    )
    const { body: channels } = await product.call('GET', '/channels', { key })
    const made = await product.call('POST', '/posts', {
      key,
      body: { text: 'From the column', channelIds: [channels.items[0].id] },
    })
    expect(made.status).toBe(201)
    await expect
      .poll(async () => (await product.call('GET', `/posts/${made.body.id}`, { key })).body.state, {
        timeout: 15_000,
      })
      .toBe('published')
    expect(await pds.posts(account.did)).toMatchObject([{ value: { text: 'From the column' } }])
    expect((await product.call('GET', `/connections/${row.id}/check`, { key })).body.items).toMatchObject([
      { checks: [{ ok: true }, { ok: true }] },
    ])

    await product.call('DELETE', `/connections/${row.id}`, { key })
    const { network } = loginById(login.id) ?? {}
    const context = {
      login,
      hosts: { ...login.hosts, apiUrl: pds.ownUrl },
      version: '',
      fetch: createMeteredFetch(unmetered),
      now,
      app: async () => null,
    }
    const app = { clientId: String(grant.clientId), clientSecret: '' }
    expect(await network?.refresh(context, grant, app)).toMatchObject({ kind: 'dead' })
  })
})
