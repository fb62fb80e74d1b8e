/** Signing in on the pages of the real server from npm, by a real browser, and all verbs with what came of it. */
import { createHash, randomBytes } from 'node:crypto'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Browser, launchBrowser } from '#test/support/browser.ts'
import { startPds, type TestPds } from '#test/support/pds.ts'
import { answerConsent } from '#test/support/pds-consent.ts'
import { accessTo, memorySteps } from '../conformance-kit.ts'
import type { Connected, DeliveryImage, LoginMethod, PublishJob, VerbContext } from '../contract.ts'
import { type Answer, type Call, createMeteredFetch, NoAnswer, unmetered } from '../metered-fetch.ts'
import { definition } from './definition.ts'
import { network } from './network.ts'

const [, byConsent] = definition.logins as [LoginMethod, LoginMethod]
const redirectUri = 'http://127.0.0.1:9/api/v1/connections/callback'
const loopback = new URLSearchParams({ redirect_uri: redirectUri, scope: byConsent.scopes.join(' ') })
const app = { clientId: `http://localhost?${loopback}`, clientSecret: '' }

let pds: TestPds
let browser: Browser
beforeAll(async () => {
  pds = await startPds()
  browser = await launchBrowser()
})
afterAll(async () => {
  await browser?.close()
  await pds?.close()
})

type Seen = { call: Call; answer: Answer }

/** As in production: nothing but the directory says where an account lives. */
function contextOf(seen: Seen[] = []): VerbContext {
  const hosts = { ...byConsent.hosts, readUrl: pds.ownUrl, directoryUrl: pds.plcUrl }
  const door = createMeteredFetch(unmetered)
  return {
    login: byConsent,
    hosts,
    version: '',
    fetch: async (call) => {
      const answer = await door(call)
      seen.push({ call, answer })
      return answer
    },
    now: () => new Date(),
    app: async () => app,
  }
}

/** As the engine hands it to verbs: at the server of the account. */
function at(context: VerbContext, { grant: { apiUrl = '' } }: Connected): VerbContext {
  return { ...context, hosts: { ...context.hosts, apiUrl, uploadUrl: apiUrl } }
}

const newVerifier = () => randomBytes(32).toString('base64url')
const challengeOf = (verifier: string) => createHash('sha256').update(verifier).digest('base64url')

async function begin(context: VerbContext, account: string, codeVerifier = newVerifier()) {
  const request = { app, redirectUri, state: 'a-state', codeChallenge: challengeOf(codeVerifier), account }
  const begun = await network.begin?.(context, request)
  if (!begun) throw new Error('the network begins no consent')
  return { ...begun, codeVerifier }
}

let accounts = 0
async function signIn(seen: Seen[] = []) {
  const account = await pds.account(`signed${(accounts += 1)}.test`)
  const context = contextOf(seen)
  const { url, memory, codeVerifier } = await begin(context, `@${account.handle}`)
  const answer = await answerConsent(browser, url, account, redirectUri)
  expect(answer.get('state')).toBe('a-state')
  const exchange = {
    app,
    redirectUri,
    memory,
    codeVerifier,
    code: answer.get('code') ?? '',
    issuer: answer.get('iss') ?? '',
  }
  const connected = await network.connect(context, exchange)
  const job = (text: string, more: Partial<PublishJob['payload']> = {}) => ({
    channel: accessTo(connected),
    payload: { text, images: [], ...more },
    steps: memorySteps(),
  })
  return { account, connected, context: at(context, connected), exchange, job, seen }
}

async function picture(): Promise<DeliveryImage> {
  const colour = { r: 200, g: 60, b: 40 }
  const bytes = await sharp({ create: { width: 40, height: 40, channels: 3, background: colour } })
    .png()
    .toBuffer()
  const facts = { mimeType: 'image/png', bytes: bytes.length, width: 40, height: 40, publicUrl: '' }
  return { mediaFileId: 'med_1', altText: 'A column', ...facts, read: async () => bytes }
}

const claimsOf = (proof: string | undefined) =>
  JSON.parse(Buffer.from(proof?.split('.')[1] ?? '', 'base64url').toString('utf8')) as Record<string, unknown>

describe('signing in on the page of the account’s own server', () => {
  it('connects the account that was named, with tokens bound to a key', async () => {
    const { account, connected, context, seen } = await signIn()
    expect(connected).toMatchObject({
      account: { remoteId: account.did, name: `@${account.handle}` },
      channels: [{ remoteId: account.did, handle: account.handle, kind: 'profile' }],
      grant: { apiUrl: pds.ownUrl, issuer: pds.ownUrl, scopes: byConsent.scopes, proofKey: { crv: 'P-256' } },
    })
    const minutes = ((connected.grant.accessExpiresAt?.getTime() ?? 0) - Date.now()) / 60_000
    expect(Math.round(minutes)).toBe(60)
    const checks = await network.check(context, accessTo(connected))
    expect(checks).toMatchObject([
      { name: 'token', ok: true },
      { name: 'scopes', ok: true },
    ])
    for (const { call } of seen) expect(JSON.stringify(call)).not.toContain(connected.grant.proofKey?.d)
  })

  it('is possible by the address of a server, too, and whoever signs in there is connected', async () => {
    const account = await pds.account('walkin.test')
    const context = contextOf()
    const { url, memory, codeVerifier } = await begin(context, pds.ownUrl)
    const answer = await answerConsent(browser, url, account, redirectUri)
    const code = answer.get('code') ?? ''
    const proof = { app, redirectUri, memory, codeVerifier, code, issuer: pds.ownUrl }
    expect((await network.connect(context, proof)).account.remoteId).toBe(account.did)
  })

  it('is refused with words for nobody’s handle, and at a server that signs nobody in', async () => {
    const refused = { code: 'connection_refused', remedy: expect.stringMatching(/\S/) }
    await expect(begin(contextOf(), 'nobody has it')).rejects.toMatchObject(refused)
    await expect(begin(contextOf(), pds.plcUrl)).rejects.toMatchObject(refused)
    await expect(begin(contextOf(), 'http://192.0.2.1')).rejects.toMatchObject(refused)
  })

  it('gives nothing to another server’s answer, another account, or a code shown twice', async () => {
    const { context, exchange, account } = await signIn()
    const refused = { code: 'connection_refused', remedy: expect.stringMatching(/\S/) }
    const elsewhere = { ...exchange, issuer: 'https://elsewhere.example' }
    await expect(network.connect(context, elsewhere)).rejects.toMatchObject({
      message: /Another server/,
      ...refused,
    })
    await expect(network.connect(context, exchange)).rejects.toMatchObject(refused)
    const other = await pds.account('someone.test')
    const { url, memory, codeVerifier } = await begin(contextOf(), pds.ownUrl)
    const answer = await answerConsent(browser, url, other, redirectUri)
    const named = {
      ...exchange,
      memory: { ...memory, did: account.did },
      codeVerifier,
      code: answer.get('code') ?? '',
    }
    await expect(network.connect(contextOf(), named)).rejects.toMatchObject({
      message: /another account/,
      ...refused,
    })
  })

  it('comes back without a code where the person says no', async () => {
    const account = await pds.account('unwilling.test')
    const { url } = await begin(contextOf(), account.handle)
    const answer = await answerConsent(browser, url, account, redirectUri, 'deny')
    expect({ code: answer.get('code'), error: answer.get('error') }).toEqual({
      code: null,
      error: 'access_denied',
    })
  })
})

describe('with a sign-in that is bound to a key', () => {
  it('a post with a picture goes out, every request proved for itself by the server’s latest word', async () => {
    const { account, context, job, connected, seen } = await signIn()
    seen.length = 0
    const sent = job('Proved', { images: [await picture()] })
    expect(await network.publish(context, sent)).toMatchObject({ kind: 'published' })
    expect(await pds.posts(account.did)).toMatchObject([{ value: { text: 'Proved' } }])
    const proofs = seen.flatMap(({ call }) =>
      call.headers?.['dpop'] ? [claimsOf(call.headers['dpop'])] : [],
    )
    expect(proofs.length).toBeGreaterThan(1)
    const { accessToken } = connected.grant
    const ath = createHash('sha256').update(accessToken).digest('base64url')
    for (const proof of proofs) expect(proof).toMatchObject({ ath, htm: 'POST', nonce: expect.any(String) })
    expect(new Set(proofs.map(({ jti }) => jti)).size).toBe(proofs.length)
  })

  it('a lost answer is found by its key, and never made twice', async () => {
    const { account, context, job } = await signIn()
    const sent = job('Lost')
    const losing: VerbContext = {
      ...context,
      fetch: async (call) => {
        const answer = await context.fetch(call)
        if (call.endpointClass === 'post.create') throw new NoAnswer('the answer was lost', { sent: true })
        return answer
      },
    }
    expect((await network.publish(losing, sent)).kind).toBe('unsure')
    const look = { ...sent, sentAt: new Date(), deadlineAt: new Date(), isOurs: async () => false }
    const found = await network.find(context, look)
    expect(found.kind).toBe('found')
    expect(await network.publish(context, sent)).toEqual({ ...found, kind: 'published' })
    expect((await pds.posts(account.did)).length).toBe(1)
  })

  it('a comment goes below a post, and both are taken back', async () => {
    const { account, context, job, connected } = await signIn()
    const above = await network.publish(context, job('Above'))
    const remoteId = above.kind === 'published' ? (above.remoteId ?? '') : ''
    const below = await network.comment?.publish(context, { ...job('Below'), parent: { remoteId } })
    if (below?.kind !== 'published') throw new Error(JSON.stringify(below))
    const channel = accessTo(connected)
    const removed = await network.comment?.remove(context, channel, below.remoteId ?? '', { remoteId })
    expect([removed?.kind, (await network.remove(context, channel, remoteId)).kind]).toEqual([
      'removed',
      'removed',
    ])
    expect(await pds.posts(account.did)).toEqual([])
  })

  it('a server’s new word is met by one repeat, told as no trouble, within the time of the first', async () => {
    const { account, context, job, connected } = await signIn()
    const calls: Call[] = []
    const watched = { ...context, fetch: (call: Call) => (calls.push(call), context.fetch(call)) }
    // As where the server has a new word since the last answer.
    const outdated: VerbContext = {
      ...context,
      fetch: async (call) => {
        const answer = await context.fetch(call)
        return { ...answer, headers: { ...answer.headers, 'dpop-nonce': 'a-word-of-yesterday' } }
      },
    }
    await network.check(outdated, accessTo(connected))
    expect((await network.publish(watched, job('Once more'))).kind).toBe('published')
    const [first, second, ...others] = calls
    expect(others).toEqual([])
    const refusal: Answer = {
      status: 401,
      headers: { 'www-authenticate': 'DPoP error="use_dpop_nonce", error_description="x"' },
      text: '',
      json: {},
    }
    expect(first?.isExpected?.(refusal)).toBe(true)
    expect(first?.isExpected?.({ ...refusal, headers: {} })).toBe(false)
    expect(second?.timeoutMs).toBeLessThanOrEqual(30_000)
    expect((await pds.posts(account.did)).length).toBe(1)
  })

  it('a clock that is wrong is said to be, with what helps, and is no reason to sign in again', async () => {
    const { context, job, connected } = await signIn()
    for (const minutes of [-20, 20]) {
      const wrong = { ...context, now: () => new Date(Date.now() + minutes * 60_000) }
      const outcome = await network.publish(wrong, job('Another time'))
      expect(outcome).toMatchObject({ kind: 'refused', fix: 'user', reason: { code: 'clock_wrong' } })
      const message = outcome.kind === 'refused' ? outcome.reason.message : ''
      expect(message).toMatch(minutes > 0 ? /20 minutes ahead/ : /20 minutes behind/)
      expect(message).toMatch(/Set that clock/)
      expect(await network.refresh(wrong, connected.grant, app)).toMatchObject({
        kind: 'unavailable',
        message: expect.stringMatching(/clock/),
      })
      const checks = await network.check(wrong, accessTo(connected))
      expect(checks.find(({ name }) => name === 'token')).toMatchObject({ ok: false, message: /clock/ })
      await expect(begin(at(wrong, connected), pds.ownUrl)).rejects.toMatchObject({ message: /clock/ })
    }
  })

  it('tokens without the key are of no use', async () => {
    const { context, job, connected } = await signIn()
    const { proofKey: _, ...stolen } = accessTo(connected)
    const outcome = await network.publish(context, { ...job('Stolen'), channel: stolen })
    expect(outcome).toMatchObject({ kind: 'refused', fix: 'reauthorise' })
    const other = await signIn()
    const channel = { ...accessTo(connected), proofKey: accessTo(other.connected).proofKey as never }
    expect(await network.publish(context, { ...job('Stolen'), channel })).toMatchObject({ kind: 'refused' })
  })

  it('a renewal gives new tokens and ends with the old refresh token', async () => {
    const { context, connected, job } = await signIn()
    const { grant } = connected
    const outcome = await network.refresh(context, grant, app)
    if (outcome.kind !== 'refreshed') throw new Error(JSON.stringify(outcome))
    const { accessToken, refreshToken, proofKey, issuer, apiUrl, refreshExpiresAt, scopes } = outcome.grant
    expect([accessToken, refreshToken]).not.toContain(grant.accessToken)
    expect(refreshToken).not.toBe(grant.refreshToken)
    const { refreshExpiresAt: endsAt, ...before } = grant
    expect({ proofKey, issuer, apiUrl, scopes }).toMatchObject({
      proofKey: before.proofKey,
      issuer: before.issuer,
      apiUrl: before.apiUrl,
      scopes: before.scopes,
    })
    expect(refreshExpiresAt).toEqual(endsAt)
    const channel = accessTo({ ...connected, grant: outcome.grant })
    expect((await network.publish(context, { ...job('Renewed'), channel })).kind).toBe('published')
    expect((await network.refresh(context, grant, app)).kind).toBe('dead')
  })

  it('a lost answer to a renewal costs the sign-in, and that is said', async () => {
    const { context, connected } = await signIn()
    const losing: VerbContext = {
      ...context,
      fetch: async (call) => {
        const answer = await context.fetch(call)
        if (call.endpointClass === 'session.refresh')
          throw new NoAnswer('the answer was lost', { sent: true })
        return answer
      },
    }
    expect((await network.refresh(losing, connected.grant, app)).kind).toBe('unavailable')
    expect(await network.refresh(context, connected.grant, app)).toMatchObject({
      kind: 'dead',
      message: expect.stringMatching(/Connect the account again/),
    })
  })

  it('access that was taken back is over', async () => {
    const { context, connected, job } = await signIn()
    const { grant } = connected
    await network.revoke?.(context, grant, app)
    expect(await network.refresh(context, grant, app)).toMatchObject({ kind: 'dead' })
    expect(await network.publish(context, job('Over'))).toMatchObject({ kind: 'refused', fix: 'reauthorise' })
  })
})
