/** API budgets in a real browser: proposed, set, raised, and by whom they may be changed. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Browser,
  complaintsOf,
  launchBrowser,
  openPage,
  type Page,
  settled,
  setUp,
  violations,
} from '#test/support/browser.ts'
import { linkPricingNetwork } from '#test/support/link-prices.ts'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'

let product: TestProduct
let browser: Browser
let page: Page
let complaints: string[]
let network = ''
beforeAll(async () => {
  product = await startTestProduct({ isBare: true })
  const priced = linkPricingNetwork()
  network = priced.name
  browser = await launchBrowser()
  page = await openPage(browser, { url: product.url })
  complaints = complaintsOf(page)
  await setUp(page, product.setupToken())
  await send('POST', '/connections', { login: priced.logins[0]?.id, sandbox: true })
}, 120_000)
afterAll(async () => {
  await browser.close()
  await product.close()
})

function send(method: string, path: string, body: unknown): Promise<unknown> {
  return page.evaluate(
    async ([verb, to, text]) => {
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch(`/api/v1${to}`, { method: String(verb), headers, body: String(text) })
      return answer.json()
    },
    [method, path, JSON.stringify(body)],
  )
}

describe('the page of API budgets', { timeout: 60_000 }, () => {
  it('explains itself while there is none, and proposes one that is set with one press', async () => {
    await page.goto('/settings/budgets')
    await settled(page)
    await page.getByRole('heading', { name: 'No API budget yet' }).waitFor()
    expect(await violations(page)).toEqual([])
    await page.getByRole('button', { name: 'Set US$5.00 a month' }).click()
    await page.getByRole('heading', { name: network, exact: true }).waitFor()
    expect(await page.getByRole('meter', { name: `Used: practice, ${network}` }).count()).toBe(1)
    expect(await page.getByText('nothing limits them').count()).toBe(0)
    await settled(page)
    expect(await violations(page)).toEqual([])
  })

  it('changes one by keyboard alone', async () => {
    await page.getByRole('button', { name: `Change the budget: ${network}` }).focus()
    await page.keyboard.press('Enter')
    const amount = page.getByRole('textbox', { name: 'Amount in USD' })
    await amount.waitFor()
    await settled(page)
    expect(await violations(page)).toEqual([])
    await amount.focus()
    await page.keyboard.press('ControlOrMeta+A')
    await page.keyboard.type('0.10')
    await page.keyboard.press('Enter')
    await page.getByText('US$0.10 a month').waitFor()
  })

  it('is what the composer says of the post, with and without a link', async () => {
    await page.goto('/compose')
    await page.getByRole('checkbox').first().click({ force: true })
    await page.getByRole('textbox').first().fill('See https://example.com')
    await page.getByText('With a link US$0.20, without US$0.015').waitFor()
    await page.getByText(/left, and this takes US\$0\.20\. It would be kept back/).waitFor()
    expect(await page.getByRole('link', { name: 'API budgets' }).getAttribute('href')).toBe(
      '/settings/budgets',
    )
  })

  it('shows what the network counted beside what was counted here, once it is asked', async () => {
    await page.goto('/settings/budgets')
    await page.getByRole('button', { name: 'Ask the networks' }).click()
    const row = page
      .getByRole('listitem')
      .filter({ hasText: `App at ${network}: posts read` })
      .first()
    await row.getByText('Litfass counted 0').waitFor()
    await row.getByText('no difference').waitFor()
    await settled(page)
    expect(await violations(page)).toEqual([])
  })

  it('removes one and says what goes on then', async () => {
    await page.goto('/settings/budgets')
    await page.getByRole('button', { name: `Remove the budget: ${network}` }).click()
    const dialog = page.getByRole('alertdialog')
    await dialog.getByText('due in the last six hours').waitFor()
    await dialog.getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('heading', { name: 'No API budget yet' }).waitFor()
    expect(complaints).toEqual([])
  })
})
