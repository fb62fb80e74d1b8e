import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { conformance } from '../conformance.ts'
import {
  accessTo,
  connectSandbox,
  contextFor,
  imageFor,
  memorySteps,
  startSimulator,
  type Simulator,
} from '../conformance-kit.ts'
import type { Connected, PublishJob, VerbContext } from '../contract.ts'
import { graphOutcome } from '../graph.ts'
import { NoAnswer, type Answer, type Call } from '../metered-fetch.ts'
import { definition, facebookLogin } from './definition.ts'
import { facebookRows } from './errors.ts'
import { network } from './network.ts'
import { createSandbox, sandboxHosts } from './sandbox.ts'

conformance(network, createSandbox, { sandboxHosts })

const now = new Date('2026-11-24T09:00:00Z')

function errorAnswer(error: Record<string, unknown>, headers: Record<string, string> = {}): Answer {
  return {
    status: 400,
    headers,
    text: '',
    json: { error: { message: 'No', type: 'OAuthException', ...error } },
  }
}

const judge = (error: Record<string, unknown>, step: 'visible' | 'invisible' = 'visible', headers = {}) =>
  graphOutcome(facebookRows, errorAnswer(error, headers), now, step)

describe('errors of the Graph API', () => {
  it.each([
    [{ code: 190, error_subcode: 460 }, 'refused', 'reauthorise'],
    [{ code: 200 }, 'refused', 'reauthorise'],
    [{ code: 100, message: 'requires the permission pages_manage_posts' }, 'refused', 'reauthorise'],
    [{ code: 100 }, 'refused', 'content'],
    [{ code: 1, is_transient: false, error_subcode: 99 }, 'refused', 'content'],
    [{ code: 1609005 }, 'refused', 'content'],
    [{ code: 100, error_subcode: 1346003 }, 'refused', 'content'],
    [{ code: 200, error_subcode: 4854002 }, 'refused', 'user'],
    [{ code: 4711 }, 'refused', 'give-up'],
  ])('%j is %s with fix %s', (error, kind, fix) => {
    expect(judge(error)).toMatchObject({ kind, fix })
  })

  it.each([{ code: 1 }, { code: 2 }, { code: 506 }, { code: 100, error_subcode: 33 }, { code: 368 }])(
    '%j is unsure once the post may be visible',
    (error) => {
      expect(judge(error).kind).toBe('unsure')
    },
  )

  it('waits for the minutes of the header, else a quarter of an hour', () => {
    const usage = JSON.stringify({
      '1': [{ type: 'pages', call_count: 100, estimated_time_to_regain_access: 19 }],
    })
    expect(judge({ code: 80001 }, 'visible', { 'x-business-use-case-usage': usage })).toMatchObject({
      kind: 'throttled',
      until: new Date('2026-11-24T09:19:00Z'),
    })
    expect(judge({ code: 4 })).toMatchObject({ kind: 'throttled', until: new Date('2026-11-24T09:15:00Z') })
  })

  it('pauses for a day when the account is blocked before anything is visible', () => {
    expect(judge({ code: 368 }, 'invisible')).toMatchObject({ until: new Date('2026-11-25T09:00:00Z') })
  })
})

describe('Facebook Pages', () => {
  let simulator: Simulator
  let context: VerbContext
  let connected: Connected
  beforeAll(async () => {
    simulator = await startSimulator(createSandbox)
    context = contextFor(network, facebookLogin, sandboxHosts(facebookLogin, simulator.baseUrl), simulator)
    connected = await connectSandbox(network, facebookLogin, context)
  })
  afterAll(() => simulator.close())

  const jobFor = (text: string, extra: Partial<PublishJob['payload']> = {}, index = 0) => ({
    channel: accessTo(connected, index),
    payload: { text, images: [], ...extra },
    steps: memorySteps(),
  })
  const findJob = (job: PublishJob, sentAt: Date) => ({
    ...job,
    sentAt,
    deadlineAt: simulator.now(),
    isOurs: async () => false,
  })
  const losing = (sent: boolean, path: string): VerbContext => ({
    ...context,
    fetch: async (call) => {
      if (!new URL(call.url).pathname.endsWith(path)) return context.fetch(call)
      if (sent) await context.fetch(call)
      throw new NoAnswer('lost', { sent })
    },
  })

  it('has two pages, each with a token of its own that does not age', async () => {
    expect(connected.channels.length).toBe(2)
    expect(new Set(connected.channels.map((channel) => channel.accessToken)).size).toBe(2)
    expect(connected.grant.accessExpiresAt).toBeUndefined()
  })

  it('keeps page tokens alive after the token of the person ended', async () => {
    const other = await startSimulator(createSandbox)
    try {
      const own = contextFor(network, facebookLogin, sandboxHosts(facebookLogin, other.baseUrl), other)
      const old = await connectSandbox(network, facebookLogin, own)
      other.advance(61 * 86_400)
      const job = { channel: accessTo(old), payload: { text: 'Later', images: [] }, steps: memorySteps() }
      expect(await network.publish(own, job)).toMatchObject({ kind: 'published' })
      await expect(network.adopt(own, old.grant, null)).rejects.toMatchObject({ code: 'connection_refused' })
    } finally {
      await other.close()
    }
  })

  it('refuses a proof made with another secret', async () => {
    const app = { clientId: 'client', clientSecret: 'other' }
    const wrong: VerbContext = { ...context, app: async () => app }
    await expect(network.adopt(wrong, connected.grant, app)).rejects.toMatchObject({
      code: 'connection_refused',
    })
  })

  it('proves the secret with every call once there is a token, and sends none where no app is known', async () => {
    const calls: Call[] = []
    const hosts = sandboxHosts(facebookLogin, simulator.baseUrl)
    const watched = contextFor(network, facebookLogin, hosts, simulator, (call) => calls.push(call))
    const job = jobFor('Proven', { images: [imageFor(simulator, 'proof')] })
    const walk = async (own: VerbContext) => {
      await network.adopt(own, connected.grant, null)
      const outcome = await network.publish(own, { ...job, steps: memorySteps() })
      const remoteId = outcome.kind === 'published' ? (outcome.remoteId ?? '') : ''
      await network.check(own, job.channel)
      await network.measurePost(own, job.channel, remoteId, simulator.now())
      await network.measureChannel(own, job.channel)
      await network.find(own, findJob(job, simulator.now()))
      await network.remove(own, job.channel, remoteId)
      const proofs = calls.splice(0).map((call) => new URL(call.url).searchParams.get('appsecret_proof'))
      expect(proofs.length).toBeGreaterThan(8)
      return new Set(proofs.map((proof) => (proof === null ? 'none' : proof.length)))
    }
    expect(await walk(watched)).toEqual(new Set([64]))
    expect(await walk({ ...watched, app: async () => null })).toEqual(new Set(['none']))
  })

  it('lists pages reached only through a business, once each', async () => {
    const extra = { id: '55', name: 'Agency page', access_token: 'agency-token', tasks: ['CREATE_CONTENT'] }
    const lists: Record<string, unknown> = {
      '/me/businesses': { data: [{ id: 'b1' }] },
      '/b1/owned_pages': { data: [extra, { id: '56', name: 'No task' }] },
      '/b1/client_pages': { data: [extra] },
    }
    const answering =
      (path: string): VerbContext['fetch'] =>
      async (call) => {
        const list = lists[new URL(call.url).pathname.replace(/^\/v[\d.]+/, '')]
        if (call.url.includes(path)) return errorAnswer({ code: 200 })
        return list ? { status: 200, headers: {}, text: '', json: list } : context.fetch(call)
      }
    const whole = await network.adopt({ ...context, fetch: answering('/nowhere') }, connected.grant, null)
    expect(whole.channels.map((channel) => channel.name)).toEqual([
      ...connected.channels.map((channel) => channel.name),
      'Agency page',
    ])
    expect(whole.isComplete).toBe(true)
    const part = await network.adopt({ ...context, fetch: answering('/client_pages') }, connected.grant, null)
    expect(part.isComplete).toBe(false)
    expect(part.channels.length).toBe(whole.channels.length)
  })

  it('takes a duplicate for a sign of the lost request, and only then for a fault of the text', async () => {
    await network.publish(context, jobFor('Twice'))
    const job = jobFor('Twice')
    expect(await network.publish(context, job)).toMatchObject({
      kind: 'unsure',
      reason: { code: 'graph_506' },
    })
    expect(await network.publish(context, job)).toMatchObject({ kind: 'refused', fix: 'content' })
  })

  it('finds the lost post although a newer one stands above it', async () => {
    const job = jobFor('Lost one')
    const sentAt = simulator.now()
    expect((await network.publish(losing(true, '/feed'), job)).kind).toBe('unsure')
    simulator.advance(2)
    await network.publish(context, jobFor('A newer one'))
    const found = await network.find(context, findJob(job, sentAt))
    const lost = simulator.sandbox.wall().find((post) => post.text === 'Lost one')
    expect(found).toMatchObject({ kind: 'found', remoteId: lost?.remoteId })
  })

  it('leaves a post to the delivery that owns it', async () => {
    const job = jobFor('Owned')
    const sentAt = simulator.now()
    await network.publish(context, job)
    const found = await network.find(context, { ...findJob(job, sentAt), isOurs: async () => true })
    expect(found.kind).toBe('absent')
  })

  it('does not take an equal post of another time', async () => {
    const job = jobFor('Old news')
    await network.publish(context, job)
    simulator.advance(7_200)
    expect((await network.find(context, findJob(job, simulator.now()))).kind).toBe('absent')
  })

  it('finds a post without text by its photos', async () => {
    const job = jobFor('', { images: [imageFor(simulator, 'alone')] })
    const sentAt = simulator.now()
    expect((await network.publish(losing(true, '/feed'), job)).kind).toBe('unsure')
    expect((await network.find(context, findJob(job, sentAt))).kind).toBe('found')
  })

  it('knows that nothing is live when the request never left or an upload was lost', async () => {
    expect((await network.publish(losing(false, '/feed'), jobFor('Never left'))).kind).toBe('networkDown')
    const job = jobFor('Upload lost', { images: [imageFor(simulator, 'lost')] })
    expect((await network.publish(losing(true, '/photos'), job)).kind).toBe('networkDown')
    expect(job.steps.intents).toEqual([])
    expect(await network.publish(context, job)).toMatchObject({ kind: 'published' })
  })

  it('is published with a made address when the fresh post cannot be read', async () => {
    const blind: VerbContext = {
      ...context,
      fetch: async (call) =>
        call.method === 'GET' ? errorAnswer({ code: 100, error_subcode: 33 }) : context.fetch(call),
    }
    const outcome = await network.publish(blind, jobFor('Unreadable'))
    expect(outcome).toMatchObject({
      kind: 'published',
      url: expect.stringContaining('https://www.facebook.com/'),
    })
  })

  it('asks for metrics one by one when one is not known any more', async () => {
    const outcome = await network.publish(context, jobFor('Measured'))
    const remoteId = outcome.kind === 'published' ? (outcome.remoteId ?? '') : ''
    const publishedAt = simulator.now()
    simulator.advance(3_600)
    const changed: VerbContext = {
      ...context,
      fetch: async (call) =>
        call.url.includes('post_clicks')
          ? errorAnswer({ code: 100, message: '(#100) The value must be a valid insights metric' })
          : context.fetch(call),
    }
    const measured = await network.measurePost(changed, accessTo(connected), remoteId, publishedAt)
    const names = measured.kind === 'measured' ? measured.readings.map((reading) => reading.metric) : []
    expect(names).toContain('views')
    expect(names).not.toContain('clicks')
  })

  it('believes that a post is gone only when it is not fresh', async () => {
    const outcome = await network.publish(context, jobFor('Soon gone'))
    const remoteId = outcome.kind === 'published' ? (outcome.remoteId ?? '') : ''
    await network.remove(context, accessTo(connected), remoteId)
    const measure = () => network.measurePost(context, accessTo(connected), remoteId, publishedAt)
    const publishedAt = simulator.now()
    expect((await measure()).kind).toBe('later')
    simulator.advance(3_600)
    expect((await measure()).kind).toBe('gone')
  })

  it('measures a page by day', async () => {
    const measured = await network.measureChannel(context, accessTo(connected))
    if (measured.kind !== 'measured') throw new Error('not measured')
    const views = measured.readings.filter((reading) => reading.metric === 'views')
    expect(views.map((reading) => reading.day)).toContain(
      new Date(simulator.now().getTime() - 86_400_000).toISOString().slice(0, 10),
    )
    expect(measured.readings.filter((reading) => reading.metric === 'followers').length).toBe(1)
  })

  it('sends a link as a card, or with the text where photos are', async () => {
    const link = 'https://litfass.example/a'
    await network.publish(context, jobFor('Card', { link }, 1))
    await network.publish(context, jobFor('Photo', { link, images: [imageFor(simulator, 'link')] }, 1))
    const wall = simulator.sandbox
      .wall()
      .filter((post) => post.channelRemoteId === connected.channels[1]?.remoteId)
    expect(wall.map((post) => [post.text, post.link])).toEqual([
      ['Card', link],
      [`Photo\n\n${link}`, undefined],
    ])
  })

  it('stops for the limit of the app', async () => {
    const other = await startSimulator(createSandbox)
    try {
      const own = contextFor(network, facebookLogin, sandboxHosts(facebookLogin, other.baseUrl), other)
      const fresh = await connectSandbox(network, facebookLogin, own)
      const calls = Array.from({ length: 2_000 }, () => other.sandbox.handle(requestFor(other.baseUrl)))
      const headers = (await Promise.all(calls)).map((response) => response.headers?.['x-app-usage'] ?? '')
      expect(headers.at(-1)).toContain('"call_count":100')
      const job = { channel: accessTo(fresh), payload: { text: 'Stop', images: [] }, steps: memorySteps() }
      expect(await network.publish(own, job)).toMatchObject({ kind: 'throttled' })
    } finally {
      await other.close()
    }
  })

  it('asks for no metric that has ended', () => {
    const names = definition.metrics.value.map((metric) => metric.remoteName)
    expect(names.filter((name) => /impressions|_fans|engaged_users/.test(name))).toEqual([])
  })
})

function requestFor(baseUrl: string) {
  const query = new URLSearchParams()
  return { method: 'GET', path: '/v25.0/me', query, headers: {}, body: new Uint8Array(), baseUrl }
}
