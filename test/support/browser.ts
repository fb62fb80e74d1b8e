/**
 * A real browser for tests and for looking at pages: Chromium from the test kit.
 *
 * `openPage` gives a page of a certain language, theme and width; `setUp` makes the owner in the browser, as a person
 * would; `violations` runs axe; `screenshot` writes a picture below `test-results/`.
 */
import { existsSync, mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { AxeBuilder as Axe } from '../kit/node_modules/@axe-core/playwright/dist/index.js'
import type { Browser, BrowserType, Page } from '../kit/node_modules/playwright-core/index.js'

export type { Browser, Page }

const kit = fileURLToPath(new URL('../kit/', import.meta.url))
const results = fileURLToPath(new URL('../../test-results/', import.meta.url))

/** A package of the test kit, which is installed in a folder of its own. */
function fromKit<Module>(name: string): Module {
  if (!existsSync(join(kit, 'node_modules', name)))
    throw new Error('the test kit is not installed: run `npm test`, or `npm ci --prefix test/kit`')
  return createRequire(join(kit, 'package.json'))(name) as Module
}

export async function launchBrowser(): Promise<Browser> {
  const { chromium } = fromKit<{ chromium: BrowserType }>('playwright-core')
  const { default: binary } = fromKit<{ default: { executablePath: () => Promise<string> } }>(
    '@sparticuz/chromium',
  )
  return chromium.launch({
    executablePath: await binary.executablePath(),
    args: ['--no-sandbox', '--headless=new', '--disable-gpu', '--font-render-hinting=none'],
  })
}

export type PageOptions = {
  /** Where the product runs, without a trailing slash. */
  url: string
  language?: 'en' | 'de'
  theme?: 'light' | 'dark'
  /** 1280 is a desk, 390 a phone with touch. */
  width?: number
}

/** A page with cookies of its own. What goes wrong unseen in it: `complaintsOf`. */
export async function openPage(browser: Browser, options: PageOptions): Promise<Page> {
  const { url, language = 'en', theme = 'light', width = 1280 } = options
  const isPhone = width < 640
  const context = await browser.newContext({
    baseURL: url,
    locale: language === 'de' ? 'de-DE' : 'en-GB',
    colorScheme: theme,
    viewport: { width, height: isPhone ? 844 : 900 },
    hasTouch: isPhone,
    isMobile: isPhone,
    timezoneId: 'Europe/Berlin',
    reducedMotion: 'reduce',
  })
  return context.newPage()
}

/** What the browser itself complains about: exceptions, and requests its policy forbids. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    // A refused request is an answer the page deals with, not a complaint.
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text()))
      complaints.push(message.text())
  })
  return complaints
}

export type Person = { name: string; email: string; password: string }
export const owner: Person = {
  name: 'Owner',
  email: 'owner@lemonade.example',
  password: 'a long glass of lemonade',
}

/** Opens the printed link and fills in the first form; ends signed in, on the page for new connections. */
export async function setUp(
  page: Page,
  token: string,
  person: Person = owner,
  workspace = 'Lemonade',
): Promise<void> {
  await page.goto(`/setup?token=${encodeURIComponent(token)}`)
  await page.locator('input[name=name]').fill(person.name)
  await page.locator('input[name=email]').fill(person.email)
  await page.locator('input[name=password]').fill(person.password)
  await page.locator('input[name=workspace]').fill(workspace)
  await page.locator('button[type=submit]').click()
  await page.waitForURL('**/connections/new?first=1')
}

export async function signIn(page: Page, person: Person = owner): Promise<void> {
  await page.goto('/sign-in')
  await page.locator('input[name=email]').fill(person.email)
  await page.locator('input[name=password]').fill(person.password)
  await page.locator('button[type=submit]').click()
  await page.waitForURL((address) => !address.pathname.startsWith('/sign-in'))
}

/** Until the page shows its heading and nothing loads any more. */
export async function settled(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor()
  await page.waitForLoadState('networkidle')
}

/**
 * What axe finds wrong, one line each; empty is good. Words that are only read out stand in an unseen place.
 * `within` looks at a part, such as a dialog that hides the rest.
 */
export async function violations(page: Page, within?: string): Promise<string[]> {
  const { AxeBuilder } = fromKit<{ AxeBuilder: typeof Axe }>('@axe-core/playwright')
  const axe = new AxeBuilder({ page }).exclude('[data-live-announcer]')
  const { violations: found } = await (within === undefined ? axe : axe.include(within)).analyze()
  return found.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id}: ${help} (${node.target.join(' ')})`),
  )
}

/** Writes `test-results/<name>.png`, the whole page, and returns its path. */
export async function screenshot(page: Page, name: string): Promise<string> {
  const path = join(results, `${name}.png`)
  mkdirSync(join(path, '..'), { recursive: true })
  await page.screenshot({ path, fullPage: true, animations: 'disabled' })
  return path
}
