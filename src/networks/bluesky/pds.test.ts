/** The network's verbs, and its simulator, held against the real server from npm. */
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expired, startPds, type TestPds, xrpc, type XrpcCall } from '#test/support/pds.ts'
import { accessTo, memorySteps, startSimulator } from '../conformance-kit.ts'
import type { Connected, DeliveryImage, LoginMethod, PublishJob, VerbContext } from '../contract.ts'
import { type Call, createMeteredFetch, NoAnswer, unmetered } from '../metered-fetch.ts'
import { definition } from './definition.ts'
import { network } from './network.ts'
import { createSandbox } from './sandbox.ts'

const login = definition.logins[0] as LoginMethod
let pds: TestPds
beforeAll(async () => {
  pds = await startPds()
})
afterAll(() => pds.close())

function contextAt(url: string): VerbContext {
  const door = createMeteredFetch(unmetered)
  return {
    login,
    hosts: { ...login.hosts, apiUrl: url, uploadUrl: url, readUrl: url },
    version: '',
    fetch: door,
    now: () => new Date(),
    app: async () => null,
  }
}

let accounts = 0
async function start() {
  const account = await pds.account(`column${(accounts += 1)}.test`)
  const context = contextAt(pds.url)
  const typed = { handle: account.handle, password: account.password }
  const connected = (await network.signIn?.(context, typed)) as Connected
  const job = (text: string, more: Partial<PublishJob['payload']> = {}) => ({
    channel: accessTo(connected),
    payload: { text, images: [], ...more },
    steps: memorySteps(),
  })
  return { account, context, connected, job }
}

/** Sends, and loses the answer of what matches. */
function losing(context: VerbContext, endpointClass: string): VerbContext {
  return {
    ...context,
    fetch: async (call: Call) => {
      const answer = await context.fetch(call)
      if (call.endpointClass === endpointClass) throw new NoAnswer('the answer was lost', { sent: true })
      return answer
    },
  }
}

async function picture(red: number, altText: string, side = 40): Promise<DeliveryImage> {
  const bytes = await sharp({
    create: { width: side, height: side, channels: 3, background: { r: red, g: 60, b: 40 } },
  })
    .png()
    .toBuffer()
  return {
    mediaFileId: `med_${red}`,
    mimeType: 'image/png',
    bytes: bytes.length,
    width: side,
    height: side,
    altText,
    publicUrl: '',
    read: async () => bytes,
  }
}

describe('an app password', () => {
  it('connects one profile, for two hours at a time', async () => {
    const { account, connected, context } = await start()
    expect(connected).toMatchObject({
      account: { remoteId: account.did, name: `@${account.handle}` },
      channels: [{ remoteId: account.did, handle: account.handle, kind: 'profile' }],
      grant: { scopes: ['com.atproto.appPass'] },
    })
    const { accessExpiresAt, refreshExpiresAt } = connected.grant
    expect(refreshExpiresAt).toBeUndefined()
    expect(Math.round(((accessExpiresAt?.getTime() ?? 0) - Date.now()) / 60_000)).toBe(120)
    const checks = await network.check(context, accessTo(connected))
    expect(checks.filter(({ ok }) => !ok)).toEqual([])
  })

  it('is asked for where somebody types the password of the account', async () => {
    const { account, context } = await start()
    const typed = { handle: `@${account.handle}`, password: account.mainPassword }
    await expect(network.signIn?.(context, typed)).rejects.toMatchObject({
      code: 'connection_refused',
      remedy: expect.stringContaining('app password'),
    })
  })

  it('renews itself by tokens that change, also where the answer to a renewal was lost', async () => {
    const { context, connected, job } = await start()
    const lost = await network.refresh(losing(context, 'session.refresh'), connected.grant, noApp)
    expect(lost.kind).toBe('unavailable')
    const outcome = await network.refresh(context, connected.grant, noApp)
    if (outcome.kind !== 'refreshed') throw new Error(JSON.stringify(outcome))
    expect(outcome.grant.refreshToken).not.toBe(connected.grant.refreshToken)
    expect(outcome.grant.scopes).toEqual(connected.grant.scopes)
    const channel = accessTo({ ...connected, grant: outcome.grant })
    expect((await network.publish(context, { ...job('Renewed'), channel })).kind).toBe('published')
  })

  it('is over when it is revoked', async () => {
    const { account, context, connected } = await start()
    await account.revoke()
    expect((await network.refresh(context, connected.grant, noApp)).kind).toBe('dead')
  })

  it('comes back for a new token where one ends under way, and asks for a person where none comes', async () => {
    const { context, connected, job } = await start()
    const channel = { ...accessTo(connected), accessToken: expired(connected.grant.accessToken) }
    const late = { ...job('Late'), channel }
    expect((await network.publish(context, late)).kind).toBe('processing')
    expect(await network.publish(context, late)).toMatchObject({ kind: 'refused', fix: 'reauthorise' })
  })

  it('is not blamed when the account was taken down or deactivated', async () => {
    const { account, context, job } = await start()
    await account.deactivate()
    const closed = { kind: 'refused', fix: 'user', reason: { code: 'account_closed' } }
    expect(await network.publish(context, job('Deactivated'))).toMatchObject(closed)
    const other = await start()
    await pds.takeDown(other.account.did)
    expect(await network.publish(context, other.job('Taken down'))).toMatchObject(closed)
    const renewal = await network.refresh(context, other.connected.grant, noApp)
    expect(renewal.kind).toBe('dead')
  })
})

const noApp = { clientId: '', clientSecret: '' }

describe('a post', () => {
  it('has its links, mentions and hashtags where they stand, counted in bytes', async () => {
    const { account, context, job } = await start()
    const friend = await pds.account('companion.test')
    const text = `Grüße 👋 @companion.test, lies https://litfass.example/ä?b=1 (or example.org). #Säule #2026 @nobody.test`
    const outcome = await network.publish(context, job(text))
    if (outcome.kind !== 'published') throw new Error(JSON.stringify(outcome))
    expect(outcome.url).toBe(
      `https://bsky.app/profile/${account.did}/post/${outcome.remoteId?.split('/').at(-1)}`,
    )
    const [post] = await pds.posts(account.did)
    expect(post).toMatchObject({ uri: outcome.remoteId, value: { text } })
    const facets = post?.value['facets'] as Array<{
      index: { byteStart: number; byteEnd: number }
      features: object[]
    }>
    const shown = facets.map(({ index, features }) => ({
      part: Buffer.from(text).subarray(index.byteStart, index.byteEnd).toString('utf8'),
      ...features[0],
    }))
    const link = 'app.bsky.richtext.facet#link'
    expect(shown).toEqual([
      { part: '@companion.test', $type: 'app.bsky.richtext.facet#mention', did: friend.did },
      { part: 'https://litfass.example/ä?b=1', $type: link, uri: 'https://litfass.example/ä?b=1' },
      { part: 'example.org', $type: link, uri: 'https://example.org' },
      { part: '#Säule', $type: 'app.bsky.richtext.facet#tag', tag: 'Säule' },
    ])
  })

  it('shows its images in order with alt texts and proportions', async () => {
    const { account, context, job } = await start()
    const images = [await picture(10, 'A column'), await picture(200, '')]
    const outcome = await network.publish(context, job('Two pictures', { images }))
    expect(outcome.kind).toBe('published')
    const [post] = await pds.posts(account.did)
    const embed = post?.value['embed'] as {
      images: Array<{ alt: string; image: { ref: { $link: string } } }>
    }
    expect(embed.images).toMatchObject([
      { alt: 'A column', aspectRatio: { width: 40, height: 40 } },
      { alt: '' },
    ])
    for (const [index, { image }] of embed.images.entries()) {
      const bytes = await pds.blob(account.did, image.ref.$link)
      expect(bytes.equals(Buffer.from((await images[index]?.read()) ?? []))).toBe(true)
    }
  })

  it('has a card for a link that stands beside it', async () => {
    const { account, context, job } = await start()
    await network.publish(context, job('A card', { link: 'https://www.litfass.example/a' }))
    const [post] = await pds.posts(account.did)
    expect(post?.value['embed']).toMatchObject({
      external: { uri: 'https://www.litfass.example/a', title: 'litfass.example' },
    })
  })

  it('whose answer is lost is found by its key, and never made twice', async () => {
    const { account, context, job } = await start()
    const sent = job('Lost', { images: [await picture(90, 'A column')] })
    const look = { ...sent, sentAt: new Date(), deadlineAt: new Date(), isOurs: async () => false }
    expect((await network.find(context, look)).kind).toBe('absent')
    expect((await network.publish(losing(context, 'post.create'), sent)).kind).toBe('unsure')
    const found = await network.find(context, look)
    expect(found.kind).toBe('found')
    for (let round = 0; round < 3; round += 1)
      expect(await network.publish(context, sent)).toEqual({ ...found, kind: 'published' })
    expect((await pds.posts(account.did)).length).toBe(1)
  })

  it('is one also where several attempts run at the same time', async () => {
    const { account, context, job } = await start()
    const sent = job('At once')
    const refused = { ...context, fetch: () => Promise.reject(new NoAnswer('refused', { sent: false })) }
    expect((await network.publish(refused, sent)).kind).toBe('networkDown')
    const outcomes = await Promise.all([1, 2, 3, 4].map(() => network.publish(context, sent)))
    expect(new Set(outcomes.map((outcome) => JSON.stringify(outcome))).size).toBe(1)
    expect(outcomes[0]?.kind).toBe('published')
    expect((await pds.posts(account.did)).length).toBe(1)
  })

  it('that was changed since is not written over', async () => {
    const { account, context, connected, job } = await start()
    const sent = job('Ours')
    const outcome = await network.publish(context, sent)
    const [post] = await pds.posts(account.did)
    const changed = { ...post?.value, text: 'Edited elsewhere' }
    await xrpc(pds.url, 'com.atproto.repo.putRecord', {
      token: connected.grant.accessToken,
      body: {
        repo: account.did,
        collection: 'app.bsky.feed.post',
        rkey: post?.uri.split('/').at(-1),
        record: changed,
      },
    })
    expect((await network.publish(context, sent)).kind).toBe('unsure')
    const look = { ...sent, sentAt: new Date(), deadlineAt: new Date(), isOurs: async () => false }
    expect(await network.find(context, look)).toEqual({ ...outcome, kind: 'found' })
    expect((await pds.posts(account.did)).map(({ value }) => value['text'])).toEqual(['Edited elsewhere'])
  })

  it('is removed, and removing it again does no harm', async () => {
    const { account, context, connected, job } = await start()
    const outcome = await network.publish(context, job('Gone'))
    const remoteId = outcome.kind === 'published' ? (outcome.remoteId ?? '') : ''
    for (let round = 0; round < 2; round += 1)
      expect((await network.remove(context, accessTo(connected), remoteId)).kind).toBe('removed')
    expect(await pds.posts(account.did)).toEqual([])
  })

  it('that is too long or has too large a picture is refused for its content', async () => {
    const { context, job } = await start()
    const refused = { kind: 'refused', fix: 'content' }
    expect(await network.publish(context, job('é'.repeat(301)))).toMatchObject(refused)
    expect(await network.publish(context, job('👩‍👩‍👧‍👦'.repeat(121)))).toMatchObject(refused)
    const image = await picture(1, '')
    for (const size of [2_100_000, 5_300_000]) {
      const large = { ...image, read: async () => Buffer.concat([await image.read(), Buffer.alloc(size)]) }
      expect(await network.publish(context, job('Large', { images: [large] }))).toMatchObject(refused)
    }
  })
})

describe('a first comment on a real server', () => {
  it('answers its post, and is found by its key and not made twice where the answer is lost', async () => {
    const { account, context, job } = await start()
    const { comment } = network
    const above = await network.publish(context, job('Above'))
    if (above.kind !== 'published' || above.remoteId === undefined || !comment) throw new Error('no post')
    const parent = { remoteId: above.remoteId }
    const sent = { ...job('Below: https://www.litfass.example/more'), parent }
    expect((await comment.publish(losing(context, 'comment.create'), sent)).kind).toBe('unsure')
    const look = { ...sent, sentAt: new Date(), deadlineAt: new Date(), isOurs: async () => false }
    const found = await comment.find(context, look)
    expect(found.kind).toBe('found')
    expect(await comment.publish(context, sent)).toEqual({ ...found, kind: 'published' })
    const posts = await pds.posts(account.did)
    expect(posts.length).toBe(2)
    const reply = posts.find(({ value }) => value['reply'] !== undefined)
    const ref = { uri: parent.remoteId, cid: expect.any(String) }
    expect(reply?.value['reply']).toMatchObject({ root: ref, parent: ref })
    expect(reply?.value['facets']).toHaveLength(1)
  })

  it('is refused with words where its post is gone', async () => {
    const { context, connected, job } = await start()
    const above = await network.publish(context, job('Gone soon'))
    const remoteId = above.kind === 'published' ? (above.remoteId ?? '') : ''
    await network.remove(context, accessTo(connected), remoteId)
    const sent = { ...job('Too late'), parent: { remoteId } }
    expect(await network.comment?.publish(context, sent)).toMatchObject({
      kind: 'refused',
      reason: { code: 'post_not_found' },
    })
  })
})

describe('the simulator', () => {
  it('answers as the real server does', async () => {
    const simulator = await startSimulator(createSandbox)
    const account = await pds.account('litfass.test')
    const [real, simulated] = [
      await story(pds.url, account.password),
      await story(simulator.baseUrl, 'sand-box0-pass-word'),
    ]
    expect(simulated).toEqual(real)
    await simulator.close()
  })
})

/** What one call after the other is answered with, without what differs by account and time. */
async function story(url: string, password: string) {
  const told: Array<{ what: string; status: number; body: unknown }> = []
  const ask = async (what: string, operation: string, call: XrpcCall) => {
    const answer = await xrpc(url, operation, call)
    told.push({ what, status: answer.status, body: shapeOf(answer.body) })
    return answer.body
  }
  const server = 'com.atproto.server'
  const repo = 'com.atproto.repo'
  await ask('server', `${server}.describeServer`, {})
  await ask('wrong', `${server}.createSession`, { body: { identifier: 'litfass.test', password: 'no' } })
  await ask('missing', `${server}.createSession`, { body: { identifier: 'litfass.test' } })
  const signedIn = await ask('right', `${server}.createSession`, {
    body: { identifier: 'litfass.test', password },
  })
  const token = String(signedIn.accessJwt)
  const did = String(signedIn.did)
  await ask('who', `${server}.getSession`, { token })
  await ask('nobody', `${server}.getSession`, {})
  await ask('garbage', `${server}.getSession`, { token: 'garbage' })
  await ask('handle', 'com.atproto.identity.resolveHandle', { query: { handle: 'litfass.test' } })
  await ask('no handle', 'com.atproto.identity.resolveHandle', { query: { handle: 'nobody-has-it.test' } })
  await ask('bad handle', 'com.atproto.identity.resolveHandle', { query: { handle: 'home' } })
  const image = await picture(77, '')
  const bytes = await image.read()
  const { blob } = await ask('upload', `${repo}.uploadBlob`, { token, body: bytes, type: 'image/png' })
  const large = Buffer.alloc(5_300_000)
  await ask('large', `${repo}.uploadBlob`, { token, body: large, type: 'image/png' })
  const put = (what: string, rkey: string, record: object, more: object = { swapRecord: null }) =>
    ask(what, `${repo}.putRecord`, {
      token,
      body: {
        repo: did,
        collection: 'app.bsky.feed.post',
        rkey,
        record: { $type: 'app.bsky.feed.post', createdAt: '2026-11-24T09:00:00.000Z', ...record },
        ...more,
      },
    })
  const embed = (image: object) => ({ $type: 'app.bsky.embed.images', images: [{ alt: '', image }] })
  await put('first', '3mabcdefghij2', { text: 'Hello', embed: embed(blob) })
  await put('again', '3mabcdefghij2', { text: 'Hello', embed: embed(blob) })
  // As a database may give it back.
  await put('turned round', '3mabcdefghij2', { embed: embed(blob), text: 'Hello' })
  await put('another', '3mabcdefghij2', { text: 'Other' })
  await put('over', '3mabcdefghij2', { text: 'Other' }, {})
  await put('no key', 'litfass-123', { text: 'Other' })
  await put('long', '3mabcdefghij3', { text: 'é'.repeat(301) })
  await put('bytes', '3mabcdefghij3', { text: '👩‍👩‍👧‍👦'.repeat(150) })
  await put('forgotten', '3mabcdefghij3', {
    text: 'x',
    embed: embed({ ...blob, ref: { $link: 'bafkreicysg23kiwv34eg2d7qweipxwosdo2py4ldv42nbauguluen5v6am' } }),
  })
  await ask('read', `${repo}.getRecord`, {
    query: { repo: did, collection: 'app.bsky.feed.post', rkey: '3mabcdefghij2' },
  })
  await ask('none', `${repo}.getRecord`, {
    query: { repo: did, collection: 'app.bsky.feed.post', rkey: '3mabcdefghijz' },
  })
  await ask('list', `${repo}.listRecords`, { query: { repo: did, collection: 'app.bsky.feed.post' } })
  const removal = { repo: did, collection: 'app.bsky.feed.post', rkey: '3mabcdefghij2' }
  await ask('delete', `${repo}.deleteRecord`, { token, body: removal })
  await ask('delete again', `${repo}.deleteRecord`, { token, body: removal })
  const refresh = { method: 'POST', token: String(signedIn.refreshJwt) } as const
  const renewed = await ask('renew', `${server}.refreshSession`, refresh)
  const repeated = await ask('renew again', `${server}.refreshSession`, refresh)
  told.push({ what: 'same session', status: 0, body: renewed.accessJwt === repeated.accessJwt })
  await ask('renew by access', `${server}.refreshSession`, { method: 'POST', token })
  await ask('wrong method', `${repo}.putRecord`, { token })
  await ask('end', `${server}.deleteSession`, { method: 'POST', token: String(renewed.refreshJwt) })
  await ask('nothing', `${repo}.isNotThere`, { token, body: {} })
  return told
}

/** Names and kinds of what is in an answer; refusals word for word but for ids. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf)
  if (typeof value !== 'object' || value === null) return typeof value
  const entries = Object.entries(value).map(([key, item]) => [
    key,
    key === 'error' || key === 'message'
      ? String(item).replaceAll(/did:plc:\w+|bafy\w+|bafk\w+/g, '…')
      : shapeOf(item),
  ])
  return Object.fromEntries(entries)
}
