import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { conformance } from '../conformance.ts'
import {
  accessTo,
  connectSandbox,
  contextFor,
  imageFor,
  memorySteps,
  publishToEnd,
  startSimulator,
  type Simulator,
} from '../conformance-kit.ts'
import type { Connected, PublishJob, VerbContext } from '../contract.ts'
import { NoAnswer, type Answer, type Call } from '../metered-fetch.ts'
import { facebookLogin, instagramLogin } from './definition.ts'
import { network } from './network.ts'
import { captionOf } from './publish.ts'
import { createSandbox, sandboxHosts } from './sandbox.ts'

conformance(network, createSandbox, { sandboxHosts })

const app = { clientId: 'client', clientSecret: 'secret' }

describe('Instagram in particular', () => {
  let simulator: Simulator
  let calls: Call[]
  let context: VerbContext
  let connected: Connected
  beforeEach(async () => {
    simulator = await startSimulator(createSandbox)
    calls = []
    context = contextOf(instagramLogin)
    connected = await connectSandbox(network, instagramLogin, context)
    calls = []
  })
  afterEach(() => simulator.close())

  const contextOf = (login: typeof instagramLogin) =>
    contextFor(network, login, sandboxHosts(login, simulator.baseUrl), simulator, (call) => calls.push(call))
  const jobOf = (text: string, images = [imageFor(simulator, 'one')]): PublishJob => ({
    channel: accessTo(connected),
    payload: { text, images },
    steps: memorySteps(),
  })
  const findJob = (job: PublishJob, sentAt = simulator.now()) => ({
    ...job,
    sentAt,
    deadlineAt: new Date(simulator.now().getTime() + 30_000),
    isOurs: async () => false,
  })
  const answering = (isIt: (call: Call) => boolean, error: object | null, status = 400): VerbContext => ({
    ...context,
    fetch: async (call) => (isIt(call) ? answerOf(status, error) : context.fetch(call)),
  })
  const isPublishCall = (call: Call) => call.url.endsWith('/media_publish')
  const isCreateCall = (call: Call) => call.method === 'POST' && call.url.endsWith('/media')
  const liveTexts = () => simulator.sandbox.wall().map((post) => post.text)

  it('refuses a post without an image before any call', async () => {
    const outcome = await network.publish(context, jobOf('Words only', []))
    expect(outcome).toMatchObject({ kind: 'refused', fix: 'content', reason: { code: 'image_required' } })
    expect(calls).toEqual([])
  })

  it('refuses what is no JPEG, too large or too tall', async () => {
    const image = imageFor(simulator, 'odd')
    const codeOf = async (change: object) => {
      const outcome = await network.publish(context, jobOf('Odd', [{ ...image, ...change }]))
      return outcome.kind === 'refused' ? outcome.reason.code : outcome.kind
    }
    expect(await codeOf({ mimeType: 'image/png' })).toBe('image_type')
    expect(await codeOf({ bytes: 9_000_000 })).toBe('image_too_large')
    expect(await codeOf({ height: 2_000 })).toBe('image_aspect')
    expect(await codeOf({ altText: 'a'.repeat(1_001) })).toBe('alt_text_too_long')
  })

  it('waits with a first comment while its post reads as missing, and asks a person after ten minutes', async () => {
    const outcome = await publishToEnd(network, context, jobOf('Above'), simulator)
    const remoteId = outcome.kind === 'published' ? (outcome.remoteId ?? '') : ''
    const job = { ...jobOf('Below', []), parent: { remoteId } }
    const unseen = answering((call) => call.url.endsWith('/comments'), { code: 100, error_subcode: 33 })
    const later = { kind: 'processing', until: new Date(simulator.now().getTime() + 10_000) }
    expect(await network.comment?.publish(unseen, job)).toEqual(later)
    simulator.advance(10)
    expect(await network.comment?.publish(context, job)).toMatchObject({ kind: 'published' })
    const another = { ...jobOf('Below', []), parent: { remoteId } }
    await network.comment?.publish(unseen, another)
    simulator.advance(601)
    const refused = await network.comment?.publish(unseen, another)
    expect(refused).toMatchObject({ kind: 'refused', fix: 'user', reason: { code: 'post_not_found' } })
  })

  it('writes a link into the caption once', () => {
    const payload = { text: 'See', link: 'https://a.example/', images: [] }
    expect(captionOf(payload)).toBe('See\n\nhttps://a.example/')
    expect(captionOf({ ...payload, text: 'See https://a.example/' })).toBe('See https://a.example/')
  })

  it('waits for the container before the visible step, and makes it only once', async () => {
    const job = jobOf('Wait')
    const first = await network.publish(context, job)
    expect(first).toEqual({ kind: 'processing', until: new Date(simulator.now().getTime() + 2_000) })
    expect(liveTexts()).toEqual([])
    simulator.advance(2)
    expect(await network.publish(context, job)).toMatchObject({ kind: 'published' })
    expect(calls.filter(isCreateCall).length).toBe(1)
  })

  it('makes a new container when the old one expired', async () => {
    const job = jobOf('Late')
    await network.publish(context, job)
    simulator.advance(25 * 3_600)
    expect(await publishToEnd(network, context, job, simulator)).toMatchObject({ kind: 'published' })
    expect(calls.filter(isCreateCall).length).toBe(2)
    expect(liveTexts()).toEqual(['Late'])
  })

  it('tries an image that cannot be fetched a few times and then names the reason', async () => {
    const image = { ...imageFor(simulator, 'hidden'), publicUrl: 'https://litfass.example/media/none.jpg' }
    const outcome = await publishToEnd(network, context, jobOf('Hidden', [image]), simulator)
    expect(outcome).toMatchObject({ kind: 'refused', fix: 'content', reason: { code: 'media_not_fetched' } })
    expect(calls.filter(isCreateCall).length).toBe(4)
  })

  it('keeps to the daily number of posts and waits', async () => {
    for (let index = 0; index < 50; index += 1) {
      const outcome = await publishToEnd(network, context, jobOf(`Number ${index}`), simulator)
      expect(outcome.kind).toBe('published')
    }
    const quota = (await network.check(context, accessTo(connected))).find(({ name }) => name === 'quota')
    expect(quota).toMatchObject({ ok: false, message: expect.stringContaining('50 of 50') })
    const outcome = await publishToEnd(network, context, jobOf('One too many'), simulator)
    expect(outcome.kind).toBe('throttled')
    expect(liveTexts()).not.toContain('One too many')
  })

  it('takes an error at the publish step for no proof, and asks the container', async () => {
    const job = jobOf('Perhaps live')
    const spam = { message: 'spam', type: 'IGApiException', code: 4, error_subcode: 2207051 }
    const doubtful: VerbContext = {
      ...context,
      fetch: async (call) => {
        const answer = await context.fetch(call)
        return isPublishCall(call) ? answerOf(400, spam) : answer
      },
    }
    expect((await publishToEnd(network, doubtful, job, simulator)).kind).toBe('unsure')
    const found = await network.find(context, findJob(job))
    expect(found).toMatchObject({ kind: 'found', remoteId: expect.stringMatching(/^1800/) })
  })

  it('stops for a day when a post was held back as spam', async () => {
    const job = jobOf('Not live')
    const spam = { message: 'spam', type: 'IGApiException', code: 4, error_subcode: 2207051 }
    const blocked = answering(isPublishCall, spam)
    expect((await publishToEnd(network, blocked, job, simulator)).kind).toBe('unsure')
    expect(await network.find(context, findJob(job))).toEqual({ kind: 'absent' })
    expect(await network.publish(context, job)).toMatchObject({ kind: 'refused', fix: 'user' })
    expect(liveTexts()).toEqual([])
  })

  it('believes a refusal at the publish step only after the container was asked', async () => {
    const job = jobOf('Restricted')
    const restricted = { message: 'restricted', type: 'IGApiException', code: 25, error_subcode: 2207050 }
    const refusing = answering(isPublishCall, restricted)
    expect((await publishToEnd(network, refusing, job, simulator)).kind).toBe('unsure')
    expect(await network.find(context, findJob(job))).toEqual({ kind: 'absent' })
    expect(await network.publish(context, job)).toMatchObject({ kind: 'refused', fix: 'user' })
    expect(liveTexts()).toEqual([])
  })

  it('repeats the same container when the request never arrived', async () => {
    const job = jobOf('Second try')
    const losing: VerbContext = {
      ...context,
      fetch: async (call) => {
        if (isPublishCall(call)) throw new NoAnswer('lost on the way', { sent: true })
        return context.fetch(call)
      },
    }
    expect((await publishToEnd(network, losing, job, simulator)).kind).toBe('unsure')
    expect(await network.find(context, findJob(job))).toEqual({ kind: 'absent' })
    expect(await network.publish(context, job)).toMatchObject({ kind: 'published' })
    expect(calls.filter(isCreateCall).length).toBe(1)
    expect(liveTexts()).toEqual(['Second try'])
  })

  it('never publishes a container that is live already', async () => {
    const job = jobOf('Once')
    expect((await publishToEnd(network, context, job, simulator)).kind).toBe('published')
    expect((await network.publish(context, job)).kind).toBe('unsure')
    expect(liveTexts()).toEqual(['Once'])
  })

  it('is down and not unsure when nothing was sent', async () => {
    const offline: VerbContext = {
      ...context,
      fetch: async (call) => {
        if (isPublishCall(call)) throw new NoAnswer('refused', { sent: false })
        return context.fetch(call)
      },
    }
    expect((await publishToEnd(network, offline, jobOf('Offline'), simulator)).kind).toBe('networkDown')
  })

  it('is unsure of a server error and of a success without an id', async () => {
    const broken = answering(isPublishCall, { message: 'x', type: 'IGApiException', code: 2 }, 503)
    expect((await publishToEnd(network, broken, jobOf('Broken'), simulator)).kind).toBe('unsure')
    const empty = answering(isPublishCall, null, 200)
    expect((await publishToEnd(network, empty, jobOf('Empty'), simulator)).kind).toBe('unsure')
  })

  it('never binds a post that another delivery owns or that another text belongs to', async () => {
    const job = jobOf('Twin')
    const sentAt = simulator.now()
    await publishToEnd(network, context, job, simulator)
    await publishToEnd(network, context, jobOf('Newer, by hand'), simulator)
    const owned = { ...findJob(job, sentAt), isOurs: async () => true }
    expect(await network.find(context, owned)).toEqual({ kind: 'found' })
    const found = await network.find(context, findJob(job, sentAt))
    const twin = simulator.sandbox.wall().find((post) => post.text === 'Twin')
    expect(found).toMatchObject({ kind: 'found', remoteId: twin?.remoteId })
  })

  it('gives no answer while the container is processed or unreadable', async () => {
    const job = jobOf('Slow')
    await network.publish(context, job)
    expect((await network.find(context, findJob(job))).kind).toBe('unknown')
    const missing = { message: 'no object', type: 'IGApiException', code: 100, error_subcode: 33 }
    const blind = answering((call) => call.endpointClass === 'container.read', missing)
    expect((await network.find(blind, findJob(job))).kind).toBe('unknown')
  })

  it('reads a failed container whose code is in its text only', async () => {
    const failed: VerbContext = {
      ...context,
      fetch: async (call) => {
        if (call.endpointClass !== 'container.read') return context.fetch(call)
        const json = { status_code: '', status: 'Error: Media upload has failed with error code 2207009' }
        return { status: 200, headers: {}, text: '', json }
      },
    }
    const outcome = await network.publish(failed, jobOf('Too tall'))
    expect(outcome).toMatchObject({ kind: 'refused', fix: 'content', reason: { code: 'instagram_2207009' } })
  })

  it('renews a token from its second day on and never a dead one', async () => {
    const { grant } = connected
    expect((await network.refresh(context, grant, app)).kind).toBe('not-needed')
    simulator.advance(2 * 86_400)
    const renewed = await network.refresh(context, grant, app)
    if (renewed.kind !== 'refreshed') throw new Error(renewed.kind)
    expect(renewed.grant.accessToken).not.toBe(grant.accessToken)
    expect(renewed.grant.accessExpiresAt?.getTime()).toBe(simulator.now().getTime() + 60 * 86_400_000)
    simulator.advance(61 * 86_400)
    expect((await network.refresh(context, renewed.grant, app)).kind).toBe('dead')
    const outcome = await network.publish(context, jobOf('Expired'))
    expect(outcome).toMatchObject({ kind: 'refused', fix: 'reauthorise' })
  })

  it('strips what hangs behind the code and keeps all digits of the account', () => {
    expect(connected.account.remoteId).toBe('17841400000000003')
    expect(connected.grant.scopes).toEqual(instagramLogin.scopes)
  })

  it('deletes with the Facebook login only', async () => {
    const refused = await network.remove(context, accessTo(connected), '180000000000000001')
    expect(refused).toMatchObject({ kind: 'refused' })
    expect(calls).toEqual([])
  })

  it('finds every linked account with the Facebook login and watches the 90 days', async () => {
    const own = contextOf(facebookLogin)
    const { grant, channels } = await connectSandbox(network, facebookLogin, own)
    expect(channels.map((channel) => channel.handle)).toEqual(['litfass_cafe', 'litfass_books'])
    expect(new Set(channels.map((channel) => channel.accessToken)).size).toBe(2)
    expect(grant.dataAccessExpiresAt).toEqual(new Date(simulator.now().getTime() + 90 * 86_400_000))
    expect((await network.refresh(own, grant, app)).kind).toBe('not-needed')
    simulator.advance(91 * 86_400)
    expect((await network.refresh(own, grant, app)).kind).toBe('dead')
  })

  it('puts the API version into Facebook addresses', () => {
    const url = network.authorizeUrl(facebookLogin, facebookLogin.hosts, 'v25.0', {
      app,
      redirectUri: 'https://a.example/back',
      state: 's',
    })
    expect(url).toMatch(/^https:\/\/www\.facebook\.com\/v25\.0\/dialog\/oauth\?/)
  })

  it('asks for each metric alone when one fails the whole call, and takes no set for zero', async () => {
    const outcome = await publishToEnd(network, context, jobOf('Measured'), simulator)
    const remoteId = outcome.kind === 'published' ? (outcome.remoteId ?? '') : ''
    const publishedAt = simulator.now()
    const early = await network.measurePost(context, accessTo(connected), remoteId, publishedAt)
    expect(early).toEqual({ kind: 'measured', readings: [] })
    simulator.advance(86_400)
    const unknown = { message: 'An unknown error has occurred.', type: 'IGApiException', code: 1 }
    const gone = answering((call) => /metric=[^&]*saved/.test(call.url), unknown)
    const measured = await network.measurePost(gone, accessTo(connected), remoteId, publishedAt)
    if (measured.kind !== 'measured') throw new Error(measured.kind)
    const names = measured.readings.map((reading) => reading.metric)
    expect(names).toContain('views')
    expect(names).not.toContain('saves')
    const absent = await network.measurePost(context, accessTo(connected), '18009999', publishedAt)
    expect(absent).toEqual({ kind: 'gone' })
  })

  it('measures an account by day, with its followers', async () => {
    const measured = await network.measureChannel(context, accessTo(connected))
    if (measured.kind !== 'measured') throw new Error(measured.kind)
    expect(measured.readings).toContainEqual(
      expect.objectContaining({ metric: 'views', day: '2026-11-23', value: expect.any(Number) }),
    )
    expect(measured.readings.map((reading) => reading.metric)).toContain('followers')
  })

  it('waits as long as the usage header says when the account is limited', async () => {
    const limited: VerbContext = {
      ...context,
      fetch: async (call) => {
        if (!isCreateCall(call)) return context.fetch(call)
        const row = { type: 'instagram', call_count: 100, estimated_time_to_regain_access: 30 }
        const headers = { 'x-business-use-case-usage': JSON.stringify({ '17841400000000003': [row] }) }
        return { ...answerOf(400, { message: 'limit', type: 'IGApiException', code: 80002 }), headers }
      },
    }
    const outcome = await network.publish(limited, jobOf('Limited'))
    expect(outcome).toMatchObject({ kind: 'throttled' })
    if (outcome.kind !== 'throttled') return
    expect(outcome.until.getTime()).toBeGreaterThanOrEqual(simulator.now().getTime() + 30 * 60_000)
  })
})

function answerOf(status: number, error: object | null): Answer {
  const json = error === null ? {} : { error }
  return { status, headers: {}, text: JSON.stringify(json), json }
}
