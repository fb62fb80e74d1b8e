/** A first comment in a real browser: asked for, counted, shown before it goes out, and followed to where it stands. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  type Browser,
  complaintsOf,
  launchBrowser,
  openPage,
  type Page,
  screenshot,
  setUp,
  settled,
  violations,
} from '#test/support/browser.ts'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'

describe('whoever writes a post', () => {
  let product: TestProduct
  let browser: Browser
  let page: Page
  let complaints: string[]
  let names: { with: string; without: string }

  beforeAll(async () => {
    product = await startTestProduct({ isBare: true })
    browser = await launchBrowser()
    page = await openPage(browser, { url: product.url })
    complaints = complaintsOf(page)
    await setUp(page, product.setupToken())
    const plain = product.product.system.networks
      .map(({ definition }) => definition)
      .filter((one) => !one.needsImage)
    const [taking] = plain.filter(
      ({ comment, logins }) => comment.value !== null && logins[0]?.kind !== 'form',
    )
    const [refusing] = plain.filter(({ comment }) => comment.value === null)
    names = { with: taking?.name ?? '', without: refusing?.name ?? '' }
    for (const login of [taking?.logins[0]?.id, refusing?.logins[0]?.id])
      await page.evaluate(
        (body) =>
          fetch('/api/v1/connections', {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body,
          }),
        JSON.stringify({ login, sandbox: true }),
      )
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await product?.close()
  })
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await screenshot(page, `failed-${task.name.slice(0, 30)}`)
  })

  it('is not asked for a first comment, and writes one where it is wanted', async () => {
    await page.goto('/compose')
    await page.getByRole('button', { name: 'Choose all' }).click()
    await page.getByRole('textbox', { name: 'Text', exact: true }).fill('Fresh from the column')
    const comment = page.getByRole('textbox', { name: 'First comment', exact: true })
    expect(await comment.count()).toBe(0)
    await page.getByRole('button', { name: 'Add a first comment' }).click()
    await page.keyboard.type('More: https://lemonade.example/more')
    expect(await comment.inputValue()).toBe('More: https://lemonade.example/more')
    await page.getByText('Draft saved').waitFor()
    await settled(page)
    expect(await violations(page)).toEqual([])
  })

  it('sees it below the post, counted as each network counts, and where it is left out', async () => {
    const side = page.getByRole('complementary', { name: 'Checks and preview' })
    await side.getByText('Without the first comment').waitFor()
    const panel = page.getByRole('region', { name: 'First comment' })
    await panel.getByText(`(${names.without}) takes no first comment`, { exact: false }).waitFor()
    expect(await panel.getByRole('list', { name: 'Length' }).getByRole('listitem').count()).toBeGreaterThan(0)
    await side.getByText('https://lemonade.example/more').first().waitFor()
  })

  it('finds it again after a reload', async () => {
    await page.reload()
    const comment = page.getByRole('textbox', { name: 'First comment', exact: true })
    expect(await comment.inputValue()).toBe('More: https://lemonade.example/more')
  })

  it('follows it to where it stands, with a receipt of its own', async () => {
    await page.getByRole('button', { name: 'Publish now' }).click()
    await page.waitForURL(/\/posts\/pst_/)
    await page.getByText('First comment').first().waitFor()
    const row = page.getByRole('listitem').filter({ hasText: names.with }).first()
    await row.getByText('Published', { exact: true }).nth(1).waitFor({ timeout: 30_000 })
    await settled(page)
    expect(await violations(page)).toEqual([])
    await row.getByRole('link', { name: 'Receipt' }).nth(1).click()
    await page.getByRole('heading', { name: /^Receipt of the first comment/ }).waitFor()
    await settled(page)
    expect(await violations(page)).toEqual([])
    expect(complaints).toEqual([])
  }, 60_000)
})
