/** Proofs at Bluesky's simulator: a signature by the key a token is bound to, over this request, with our latest word. */
import { createHash, createPublicKey, verify } from 'node:crypto'
import { jsonResponse, type SandboxRequest, type SandboxResponse } from '../sandbox-kit.ts'
import type { State } from './sandbox-state.ts'

/** A new word so often; the one before it is still taken. */
const nonceMs = 60_000
const believedMs = 190_000

export const nonceOf = (state: State) => nonceAt(Math.floor(state.now() / nonceMs))
const nonceAt = (step: number) => createHash('sha256').update(`nonce ${step}`).digest('base64url')

/**
 * The thumbprint of the key that signed, or the refusal of the real server. `token` is what comes along, null where
 * tokens are asked for.
 */
export function proofIn(
  state: State,
  request: SandboxRequest,
  token: string | null,
): { key: string } | { response: SandboxResponse } {
  const proof = request.headers['dpop']
  if (proof === undefined)
    return refused(
      state,
      token,
      token === null ? 'invalid_dpop_proof' : 'invalid_token',
      'DPoP proof required',
    )
  const read = parsed(proof)
  if (read === null) return refused(state, token, 'invalid_dpop_proof', 'Failed to verify DPoP proof')
  const { claims, key } = read
  const apart = Math.abs(state.now() - Number(claims['iat']) * 1_000)
  if (!(apart <= believedMs))
    return refused(
      state,
      token,
      'invalid_dpop_proof',
      'Failed to verify DPoP proof: "iat" claim timestamp check failed (it should be in the past)',
    )
  if (claims['htm'] !== request.method)
    return refused(state, token, 'invalid_dpop_proof', 'DPoP "htm" mismatch')
  if (claims['htu'] !== `${request.baseUrl}${request.path}`)
    return refused(state, token, 'invalid_dpop_proof', 'DPoP "htu" mismatch')
  const step = Math.floor(state.now() / nonceMs)
  if (claims['nonce'] !== nonceAt(step) && claims['nonce'] !== nonceAt(step - 1))
    return refused(
      state,
      token,
      'use_dpop_nonce',
      claims['nonce'] === undefined
        ? 'Authorization server requires nonce in DPoP proof'
        : 'DPoP "nonce" mismatch',
    )
  const expected = token === null ? undefined : createHash('sha256').update(token).digest('base64url')
  if (claims['ath'] !== expected) return refused(state, token, 'invalid_dpop_proof', 'DPoP "ath" mismatch')
  return { key }
}

function parsed(proof: string): { claims: Record<string, unknown>; key: string } | null {
  const [head = '', body = '', signature = ''] = proof.split('.')
  try {
    const { typ, alg, jwk } = decoded(head) as { typ?: string; alg?: string; jwk?: Record<string, string> }
    if (typ !== 'dpop+jwt' || alg !== 'ES256' || !jwk || jwk['d'] !== undefined) return null
    const { kty = '', crv = '', x = '', y = '' } = jwk
    const signed = Buffer.from(`${head}.${body}`)
    const key = {
      key: createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' }),
      dsaEncoding: 'ieee-p1363',
    } as const
    if (!verify('sha256', signed, key, Buffer.from(signature, 'base64url'))) return null
    // The members in the order RFC 7638 has them.
    const thumbprint = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url')
    return { claims: decoded(body) as Record<string, unknown>, key: thumbprint }
  } catch {
    return null
  }
}

const decoded = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))

/** A wish for our word is a 400 where tokens are given. All else is a 401 that says so in its header, too. */
function refused(
  state: State,
  token: string | null,
  error: string,
  said: string,
): { response: SandboxResponse } {
  const nonce = { 'dpop-nonce': nonceOf(state) }
  const body = token === null ? { error, error_description: said } : { error, message: said }
  if (token === null && error === 'use_dpop_nonce') return { response: jsonResponse(400, body, nonce) }
  const challenge = `DPoP error="${error}", error_description="${said.replaceAll('"', "'")}"`
  return { response: jsonResponse(401, body, { ...nonce, 'www-authenticate': challenge }) }
}
