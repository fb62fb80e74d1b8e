import { describe, expect, it } from 'vitest'
import { conformance } from '../conformance.ts'
import {
  accessTo,
  connectSandbox,
  contextFor,
  memorySteps,
  publishToEnd,
  startSimulator,
} from '../conformance-kit.ts'
import type { ChannelAccess, VerbContext } from '../contract.ts'
import { type Answer, NoAnswer } from '../metered-fetch.ts'
import { communityLogin, shareLogin } from './definition.ts'
import { network } from './network.ts'
import { createSandbox, sandboxHosts } from './sandbox.ts'
import { littleText, plainText, urnTime } from './text.ts'

conformance(network, createSandbox, { sandboxHosts, doubtsFirst401: true })

async function start(login = communityLogin) {
  const simulator = await startSimulator(createSandbox)
  const context = contextFor(network, login, sandboxHosts(login, simulator.baseUrl), simulator)
  const connected = await connectSandbox(network, login, context)
  const member = accessTo(connected, connected.channels.length - 1)
  return { simulator, context, connected, page: accessTo(connected), member }
}

const jobFor = (channel: ChannelAccess, text: string, link?: string) => ({
  channel,
  payload: { text, images: [], ...(link === undefined ? {} : { link }) },
  steps: memorySteps(),
})

/** Answers creation with `answer` instead of asking. */
function answering(context: VerbContext, answer: Partial<Answer>): VerbContext {
  return {
    ...context,
    fetch: async (call) =>
      call.endpointClass.endsWith('post.create')
        ? { status: 200, headers: {}, text: '', json: undefined, ...answer }
        : context.fetch(call),
  }
}

/** Lets the request for the post through and loses what comes back. */
function losing(context: VerbContext): VerbContext {
  return {
    ...context,
    fetch: async (call) => {
      const answer = await context.fetch(call)
      if (call.endpointClass.endsWith('post.create')) throw new NoAnswer('lost', { sent: true })
      return answer
    },
  }
}

/** PostgreSQL keeps the members of an object in an order of its own: shorter names first. */
function asJsonb(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asJsonb)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).map(([name, member]) => [name, asJsonb(member)] as const)
  return Object.fromEntries(members.toSorted(([a], [b]) => a.length - b.length || (a < b ? -1 : 1)))
}

describe('little text', () => {
  it('escapes every reserved character and keeps hashtags alive', () => {
    expect(littleText('a_b (c) #tag')).toBe('a\\_b \\(c\\) {hashtag|\\#|tag}')
    for (const text of ['|{}@[]()<>#\\*_~', '#a #b_c #1 x#y', 'https://e.example/#part', '\\#tag'])
      expect(plainText(littleText(text))).toBe(text)
  })

  it('ends at an unescaped character, as LinkedIn does', () => {
    expect(plainText('before (after)')).toBe('before ')
  })
})

it('reads the time in an id above 2^53', () => {
  expect(Math.abs((urnTime('urn:li:share:7045020441609936898') ?? 0) - 1_679_663_763_610)).toBeLessThan(500)
})

describe('errors of the visible request', () => {
  const cases: Array<[string, Partial<Answer>, Record<string, unknown>]> = [
    [
      '426 holds an hour',
      { status: 426, json: { code: 'NONEXISTENT_VERSION' } },
      {
        kind: 'throttled',
        until: new Date('2026-11-24T10:00:00Z'),
        reason: { code: 'network_version_ended' },
      },
    ],
    [
      'a day limit holds until midnight',
      { status: 429, json: { message: 'Resource level throttle MEMBER DAY limit reached' } },
      { kind: 'throttled', until: new Date('2026-11-25T00:00:00Z') },
    ],
    ['504 is unsure', { status: 504 }, { kind: 'unsure' }],
    ['201 without an id is unsure', { status: 201 }, { kind: 'unsure' }],
    [
      'a missing scope asks to connect again',
      { status: 403, json: { serviceErrorCode: 100 } },
      { kind: 'refused', fix: 'reauthorise' },
    ],
    [
      'a missing role asks the person',
      { status: 403, json: { message: 'resource is forbidden' } },
      { kind: 'refused', fix: 'user' },
    ],
    [
      'a first 401 is looked at again',
      { status: 401, json: { serviceErrorCode: 65_601 } },
      { kind: 'processing', until: new Date('2026-11-24T09:00:03Z') },
    ],
  ]
  it.each(cases)('%s', async (_name, answer, expected) => {
    const { simulator, context, page } = await start()
    expect(await network.publish(answering(context, answer), jobFor(page, 'Hello'))).toMatchObject(expected)
    await simulator.close()
  })
})

it('refuses a duplicate and names the live post', async () => {
  const { simulator, context, page } = await start()
  const first = await network.publish(context, jobFor(page, 'Twice'))
  const second = await network.publish(context, jobFor(page, 'Twice'))
  expect(first.kind).toBe('published')
  expect(second).toMatchObject({ kind: 'refused', fix: 'content', reason: { code: 'duplicate_post' } })
  expect(JSON.stringify(second)).toContain(first.kind === 'published' ? first.remoteId : '-')
  await simulator.close()
})

it('stops at the member’s 150 calls until midnight', async () => {
  const { simulator, context, member } = await start(shareLogin)
  for (let round = 0; round < 150; round += 1) await network.publish(context, jobFor(member, `Post ${round}`))
  expect(await network.publish(context, jobFor(member, 'One more'))).toMatchObject({
    kind: 'throttled',
    until: new Date('2026-11-25T00:00:00Z'),
  })
  await simulator.close()
})

it('shows a link as an article where there is no image', async () => {
  const { simulator, context, page } = await start()
  await publishToEnd(network, context, jobFor(page, 'Read', 'https://www.kiosk.example/a'), simulator)
  expect(simulator.sandbox.wall()[0]).toMatchObject({ text: 'Read', link: 'https://www.kiosk.example/a' })
  await simulator.close()
})

describe('a member’s lost answer', () => {
  it.each([communityLogin, shareLogin])('is found once by $id', async (login) => {
    const { simulator, context, member } = await start(login)
    const job = jobFor(member, 'Lost')
    const window = { sentAt: simulator.now(), deadlineAt: simulator.now(), isOurs: async () => false }
    expect((await network.publish(losing(context), job)).kind).toBe('unsure')
    simulator.advance(60)
    expect(await network.find(context, { ...job, ...window })).toMatchObject({ kind: 'found' })
    expect(simulator.sandbox.wall().length).toBe(1)
    await simulator.close()
  })

  it('is found by the very bytes that were sent, in whatever order the database keeps what it is given', async () => {
    const { simulator, context, member } = await start(shareLogin)
    const job = jobFor(member, 'Same bytes')
    const window = { sentAt: simulator.now(), deadlineAt: simulator.now(), isOurs: async () => false }
    await network.publish(losing(context), job)
    const { memory } = job.steps
    for (const [name, value] of memory) memory.set(name, asJsonb(value))
    expect(await network.find(context, { ...job, ...window })).toMatchObject({ kind: 'found' })
    expect(simulator.sandbox.wall().length).toBe(1)
    await simulator.close()
  })

  it('is never asked for after the window: that would publish twice', async () => {
    const { simulator, context, member } = await start(shareLogin)
    const job = jobFor(member, 'Late')
    const window = { sentAt: simulator.now(), deadlineAt: simulator.now(), isOurs: async () => false }
    await network.publish(losing(context), job)
    simulator.advance(601)
    expect(await network.find(context, { ...job, ...window })).toMatchObject({ kind: 'unknown' })
    expect(simulator.sandbox.wall().length).toBe(1)
    await simulator.close()
  })

  it('is not asked for by a request that stood still until the window had passed', async () => {
    const { simulator, context, member } = await start(shareLogin)
    const job = jobFor(member, 'Slow')
    const window = { sentAt: simulator.now(), deadlineAt: simulator.now(), isOurs: async () => false }
    await network.publish(losing(context), job)
    const slow: VerbContext = {
      ...context,
      fetch: (call) => {
        simulator.advance(601)
        return context.fetch(call)
      },
    }
    expect(await network.find(slow, { ...job, ...window })).toMatchObject({
      kind: 'unknown',
      reason: { code: 'probe_window_passed' },
    })
    expect(simulator.sandbox.wall().length).toBe(1)
    await simulator.close()
  })

  it('does not take an older twin for it, nor a post nobody can see', async () => {
    const { simulator, context, member } = await start()
    await network.publish(context, jobFor(member, 'Twin'))
    simulator.advance(120)
    const job = jobFor(member, 'Twin')
    const window = { sentAt: simulator.now(), deadlineAt: simulator.now(), isOurs: async () => false }
    await network.publish(losing(context), job)
    expect(await network.find(context, { ...job, ...window })).toEqual({ kind: 'absent' })
    const urn = `urn:li:share:${BigInt(simulator.now().getTime()) << 22n}`
    const ghost = answering(context, {
      status: 422,
      json: { code: 'DUPLICATE_POST', message: `Content is a duplicate of ${urn}` },
    })
    expect(await network.find(ghost, { ...job, ...window })).toMatchObject({ reason: { code: 'ghost_post' } })
    await simulator.close()
  })
})

it('renews before the 60 days end and says when it cannot', async () => {
  const { simulator, context, connected } = await start()
  const app = { clientId: 'client', clientSecret: 'secret' }
  expect((await network.refresh(context, connected.grant, app)).kind).toBe('not-needed')
  simulator.advance(50 * 86_400)
  const renewed = await network.refresh(context, connected.grant, app)
  expect(renewed).toMatchObject({
    kind: 'refreshed',
    grant: { refreshExpiresAt: connected.grant.refreshExpiresAt },
  })
  simulator.sandbox.killTokens()
  expect((await network.refresh(context, connected.grant, app)).kind).toBe('dead')
  await simulator.close()
})

it('measures a member’s post, one call for each metric', async () => {
  const { simulator, context, member } = await start()
  const outcome = await network.publish(context, jobFor(member, 'Seen'))
  simulator.advance(3_600)
  const urn = outcome.kind === 'published' ? (outcome.remoteId ?? '') : ''
  const measured = await network.measurePost(context, member, urn, simulator.now())
  expect(measured.kind === 'measured' && measured.readings.map((reading) => reading.remoteName)).toEqual([
    'IMPRESSION',
    'MEMBERS_REACHED',
    'RESHARE',
    'REACTION',
    'COMMENT',
  ])
  await simulator.close()
})

it('asks for no figures without their permission, and says which one is missing', async () => {
  const { simulator, context, member, page } = await start()
  const silent: VerbContext = { ...context, fetch: () => Promise.reject(new Error('no call was to be made')) }
  const without = (channel: ChannelAccess, scope: string) => ({
    ...channel,
    scopes: channel.scopes.filter((granted) => granted !== scope),
  })
  const cases = [
    [without(member, 'r_member_postAnalytics'), 'post', 'r_member_postAnalytics'],
    [without(member, 'r_member_profileAnalytics'), 'channel', 'r_member_profileAnalytics'],
    [without(page, 'rw_organization_admin'), 'post', 'rw_organization_admin'],
  ] as const
  for (const [channel, of, scope] of cases) {
    const outcome =
      of === 'post'
        ? await network.measurePost(silent, channel, 'urn:li:share:1', simulator.now())
        : await network.measureChannel(silent, channel)
    expect(outcome).toMatchObject({ kind: 'unauthorised', message: expect.stringContaining(scope) })
    const figures = (await network.check(context, channel)).find((check) => check.name === 'figures')
    expect(figures).toMatchObject({ ok: false, message: expect.stringContaining(scope) })
  }
  await simulator.close()
})

describe('a first comment', () => {
  const posted = async (channel: ChannelAccess, context: VerbContext) => {
    const outcome = await network.publish(context, jobFor(channel, 'Above'))
    if (outcome.kind !== 'published' || outcome.remoteId === undefined) throw new Error('no post')
    return { ...jobFor(channel, 'Below'), parent: { remoteId: outcome.remoteId } }
  }

  it('of a member is never guessed at: LinkedIn shows an app no comments of members', async () => {
    const { simulator, context, member } = await start()
    const job = await posted(member, context)
    const window = { sentAt: simulator.now(), deadlineAt: simulator.now(), isOurs: async () => false }
    expect(await network.comment?.publish(context, job)).toMatchObject({ kind: 'published' })
    simulator.advance(120)
    expect((await network.comment?.find(context, { ...job, ...window }))?.kind).toBe('unknown')
    await simulator.close()
  })

  it('is not believed absent by the empty list that who is no administrator is shown', async () => {
    const { simulator, context, page } = await start()
    const job = await posted(page, context)
    const window = { sentAt: simulator.now(), deadlineAt: simulator.now(), isOurs: async () => false }
    simulator.advance(120)
    const asContentAdmin: VerbContext = {
      ...context,
      fetch: async (call) =>
        call.url.includes('organizationAcls')
          ? { status: 200, headers: {}, text: '', json: { elements: [] } }
          : context.fetch(call),
    }
    expect((await network.comment?.find(asContentAdmin, { ...job, ...window }))?.kind).toBe('unknown')
    expect((await network.comment?.find(context, { ...job, ...window }))?.kind).toBe('absent')
    await simulator.close()
  })

  it('goes as it was written, for its text is no little text', async () => {
    const { simulator, context, page } = await start()
    const job = await posted(page, context)
    const text = 'See (all) of it: #tag_1 [x] @you'
    await network.comment?.publish(context, { ...job, payload: { text, images: [] } })
    expect(simulator.sandbox.post(job.parent.remoteId)?.comments[0]?.text).toBe(text)
    await simulator.close()
  })
})
