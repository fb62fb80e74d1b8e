/** People in the browser: two at one draft, a session that ends, roles, a connection that goes and comes back. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  type Browser,
  complaintsOf,
  launchBrowser,
  openPage,
  owner,
  type Page,
  type Person,
  screenshot,
  setUp,
  settled,
  signIn,
  violations,
} from '#test/support/browser.ts'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'

const editor: Person = {
  name: 'Second',
  email: 'second@lemonade.example',
  password: 'another glass of lemonade',
}
const viewer: Person = {
  name: 'Third',
  email: 'third@lemonade.example',
  password: 'a third glass of lemonade',
}

const pages = [
  '/',
  '/compose',
  '/calendar',
  '/posts',
  '/connections',
  '/connections/new',
  '/notices',
  '/settings',
  '/settings/members',
  '/settings/networks',
  '/settings/keys',
  '/settings/account',
  '/settings/about',
  '/no-such-page',
]

describe('people in the browser', () => {
  let product: TestProduct
  let browser: Browser
  let page: Page
  const complaints: string[] = []

  beforeAll(async () => {
    product = await startTestProduct({ isBare: true })
    browser = await launchBrowser()
    page = await openPage(browser, { url: product.url })
    await setUp(page, product.setupToken())
    for (const login of ['x', 'threads']) await ask(page, 'POST', '/connections', { login, sandbox: true })
    for (const [person, role] of [
      [editor, 'editor'],
      [viewer, 'viewer'],
    ] as const)
      await join(page, person, role)
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await product?.close()
  })
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await screenshot(page, `failed-${task.name.slice(0, 30)}`)
  })

  /** A page of their own for somebody, watched for complaints. */
  async function pageOf(
    person: Person,
    look: { language?: 'en' | 'de'; width?: number } = {},
  ): Promise<Page> {
    const other = await openPage(browser, { url: product.url, ...look })
    await signIn(other, person)
    complaints.push(...complaintsOf(other))
    return other
  }

  it('write one draft, and the second learns of the first and loses nothing', async () => {
    await page.goto('/compose')
    await textOf(page).fill('What both begin with')
    await saved(page)
    const address = new URL(page.url()).pathname
    const second = await pageOf(editor)
    await second.goto(address)
    await textOf(second).fill('What the second makes of it')
    await saved(second)

    await textOf(page).fill('What the first makes of it')
    await page.getByText(`${editor.name} changed this post`).waitFor()
    expect(await textOf(page).inputValue()).toBe('What the first makes of it')
    expect(await violations(page)).toEqual([])
    await page.getByRole('button', { name: 'Keep mine as a copy' }).click()
    await page.waitForURL((url) => url.pathname !== address)
    await expect.poll(() => textOf(page).inputValue()).toBe('What the first makes of it')

    await page.goto(address)
    expect(await textOf(page).inputValue()).toBe('What the second makes of it')
    await textOf(second).fill('And once more')
    await saved(second)
    await textOf(page).fill('Too late')
    await page.getByRole('button', { name: 'Load the other' }).click()
    await expect.poll(() => textOf(page).inputValue()).toBe('And once more')
    await second.context().close()
  })

  it('go on writing while a new draft gets its address', async () => {
    await page.goto('/compose')
    await textOf(page).click()
    const first = page.waitForRequest('**/api/v1/posts')
    let goOn = () => {}
    const isTyped = new Promise<void>((resolve) => (goOn = resolve))
    await page.route('**/api/v1/posts', async (route) => {
      await isTyped
      await route.continue()
    })
    await page.keyboard.type('The first words')
    await first
    await page.keyboard.type(' and those that follow at once')
    goOn()
    await page.waitForURL(/\/compose\/pst_/)
    await page.keyboard.type(', without losing the place')
    await saved(page)
    await page.unroute('**/api/v1/posts')
    const whole = 'The first words and those that follow at once, without losing the place'
    expect(await textOf(page).inputValue()).toBe(whole)
    await page.reload()
    expect(await textOf(page).inputValue()).toBe(whole)
  })

  it('keep one draft where the answer to its first save is lost', async () => {
    let isLost = false
    await page.goto('/compose')
    await page.route('**/api/v1/posts', async (route) => {
      if (isLost) return await route.continue()
      isLost = true
      await route.fetch()
      await route.abort()
    })
    await textOf(page).fill('Written once')
    await page
      .getByText(/^Not saved/)
      .first()
      .waitFor()
    await textOf(page).fill('Written once, and then some')
    await saved(page)
    await page.unroute('**/api/v1/posts')
    const { items } = await ask(page, 'GET', '/posts?search=Written%20once')
    expect(items.map(({ text }: { text: string }) => text)).toEqual(['Written once, and then some'])
  })

  it('find what they wrote again when their session has ended meanwhile', async () => {
    await page.goto('/compose')
    await textOf(page).fill('Before the session ended')
    await saved(page)
    await page.context().clearCookies()
    await textOf(page).fill('Before the session ended, and after it')
    await page.waitForURL(/\/sign-in\?returnTo=/)
    await page.getByText('What you wrote is kept').waitFor()
    await page.locator('input[name=email]').fill(owner.email)
    await page.locator('input[name=password]').fill(owner.password)
    await page.locator('button[type=submit]').click()
    await page.waitForURL(/\/compose\/pst_/)
    await expect.poll(() => textOf(page).inputValue()).toBe('Before the session ended, and after it')
    await saved(page)
    await page.reload()
    expect(await textOf(page).inputValue()).toBe('Before the session ended, and after it')
  })

  it('leave a draft without being asked where it can be saved, and are asked where it cannot', async () => {
    await page.goto('/compose')
    await textOf(page).fill('Left in a hurry')
    await page.getByRole('link', { name: 'Posts', exact: true }).click()
    await page.getByRole('link', { name: 'Left in a hurry' }).click()
    await page.getByRole('link', { name: 'Edit' }).click()
    await page.waitForURL(/\/compose\/pst_/)
    // What is needed while there is no connection comes before it is needed.
    await page.reload()
    await settled(page)
    await page.context().setOffline(true)
    await textOf(page).fill('Left in a hurry without a line')
    await page.getByRole('link', { name: 'Posts', exact: true }).click()
    const question = page.getByRole('alertdialog', { name: 'Leave without saving?' })
    await question.getByRole('button', { name: 'Cancel' }).click()
    await page.context().setOffline(false)
    await saved(page)
  })

  it('see only what their role lets them do', async () => {
    const { items } = await ask(page, 'GET', '/posts?limit=1')
    const second = await pageOf(editor)
    await second.goto('/connections')
    await second.getByText('Connected', { exact: true }).first().waitFor()
    expect(await second.getByRole('button', { name: 'Disconnect' }).count()).toBe(0)
    expect(await second.getByRole('link', { name: 'New post' }).count()).toBeGreaterThan(0)
    await second.goto('/connections/new')
    await second.getByText('Not with your role').waitFor()
    await second.context().close()

    const third = await pageOf(viewer)
    await third.goto(`/posts/${items[0].id}`)
    await settled(third)
    expect(await third.getByRole('link', { name: 'New post' }).count()).toBe(0)
    expect(await third.getByRole('button', { name: 'More actions' }).count()).toBe(0)
    await third.goto(`/compose/${items[0].id}`)
    await third.getByText('You may look, not write').waitFor()
    expect(await third.getByRole('textbox').count()).toBe(0)
    await third.context().close()
  })

  it('disconnect and reconnect an account, and what is scheduled there stays', async () => {
    const { items: channels } = await ask(page, 'GET', '/channels')
    const { id: channelId } = channels.find(({ network }: { network: string }) => network === 'x')
    const at = `${new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10)}T09:30`
    const text = 'In three days'
    const { id } = await ask(page, 'POST', '/posts', { text, channelIds: [channelId], at })
    await page.goto('/connections')
    await page.getByRole('region', { name: '@litfass' }).getByRole('button', { name: 'Disconnect' }).click()
    const question = page.getByRole('alertdialog')
    await question.getByText(text).waitFor()
    expect(await violations(page, '[role=alertdialog]')).toEqual([])
    await question.getByRole('button', { name: 'Disconnect' }).click()
    await question.waitFor({ state: 'detached' })
    await page.goto(`/posts/${id}`)
    await page.getByText('Held back', { exact: true }).waitFor()

    await page.goto('/connections')
    await page.locator('summary, button').filter({ hasText: '1 disconnected account' }).click()
    await page.getByRole('region', { name: '@litfass' }).getByRole('button', { name: 'Reconnect' }).click()
    await page.getByRole('button', { name: 'Allow', exact: true }).click()
    await page.waitForURL(/\/connections(\?|\/con_)/)
    await page.goto(`/posts/${id}`)
    await page.getByText('Scheduled', { exact: true }).first().waitFor()
    await page.getByText('Waiting', { exact: true }).waitFor()
    expect((await ask(page, 'GET', `/posts/${id}`)).at).toContain(at)
  })

  it('read every page in German, and none of them is wider than a phone', async () => {
    await ask(page, 'PATCH', '/me', { locale: 'de' })
    const { items: posts } = await ask(page, 'GET', '/posts')
    const planned = posts.find(({ deliveries }: { deliveries: unknown[] }) => deliveries.length > 0)
    const { items: connections } = await ask(page, 'GET', '/connections')
    const phone = await pageOf(owner, { language: 'de', width: 390 })
    const faults: string[] = []
    const paths = [
      `/compose/${planned.id}`,
      `/posts/${planned.id}`,
      `/deliveries/${planned.deliveries[0].id}`,
      `/connections/${connections[0].id}/channels`,
    ]
    for (const path of [...pages, ...paths]) {
      await phone.goto(path)
      await settled(phone)
      const { language, ids, tooWide } = await look(phone)
      faults.push(...ids.map((id) => `${path} shows ${id}`))
      if (language !== 'de') faults.push(`${path} is in ${language}`)
      if (tooWide > 0) faults.push(`${path} is ${tooWide} px wider than the screen`)
    }
    expect(faults).toEqual([])
    await phone.context().close()
  }, 60_000)

  it('are complained to by no page', () => {
    expect(complaints).toEqual([])
  })
})

/** Its language, texts that are ids of texts, and how far it reaches over the edge. */
async function look(page: Page): Promise<{ language: string | null; ids: string[]; tooWide: number }> {
  const words = (await page.locator('body').innerText()).split(/\s+/)
  return {
    language: await page.locator('html').getAttribute('lang'),
    ids: words.filter((word) => /^[a-z]+\.[a-z.]+$/.test(word) && !word.endsWith('.test')),
    tooWide: Number(
      await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'),
    ),
  }
}

function textOf(page: Page) {
  return page.getByRole('textbox', { name: 'Text', exact: true })
}

async function saved(page: Page): Promise<void> {
  await page.getByText('Draft saved', { exact: true }).waitFor()
}

/** Runs in the page, so that it has the session and comes from our own origin. */
// oxlint-disable-next-line typescript/no-explicit-any -- a test that knows what it asked for
function ask(page: Page, method: string, path: string, body?: unknown): Promise<any> {
  return page.evaluate(
    async ([verb, address, content]) => {
      const answer = await fetch(`/api/v1${address}`, {
        method: verb,
        headers: { 'content-type': 'application/json' },
        ...(content === 'null' ? {} : { body: content }),
      })
      if (!answer.ok) throw new Error(await answer.text())
      return await answer.json()
    },
    [method, path, JSON.stringify(body ?? null)] as const,
  )
}

/** Somebody accepts an invitation, without a browser. */
async function join(page: Page, { name, email, password }: Person, role: string): Promise<void> {
  const { url } = await ask(page, 'POST', '/invitations', { email, role })
  const token = new URL(url).searchParams.get('token') ?? ''
  const answer = await fetch(`${new URL(page.url()).origin}/api/v1/invitations/by-token/${token}/accept`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: new URL(page.url()).origin },
    body: JSON.stringify({ name, password, locale: 'en' }),
  })
  if (!answer.ok) throw new Error(await answer.text())
}
