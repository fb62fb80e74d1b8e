/** Writing help in a real browser, with a real server in the model's place: set up, asked, taken, undone. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
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
import { type ModelServer, startModelServer } from '#test/support/model-server.ts'
import { picture } from '#test/support/posting.ts'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'

let model: ModelServer
let product: TestProduct
let browser: Browser
let page: Page
let complaints: string[]
beforeAll(async () => {
  model = await startModelServer()
  product = await startTestProduct({ isBare: true, env: { LITFASS_ALLOW_PRIVATE_HOSTS: 'on' } })
  browser = await launchBrowser()
  page = await openPage(browser, { url: product.url })
  complaints = complaintsOf(page)
  await setUp(page, product.setupToken())
  const logins = product.product.system.networks.flatMap(({ definition }) => definition.logins)
  for (const { id } of logins.slice(0, 2)) await send('POST', '/connections', { login: id, sandbox: true })
}, 120_000)
afterEach(() => model.answer({ suggestions: ['Fresh lemonade today.'] }))
afterAll(async () => {
  await browser?.close()
  await product?.close()
  await model?.close()
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

const text = () => page.getByRole('textbox', { name: 'Text', exact: true })
const opener = () => page.getByRole('button', { name: 'Writing help: Text', exact: true })

describe('the composer', { timeout: 60_000 }, () => {
  it('shows nothing of it, and loads nothing of it, while it is off', async () => {
    const loaded: string[] = []
    page.on('request', (request) => loaded.push(request.url()))
    await page.goto('/compose')
    await text().fill('Fresh lemonaed')
    await settled(page)
    expect(await page.getByRole('button', { name: /Writing help/ }).count()).toBe(0)
    expect(loaded.filter((url) => /WritingHelp|later/.test(url))).toEqual([])
  })
})

describe('the page about AI', { timeout: 60_000 }, () => {
  it('says that all is off, and has nothing axe finds wrong', async () => {
    await page.goto('/settings/ai')
    await settled(page)
    const toggle = page.getByRole('switch', { name: 'Offer writing help' })
    expect(await toggle.isChecked()).toBe(false)
    expect(await toggle.isDisabled()).toBe(true)
    expect(await violations(page)).toEqual([])
  })

  it('takes server, model and key, shows the key no more, and switches it on by keyboard', async () => {
    await page.getByRole('textbox', { name: 'Server' }).fill('nonsense')
    await page.getByRole('textbox', { name: 'Model' }).fill('small')
    await page.keyboard.press('Enter')
    await page.getByText('is no address such as').waitFor()
    await page.getByRole('textbox', { name: 'Server' }).fill(model.endpoint)
    await page.locator('input[name=apiKey]').fill('sk-lemonade')
    await page.keyboard.press('Enter')
    await page.getByText('A key is kept, sealed').waitFor()
    expect(await page.locator('input[name=apiKey]').inputValue()).toBe('')
    const toggle = page.getByRole('switch', { name: 'Offer writing help' })
    await toggle.focus()
    await page.keyboard.press('Space')
    await expect.poll(() => toggle.isChecked()).toBe(true)
    await settled(page)
    expect(await violations(page)).toEqual([])
  })

  it('lets only those networks be switched on whose terms leave it free, and says why and where', async () => {
    const { networks } = (await page.evaluate(async () => (await fetch('/api/v1/ai')).json())) as {
      networks: Array<{ name: string; canBeAllowed: boolean }>
    }
    for (const { name, canBeAllowed } of networks) {
      const allow = page.getByRole('switch', { name: `Data read from ${name} may go to a model` })
      expect(await allow.isDisabled()).toBe(!canBeAllowed)
      const row = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name, exact: true }) })
      if (!canBeAllowed) expect(await row.textContent()).toMatch(/forbid|clearly/)
      expect(await row.getByRole('link').first().getAttribute('href')).toMatch(/^https:\/\//)
    }
    const free = networks.find(({ canBeAllowed }) => canBeAllowed)
    const allow = page.getByRole('switch', { name: `Data read from ${free?.name} may go to a model` })
    await allow.focus()
    await page.keyboard.press('Space')
    await expect.poll(() => allow.isChecked()).toBe(true)
    await page.reload()
    await expect.poll(() => allow.isChecked()).toBe(true)
  })
})

describe('writing help', { timeout: 60_000 }, () => {
  it('suggests beside the text, by keyboard alone, and changes nothing until it is taken', async () => {
    await page.goto('/compose')
    await text().fill('Fresh lemonaed')
    await opener().focus()
    await page.keyboard.press('Enter')
    await page.getByRole('menuitem', { name: 'Correct spelling' }).waitFor()
    expect(await violations(page)).toEqual([])
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.getByText('One suggestion. Your text has not changed.').waitFor()
    expect(await text().inputValue()).toBe('Fresh lemonaed')
    await settled(page)
    expect(await violations(page)).toEqual([])
    expect(model.asked.at(-1)).toMatchObject({ authorization: 'Bearer sk-lemonade' })
    expect(model.asked.at(-1)?.body.messages[1]?.content).toBe('Fresh lemonaed')
  })

  it('is taken and undone by keyboard', async () => {
    const takeIt = page.getByRole('button', { name: 'Use this text: suggestion 1' })
    await expect.poll(() => hasFocus(opener())).toBe(true)
    for (let presses = 0; presses < 6; presses += 1) {
      await page.keyboard.press('Tab')
      if (await hasFocus(takeIt)) break
    }
    await page.keyboard.press('Enter')
    await expect.poll(() => text().inputValue()).toBe('Fresh lemonade today.')
    const undo = page.getByRole('button', { name: 'Undo', exact: true })
    await expect.poll(() => hasFocus(undo)).toBe(true)
    await page.keyboard.press('Enter')
    await expect.poll(() => text().inputValue()).toBe('Fresh lemonaed')
    await expect.poll(() => hasFocus(opener())).toBe(true)
  })

  it('cannot be undone over what was written since', async () => {
    await choose('Say it otherwise')
    await page.getByRole('button', { name: 'Use this text: suggestion 1' }).click()
    await page.getByRole('button', { name: 'Undo', exact: true }).waitFor()
    await text().fill('Something else')
    await expect.poll(() => page.getByRole('button', { name: 'Undo', exact: true }).count()).toBe(0)
    await page.getByRole('button', { name: 'Close writing help' }).click()
  })

  it('is taken back while the model thinks', async () => {
    model.answer('silence')
    const before = model.left()
    await choose('Suggest three alternatives')
    await page.getByRole('button', { name: 'Cancel', exact: true }).click()
    await page.getByText('Taken back. Nothing was changed.').waitFor()
    await expect.poll(() => model.left()).toBe(before + 1)
  })

  it('says what is wrong with an answer, and what to do', async () => {
    model.answer({ content: 'Sure! Here is your text.' })
    await choose('Say it otherwise')
    await page.getByText('Try again, or choose another model; nothing was changed.').waitFor()
    expect(await violations(page)).toEqual([])
    model.answer({ suggestions: ['One', 'Two', 'Three'] })
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('3 suggestions. Your text has not changed.').waitFor()
    await page.getByRole('button', { name: 'Discard suggestions' }).click()
  })

  it('gives a channel back the shared text when its first own one is undone', async () => {
    await page.getByRole('checkbox').first().click({ force: true })
    await page.getByRole('tab').nth(1).click()
    const help = page.getByRole('button', { name: /^Writing help: Text for/ })
    await help.click()
    await page.getByRole('menuitem', { name: 'Shorten' }).click()
    await page.getByRole('button', { name: 'Use this text: suggestion 1' }).click()
    await page.getByRole('button', { name: 'Use the text for all' }).waitFor()
    await page.getByRole('button', { name: 'Undo', exact: true }).click()
    await expect.poll(() => page.getByRole('button', { name: 'Use the text for all' }).count()).toBe(0)
    await page.getByRole('tab').first().click()
  })

  it('suggests an alt text from the post’s text alone', async () => {
    const file = { name: 'stand.png', mimeType: 'image/png', buffer: Buffer.from(await picture(400, 400)) }
    await page.locator('input[type=file]').setInputFiles(file)
    const help = page.getByRole('button', { name: /^Writing help: Alt text.*stand\.png$/ })
    await help.click()
    await page.getByRole('menuitem', { name: 'Suggest an alt text from the post' }).click()
    await page.getByRole('button', { name: 'Use this text: suggestion 1' }).click()
    await expect
      .poll(() => page.getByRole('textbox', { name: /alt text/i }).inputValue())
      .toBe('Fresh lemonade today.')
    const { messages } = model.asked.at(-1)?.body ?? { messages: [] }
    expect(messages[1]?.content).toBe('Something else')
    expect(await violations(page)).toEqual([])
  })

  it('is told in German on a phone', async () => {
    const phone = await openPage(browser, { url: product.url, language: 'de', theme: 'dark', width: 390 })
    await send('PATCH', '/me', { locale: 'de' })
    await phone.context().addCookies(await page.context().cookies())
    await phone.goto('/settings/ai')
    await settled(phone)
    await phone.getByRole('switch', { name: 'Allen, die schreiben, Schreibhilfe anbieten' }).waitFor()
    expect(await violations(phone)).toEqual([])
    const { width } = phone.viewportSize() ?? { width: 0 }
    expect(await phone.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
    await phone.context().close()
    expect(complaints).toEqual([])
  })
})

async function hasFocus(locator: ReturnType<Page['getByRole']>): Promise<boolean> {
  return (await locator.and(page.locator(':focus')).count()) === 1
}

async function choose(name: string): Promise<void> {
  await opener().click()
  await page.getByRole('menuitem', { name }).click()
}
