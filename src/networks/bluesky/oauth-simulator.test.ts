/** The simulator's sign-in by consent, held against that of the real server: what each of many wrong proofs is answered with. */
import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startPds, type TestPds } from '#test/support/pds.ts'
import { startSimulator, type Simulator } from '../conformance-kit.ts'
import { createSandbox } from './sandbox.ts'

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const digest = (text: string) => createHash('sha256').update(text).digest('base64url')
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

type Claims = { htm?: string; htu?: string; iat?: number; nonce?: string | undefined; ath?: string }

/** A proof as RFC 9449 has it, by nothing of the product's. */
function proofOf(claims: Claims, head: object = {}): string {
  const jwk = publicKey.export({ format: 'jwk' })
  const signed = `${part({ typ: 'dpop+jwt', alg: 'ES256', jwk, ...head })}.${part({ jti: randomUUID(), ...claims })}`
  const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' })
  return `${signed}.${signature.toString('base64url')}`
}

const redirectUri = 'http://127.0.0.1:9/cb'
const scope = 'atproto transition:generic'
const clientId = `http://localhost?${new URLSearchParams({ redirect_uri: redirectUri, scope })}`
const announced = {
  client_id: clientId,
  redirect_uri: redirectUri,
  response_type: 'code',
  scope,
  state: 'a-state',
  code_challenge: digest('a verifier'),
  code_challenge_method: 'S256',
}

let pds: TestPds
let simulator: Simulator
beforeAll(async () => {
  pds = await startPds()
  simulator = await startSimulator(createSandbox)
})
afterAll(async () => {
  await simulator?.close()
  await pds?.close()
})

/** What one request after the other is answered with, without what differs by server and time. */
async function story(url: string, now: () => number) {
  const told: object[] = []
  const seconds = () => Math.floor(now() / 1_000)
  const ask = async (what: string, path: string, init: RequestInit) => {
    const answer = await fetch(`${url}${path}`, init)
    const body = (await answer.json()) as Record<string, unknown>
    const challenge = answer.headers.get('www-authenticate')
    const named = /^(\w+).*error="(\w+)"/.exec(challenge ?? '')?.slice(1) ?? null
    told.push({ what, status: answer.status, error: body['error'] ?? null, challenge: named })
    return { body, nonce: answer.headers.get('dpop-nonce') ?? undefined }
  }
  const post = (what: string, path: string, form: Record<string, string>, proof?: string) =>
    ask(what, path, {
      method: 'POST',
      body: new URLSearchParams(form),
      headers: proof === undefined ? {} : { dpop: proof },
    })
  const par = { htm: 'POST', htu: `${url}/oauth/par` }
  const { nonce } = await post('no word', '/oauth/par', announced, proofOf({ ...par, iat: seconds() }))
  const right = () => ({ ...par, iat: seconds(), nonce })
  const made = await post('announced', '/oauth/par', announced, proofOf(right()))
  expect(made.body['request_uri']).toMatch(/^urn:ietf:params:oauth:request_uri:/)
  await post('no proof', '/oauth/par', announced)
  await post('other word', '/oauth/par', announced, proofOf({ ...right(), nonce: 'mine' }))
  await post('other method', '/oauth/par', announced, proofOf({ ...right(), htm: 'GET' }))
  await post('other address', '/oauth/par', announced, proofOf({ ...right(), htu: `${url}/oauth/token` }))
  await post('other time', '/oauth/par', announced, proofOf({ ...right(), iat: seconds() - 1_200 }))
  await post('token in the proof', '/oauth/par', announced, proofOf({ ...right(), ath: digest('x') }))
  await post('other kind', '/oauth/par', announced, proofOf(right(), { typ: 'jwt' }))
  await post('broken', '/oauth/par', announced, `${proofOf(right()).slice(0, -8)}AAAAAAAA`)
  const { code_challenge: _, ...open } = announced
  await post('no challenge', '/oauth/par', open, proofOf(right()))
  const token = () => proofOf({ ...right(), htu: `${url}/oauth/token` })
  const code = { client_id: clientId, grant_type: 'authorization_code', redirect_uri: redirectUri }
  const verified = {
    ...code,
    code: `cod-${'0'.repeat(64)}`,
    code_verifier: 'a verifier'.repeat(5).replaceAll(' ', '-'),
  }
  await post('made-up code', '/oauth/token', verified, token())
  const renewal = { client_id: clientId, grant_type: 'refresh_token', refresh_token: `ref-${'0'.repeat(64)}` }
  await post('made-up renewal', '/oauth/token', renewal, token())
  const session = '/xrpc/com.atproto.server.getSession'
  const read = (what: string, claims: Claims | null) =>
    ask(what, session, {
      headers: {
        authorization: 'DPoP made-up',
        ...(claims === null
          ? {}
          : { dpop: proofOf({ htm: 'GET', htu: `${url}${session}`, iat: seconds(), ...claims }) }),
      },
    })
  await read('token without proof', null)
  await read('token with no word', { ath: digest('made-up') })
  await read('token at another time', { nonce, ath: digest('made-up'), iat: seconds() - 1_200 })
  await read('token with another’s proof', { nonce, ath: digest('other') })
  return told
}

describe('the simulator of signing in', () => {
  it('answers as the real server does', async () => {
    const real = await story(pds.ownUrl, Date.now)
    const simulated = await story(simulator.baseUrl, () => simulator.now().getTime())
    expect(simulated).toEqual(real)
  })

  it('describes itself with what the real server says of itself', async () => {
    for (const name of ['oauth-protected-resource', 'oauth-authorization-server']) {
      const [real, simulated] = await Promise.all(
        [pds.ownUrl, simulator.baseUrl].map(async (url) => {
          const answer = await fetch(`${url}/.well-known/${name}`)
          const text = (await answer.text()).replaceAll(url, '…')
          return JSON.parse(text) as Record<string, unknown>
        }),
      )
      for (const [key, value] of Object.entries(simulated ?? {})) {
        const known = real?.[key]
        if (Array.isArray(value))
          expect({ key, known }).toEqual({ key, known: expect.arrayContaining(value) })
        else expect({ key, value }).toEqual({ key, value: known })
      }
    }
  })
})
