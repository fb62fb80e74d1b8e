/** The sign-in and consent pages of a real personal data server, as a person goes through them in a browser. */
import { type Browser, openPage, type Page } from './browser.ts'

/** Signs in with the account's own password and answers what is asked. */
export async function answerPages(
  page: Page,
  account: { handle: string; mainPassword: string },
  decision: 'allow' | 'deny' = 'allow',
): Promise<void> {
  const name = page.locator('input[autocomplete=username]')
  const welcome = page.getByRole('button', { name: 'Sign in', exact: true })
  await name.or(welcome).first().waitFor()
  // Whom nobody named may make an account first.
  if (!(await name.isVisible())) await welcome.click()
  await name.waitFor()
  // It stands there already where the app has said who wants to sign in.
  if (await name.isEditable()) await name.fill(account.handle)
  await page.locator('input[type=password]').fill(account.mainPassword)
  await page.locator('button[type=submit]').first().click()
  await page.getByRole('button', { name: decision === 'allow' ? 'Authorize' : 'Deny access' }).click()
}

/** Opens the page in a browser of its own and answers; returns what the redirect carries. */
export async function answerConsent(
  browser: Browser,
  url: string,
  account: { handle: string; mainPassword: string },
  redirectUri: string,
  decision: 'allow' | 'deny' = 'allow',
): Promise<URLSearchParams> {
  const page = await openPage(browser, { url: new URL(url).origin })
  try {
    const back = page.waitForRequest((request) => request.url().startsWith(redirectUri), { timeout: 30_000 })
    await Promise.all([back, page.goto(url).then(() => answerPages(page, account, decision))])
    return new URL((await back).url()).searchParams
  } finally {
    await page.context().close()
  }
}
