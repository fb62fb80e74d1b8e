/** Planning by keyboard alone in a real browser, and what axe says of the pages people look at first. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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

describe('the calendar, by keyboard', () => {
  let product: TestProduct
  let browser: Browser
  let page: Page
  let complaints: string[]
  let june = ''

  beforeAll(async () => {
    product = await startTestProduct({ isBare: true })
    browser = await launchBrowser()
    page = await openPage(browser, { url: product.url })
    complaints = complaintsOf(page)
    await setUp(page, product.setupToken())
    june = (await draft('A walk in June', '2099-06-10T09:30')).id
    // A night later the clocks in Berlin go from two to three.
    await draft('Up all night', '2099-03-28T02:30')
  })
  afterAll(async () => {
    await browser?.close()
    await product?.close()
  })

  const draft = (text: string, at: string) => ask('POST', '/posts', { text, at, draft: true })
  const cell = (name: RegExp) => page.getByRole('gridcell', { name })
  const focused = () => page.evaluate('document.activeElement.textContent')

  /** Runs in the page, so that it has the session and comes from our own origin. */
  async function ask(method: string, path: string, body?: unknown): Promise<{ id: string; dueAt: string }> {
    return page.evaluate(
      async ([verb, address, content]) => {
        const headers = { 'content-type': 'application/json' }
        const answer = await fetch(`/api/v1${address}`, {
          method: verb,
          ...(content === '' ? {} : { headers, body: content }),
        })
        if (!answer.ok) throw new Error(await answer.text())
        return (await answer.json()) as { id: string; dueAt: string }
      },
      [method, path, body === undefined ? '' : JSON.stringify(body)] as const,
    )
  }

  /** From the cell into the post's dialog, a day later, and done. */
  async function moveADayOn(from: RegExp): Promise<void> {
    await cell(from).focus()
    for (const key of ['Tab', 'Tab', 'Enter']) await page.keyboard.press(key)
    await page.getByRole('dialog').getByRole('spinbutton', { name: /^day/ }).focus()
    await page.keyboard.press('ArrowUp')
    await page.getByRole('dialog').getByRole('button', { name: 'Move' }).press('Enter')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  }

  it('moves a post to another day, and leaves the focus on it', async () => {
    await page.goto('/calendar?day=2099-06-10')
    await moveADayOn(/10 June, 1 post/)
    await cell(/11 June, 1 post/).waitFor()
    await page.getByText('Moved to 11 Jun, 09:30').waitFor()
    expect((await ask('GET', `/posts/${june}`)).dueAt).toBe('2099-06-11T07:30:00.000Z')
    await expect.poll(focused).toBe('A walk in June')
  })

  it('takes that back, and leaves the focus on the post', async () => {
    await page.getByRole('button', { name: 'Undo' }).press('Enter')
    await cell(/10 June, 1 post/).waitFor()
    await expect.poll(async () => (await ask('GET', `/posts/${june}`)).dueAt).toBe('2099-06-10T07:30:00.000Z')
    await page.getByRole('button', { name: 'Undo' }).waitFor({ state: 'detached' })
    await expect.poll(focused).toBe('A walk in June')
  })

  it('moves by touch as well, on a phone', async () => {
    const phone = await openPage(browser, { url: product.url, width: 390 })
    await phone.context().addCookies(await page.context().cookies())
    await phone.goto('/calendar?day=2099-06-10')
    await phone.getByRole('button', { name: /^Move.*A walk in June/ }).tap()
    await phone.getByRole('dialog').getByRole('spinbutton', { name: /^day/ }).tap()
    await phone.keyboard.type('12')
    await phone.getByRole('dialog').getByRole('button', { name: 'Move' }).tap()
    await expect.poll(async () => (await ask('GET', `/posts/${june}`)).dueAt).toBe('2099-06-12T07:30:00.000Z')
    await phone.getByText('Moved to 12 Jun, 09:30').waitFor()
    await phone.getByRole('button', { name: 'Undo' }).tap()
    await expect.poll(async () => (await ask('GET', `/posts/${june}`)).dueAt).toBe('2099-06-10T07:30:00.000Z')
    await phone.context().close()
  })

  it('goes on into the next month, and begins a post where it stands', async () => {
    await cell(/30 June, no posts/).focus()
    await page.keyboard.press('ArrowDown')
    await page.getByRole('heading', { name: 'July 2099' }).waitFor()
    await expect.poll(focused).toMatch(/^Tuesday 7 July/)
    await page.keyboard.press('Enter')
    await page.waitForURL('**/compose?at=2099-07-07T09*')
  })

  it('shows why a time is refused, and the post where it was', async () => {
    await page.goto('/calendar?day=2099-03-28')
    await moveADayOn(/28 March, 1 post/)
    await page.getByText(/does not exist/).waitFor()
    await cell(/28 March, 1 post/).waitFor()
  })

  it.each(['/', '/calendar?day=2099-06-10', '/calendar?view=week&day=2099-06-10', '/notices'])(
    'has nothing in it that axe finds wrong, like %s',
    async (path) => {
      await page.goto(path)
      await settled(page)
      expect(await violations(page)).toEqual([])
    },
  )

  it('is complained to by no page', () => {
    expect(complaints).toEqual([])
  })
})
