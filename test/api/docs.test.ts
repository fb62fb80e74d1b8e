/** `/api/docs` for people: what every caller needs to know, readable in a real browser. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { errorCodes } from '#domain/errors.ts'
import { type Browser, complaintsOf, launchBrowser, openPage, violations } from '#test/support/browser.ts'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'

describe('the page about the API', () => {
  let product: TestProduct
  let browser: Browser
  beforeAll(async () => {
    ;[product, browser] = await Promise.all([startTestProduct(), launchBrowser()])
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await product?.close()
  })

  it('says what every problem means', async () => {
    // Long codes may break at their underscores.
    const html = (await (await product.fetch('/api/docs')).text()).replaceAll('<wbr>', '')
    for (const [code, status] of Object.entries(errorCodes)) {
      const row = `<tr id="problem-${code}"><td><code>${code}</code></td><td>${status}</td><td>`
      expect(html).toContain(row)
      expect(html.split(row)[1]).toMatch(/^.{10,}?[.]<.td><.tr>/)
    }
  })

  it('says how to sign in, to repeat a write safely and to read a long list', async () => {
    const html = await (await product.fetch('/api/docs')).text()
    for (const word of [
      'Authorization: Bearer',
      'Idempotency-Key',
      'idempotency-replayed',
      'cursor',
      'Retry-After',
    ])
      expect(html).toContain(word)
  })

  it.each([
    ['light', 1280],
    ['dark', 390],
  ] as const)(
    'can be read in %s at %i pixels',
    async (theme, width) => {
      const page = await openPage(browser, { url: product.url, theme, width })
      const complaints = complaintsOf(page)
      await page.goto('/api/docs')
      for (const one of await page.locator('details').all())
        await one.evaluate((element) => element.setAttribute('open', ''))
      expect(await violations(page)).toEqual([])
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
      expect(await page.evaluate('getComputedStyle(document.documentElement).colorScheme')).toContain(theme)
      await page.context().close()
      expect(complaints).toEqual([])
    },
    60_000,
  )
})
