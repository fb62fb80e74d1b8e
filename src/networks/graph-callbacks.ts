/**
 * What Meta tells an app about people who leave: a form with one field, `signed_request`, which is a signature made
 * with the app's secret, a dot, and what it says.
 *
 * Source: https://developers.facebook.com/docs/development/create-an-app/app-dashboard/data-deletion-callback,
 * read 2026-11-23.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import type { AppCredentials, CallbackWord, NetworkCallbacks } from './contract.ts'

const payload = z.looseObject({
  algorithm: z.string(),
  /** Seconds since 1970. */
  issued_at: z.number(),
  /** As this app knows the person. */
  user_id: z.union([z.string(), z.number()]).transform(String),
})

export const graphCallbacks: NetworkCallbacks = {
  read,
  answer: (kind, { url, code }) => (kind === 'data-deletion' ? { url, confirmation_code: code } : {}),
}

function read(body: string, { clientSecret }: AppCredentials): CallbackWord | null {
  // Without one, anybody's signature would be as good.
  if (clientSecret === '') return null
  const [signature = '', said = ''] = (new URLSearchParams(body).get('signed_request') ?? '').split('.', 2)
  const expected = createHmac('sha256', clientSecret).update(said).digest()
  // Both alphabets, with padding and without, have been seen; Node reads either.
  const given = Buffer.from(signature, 'base64url')
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null
  const parsed = payload.safeParse(jsonOf(said))
  if (!parsed.success || parsed.data.algorithm.toUpperCase() !== 'HMAC-SHA256') return null
  return { remoteAccountId: parsed.data.user_id, saidAt: new Date(parsed.data.issued_at * 1_000) }
}

function jsonOf(said: string): unknown {
  try {
    return JSON.parse(withTextIds(Buffer.from(said, 'base64url').toString('utf8')))
  } catch {
    return null
  }
}

/** Ids of 17 digits lose their last ones as numbers. */
function withTextIds(json: string): string {
  return json.replace(/("user_id"\s*:\s*)(\d+)/, '$1"$2"')
}
