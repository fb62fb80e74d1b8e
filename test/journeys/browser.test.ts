/** The main job in a real browser, by the roles and names a person (or a screen reader) goes by. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { networks } from '#networks/registry.ts'
import {
  type Browser,
  complaintsOf,
  launchBrowser,
  openPage,
  screenshot,
  type Page,
  setUp,
  settled,
  violations,
} from '#test/support/browser.ts'
import { freePort } from '#test/support/free-port.ts'

const bin = fileURLToPath(new URL('../../bin/litfass.js', import.meta.url))

describe('a newcomer in the browser', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'litfass-browser-'))
  const picture = join(dataDir, 'picture.jpg')
  let environment: NodeJS.ProcessEnv
  let url = ''
  let server: ChildProcess
  let browser: Browser
  let page: Page
  let complaints: string[]

  beforeAll(async () => {
    const port = await freePort()
    url = `http://127.0.0.1:${port}`
    environment = { ...process.env, LITFASS_DATA_DIR: dataDir, LITFASS_PORT: String(port) }
    const square = sharp({ create: { width: 1080, height: 1080, channels: 3, background: '#0b6b63' } })
    writeFileSync(picture, await square.jpeg().toBuffer())
    server = await serve(environment, url)
    browser = await launchBrowser()
    page = await openPage(browser, { url })
    complaints = complaintsOf(page)
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await kill(server, 'SIGTERM')
    rmSync(dataDir, { recursive: true, force: true })
  })

  // What was on the screen says more than what was waited for.
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await screenshot(page, `failed-${task.name.slice(0, 30)}`)
  })

  it('sets up with the printed link', async () => {
    await setUp(page, readFileSync(join(dataDir, 'setup-token'), 'utf8'))
    await settled(page)
    expect(await violations(page)).toEqual([])
  })

  it('connects an account of every network by its consent page or its form', async () => {
    for (const { definition } of networks) {
      const [login] = definition.logins
      await page.goto('/connections/new')
      await page.getByRole('button', { name: `Connect ${login?.name} in the sandbox` }).click()
      const answer = login?.kind === 'form' ? 'Sign in' : 'Allow'
      await page.getByRole('button', { name: answer, exact: true }).click()
      await page.waitForURL(/\/connections(\?|\/con_)/)
      const use = page.getByRole('button', { name: /^Use \d+ channel/ })
      if (page.url().includes('/channels')) await use.click()
      await page.waitForURL(/\/connections(\?|$)/)
    }
    const connected = page.getByText('Connected', { exact: true })
    await connected.nth(networks.length - 1).waitFor()
    await settled(page)
    expect(await connected.count()).toBe(networks.length)
    expect(await violations(page)).toEqual([])
  }, 90_000)

  it('reads in a form why the server refused it', async () => {
    const login = networks.flatMap(({ definition }) => definition.logins).find(({ kind }) => kind === 'form')
    await page.goto('/connections/new')
    await page.getByRole('button', { name: `Connect ${login?.name} in the sandbox` }).click()
    const dialog = page.getByRole('dialog')
    await dialog.locator('input[type=password]').fill('wrong')
    await dialog.getByRole('button', { name: 'Sign in', exact: true }).click()
    await dialog.getByText(/does not know/).waitFor()
    expect(await violations(page)).toEqual([])
    await dialog.getByRole('button', { name: 'Cancel' }).click()
  })

  it('writes a post with a picture and an alt text, and sees what each channel says', async () => {
    await page.goto('/compose')
    await page.getByRole('button', { name: 'Choose all' }).click()
    await page.getByRole('textbox', { name: 'Text', exact: true }).fill('Fresh from the column')
    await page.locator('input[type=file]').setInputFiles(picture)
    await page.getByRole('textbox', { name: 'Alt text' }).fill('A green square')
    await page.waitForURL(/\/compose\/pst_/)
    await page.getByText('Draft saved').waitFor()
    await page.getByText(/^Will cost/).waitFor()
    const verdicts = page.getByRole('complementary', { name: 'Checks and preview' })
    expect(await verdicts.getByText('Fits', { exact: true }).count()).toBeGreaterThanOrEqual(networks.length)
    expect(await violations(page)).toEqual([])
  }, 60_000)

  it('is told when a text is too long for one network, before anything is saved', async () => {
    const text = page.getByRole('textbox', { name: 'Text', exact: true })
    await text.fill('a'.repeat(2_300))
    await page.getByText(/channels? would refuse this; see the checks/).waitFor()
    expect(await page.getByRole('button', { name: 'Publish now' }).isDisabled()).toBe(true)
    await text.fill('Fresh from the column')
    await page.getByText(/^Will cost/).waitFor()
  })

  it('finds the draft again after the server was killed', async () => {
    await page.getByText('Draft saved').waitFor()
    await kill(server, 'SIGKILL')
    server = await serve(environment, url)
    await page.reload()
    await page.getByRole('textbox', { name: 'Text', exact: true }).waitFor()
    expect(await page.getByRole('textbox', { name: 'Text', exact: true }).inputValue()).toBe(
      'Fresh from the column',
    )
    expect(await page.getByRole('textbox', { name: 'Alt text' }).inputValue()).toBe('A green square')
  }, 60_000)

  it('publishes it, and sees it live on every channel', async () => {
    await page.getByRole('button', { name: 'Publish now' }).click()
    await page.waitForURL(/\/posts\/pst_/)
    await page.locator('h1').getByText('Fresh from the column').waitFor()
    await liveLinks(page)
    expect(await violations(page)).toEqual([])
    const wall = await page.context().newPage()
    await wall.goto('/_sandbox/')
    expect(await wall.getByText('Fresh from the column').count()).toBeGreaterThanOrEqual(networks.length)
    await wall.close()
  }, 90_000)

  it('watches its figures grow, as a chart and as a table', async () => {
    await page.getByRole('heading', { name: 'Popularity' }).waitFor()
    const table = page.getByRole('table', { name: 'Latest figures by channel' })
    await table.waitFor({ timeout: 60_000 })
    const total = async () =>
      Number((await table.locator('tfoot td').first().innerText()).split('\n')[0]?.replaceAll(/\D/g, ''))
    await expect.poll(total, { timeout: 60_000, interval: 1_000 }).toBeGreaterThan(0)
    const before = await total()
    await expect.poll(total, { timeout: 60_000, interval: 1_000 }).toBeGreaterThan(before)
    expect(await violations(page)).toEqual([])
    await page.getByRole('tab', { name: 'Table' }).click()
    expect(await page.getByRole('tabpanel').getByRole('row').count()).toBeGreaterThan(1)
  }, 150_000)

  it('schedules the next one, which goes out by itself although the server was killed in between', async () => {
    // The first full minute that leaves time to press the button; the workspace's clock is the browser's.
    const due = new Date(Math.ceil((Date.now() + 15_000) / 60_000) * 60_000)
    const berlin = new Intl.DateTimeFormat('sv-SE', {
      timeZone: 'Europe/Berlin',
      dateStyle: 'short',
      timeStyle: 'short',
    })
    await page.goto(`/compose?at=${berlin.format(due).replace(' ', 'T')}`)
    await page.getByRole('button', { name: 'Choose all' }).click()
    await page.getByRole('textbox', { name: 'Text', exact: true }).fill('The second poster')
    await page.locator('input[type=file]').setInputFiles(picture)
    await page.getByRole('textbox', { name: 'Alt text' }).fill('A green square')
    await page.getByText(/^Will cost/).waitFor()
    await page.getByRole('button', { name: 'Schedule' }).click()
    await page.waitForURL(/\/posts\/pst_/)
    await page.getByText('Scheduled', { exact: true }).first().waitFor()
    await kill(server, 'SIGKILL')
    server = await serve(environment, url)
    await page.reload()
    await liveLinks(page, 120_000)
    const wall = await page.context().newPage()
    await wall.goto('/_sandbox/')
    const seen = await wall.getByText('The second poster').count()
    // Once each: reaching more than one channel of a network makes more posts, never two of one.
    expect(seen).toBe(await page.locator('a[href*="/_sandbox/"]').count())
    await wall.close()
  }, 180_000)

  it('is complained to by no page', () => {
    expect(complaints).toEqual([])
  })
})

/** Until every delivery links to its post. */
async function liveLinks(page: Page, timeout = 60_000): Promise<void> {
  await page.getByRole('link', { name: 'Receipt' }).first().waitFor()
  const deliveries = await page.getByRole('link', { name: 'Receipt' }).count()
  await page
    .locator('a[href*="/_sandbox/"]')
    .nth(deliveries - 1)
    .waitFor({ timeout })
}

async function serve(env: NodeJS.ProcessEnv, url: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [bin, 'serve'], { env, stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString()
  })
  for (let round = 0; round < 400; round += 1) {
    if (child.exitCode !== null) throw new Error(`the server stopped: ${log}`)
    const ready = await fetch(`${url}/readyz`).catch(() => null)
    const pages = await fetch(`${url}/`, { headers: { accept: 'text/html' } }).catch(() => null)
    if (ready?.ok && pages?.ok) return child
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`the server did not become ready: ${log}`)
}

function kill(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill(signal)
  })
}
