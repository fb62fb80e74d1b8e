/** Accounts at the simulated X, signed in as a person would, and what is posted to them. */
import { createHash, randomBytes } from 'node:crypto'
import { request } from 'undici'
import { neededScopes } from '#networks/x/definition.ts'

/** One account takes 100 posts in a quarter of an hour; 60 of them take the 5,000 of a round and the first ones. */
export const channelCount = 60

/** Sent before the clock runs: code that runs all day is compiled for it, which takes as long as these. */
export const warmUpCount = 900

export type Account = { handle: string; accessToken: string }

/** `leg` keeps rounds apart: each has accounts and an app of its own, and so its own quotas. */
export function signInAll(apiUrl: string, leg: string, count = channelCount): Promise<Account[]> {
  return Promise.all(
    Array.from({ length: count }, (_, index) => signIn(apiUrl, `${leg}_${index}`, `app-${leg}`)),
  )
}

async function signIn(apiUrl: string, handle: string, clientId: string): Promise<Account> {
  const verifier = randomBytes(32).toString('base64url')
  const redirectUri = 'http://127.0.0.1/back'
  const consent = new URLSearchParams({
    client_id: clientId,
    redirect_uri: redirectUri,
    scope: neededScopes.join(' '),
    state: handle,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    account: handle,
    decision: 'allow',
  })
  const decided = await request(`${apiUrl}/i/oauth2/decide?${consent}`)
  await decided.body.dump()
  const code = new URL(String(decided.headers['location'])).searchParams.get('code') ?? ''
  const given = await request(`${apiUrl}/2/oauth2/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
      client_id: clientId,
      code_verifier: verifier,
    }).toString(),
  })
  const token = (await given.body.json()) as { access_token?: string }
  if (token.access_token === undefined) throw new Error(`no token for ${handle}: ${given.statusCode}`)
  return { handle, accessToken: token.access_token }
}

/** No two alike: X refuses a duplicate. */
export function textOf(index: number): string {
  return `Post ${index} of the benchmark: the quick brown fox jumps over the lazy dog, and the dog does not mind.`
}
