/** The chapter of the suite about signing in: consent, proof of the code's owner, the same grant again, renewal. */
import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  accessTo,
  app,
  type ConformanceOptions,
  connectSandbox,
  consent,
  redirectUri,
  startConsent,
} from './conformance-kit.ts'
import type { World } from './conformance-world.ts'
import { NoAnswer } from './metered-fetch.ts'

export function connectChapter(open: () => Promise<World>, options: ConformanceOptions): void {
  describe('signing in', () => {
    let world: World
    beforeAll(async () => {
      world = await open()
    })
    afterAll(() => world.close())

    it('grants a token and at least one channel after consent', () => {
      const { channels, grant, account, isComplete } = world.connected()
      expect(channels.length).toBeGreaterThan(0)
      expect(grant.accessToken.length).toBeGreaterThan(10)
      expect(account.remoteId).not.toBe('')
      expect(isComplete).toBe(true)
    })

    it('takes only what was typed right into a form, and keeps no word of it', async () => {
      const { network, login, context } = world
      if (login.kind !== 'form') return
      const right = Object.fromEntries(login.fields.map((field) => [field.key, field.sandboxValue ?? '']))
      for (const { key, isRequired, isSecret } of login.fields) {
        if (!isRequired) continue
        await expect(network.signIn?.(context, { ...right, [key]: 'made-up' })).rejects.toMatchObject({
          code: 'connection_refused',
          remedy: expect.stringMatching(/\S/),
        })
        if (isSecret) expect(JSON.stringify(world.connected())).not.toContain(right[key])
      }
    })

    it('asks for every scope, and carries the state and the redirect address', async () => {
      const { network, login, context } = world
      if (login.kind === 'form') return
      const state = randomBytes(16).toString('hex')
      const challenge = createHash('sha256').update('a verifier').digest('base64url')
      const { url, memory } = await startConsent(network, login, context, state, challenge)
      // What was told beforehand is not repeated in the address.
      const told = memory && world.calls.findLast(({ body }) => body instanceof URLSearchParams)?.body
      const searchParams = told instanceof URLSearchParams ? told : new URL(url).searchParams
      expect(searchParams.get('scope')?.split(/[ ,]/)).toEqual([...login.scopes])
      expect(searchParams.get('state')).toBe(state)
      expect(searchParams.get('redirect_uri')).toBe(redirectUri)
      expect(searchParams.get('client_id')).toBe(app.clientId)
      expect(searchParams.get('code_challenge')).toBe(login.usesPkce ? challenge : null)
      if (login.usesPkce) expect(searchParams.get('code_challenge_method')).toBe('S256')
      for (const [name, value] of Object.entries(login.consentParams ?? {}))
        expect(searchParams.get(name)).toBe(value)
      expect(url).not.toContain(app.clientSecret)
    })

    it('tells a refused consent from a granted one', async () => {
      if (world.login.kind === 'form') return
      const { code, target } = await consent(world.network, world.login, world.context, 'deny')
      expect(code).toBeNull()
      expect(target.searchParams.get('error')).not.toBeNull()
    })

    it('refuses a code that was used or made up', async () => {
      const { network, login, context } = world
      if (login.kind === 'form') return
      const { exchange } = await consent(network, login, context, 'allow')
      const refused = { code: 'connection_refused', remedy: expect.stringMatching(/\S/) }
      const madeUp = { ...exchange, code: 'made-up', ...(login.usesPkce ? { codeVerifier: 'made-up' } : {}) }
      await expect(network.connect(context, madeUp)).rejects.toMatchObject(refused)
      await network.connect(context, exchange)
      await expect(network.connect(context, exchange)).rejects.toMatchObject(refused)
    })

    it('gives nothing to who took a code away but has no verifier', async () => {
      const { network, login, context } = world
      if (!login.usesPkce) return
      const { exchange } = await consent(network, login, context, 'allow')
      const codeVerifier = randomBytes(32).toString('base64url')
      await expect(network.connect(context, { ...exchange, codeVerifier })).rejects.toMatchObject({
        code: 'connection_refused',
      })
    })

    it('knows the account again, by another consent and by the same grant', async () => {
      const { network, login, context } = world
      const first = world.connected()
      const known = (channels: typeof first.channels) => channels.map((channel) => channel.remoteId)
      for (const again of [
        await connectSandbox(network, login, context),
        await network.adopt(context, first.grant, app),
        await network.adopt(context, first.grant, app),
      ]) {
        expect(again.account.remoteId).toBe(first.account.remoteId)
        expect(known(again.channels)).toEqual(known(first.channels))
      }
    })

    it('takes no token that nobody gave out', async () => {
      const grant = { accessToken: 'nobody-gave-this-out', scopes: [] }
      await expect(world.network.adopt(world.context, grant, app)).rejects.toMatchObject({
        code: 'connection_refused',
      })
    })

    it('is refused, and does not break, where an answer cannot be read or does not come', async () => {
      const { network, context } = world
      const { grant } = world.connected()
      for (const answer of [
        async () => ({ status: 200, headers: {}, text: '{}', json: {} }),
        async () => ({ status: 502, headers: {}, text: '<html>', json: undefined }),
        () => Promise.reject(new NoAnswer('no connection', { sent: false })),
      ])
        await expect(network.adopt({ ...context, fetch: answer }, grant, app)).rejects.toMatchObject({
          code: 'connection_refused',
        })
    })

    it('says that a fresh connection is ready', async () => {
      const checks = await world.network.check(world.context, await world.channel())
      expect(checks.filter((check) => !check.ok)).toEqual([])
      expect(checks.length).toBeGreaterThan(0)
    })
  })

  describe('renewal', () => {
    let world: World
    beforeAll(async () => {
      world = await open()
    })
    afterAll(() => world.close())

    it('goes on with a new token before the old one ends, and uses up the old refresh token', async () => {
      const { network, login, context, simulator } = world
      const before = world.connected().grant
      const endsAt = before.accessExpiresAt?.getTime()
      if (login.renewal === 'not-needed' || endsAt === undefined) {
        expect((await network.refresh(context, before, app)).kind).toBe('not-needed')
        return
      }
      simulator.advance((endsAt - simulator.now().getTime()) / 1_000 - 120)
      const outcome = await network.refresh(context, before, app)
      if (login.renewal === 'refresh-token' && before.refreshToken === undefined) {
        expect(outcome.kind).toBe('not-needed')
        return
      }
      if (outcome.kind !== 'refreshed') throw new Error(JSON.stringify(outcome))
      expect(outcome.grant.accessExpiresAt?.getTime()).toBeGreaterThan(endsAt)
      expect(outcome.grant.scopes).toEqual(before.scopes)
      const channel = accessTo({ ...world.connected(), grant: outcome.grant })
      expect((await network.check(context, channel)).filter((check) => !check.ok)).toEqual([])
      if (outcome.grant.refreshToken === before.refreshToken) return
      simulator.advance(options.refreshGraceSeconds ?? 0)
      expect((await network.refresh(context, before, app)).kind).toBe('dead')
    })

    it('is dead where the access ended and nothing renews it', async () => {
      const { network, login, context, simulator } = world
      if (login.renewal === 'not-needed') return
      const { refreshToken: _, ...grant } = world.connected().grant
      simulator.advance(100 * 86_400)
      expect(await network.refresh(context, grant, app)).toMatchObject({
        kind: 'dead',
        message: expect.stringMatching(/\S/),
      })
    })
  })
}
