import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { conformance } from '../conformance.ts'
import {
  accessTo,
  app,
  connectSandbox,
  contextFor,
  imageFor,
  memorySteps,
  publishToEnd,
  startSimulator,
  type Simulator,
} from '../conformance-kit.ts'
import type { Connected, DeliveryPayload, VerbContext } from '../contract.ts'
import { graphError } from '../graph.ts'
import { NoAnswer, type Answer, type Call } from '../metered-fetch.ts'
import { threadsLogin } from './definition.ts'
import { threadsRows } from './errors.ts'
import { network } from './network.ts'
import { createSandbox, sandboxHosts } from './sandbox.ts'

conformance(network, createSandbox, { sandboxHosts })

/** Answers as the network or its documentation gave them; each names where it stands. */
type Fixture = { source: string; status: number; json: unknown }
const fixtures: Record<string, Fixture> = JSON.parse(
  readFileSync(new URL('./fixtures/answers.json', import.meta.url), 'utf8'),
)
function fixture(name: string): Answer {
  const { status, json } = fixtures[name] ?? { status: 0, json: undefined }
  return { status, headers: {}, text: JSON.stringify(json), json }
}

const isCreate = (call: Call) => call.endpointClass === 'container.create'
const isPublish = (call: Call) => call.endpointClass === 'post.create'
const isStatus = (call: Call) => call.endpointClass === 'container.read'
const sentIn = (call: Call) => (call.body instanceof URLSearchParams ? Object.fromEntries(call.body) : {})

let simulator: Simulator
let calls: Call[]
let context: VerbContext
let connected: Connected
beforeEach(async () => {
  simulator = await startSimulator(createSandbox)
  const hosts = sandboxHosts(threadsLogin, simulator.baseUrl)
  context = contextFor(network, threadsLogin, hosts, simulator, (call) => calls.push(call))
  calls = []
  connected = await connectSandbox(network, threadsLogin, context)
  calls = []
})
afterEach(() => simulator.close())

const jobOf = (payload: Partial<DeliveryPayload>) => ({
  channel: accessTo(connected),
  payload: { text: 'Fresh from the column', images: [], ...payload },
  steps: memorySteps(),
})
const findJob = (job: ReturnType<typeof jobOf>, sentAt = simulator.now()) => ({
  ...job,
  sentAt,
  deadlineAt: new Date(simulator.now().getTime() + 30_000),
  isOurs: async () => false,
})
const answering = (isIt: (call: Call) => boolean, answer: (call: Call) => Answer): VerbContext => ({
  ...context,
  fetch: async (call) => (isIt(call) ? answer(call) : context.fetch(call)),
})
const refusing = (error: Record<string, unknown>) => (): Answer => ({
  status: 400,
  headers: {},
  text: '',
  json: { error: { message: '', type: 'THApiException', ...error } },
})
const publish = (payload: Partial<DeliveryPayload>, own = context) =>
  publishToEnd(network, own, jobOf(payload), simulator)
const live = () => simulator.sandbox.wall().filter((post) => !post.deleted)
const codeOf = async (payload: Partial<DeliveryPayload>) => {
  const outcome = await publish(payload)
  return outcome.kind === 'refused' ? outcome.reason.code : outcome.kind
}

describe('a Threads post', () => {
  it('is never published by the call that prepares it', async () => {
    await publish({ text: 'Step by step', link: 'https://a.example/' })
    await publish({ text: 'With a picture', images: [imageFor(simulator, 'one')] })
    const created = calls.filter(isCreate).map(sentIn)
    expect(created.length).toBe(2)
    for (const sent of created) expect(sent).not.toHaveProperty('auto_publish_text')
    expect(calls.filter(isPublish).length).toBe(2)
  })

  it('shows its link on a card, which takes nothing from the text', async () => {
    const link = `https://a.example/${'long/'.repeat(20)}`
    const text = 'a'.repeat(500)
    expect(await publish({ text, link })).toMatchObject({ kind: 'published' })
    expect(live()[0]).toMatchObject({ text, link })
  })

  it('has its link in the text beside a picture, where there are no cards', async () => {
    const images = [imageFor(simulator, 'one')]
    await publish({ text: 'Look', link: 'https://a.example/', images })
    expect(live()[0]?.text).toBe('Look\n\nhttps://a.example/')
    for (const call of calls.filter(isCreate)) expect(sentIn(call)).not.toHaveProperty('link_attachment')
  })

  it('counts an emoji by its bytes', async () => {
    const fits = `${'a'.repeat(496)}🙂`
    expect(await publish({ text: fits })).toMatchObject({ kind: 'published' })
    calls = []
    expect(await codeOf({ text: `a${fits}` })).toBe('text_too_long')
    expect(calls).toEqual([])
  })

  it('has at most 5 different links, and the one on the card is one of them', async () => {
    const links = (count: number) => Array.from({ length: count }, (_, index) => `https://${index}.example/`)
    const link = 'https://card.example/'
    expect(await codeOf({ text: links(6).join(' ') })).toBe('too_many_links')
    expect(await codeOf({ text: links(5).join(' '), link })).toBe('too_many_links')
    expect(calls).toEqual([])
    expect(await codeOf({ text: [...links(4), ...links(4)].join(' '), link })).toBe('published')
  })

  it('needs a text or a picture', async () => {
    expect(await codeOf({ text: '' })).toBe('post_empty')
    expect(await codeOf({ text: '', images: [imageFor(simulator, 'alone')] })).toBe('published')
  })

  it('takes no picture of another type or size, and not too long a description', async () => {
    const image = imageFor(simulator, 'odd')
    const odd = (change: object) => codeOf({ images: [{ ...image, ...change }] })
    expect(await odd({ mimeType: 'image/gif' })).toBe('image_type')
    expect(await odd({ bytes: 8_000_001 })).toBe('image_too_large')
    expect(await odd({ width: 2_000, height: 100 })).toBe('image_aspect')
    expect(await odd({ altText: 'a'.repeat(1_001) })).toBe('alt_text_too_long')
    expect(await odd({ mimeType: 'image/png' })).toBe('published')
  })

  it('shows up to 20 pictures in their order', async () => {
    const images = Array.from({ length: 20 }, (_, index) =>
      imageFor(simulator, `n${index}`, `Picture ${index}`),
    )
    expect(await publish({ images })).toMatchObject({ kind: 'published' })
    expect(live()[0]?.images.map((image) => image.altText)).toEqual(images.map((image) => image.altText))
    expect(await codeOf({ images: [...images, imageFor(simulator, 'more')] })).toBe('too_many_images')
  })
})

describe('a Threads container', () => {
  it('is left alone for two seconds, and made only once', async () => {
    const job = jobOf({})
    const outcome = await network.publish(context, job)
    expect(outcome).toEqual({ kind: 'processing', until: new Date(simulator.now().getTime() + 2_000) })
    expect(calls.filter(isStatus)).toEqual([])
    simulator.advance(2)
    expect(await network.publish(context, job)).toMatchObject({ kind: 'published' })
    expect(calls.filter(isCreate).length).toBe(1)
  })

  it('is made anew after its 24 hours', async () => {
    const job = jobOf({ text: 'Late' })
    await network.publish(context, job)
    simulator.advance(25 * 3_600)
    expect(await publishToEnd(network, context, job, simulator)).toMatchObject({ kind: 'published' })
    expect(calls.filter(isCreate).length).toBe(2)
    expect(live().map((post) => post.text)).toEqual(['Late'])
  })

  it('that failed for no known reason is made anew a few times', async () => {
    const outcome = await publish(
      {},
      answering(isStatus, () => fixture('containerFailed')),
    )
    expect(outcome).toMatchObject({ kind: 'refused', fix: 'give-up', reason: { code: 'container_failed' } })
    expect(calls.filter(isCreate).length).toBe(4)
  })

  it('that failed for its content is refused at once', async () => {
    const outcome = await publish(
      {},
      answering(isStatus, () => fixture('containerRatio')),
    )
    const reason = { code: 'threads_invalid_aspec_ratio', message: expect.stringContaining('ratio') }
    expect(outcome).toMatchObject({ kind: 'refused', fix: 'content', reason })
    expect(calls.filter(isCreate).length).toBe(1)
  })

  it('whose picture cannot be fetched says what to do about it', async () => {
    const image = { ...imageFor(simulator, 'hidden'), publicUrl: 'https://litfass.example/none.jpg' }
    const outcome = await publish({ images: [image] })
    expect(outcome).toMatchObject({ kind: 'refused', fix: 'content', reason: { code: 'media_not_fetched' } })
  })

  it('that is not found yet at the publish step is published later, and never twice', async () => {
    const job = jobOf({ text: 'Soon' })
    const early = answering(isPublish, () => fixture('containerNotFound'))
    expect((await publishToEnd(network, early, job, simulator)).kind).toBe('unsure')
    expect(await network.find(context, findJob(job))).toEqual({ kind: 'absent' })
    expect(await network.publish(context, job)).toMatchObject({ kind: 'published' })
    expect(calls.filter(isCreate).length).toBe(1)
    expect((await network.publish(context, job)).kind).toBe('unsure')
    expect(live().map((post) => post.text)).toEqual(['Soon'])
  })
})

describe('a lost answer of Threads', () => {
  const losing: () => VerbContext = () => ({
    ...context,
    fetch: async (call) => {
      const answer = await context.fetch(call)
      if (isPublish(call)) throw new NoAnswer('lost', { sent: true })
      return answer
    },
  })

  it('is settled by the container, with the id and address from the list of posts', async () => {
    const job = jobOf({ text: 'Lost but live #column' })
    const sentAt = simulator.now()
    await publish({ text: 'Another one' })
    expect((await publishToEnd(network, losing(), job, simulator)).kind).toBe('unsure')
    const post = live().find(({ text }) => text === 'Lost but live #column')
    const expected = { kind: 'found', remoteId: post?.remoteId, url: post?.url }
    expect(await network.find(context, findJob(job, sentAt))).toEqual(expected)
  })

  it('is settled also where the tag of the text became a topic', async () => {
    const job = jobOf({ text: 'News from the #column' })
    await publishToEnd(network, losing(), job, simulator)
    const withTopic = { ...job, payload: { ...job.payload, text: 'News from the column' } }
    expect(await network.find(context, findJob(withTopic))).toMatchObject({ remoteId: expect.any(String) })
  })

  it('is live without an id where the list shows no such post, or one of another delivery', async () => {
    const job = jobOf({ text: 'Mine' })
    await publishToEnd(network, losing(), job, simulator)
    const owned = { ...findJob(job), isOurs: async () => true }
    expect(await network.find(context, owned)).toEqual({ kind: 'found' })
  })

  it('stays open while neither container nor list can be read', async () => {
    const job = jobOf({})
    await network.publish(context, job)
    expect((await network.find(context, findJob(job))).kind).toBe('unknown')
    const blind = answering(isStatus, () => fixture('objectMissing'))
    expect((await network.find(blind, findJob(job))).kind).toBe('unknown')
  })
})

describe('an error of Threads', () => {
  it.each([
    ['the link limit in its message', { code: 100, message: 'THREADS_API__LINK_LIMIT_EXCEEDED' }, 'content'],
    ['the link limit as its code', { code: 'THREADS_API__LINK_LIMIT_EXCEEDED' }, 'content'],
    ['a text too long', { code: 100, message: 'Param text must be at most 500 characters long.' }, 'content'],
    ['a missing permission', { code: 10, message: 'no permission' }, 'reauthorise'],
    ['a restricted profile', { code: 1, error_subcode: 4279013 }, 'user'],
  ])('with %s says what to fix', async (_name, error, fix) => {
    const outcome = await publish({}, answering(isCreate, refusing(error)))
    expect(outcome).toMatchObject({ kind: 'refused', fix })
  })

  it('about a restricted activity stops for a day, after the container was asked', async () => {
    const job = jobOf({})
    const blocked = answering(isPublish, refusing({ code: 4, error_subcode: 2207051 }))
    expect((await publishToEnd(network, blocked, job, simulator)).kind).toBe('unsure')
    expect(await network.find(context, findJob(job))).toEqual({ kind: 'absent' })
    expect(await network.publish(context, job)).toMatchObject({ kind: 'refused', fix: 'user' })
    expect(live()).toEqual([])
  })

  it('of a container is not taken for one of the call', () => {
    expect(graphError(fixture('objectMissing'))).toMatchObject({ code: 100, subcode: 33 })
    expect(threadsRows.every((row) => row.meaning !== '' && row.action.length > 0)).toBe(true)
  })
})

describe('the daily numbers of Threads', () => {
  it('hold back post 251 until there is room again', async () => {
    for (let number = 0; number < 250; number += 1) await publish({ text: `Number ${number}` })
    const quota = (await network.check(context, accessTo(connected))).find(({ name }) => name === 'quota')
    expect(quota).toMatchObject({ ok: false, message: expect.stringContaining('250 of 250') })
    expect((await publish({ text: 'One too many' })).kind).toBe('throttled')
    expect(live().some((post) => post.text === 'One too many')).toBe(false)
  })

  it('are read from the network', async () => {
    const other = answering(
      ({ url }) => url.includes('threads_publishing_limit'),
      () => fixture('quota'),
    )
    const checks = await network.check(other, accessTo(connected))
    expect(checks).toContainEqual(
      expect.objectContaining({ name: 'quota', message: expect.stringContaining('3 of 250') }),
    )
  })

  it('leave 100 deletions', async () => {
    const ids: string[] = []
    for (let number = 0; number < 101; number += 1) {
      const outcome = await publish({ text: `Passing ${number}` })
      if (outcome.kind === 'published') ids.push(outcome.remoteId ?? '')
    }
    const remove = (id: string) => network.remove(context, accessTo(connected), id)
    for (const id of ids.slice(0, 100)) expect(await remove(id)).toEqual({ kind: 'removed' })
    expect(await remove(ids[100] ?? '')).toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('later'),
    })
    expect(await remove(ids[0] ?? '')).toEqual({ kind: 'removed' })
    expect(live().length).toBe(1)
  })
})

describe('access to Threads', () => {
  it('is renewed from the second day on, with the permissions, and not once it is over', async () => {
    const { grant } = connected
    const days = (count: number) => new Date(simulator.now().getTime() + count * 86_400_000)
    expect(grant.dataAccessExpiresAt).toEqual(days(90))
    expect((await network.refresh(context, grant, app)).kind).toBe('not-needed')
    simulator.advance(2 * 86_400)
    const renewed = await network.refresh(context, grant, app)
    if (renewed.kind !== 'refreshed') throw new Error(renewed.kind)
    expect(renewed.grant.accessToken).not.toBe(grant.accessToken)
    expect(renewed.grant.dataAccessExpiresAt).toEqual(days(90))
    simulator.advance(61 * 86_400)
    expect((await network.refresh(context, renewed.grant, app)).kind).toBe('dead')
  })

  it('keeps all digits of the profile, and knows the scopes that were really given', async () => {
    expect(connected.account.remoteId).toBe('25000000000000011')
    const { accessToken } = connected.grant
    const adopted = await network.adopt(context, { accessToken, scopes: [] }, null)
    expect(adopted.grant.scopes).toEqual(threadsLogin.scopes)
    expect(adopted.channels).toEqual(connected.channels)
  })

  it('is taken as it is where Threads tells nothing of the token', async () => {
    const silent = answering(({ url }) => url.includes('debug_token'), refusing({ code: 100 }))
    const grant = { accessToken: connected.grant.accessToken, scopes: ['threads_basic'] }
    expect((await network.adopt(silent, grant, null)).grant).toEqual(grant)
  })

  it('without a permission is said to lack it', async () => {
    const channel = { ...accessTo(connected), scopes: ['threads_basic', 'threads_content_publish'] }
    const scopes = (await network.check(context, channel)).find(({ name }) => name === 'scopes')
    expect(scopes).toMatchObject({ ok: false, message: expect.stringContaining('threads_manage_insights') })
  })
})

describe('the figures of Threads', () => {
  const post = async () => {
    const outcome = await publish({ text: 'Measured' })
    return outcome.kind === 'published' ? (outcome.remoteId ?? '') : ''
  }
  const ofPost = (own: VerbContext, id: string, publishedAt: Date) =>
    network.measurePost(own, accessTo(connected), id, publishedAt)
  const isInsights = (call: Call) => call.endpointClass === 'insights.read'

  it('of a post come late, and an empty set is no zero', async () => {
    const id = await post()
    const publishedAt = simulator.now()
    expect(await ofPost(context, id, publishedAt)).toEqual({ kind: 'measured', readings: [] })
    simulator.advance(86_400)
    const measured = await ofPost(context, id, publishedAt)
    const readings = measured.kind === 'measured' ? measured.readings : []
    expect(readings.map(({ metric, remoteName }) => [metric, remoteName])).toEqual([
      ['views', 'views'],
      ['likes', 'likes'],
      ['comments', 'replies'],
      ['reposts', 'reposts'],
      ['quotes', 'quotes'],
      ['shares', 'shares'],
    ])
  })

  it('are told by their name, whatever their id says', async () => {
    const own = answering(isInsights, () => fixture('postReplies'))
    expect(await ofPost(own, '17889615691921648', simulator.now())).toEqual({
      kind: 'measured',
      readings: [{ metric: 'comments', remoteName: 'replies', value: 10 }],
    })
  })

  it('are read one by one where one of them is not known any more', async () => {
    const id = await post()
    const publishedAt = simulator.now()
    simulator.advance(3_600)
    const unknown = refusing({ code: 100, message: 'Param metric must be one of {…}' })
    const measured = await ofPost(
      answering(({ url }) => /metric=[^&]*shares/.test(url), unknown),
      id,
      publishedAt,
    )
    const names = measured.kind === 'measured' ? measured.readings.map(({ metric }) => metric) : []
    expect(names).toEqual(['views', 'likes', 'comments', 'reposts', 'quotes'])
  })

  it('need their permission, and without it ask for the account to be connected again', async () => {
    const own = answering(isInsights, refusing({ code: 10, message: 'no permission' }))
    expect((await ofPost(own, await post(), simulator.now())).kind).toBe('unauthorised')
  })

  it('of a post that is gone end', async () => {
    const id = await post()
    const publishedAt = simulator.now()
    await network.remove(context, accessTo(connected), id)
    expect((await ofPost(context, id, publishedAt)).kind).toBe('later')
    simulator.advance(3_600)
    expect(await ofPost(context, id, publishedAt)).toEqual({ kind: 'gone' })
  })

  it('of a profile are those of yesterday, and its followers of now', async () => {
    const measured = await network.measureChannel(context, accessTo(connected))
    const readings = measured.kind === 'measured' ? measured.readings : []
    expect(readings.find(({ metric }) => metric === 'followers')).not.toHaveProperty('day')
    const days = readings.filter(({ metric }) => metric !== 'followers')
    expect(days.map(({ metric }) => metric)).toEqual([
      'profile-views',
      'likes',
      'comments',
      'reposts',
      'quotes',
      'clicks',
    ])
    for (const { day } of days) expect(day).toBe('2026-11-23')
  })

  it('of a profile keep the day each belongs to, and add up the clicks on all links', async () => {
    const own = (name: string) =>
      network.measureChannel(
        answering(isInsights, () => fixture(name)),
        accessTo(connected),
      )
    expect(await own('profileViews')).toMatchObject({
      readings: [
        { metric: 'profile-views', value: 10, day: '2024-07-11' },
        { metric: 'profile-views', value: 20, day: '2024-07-14' },
      ],
    })
    expect(await own('profileClicks')).toMatchObject({ readings: [{ metric: 'clicks', value: 15 }] })
  })
})
