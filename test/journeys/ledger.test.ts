/** The access ledger in a real browser: checked, anchored, answered from, read; and a time priced anew. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
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
/** A network whose calls cost, and its name. */
let network = ''
let name = ''
beforeAll(async () => {
  product = await startTestProduct({ isBare: true })
  const priced = linkPricingNetwork()
  network = priced.id
  name = priced.name
  browser = await launchBrowser()
  page = await openPage(browser, { url: product.url })
  complaints = complaintsOf(page)
  folder = mkdtempSync(join(tmpdir(), 'litfass-ledger-'))
  await setUp(page, product.setupToken())
}, 120_000)
afterAll(async () => {
  await browser.close()
  await product.close()
  rmSync(folder, { recursive: true, force: true })
})

// oxlint-disable-next-line typescript/no-explicit-any -- answers of the API, as the test knows them
function ask(method: string, path: string, body?: unknown): Promise<any> {
  return page.evaluate(
    async ([verb, address, content]) => {
      const answer = await fetch(`/api/v1${address}`, {
        method: verb,
        headers: { 'content-type': 'application/json' },
        ...(content === 'null' ? {} : { body: content }),
      })
      return await answer.json()
    },
    [method, path, JSON.stringify(body ?? null)] as const,
  )
}

async function publish(): Promise<void> {
  for (const { definition } of product.product.system.networks)
    await ask('POST', '/connections', { login: definition.logins[0]?.id, sandbox: true })
  const { items } = await ask('GET', '/channels')
  const channelIds = items.flatMap((one: { id: string; network: string }) =>
    product.product.system.networks.some(
      ({ definition }) => definition.id === one.network && !definition.needsImage,
    )
      ? [one.id]
      : [],
  )
  const post = await ask('POST', '/posts', { text: 'Lemonade for all', channelIds })
  type Delivery = { network: string; state: string }
  const states = async () => {
    const { deliveries } = await ask('GET', `/posts/${post.id}`)
    return deliveries.filter((one: Delivery) => one.network === network || one.state !== 'published')
  }
  await expect.poll(states, { timeout: 60_000 }).toMatchObject([{ network, state: 'published' }])
  await product.product.system.ledger.settled()
}

const entries = () => page.getByRole('list', { name: 'Newest entries' }).getByRole('listitem')

describe('the page of the access ledger', { timeout: 120_000 }, () => {
  it('says what belongs there while nothing was asked', async () => {
    await page.goto('/settings/ledger')
    await settled(page)
    await page.getByText('No entries yet').waitFor()
    await page.getByText('Nothing was asked of a network in this time.').waitFor()
    expect(await violations(page)).toEqual([])
  })

  it('shows what was asked, what for, and by whom: a member by name', async () => {
    await publish()
    await page.goto('/settings/ledger')
    await settled(page)
    await entries().first().waitFor()
    await page.getByRole('button', { name: /All purposes/ }).click()
    await page.getByRole('option', { name: 'Connecting accounts' }).click()
    await page.waitForURL(/purpose=connect/)
    await entries().filter({ hasText: 'For connecting accounts, by Owner' }).first().waitFor()
    await page
      .getByRole('button', { name: /All networks/ })
      .last()
      .click()
    await page.getByRole('option', { name, exact: true }).click()
    await page.waitForURL(/entriesOf=/)
    await page.waitForLoadState('networkidle')
    for (const text of await entries().allTextContents()) expect(text).toContain(`${name}: `)
  })

  it('says where no entry is as chosen, and goes on page by page where there are more', async () => {
    await page.goto('/settings/ledger?purpose=converse')
    await page.getByText('No such entries').waitFor()
    await page.getByRole('button', { name: 'Show all entries' }).click()
    await entries().first().waitFor()
    const before = await entries().count()
    await page.getByRole('button', { name: 'Show more' }).click()
    await entries().nth(before).waitFor()
  })

  it('answers for a time on the page, as PDF and as JSON', async () => {
    await page.goto(`/settings/ledger?network=${network}`)
    await settled(page)
    const table = page.getByRole('table', { name })
    await table.waitFor()
    expect(await table.getByRole('row', { name: /^publishing creating a post/i }).textContent()).toMatch(
      /the schedule.*US\$0\.015/,
    )
    await page.getByText('Nothing that was read was sent to a model.').waitFor()
    await page.getByText('Members of this workspace (Owner: 1) and no API key. Nobody else.').waitFor()
    const [json] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'JSON' }).click(),
    ])
    const path = join(folder, 'report.json')
    await json.saveAs(path)
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ network, modelCalls: 0 })
    const [pdf] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'PDF' }).click(),
    ])
    await pdf.saveAs(join(folder, 'report.pdf'))
    expect(readFileSync(join(folder, 'report.pdf')).subarray(0, 5).toString()).toBe('%PDF-')
  })

  it('takes a time of one’s own, by keyboard, and says when it has no days', async () => {
    await page.goto('/settings/ledger?period=own')
    await page.getByText('Choose a first and a last day.').waitFor()
    await page.getByLabel('First day').fill('2026-02-01')
    await page.getByLabel('Last day').fill('2026-01-01')
    await page.getByText('This is before the first day.').waitFor()
    await page.getByLabel('Last day').fill('2026-02-28')
    await page.getByRole('heading', { name: '1 February 2026 to 28 February 2026' }).waitFor()
    expect(await violations(page)).toEqual([])
  })

  it('says why a report could not be made, and tries again', async () => {
    await page.route('**/api/v1/access-records/report?**', (route) => route.abort())
    await page.goto('/settings/ledger?period=lastMonth')
    await page.getByRole('button', { name: 'Try again' }).waitFor()
    await page.unroute('**/api/v1/access-records/report?**')
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('Nothing was asked of a network in this time.').waitFor()
  })

  it('says in words whether it is whole, also since an anchor, and what is wrong', async () => {
    await page.goto('/settings/ledger')
    await settled(page)
    await page.getByRole('button', { name: 'Check', exact: true }).press('Enter')
    await page.getByRole('status').filter({ hasText: 'The ledger is whole.' }).waitFor()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download anchor' }).click(),
    ])
    const path = join(folder, 'anchor.json')
    await download.saveAs(path)
    const choose = (file: string) => page.locator('input[type=file]').setInputFiles(file)
    await choose(path)
    await page.getByText('nothing that the anchor saw is missing').waitFor()
    writeFileSync(join(folder, 'none.json'), 'no anchor')
    await choose(join(folder, 'none.json'))
    await page.getByRole('alert').waitFor()
    const { db } = product.product.system
    await db.transaction().execute(async (transaction) => {
      await sql`alter table access_record disable trigger user`.execute(transaction)
      await sql`update access_record set items = 7 where kind = 'settle' and number = 2`.execute(transaction)
      await sql`alter table access_record enable trigger user`.execute(transaction)
    })
    await page.getByRole('button', { name: 'Check', exact: true }).click()
    await page
      .getByRole('alert')
      .filter({ hasText: /not whole: 1 thing is wrong.*Entry 2 of chain \S+ was changed/ })
      .waitFor()
    expect(await violations(page)).toEqual([])
    expect(complaints).toEqual([])
  })
})

describe('the page of other prices', { timeout: 60_000 }, () => {
  const answer = () => page.getByRole('status').filter({ hasText: 'It would have cost' })
  const row = () => page.getByRole('row').filter({ hasText: name })
  const choose = async (field: string, choice: string) => {
    await page.getByRole('button', { name: new RegExp(`${field}$`) }).click()
    await page.getByRole('option', { name: choice, exact: true }).click()
  }

  it('is found from the prices, and asks for a plain number', async () => {
    await page.goto(`/settings/prices?network=${network}`)
    await page.getByRole('link', { name: 'What if?' }).click()
    await page.getByText('Put a question above').waitFor()
    expect(await violations(page)).toEqual([])
    await page.getByLabel('Monthly fee in USD').fill('a lot')
    await page.getByLabel('Monthly fee in USD').press('Enter')
    await page.getByText('Write a plain number', { exact: false }).waitFor()
  })

  it('prices a time anew by a fee from a day, against the budget, and says what it is for', async () => {
    await ask('POST', '/budgets', { network, period: 'month', amount: '25' })
    await page.getByLabel('Monthly fee in USD').fill('42000')
    await page.getByLabel('As of').fill('2027-04-29')
    await page.getByLabel('Monthly fee in USD').press('Enter')
    await answer().waitFor()
    expect(await row().textContent()).toMatch(/\+US\$4\d,\d{3}\.\d\d.*outside/)
    await page.getByText(/^Outside it: monthly fee US\$4\d,/).waitFor()
    await page.getByText(/^Of 1 post to .* where calls would cost nothing: 1 to /).waitFor()
    await page.getByText('publishing', { exact: true }).waitFor()
    expect(await violations(page)).toEqual([])
  })

  it('takes a price of single calls, beside a fee that has all others in it', async () => {
    await choose('Calls', 'are in the fee')
    await page.getByRole('button', { name: 'Add a price' }).click()
    await page.getByLabel('Price in USD').fill('0,5')
    await page.getByLabel('Monthly fee in USD').fill('0')
    await page.getByRole('button', { name: 'Work it out' }).click()
    await answer().waitFor()
    expect(await row().textContent()).toContain('US$0.50')
    expect(await row().textContent()).toContain('within')
  })

  it('takes another plan, another day, and a file, of which every wrong line is told', async () => {
    await choose('What changes', 'Another plan')
    await page.getByRole('button', { name: 'Work it out' }).click()
    await answer().waitFor()
    await choose('What changes', 'The prices of a day')
    await page.getByLabel('As of').fill('2026-03-01')
    await page.getByRole('button', { name: 'Work it out' }).click()
    await answer().waitFor()
    expect(await row().textContent()).toMatch(/[-+]US\$0\.0/)
    await choose('What changes', 'A file of prices')
    const file = join(folder, 'prices.json')
    const entry = { network, unit: 'month', plan: 'own-x', price: 'much', source: 'x', readOn: '2026-11-24' }
    const content = { format: 'litfass-prices/1', currency: 'USD', entries: [entry] }
    writeFileSync(file, JSON.stringify(content))
    await page.locator('input[type=file]').setInputFiles(file)
    await page.getByRole('button', { name: 'Work it out' }).click()
    await page
      .getByText(/line 1: price is no amount/)
      .first()
      .waitFor()
    expect(complaints).toEqual([])
  })

  it('stays inside a phone’s width, and speaks German', async () => {
    const phone = await openPage(browser, { url: product.url, language: 'de', width: 390, theme: 'dark' })
    await ask('PATCH', '/me', { locale: 'de' })
    await phone.context().addCookies(await page.context().cookies())
    await phone.goto(`/settings/prices/what-if?network=${network}`)
    await settled(phone)
    await phone.getByLabel('Monatsgebühr in USD').fill('42000')
    await phone.getByRole('button', { name: 'Ausrechnen' }).click()
    await phone.getByText(/^Es hätte .* mehr\.$/).waitFor()
    for (const path of ['', '/settings/ledger']) {
      if (path !== '') await phone.goto(path)
      await settled(phone)
      expect(await phone.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390)
      expect(await violations(phone)).toEqual([])
    }
    await phone.context().close()
  })
})
