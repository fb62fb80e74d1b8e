/** Connecting an account at a network of many servers, by keyboard alone in a real browser: the server is asked for first. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startSimulator } from '#networks/conformance-kit.ts'
import { loadSimulator, networks } from '#networks/registry.ts'
import {
  type Browser,
  complaintsOf,
  launchBrowser,
  openPage,
  type Page,
  setUp,
  settled,
  violations,
} from '#test/support/browser.ts'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'

const found = networks
  .flatMap(({ definition }) => definition.logins.map((login) => ({ definition, login })))
  .find(({ login }) => login.needsHost)
if (!found) throw new Error('no network has many servers')
const { definition, login } = found

describe('the server of an account', () => {
  let product: TestProduct
  let server: Awaited<ReturnType<typeof startSimulator>>
  let browser: Browser
  let page: Page
  let complaints: string[]

  beforeAll(async () => {
    server = await startSimulator((await loadSimulator(definition.id)).createSandbox)
    product = await startTestProduct({
      isBare: true,
      env: { LITFASS_ALLOW_PRIVATE_HOSTS: 'on', LITFASS_SANDBOX: 'off' },
    })
    browser = await launchBrowser()
    page = await openPage(browser, { url: product.url })
    complaints = complaintsOf(page)
    await setUp(page, product.setupToken())
  })
  afterAll(async () => {
    await browser?.close()
    await product?.close()
    await server?.close()
  })

  const dialog = () => page.getByRole('dialog')
  const focusedName = () => page.evaluate('document.activeElement.name || document.activeElement.textContent')

  it('is asked for in a dialog that has the focus, gives it back, and has nothing axe finds wrong', async () => {
    const opener = page.getByRole('button', { name: `Connect ${login.name}` })
    await opener.press('Enter')
    await dialog().waitFor()
    await expect.poll(focusedName).toBe('host')
    await dialog().getByText('How to connect, step by step').press('Enter')
    await dialog().locator('table').waitFor()
    expect(await violations(page, '[role=dialog]')).toEqual([])
    await page.keyboard.press('Escape')
    await dialog().waitFor({ state: 'detached' })
    await expect.poll(focusedName).toBe(await opener.textContent())
  })

  it('says at its field why an address is refused', async () => {
    await page.getByRole('button', { name: `Connect ${login.name}` }).press('Enter')
    await dialog().waitFor()
    await expect.poll(focusedName).toBe('host')
    await page.keyboard.type('https://example.com/path')
    await page.keyboard.press('Enter')
    await dialog()
      .getByText(/no address of a server/)
      .waitFor()
    await expect.poll(focusedName).toBe('host')
    expect(await dialog().locator('input[name=host]').getAttribute('aria-invalid')).toBe('true')
    expect(await violations(page, '[role=dialog]')).toEqual([])
  })

  it('shows its consent page, and the account is there afterwards', async () => {
    await page.locator('input[name=host]').fill('')
    await page.keyboard.type(server.baseUrl)
    await page.keyboard.press('Enter')
    await page.waitForURL((address) => address.origin === new URL(server.baseUrl).origin)
    await page
      .getByRole('button', { name: /allow/i })
      .or(page.getByRole('link', { name: /allow/i }))
      .first()
      .press('Enter')
    await page.waitForURL('**/connections?added=*')
    await settled(page)
    await page.getByText(new URL(server.baseUrl).host).first().waitFor()
    expect(await violations(page)).toEqual([])
    expect(complaints).toEqual([])
  })
})
