/**
 * Pictures of every page, in both languages and themes, at a desk and on a phone, with something on them.
 *
 * Starts a product of its own in a temporary folder; the pictures stand in `test-results/pages`. Needs the test kit
 * (`npm test` installs it). Arguments choose pages by a part of their name: `npm run screenshots -- compose`.
 */
import sharp from 'sharp'
import {
  launchBrowser,
  openPage,
  type Page,
  screenshot,
  settled,
  setUp,
  signIn,
  violations,
} from '#test/support/browser.ts'
import { startTestProduct } from '#test/support/product.ts'

type Shot = { name: string; path: string; ready?: (page: Page) => Promise<void> }

/** Pages of people who are not signed in. */
const start: Shot[] = [
  { name: 'start-sign-in', path: '/sign-in' },
  { name: 'start-forgot', path: '/forgot-password' },
  { name: 'start-reset', path: '/reset-password?token=expired' },
  { name: 'start-invite', path: '/invite?token=expired' },
]

const wanted = process.argv.slice(2)
const product = await startTestProduct({ isBare: true })
const browser = await launchBrowser()
try {
  const owner = await openPage(browser, { url: product.url })
  await setUp(owner, product.setupToken())
  const shots = await fill(owner)
  for (const language of ['en', 'de'] as const) {
    await ask(owner, 'PATCH', '/me', { locale: language })
    for (const theme of ['light', 'dark'] as const) {
      for (const width of [1280, 390]) {
        const page = await openPage(browser, { url: product.url, language, theme, width })
        const look = { language, theme, width }
        for (const shot of start) await take(page, shot, look)
        await signIn(page)
        for (const shot of shots) await take(page, shot, look)
        await page.context().close()
      }
    }
  }
} finally {
  await browser.close()
  await product.close()
}

type Look = { language: string; theme: string; width: number }

async function take(
  page: Page,
  { name, path, ready }: Shot,
  { language, theme, width }: Look,
): Promise<void> {
  if (wanted.length > 0 && !wanted.some((part) => name.includes(part))) return
  await page.goto(path)
  await settled(page)
  await ready?.(page)
  const file = await screenshot(page, `pages/${name}-${language}-${theme}-${width}`)
  const found = await violations(page)
  console.log(file, found.length === 0 ? 'ok' : found.join('; '))
}

/** Runs in the page, so that it has the session and comes from our own origin. */
// oxlint-disable-next-line typescript/no-explicit-any -- a script that knows what it asked for
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

async function fill(page: Page): Promise<Shot[]> {
  const { items: networks } = await ask(page, 'GET', '/networks')
  for (const network of networks)
    await ask(page, 'POST', '/connections', { login: network.logins[0].id, sandbox: true })
  const { items: channels } = await ask(page, 'GET', '/channels')
  const channelIds = channels.map((channel: { id: string }) => channel.id)
  const media = await addPicture()
  const attachments = [
    { mediaFileId: media.id, altText: 'A column with a poster for lemonade in front of a green house' },
  ]
  const text =
    'Summer in a glass. Our new lemonade is here: lemon, mint and a little ginger. Come and taste it on Saturday at the market. https://lemonade.example/summer #lemonade'
  const published = await ask(page, 'POST', '/posts', { text, channelIds, attachments })
  const day = (days: number, time: string) =>
    `${new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)}T${time}`
  const scheduled = await ask(page, 'POST', '/posts', {
    text: 'Three ways to use up mint, before it takes over the garden.',
    channelIds,
    attachments,
    at: day(2, '09:30'),
    variants: { [channelIds[0]]: 'Three ways to use up mint. Which is yours?' },
  })
  for (const [days, time, words] of [
    [1, '08:00', 'Good morning from the market.'],
    [1, '17:30', 'Last chance today: two glasses for one.'],
    [4, '12:00', 'What goes into a good lemonade? Five answers.'],
    [9, '10:00', 'We are hiring for the summer.'],
  ] as const)
    await ask(page, 'POST', '/posts', { text: words, channelIds, attachments, at: day(days, time) })
  const draft = await ask(page, 'POST', '/posts', {
    text: `${text} ${'And more. '.repeat(30)}`,
    channelIds,
    attachments,
    draft: true,
  })
  await ask(page, 'POST', '/posts', { text: 'An idea for autumn', draft: true })
  // The first figures come about a quarter of a minute after publishing; two more make a line.
  await page.goto(`/posts/${published.id}`)
  await page.getByRole('table').first().waitFor({ timeout: 90_000 })
  await page.waitForTimeout(25_000)
  const failed = await publishWithTrouble(page, channels, attachments)
  const { deliveries } = await ask(page, 'GET', `/posts/${published.id}`)
  const { items: connections } = await ask(page, 'GET', '/connections')
  return [
    { name: 'overview', path: '/' },
    { name: 'compose-new', path: '/compose' },
    {
      name: 'compose-draft',
      path: `/compose/${draft.id}`,
      ready: (at) => at.getByRole('complementary').locator('li').first().waitFor(),
    },
    { name: 'compose-scheduled', path: `/compose/${scheduled.id}` },
    { name: 'calendar-month', path: '/calendar?view=month' },
    { name: 'calendar-week', path: '/calendar?view=week' },
    { name: 'posts', path: '/posts' },
    {
      name: 'post-published',
      path: `/posts/${published.id}`,
      ready: (at) => at.locator('svg[role=application]').waitFor(),
    },
    { name: 'post-scheduled', path: `/posts/${scheduled.id}` },
    { name: 'delivery', path: `/deliveries/${deliveries[0].id}` },
    { name: 'connections', path: '/connections' },
    { name: 'connections-new', path: '/connections/new' },
    { name: 'connections-first', path: '/connections/new?first=1' },
    { name: 'connections-channels', path: `/connections/${connections[0].id}/channels` },
    { name: 'notices', path: '/notices' },
    { name: 'post-failed', path: `/posts/${failed.id}` },
    { name: 'delivery-failed', path: `/deliveries/${failed.deliveries[0].id}` },
    { name: 'settings-workspace', path: '/settings' },
    { name: 'settings-members', path: '/settings/members' },
    { name: 'settings-networks', path: '/settings/networks' },
    { name: 'settings-prices', path: '/settings/prices' },
    { name: 'settings-what-if', path: '/settings/prices/what-if', ready: suppose },
    {
      name: 'settings-ledger',
      path: '/settings/ledger',
      ready: (at) => at.locator('main dl').first().waitFor(),
    },
    { name: 'settings-budgets', path: '/settings/budgets' },
    { name: 'settings-keys', path: '/settings/keys' },
    { name: 'settings-data', path: '/settings/data' },
    { name: 'settings-ai', path: '/settings/ai' },
    { name: 'settings-account', path: '/settings/account' },
    { name: 'settings-about', path: '/settings/about' },
  ]
}

/** A fee that nobody would pay, so that there is something to say. */
async function suppose(page: Page): Promise<void> {
  await page.locator('main input[inputmode=decimal]').fill('42000')
  await page.locator('main button[type=submit]').click()
  await page.locator('main table, main dl').first().waitFor()
}

/** One channel's network refuses the access, so that there is something to look after. */
async function publishWithTrouble(
  page: Page,
  channels: Array<{ id: string; network: string }>,
  attachments: unknown,
) {
  const [first] = channels
  const fault = {
    fault: 'unauthorised',
    network: first?.network,
    match: { effect: 'publish' },
    times: 'always',
  }
  await page.evaluate(
    (rule) =>
      fetch('/_sandbox/faults', {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: rule,
      }),
    JSON.stringify([fault]),
  )
  const post = await ask(page, 'POST', '/posts', {
    text: 'The market is closed tomorrow.',
    channelIds: channels.slice(0, 3).map(({ id }) => id),
    attachments,
  })
  await page.goto(`/posts/${post.id}`)
  await page.getByText('Held back', { exact: true }).first().waitFor({ timeout: 60_000 })
  await page.evaluate(() => fetch('/_sandbox/faults', { method: 'DELETE' }))
  return post
}

async function addPicture(): Promise<{ id: string }> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="1080" height="1080"><rect width="1080" height="1080" fill="#dff1e4"/>
    <rect x="330" y="250" width="420" height="690" rx="16" fill="#0b6b63"/><path d="M280 250h520l-60-90H340z" fill="#07524c"/>
    <rect x="390" y="330" width="300" height="420" fill="#fff6d6"/><circle cx="540" cy="500" r="96" fill="#f4c430"/><rect x="430" y="640" width="220" height="26" fill="#0b6b63"/></svg>`
  const jpeg = await sharp(Buffer.from(svg)).jpeg().toBuffer()
  const form = new FormData()
  form.set('file', new File([new Uint8Array(jpeg)], 'poster.jpg', { type: 'image/jpeg' }))
  const cookies = await (browser.contexts()[0]?.cookies() ?? [])
  const answer = await fetch(`${product.url}/api/v1/media`, {
    method: 'POST',
    headers: { origin: product.url, cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; ') },
    body: form,
  })
  return (await answer.json()) as { id: string }
}
