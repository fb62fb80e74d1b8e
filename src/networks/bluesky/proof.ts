/**
 * Requests that prove who sends them: a sign-in on Bluesky is bound to a key (DPoP, RFC 9449), so that tokens alone
 * are of no use to a thief.
 *
 * A server may ask for a word of its own in the proof. It says so by refusing, before it looks at anything else, and
 * the same request goes out once more with that word: the one repeat there is below the engine, since the server said
 * that it did nothing. It goes through the door like the first and ends within the time the first was given.
 */
import * as oauth from 'oauth4webapi'
import type { ProofKey, VerbContext } from '../contract.ts'
import { type Answer, type Call, NoAnswer } from '../metered-fetch.ts'
import { isProofRefused, wantsNonce } from './proof-refusals.ts'

/** The latest word of each server, by origin. They are no secrets, and change every few minutes. */
const nonces = new Map<string, string>()
const mostNonces = 500

/** A new private key for one sign-in. */
export async function newProofKey(): Promise<ProofKey> {
  const { privateKey } = await oauth.generateKeyPair('ES256', { extractable: true })
  const { kty = '', crv = '', x = '', y = '', d = '' } = await crypto.subtle.exportKey('jwk', privateKey)
  return { kty, crv, x, y, d }
}

export async function proven(
  context: VerbContext,
  access: { accessToken: string; proofKey: ProofKey },
  call: Call,
): Promise<Answer> {
  const timeoutMs = call.timeoutMs ?? 30_000
  const endsAt = context.now().getTime() + timeoutMs
  const isExpected = (answer: Answer) => wantsNonce(answer) || isProofRefused(answer)
  const first = await sendOnce(context, access, { ...call, isExpected })
  if (!wantsNonce(first)) return first
  const leftMs = endsAt - context.now().getTime()
  const mayLeave = async () => {
    if (context.now().getTime() >= endsAt)
      throw new NoAnswer('there was no time left to send it again', { sent: false })
  }
  return sendOnce(context, access, { ...call, isExpected, timeoutMs: Math.max(1, leftMs), mayLeave })
}

async function sendOnce(
  context: VerbContext,
  { accessToken, proofKey }: { accessToken: string; proofKey: ProofKey },
  call: Call,
): Promise<Answer> {
  const url = new URL(call.url)
  let answer: Answer | undefined
  try {
    await oauth.protectedResourceRequest(
      accessToken,
      call.method,
      url,
      new Headers(call.headers),
      undefined,
      {
        ...(await proving(context, proofKey)),
        [oauth.customFetch]: async (_, { headers }) => {
          answer = await context.fetch({ ...call, headers })
          return responseOf(answer, url)
        },
      },
    )
  } catch (cause) {
    // The library throws at refusals; what they say is read where all answers are.
    if (!(cause instanceof oauth.WWWAuthenticateChallengeError)) throw cause
  }
  if (answer === undefined) throw new Error('the request was not sent')
  return answer
}

/** What the library needs to prove a request by this clock, with the server's latest word. */
export async function proving(context: Pick<VerbContext, 'now'>, key: ProofKey) {
  return {
    DPoP: oauth.DPoP({}, await pairOf(key), {
      [oauth.modifyAssertion]: (_header, payload) => {
        payload['iat'] = Math.floor(context.now().getTime() / 1_000)
        const htu = payload['htu']
        const nonce = typeof htu === 'string' ? nonces.get(new URL(htu).origin) : undefined
        if (nonce !== undefined) payload['nonce'] = nonce
      },
    }),
    // Which servers are reached at all, and how, is the door's to say.
    [oauth.allowInsecureRequests]: true,
  }
}

/** The same once more where the server wants its word in the proof. */
export async function withNonce<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (cause) {
    if (!oauth.isDPoPNonceError(cause)) throw cause
    return run()
  }
}

/** An answer as the library reads it; keeps the word it carries. */
export function responseOf({ status, headers, text }: Answer, url: URL): Response {
  const nonce = headers['dpop-nonce']
  if (nonce !== undefined) remember(url.origin, nonce)
  const hasNoBody = status === 204 || status === 205 || status === 304
  return new Response(hasNoBody ? null : text, { status, headers })
}

function remember(origin: string, nonce: string): void {
  nonces.delete(origin)
  nonces.set(origin, nonce)
  for (const [oldest] of nonces) {
    if (nonces.size <= mostNonces) return
    nonces.delete(oldest)
  }
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256' } as const

async function pairOf({ d, ...open }: ProofKey) {
  const [privateKey, publicKey] = await Promise.all([
    crypto.subtle.importKey('jwk', { ...open, d }, algorithm, false, ['sign']),
    crypto.subtle.importKey('jwk', open, algorithm, true, ['verify']),
  ])
  return { privateKey, publicKey }
}
