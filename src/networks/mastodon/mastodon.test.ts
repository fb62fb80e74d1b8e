/** The suite of all networks on the simulator, and what is special to Mastodon. */
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
  redirectUri,
  startSimulator,
} from '../conformance-kit.ts'
import type { LoginMethod, VerbContext } from '../contract.ts'
import { type Answer, type Call, NoAnswer } from '../metered-fetch.ts'
import { definition } from './definition.ts'
import { troubleOf } from './errors.ts'
import refusals from './fixtures/refusals.json' with { type: 'json' }
import { comparable, plainText } from './html.ts'
import { network } from './network.ts'
import { createSandbox, sandboxHosts } from './sandbox.ts'
import { keyMs } from './sandbox-statuses.ts'

conformance(network, createSandbox, { sandboxHosts })

const login = definition.logins[0] as LoginMethod

async function start() {
  const simulator = await startSimulator(createSandbox)
  const calls: Call[] = []
  const hosts = sandboxHosts(login, simulator.baseUrl)
  const context = contextFor(network, login, hosts, simulator, (call) => calls.push(call))
  const connected = await connectSandbox(network, login, context)
  const job = (text: string, images = [imageFor(simulator, 'a')]) => ({
    channel: accessTo(connected),
    payload: { text, images },
    steps: memorySteps(),
  })
  const wall = (text: string) => simulator.sandbox.wall().filter((post) => post.text === text)
  const publish = (sent: ReturnType<typeof job>) => publishToEnd(network, context, sent, simulator)
  return { simulator, context, connected, calls, job, wall, publish }
}

/** The context where one kind of call is answered like this. */
function answering(context: VerbContext, endpointClass: string, answer: Partial<Answer>): VerbContext {
  return {
    ...context,
    fetch: async (call) =>
      call.endpointClass === endpointClass
        ? { status: 200, headers: {}, text: 'x', json: undefined, ...answer }
        : context.fetch(call),
  }
}

describe('a refusal', () => {
  it.each(refusals.refusals)('of $what is $outcome', ({ status, headers, body, outcome }) => {
    const answer: Answer = {
      status,
      headers: headers ?? {},
      text: body === null ? '' : JSON.stringify(body),
      json: body ?? undefined,
    }
    const trouble = troubleOf(answer, new Date('2026-11-24T09:55:00Z'))
    const code = trouble.kind === 'refused' || trouble.kind === 'throttled' ? ` ${trouble.reason.code}` : ''
    expect(`${trouble.kind}${code}`).toBe(outcome)
    if (trouble.kind === 'throttled') expect(trouble.until).toEqual(new Date('2026-11-24T10:00:02Z'))
  })
})

describe('an app', () => {
  it('is registered at the instance, and opens only what was registered', async () => {
    const { simulator, context } = await start()
    const app = await network.register?.(context, redirectUri)
    if (!app) throw new Error('no app')
    const url = (uri: string, codeChallenge = 'c') =>
      network.authorizeUrl(login, context.hosts, '', { app, redirectUri: uri, state: 's', codeChallenge })
    expect((await fetch(url(redirectUri))).status).toBe(200)
    expect((await fetch(url('https://elsewhere.example/'))).status).toBe(400)
    const secretless = { app: { ...app, clientSecret: 'wrong' }, redirectUri, code: 'c' }
    await expect(network.connect(context, secretless)).rejects.toMatchObject({ code: 'connection_refused' })
    await simulator.close()
  })

  it('is registered nowhere that does not answer like an instance', async () => {
    const { simulator, context } = await start()
    for (const answer of [
      { status: 404, text: '<html>' },
      { status: 200, json: {} },
    ]) {
      const registered = network.register?.(answering(context, 'app.register', answer), redirectUri)
      await expect(registered).rejects.toMatchObject({ code: 'connection_refused' })
    }
    await simulator.close()
  })
})

describe('a text', () => {
  it.each([
    ['https://example.org/a-path-that-is-much-longer-than-it-counts', 23],
    ['See http://a.de, and https://b.de.', 'See , and .'.length + 46],
    ['example.org/without-a-scheme', 28],
    ['@alice@example.com and @bob', '@alice and @bob'.length],
    ['mail@example.org', 16],
    ['👩‍👩‍👧‍👦é', 2],
  ])('%j counts %i', (text, length) => {
    expect(textLength(text, definition.text.value)).toBe(length)
  })

  it('is read out of the page an instance makes of it', () => {
    const html =
      '<p>One &amp; &lt;two&gt;<br />three &#39;x&#x27;</p><p><a href="https://www.example.org/a"><span class="invisible">https://www.</span><span class="">example.org/a</span><span class="invisible"></span></a> <span class="h-card"><a href="https://b.de/@bob">@<span>bob</span></a></span></p>'
    expect(plainText(html)).toBe("One & <two>\nthree 'x'\n\nhttps://www.example.org/a @bob")
    expect(comparable(plainText(html))).toBe(
      comparable("One & <two>\nthree 'x'\n\nhttps://www.example.org/a @bob@b.de"),
    )
  })
})

describe('an image', () => {
  it('that the instance still works on is waited for, and uploaded once', async () => {
    const { simulator, calls, context, job, wall, publish } = await start()
    const gif = Buffer.from('GIF89a\x01\x00\x01\x00\x00\x00\x00;', 'latin1')
    const image = { ...imageFor(simulator, 'g', 'It moves'), mimeType: 'image/gif', read: async () => gif }
    const sent = job('Moving', [image])
    expect((await network.publish(context, sent)).kind).toBe('processing')
    expect(wall('Moving')).toEqual([])
    expect((await publish(sent)).kind).toBe('published')
    expect(calls.filter(({ endpointClass }) => endpointClass === 'media.upload').length).toBe(1)
    expect(wall('Moving')[0]?.images.map(({ altText }) => altText)).toEqual(['It moves'])
    await simulator.close()
  })

  it('that was uploaded long ago is uploaded again', async () => {
    const { simulator, context, calls, job, publish } = await start()
    const sent = job('Late')
    await network.publish(answering(context, 'post.create', { status: 429 }), sent)
    simulator.advance(86_400)
    expect((await publish(sent)).kind).toBe('published')
    expect(calls.filter(({ endpointClass }) => endpointClass === 'media.upload').length).toBe(2)
    await simulator.close()
  })
})

describe('the key of a post', () => {
  it('is the same in every attempt, so that an instance makes one post of two', async () => {
    const { simulator, calls, job, wall, publish } = await start()
    const sent = job('Once')
    const [first, second] = [await publish(sent), await publish(sent)]
    expect(second).toEqual(first)
    expect(wall('Once').length).toBe(1)
    const keys = calls.map(({ headers }) => headers?.['idempotency-key']).filter((key) => key !== undefined)
    expect(new Set(keys).size).toBe(1)
    expect((await publish(job('Once'))).kind).toBe('published')
    expect(wall('Once').length).toBe(2)
    await simulator.close()
  })

  it('is forgotten after an hour', async () => {
    const { simulator, job, wall, publish } = await start()
    const sent = job('Hour', [])
    await publish(sent)
    simulator.advance(keyMs / 1_000)
    await publish(sent)
    expect(wall('Hour').length).toBe(2)
    await simulator.close()
  })
})

describe('a lost post', () => {
  it('is found by its text, however it is written, and never taken for one of ours', async () => {
    const { simulator, context, job, publish } = await start()
    const sent = job('Two\n\nparts & <a> https://www.example.org/a-long-path/that-is-cut-in-the-middle.', [])
    const sentAt = simulator.now()
    const outcome = await publish(sent)
    const look = (isOurs: boolean) =>
      network.find(context, { ...sent, sentAt, deadlineAt: simulator.now(), isOurs: async () => isOurs })
    expect(await look(false)).toEqual({ ...outcome, kind: 'found' })
    expect((await look(true)).kind).toBe('absent')
    await simulator.close()
  })

  it('is absent only where the whole list since then was read', async () => {
    const { simulator, context, job } = await start()
    const asked = { ...job('Never sent'), sentAt: simulator.now(), deadlineAt: simulator.now() }
    const look = (own: VerbContext) => network.find(own, { ...asked, isOurs: async () => false })
    expect((await look(context)).kind).toBe('absent')
    for (const answer of [{ status: 404 }, { status: 422, text: '' }, { json: {} }, { status: 429 }])
      expect((await look(answering(context, 'timeline.read', answer))).kind).toBe('unknown')
    const silent = { ...context, fetch: () => Promise.reject(new NoAnswer('silent', { sent: false })) }
    expect((await look(silent)).kind).toBe('unknown')
    const page = Array.from({ length: 40 }, (_, index) => ({
      id: String(index),
      created_at: simulator.now().toISOString(),
      content: '<p>Other</p>',
    }))
    expect((await look(answering(context, 'timeline.read', { json: page }))).kind).toBe('unknown')
    await simulator.close()
  })
})

describe('the check of a connection', () => {
  it('reads the limits and the terms of the instance', async () => {
    const { simulator, context, connected } = await start()
    const checks = async (instance: Partial<Answer> | null) => {
      const own = instance === null ? context : answering(context, 'instance.read', instance)
      return network.check(own, accessTo(connected))
    }
    const limitsOf = (all: Awaited<ReturnType<typeof checks>>) => all.find(({ name }) => name === 'limits')
    expect((await checks(null)).find(({ name }) => name === 'terms')?.message).toContain('2025-07-01')
    expect(limitsOf(await checks(null))?.message).toContain('usual')
    const own = { configuration: { statuses: { max_characters: 300, max_media_attachments: 4 } } }
    expect(limitsOf(await checks({ json: own }))).toMatchObject({
      ok: true,
      message: expect.stringMatching(/counted: 300 characters\.$/),
    })
    expect(limitsOf(await checks({ status: 404 }))).toMatchObject({ ok: true })
    await simulator.close()
  })
})

describe('limits of an instance', () => {
  it('come with the account, as far as it states any, and silence keeps nobody out', async () => {
    const { simulator, context, connected } = await start()
    const { adopt, ownLimits } = network
    const said = async (instance: Partial<Answer>) => {
      const own = answering(context, 'instance.read', instance)
      const { ownLimits: limits } = await adopt(own, connected.grant, null)
      expect(limits ?? null).toEqual(await ownLimits?.(own))
      return limits
    }
    const statuses = { max_characters: 5_000, characters_reserved_per_url: 30, max_media_attachments: 8 }
    const media_attachments = { image_size_limit: 9_000, description_limit: 0 }
    expect(await said({ json: { configuration: { statuses, media_attachments } } })).toEqual({
      maxLength: 5_000,
      urlLength: 30,
      maxCount: 8,
      maxBytes: 9_000,
    })
    expect(await said({ json: { title: 'Other software' } })).toEqual({})
    expect(await said({ status: 404 })).toBeUndefined()
    const silent: typeof context = {
      ...context,
      fetch: (call) =>
        call.endpointClass === 'instance.read'
          ? Promise.reject(new NoAnswer('silent', { sent: false }))
          : context.fetch(call),
    }
    expect(await ownLimits?.(silent)).toBeNull()
    await simulator.close()
  })
})

describe('a post that is gone', () => {
  it('is removed already, and has no figures', async () => {
    const { simulator, context, connected, job, publish } = await start()
    const outcome = await publish(job('Gone'))
    const remoteId = outcome.kind === 'published' ? (outcome.remoteId ?? '') : ''
    const channel = accessTo(connected)
    for (const _ of [1, 2]) expect((await network.remove(context, channel, remoteId)).kind).toBe('removed')
    expect((await network.measurePost(context, channel, remoteId, simulator.now())).kind).toBe('gone')
    await simulator.close()
  })
})
