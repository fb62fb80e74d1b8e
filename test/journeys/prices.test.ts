/** The price book in a real browser: read, replaced, imported, and by whom it may be changed. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
let folder: string
beforeAll(async () => {
  product = await startTestProduct({ isBare: true })
  browser = await launchBrowser()
  page = await openPage(browser, { url: product.url })
  complaints = complaintsOf(page)
  folder = mkdtempSync(join(tmpdir(), 'litfass-prices-'))
  await setUp(page, product.setupToken())
}, 120_000)
afterAll(async () => {
  await browser.close()
  await product.close()
  rmSync(folder, { recursive: true, force: true })
})

const row = (text: string | RegExp) => page.getByRole('row').filter({ hasText: text })

describe('the page of prices', { timeout: 60_000 }, () => {
  it('shows what holds today, with source and day, and what is unknown as unknown', async () => {
    await page.goto('/settings/prices')
    await settled(page)
    expect(
      await row(/with a link/i)
        .first()
        .textContent(),
    ).toMatch(/\$0\.20.*for each request.*read \d/)
    expect(await row('Unknown').count()).toBeGreaterThan(0)
    expect(
      await page
        .getByRole('link', { name: /github\.com/ })
        .first()
        .getAttribute('href'),
    ).toMatch(/^https:/)
    expect(await violations(page)).toEqual([])
  })

  it('lets an admin replace a price, which is used and listed instead, and take it back', async () => {
    await row(/with a link/i)
      .getByRole('button', { name: /^Replace the price/ })
      .first()
      .click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel(/^Price in/).fill('0,25')
    await dialog.getByLabel('Source').fill('Our contract')
    expect(await violations(page, '[role=dialog]')).toEqual([])
    await dialog.getByRole('button', { name: 'Save' }).click()
    await row('Our contract').waitFor()
    expect(await row('Our contract').textContent()).toContain('$0.25')
    expect(await row('Our contract').textContent()).toContain('instead of the shipped one')
    await row('Our contract')
      .getByRole('button', { name: /^Remove/ })
      .click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click()
    await row('Our contract').waitFor({ state: 'detached' })
    expect(
      await row(/with a link/i)
        .first()
        .textContent(),
    ).toContain('$0.20')
  })

  it('says at the field what is wrong with a price', async () => {
    await page.getByRole('button', { name: 'New price' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('creating a post', { exact: true }).click()
    await dialog.getByLabel(/^Price in/).fill('a lot')
    await dialog.getByLabel('Source').fill('Our contract')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.getByText('is no amount such as 0.015', { exact: false }).waitFor()
    await dialog.getByRole('button', { name: 'Cancel' }).click()
  })

  it('tells every wrong line of a file, and takes a right one over after saying what it changes', async () => {
    await page.getByRole('button', { name: 'Import' }).click()
    const dialog = page.getByRole('dialog')
    const choose = async (name: string, entries: unknown[]) => {
      const path = join(folder, name)
      writeFileSync(path, JSON.stringify({ format: 'litfass-prices/1', currency: 'USD', entries }, null, 1))
      await dialog.locator('input[type=file]').setInputFiles(path)
    }
    const network = new URL(page.url()).searchParams.get('network') ?? linkPricingNetwork().id
    const entry = {
      network,
      unit: 'month',
      plan: 'own-contract',
      price: '99',
      source: 'A letter',
      readOn: '2026-11-24',
    }
    await choose('wrong.json', [entry, { ...entry, price: 'much' }])
    await dialog.getByText(/^line \d+: price is no amount/).waitFor()
    expect(await dialog.getByRole('button', { name: 'Take over' }).isDisabled()).toBe(true)
    await choose('right.json', [entry])
    await dialog.getByText('New: 1. Replaced: 0.', { exact: false }).waitFor()
    await dialog.getByRole('button', { name: 'Take over' }).click()
    await row('A letter').waitFor()
  })

  it('changes the plan that calls are counted by', async () => {
    await page.getByRole('button', { name: 'Change plan' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: /Plan$/ }).click()
    await page.getByRole('option', { name: /own-contract/ }).click()
    await dialog.getByRole('button', { name: 'Save' }).click()
    await page.getByText(/The plan costs US\$99\.00 a month\./).waitFor()
    expect(complaints).toEqual([])
  })

  it('stays inside a phone’s width, and speaks German', async () => {
    const phone = await openPage(browser, { url: product.url, language: 'de', width: 390, theme: 'dark' })
    await page.evaluate(
      "fetch('/api/v1/me', { method: 'PATCH', headers: { 'content-type': 'application/json' }, body: '{\"locale\":\"de\"}' })",
    )
    await phone.context().addCookies(await page.context().cookies())
    await phone.goto('/settings/prices')
    await settled(phone)
    await phone.getByText('Eigener Preis').first().waitFor()
    const width = await phone.evaluate('document.documentElement.scrollWidth')
    expect(width).toBeLessThanOrEqual(390)
    expect(await violations(phone)).toEqual([])
    await phone.context().close()
  })
})
