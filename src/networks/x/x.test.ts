import { describe, expect, it } from 'vitest'
import { textLength } from '#domain/text.ts'
import { conformance } from '../conformance.ts'
import {
  accessTo,
  connectSandbox,
  contextFor,
  imageFor,
  memorySteps,
  publishToEnd,
  startSimulator,
} from '../conformance-kit.ts'
import type { PublishJob } from '../contract.ts'
import { type Call, NoAnswer } from '../metered-fetch.ts'
import { definition } from './definition.ts'
import { troubleOf } from './errors.ts'
import { network } from './network.ts'
import type { XSandboxSettings } from './sandbox-state.ts'
import { createSandbox, sandboxHosts } from './sandbox.ts'

const app = { clientId: 'client', clientSecret: 'secret' }
const login = definition.logins[0]
if (!login) throw new Error('X has no login')

conformance(network, createSandbox, { sandboxHosts, doubtsFirst401: true })

async function start(settings: XSandboxSettings = {}) {
  let change = (_next: XSandboxSettings) => {}
  const simulator = await startSimulator((context) => {
    const collection = context.collection<XSandboxSettings>('settings')
    change = (next) => collection.set('x', next)
    change(settings)
    return createSandbox(context)
  })
  const calls: Call[] = []
  const hosts = sandboxHosts(login as NonNullable<typeof login>, simulator.baseUrl)
  const context = contextFor(network, login as NonNullable<typeof login>, hosts, simulator, (call) => {
    calls.push(call)
  })
  const connected = await connectSandbox(network, login as NonNullable<typeof login>, context)
  const job = (text: string, more: Partial<PublishJob> = {}): PublishJob => ({
    channel: accessTo(connected),
    payload: { text, images: [] },
    steps: memorySteps(),
    ...more,
  })
  return { simulator, context, connected, calls, job, change }
}

describe('X sign-in', () => {
  it('gives a token of two hours and refresh tokens that work once', async () => {
    const { simulator, context, connected, job } = await start()
    expect(connected.grant.accessExpiresAt?.getTime()).toBe(simulator.now().getTime() + 7_200_000)
    simulator.advance(7_201)
    expect(await publishToEnd(network, context, job('Too late'), simulator)).toMatchObject({
      kind: 'refused',
      fix: 'reauthorise',
    })
    const first = await network.refresh(context, connected.grant, app)
    if (first.kind !== 'refreshed') throw new Error(first.kind)
    expect(first.grant.refreshToken).not.toBe(connected.grant.refreshToken)
    expect((await network.refresh(context, connected.grant, app)).kind).toBe('dead')
    expect((await network.refresh(context, first.grant, app)).kind).toBe('dead')
    await simulator.close()
  })

  it('looks again after a first 401 before it asks to re-authorise', async () => {
    const { simulator, context, job } = await start()
    simulator.sandbox.killTokens()
    const once = job('Hello')
    expect((await network.publish(context, once)).kind).toBe('processing')
    expect(await network.publish(context, once)).toMatchObject({ kind: 'refused', fix: 'reauthorise' })
    await simulator.close()
  })
})

describe('X posts', () => {
  it('counts links as 23 and emoji as 2', () => {
    expect(textLength('a.de 👍🏽', definition.text.value)).toBe(26)
  })

  it('finds a post with links and an image behind its short links', async () => {
    const { simulator, context, job, calls } = await start()
    const text = 'Read litfass.example/x, https://litfass.de/a?b=1&c=2 and example.org & more'
    const sentAt = simulator.now()
    const sent = job(text, {
      payload: { text, link: 'https://litfass.de/z', images: [imageFor(simulator, 'a')] },
    })
    expect((await network.publish(context, sent)).kind).toBe('published')
    expect(calls.find((call) => call.endpointClass === 'post.create')?.hasLink).toBe(true)
    const look = { ...sent, sentAt, deadlineAt: simulator.now() }
    expect((await network.find(context, { ...look, isOurs: async () => false })).kind).toBe('found')
    expect((await network.find(context, { ...look, isOurs: async () => true })).kind).toBe('absent')
    await simulator.close()
  })

  it('reads past other posts and tells absent from unknown', async () => {
    const { simulator, context, job, change } = await start()
    const sentAt = simulator.now()
    const sent = job('The first')
    await network.publish(context, sent)
    for (let index = 0; index < 12; index += 1) await network.publish(context, job(`Later ${index}`))
    const look = { ...sent, sentAt, deadlineAt: simulator.now(), isOurs: async () => false }
    expect((await network.find(context, look)).kind).toBe('found')
    expect((await network.find(context, { ...look, ...job('Never sent') })).kind).toBe('absent')
    change({ billing: 'depleted' })
    expect((await network.find(context, look)).kind).toBe('unknown')
    const bare = { status: 404, headers: {}, text: '', json: undefined }
    expect((await network.find({ ...context, fetch: async () => bare }, look)).kind).toBe('unknown')
    await simulator.close()
  })

  it('blames the text for a duplicate only where it cannot be our own lost post', async () => {
    const { simulator, context, job } = await start()
    await network.publish(context, job('Twice'))
    const other = job('Twice')
    expect(await network.publish(context, other)).toMatchObject({ kind: 'refused', fix: 'content' })
    const lost = job('Lost')
    const losing = {
      ...context,
      fetch: async (call: Call) => {
        await context.fetch(call)
        throw new NoAnswer('lost', { sent: true })
      },
    }
    expect((await network.publish(losing, lost)).kind).toBe('unsure')
    expect((await network.publish(context, lost)).kind).toBe('unsure')
    expect(simulator.sandbox.wall().filter((post) => post.text === 'Lost').length).toBe(1)
    await simulator.close()
  })

  it('is unsure after a 5xx or a success without an id, and down where nothing was sent', async () => {
    const { simulator, context, job } = await start()
    const answering = (status: number, json: unknown) => ({
      ...context,
      fetch: async () => ({ status, headers: {}, text: '', json }),
    })
    expect((await network.publish(answering(503, undefined), job('A'))).kind).toBe('unsure')
    expect((await network.publish(answering(201, {}), job('A'))).kind).toBe('unsure')
    const unsent = { ...context, fetch: () => Promise.reject(new NoAnswer('refused', { sent: false })) }
    expect((await network.publish(unsent, job('A'))).kind).toBe('networkDown')
    await simulator.close()
  })

  it('waits for the reset after 100 posts', async () => {
    const { simulator, context, job } = await start()
    for (let index = 0; index < 100; index += 1)
      expect((await network.publish(context, job(`Post ${index}`))).kind).toBe('published')
    const outcome = await network.publish(context, job('One more'))
    if (outcome.kind !== 'throttled') throw new Error(outcome.kind)
    expect(outcome.until.getTime()).toBeGreaterThan(simulator.now().getTime() + 800_000)
    simulator.advance(903)
    expect((await network.publish(context, job('One more'))).kind).toBe('published')
    await simulator.close()
  })

  it('uploads a GIF in parts and repeats nothing that is remembered', async () => {
    const { simulator, context, job, calls } = await start()
    const gif = new Uint8Array(2_500_000).fill(1)
    gif.set(Buffer.from('GIF89a'))
    const image = { ...imageFor(simulator, 'g'), mimeType: 'image/gif', read: async () => gif }
    const sent = job('GIF', { payload: { text: 'GIF', images: [image] } })
    expect((await network.publish(context, sent)).kind).toBe('published')
    expect(calls.filter((call) => call.url.endsWith('/append')).length).toBe(3)
    const before = calls.length
    await network.publish(context, sent)
    expect(calls.length).toBe(before + 1)
    await simulator.close()
  })
})

describe('X money and limits', () => {
  it('holds the post back, and never blames it, when X wants money', async () => {
    const { simulator, context, job, change } = await start()
    for (const [billing, code] of [
      ['depleted', 'credits_depleted'],
      ['spend-cap', 'spend_cap_reached'],
      ['usage-cap', 'usage_cap_exceeded'],
    ] as const) {
      change({ billing })
      expect(await network.publish(context, job('Money'))).toMatchObject({
        kind: 'throttled',
        reason: { code },
      })
    }
    await simulator.close()
  })

  it('waits for the daily limit where that one is spent', () => {
    const now = new Date('2026-11-24T09:00:00Z')
    const reset = now.getTime() / 1_000 + 40_000
    const headers = {
      'x-rate-limit-reset': String(now.getTime() / 1_000 + 60),
      'x-app-limit-24hour-remaining': '0',
      'x-app-limit-24hour-reset': String(reset),
    }
    const outcome = troubleOf({ status: 429, headers, text: '', json: { type: 'about:blank' } }, now)
    expect(outcome).toMatchObject({ kind: 'throttled', until: new Date(reset * 1_000 + 2_000) })
  })
})

describe('X figures', () => {
  it.each(['old', 'new'] as const)('reads the %s dialect', async (dialect) => {
    const { simulator, context, connected, job } = await start({ dialect, accessSeconds: 90_000 })
    const outcome = await network.publish(context, job('Figures'))
    if (outcome.kind !== 'published') throw new Error(outcome.kind)
    const publishedAt = simulator.now()
    simulator.advance(80_000)
    const channel = accessTo(connected)
    const measured = await network.measurePost(context, channel, outcome.remoteId ?? '', publishedAt)
    if (measured.kind !== 'measured') throw new Error(measured.kind)
    expect(measured.readings.map((reading) => reading.metric).sort()).toEqual(
      ['bookmarks', 'comments', 'likes', 'quotes', 'shares', 'views'].sort(),
    )
    expect((await network.measureChannel(context, channel)).kind).toBe('measured')
    await network.remove(context, channel, outcome.remoteId ?? '')
    const gone = await network.measurePost(context, channel, outcome.remoteId ?? '', publishedAt)
    expect(gone.kind).toBe('gone')
    await simulator.close()
  })
})
