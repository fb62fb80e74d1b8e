/** Figures from the network's own public view, which counts what other people did. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freshServerDatabase } from '#test/support/databases.ts'
import { startAppView, startPds, type TestPds, xrpc } from '#test/support/pds.ts'
import { accessTo, memorySteps } from '../conformance-kit.ts'
import type { LoginMethod, MeasureOutcome, VerbContext } from '../contract.ts'
import { createMeteredFetch, unmetered } from '../metered-fetch.ts'
import { definition } from './definition.ts'
import { network } from './network.ts'

const login = definition.logins[0] as LoginMethod
let pds: TestPds
let view: Awaited<ReturnType<typeof startAppView>>
let context: VerbContext
beforeAll(async () => {
  pds = await startPds()
  view = await startAppView(pds, await freshServerDatabase())
  context = {
    login,
    hosts: { ...login.hosts, apiUrl: pds.url, uploadUrl: pds.url, readUrl: view.url },
    version: '',
    fetch: createMeteredFetch(unmetered),
    now: () => new Date(),
    app: async () => null,
  }
})
afterAll(async () => {
  await view.close()
  await pds.close()
})

/** Somebody else, who writes records as any client does. */
async function passerBy() {
  const account = await pds.account('passerby.test')
  const { body: session } = await xrpc(pds.url, 'com.atproto.server.createSession', {
    body: { identifier: account.handle, password: account.password },
  })
  return async (collection: string, record: object) => {
    const createdAt = new Date().toISOString()
    const body = { repo: account.did, collection, record: { $type: collection, createdAt, ...record } }
    const answer = await xrpc(pds.url, 'com.atproto.repo.createRecord', { token: session.accessJwt, body })
    expect(answer.status).toBe(200)
  }
}

function figures(outcome: MeasureOutcome): unknown {
  if (outcome.kind !== 'measured') return outcome.kind
  return Object.fromEntries(outcome.readings.map(({ metric, value }) => [metric, value]))
}

describe('the figures of a post and of its account', () => {
  it('are what other people did, and end when the post is deleted', async () => {
    const account = await pds.account('columnist.test')
    const connected = await network.signIn?.(context, { handle: account.handle, password: account.password })
    if (!connected) throw new Error('not connected')
    const channel = accessTo(connected)
    const job = { channel, payload: { text: 'Count me', images: [] }, steps: memorySteps() }
    const outcome = await network.publish(context, job)
    const uri = outcome.kind === 'published' ? (outcome.remoteId ?? '') : ''
    const [record] = await pds.posts(account.did)
    const post = { uri, cid: record?.cid }
    const write = await passerBy()
    await write('app.bsky.feed.like', { subject: post })
    await write('app.bsky.feed.repost', { subject: post })
    await write('app.bsky.feed.post', { text: 'An answer', reply: { root: post, parent: post } })
    await write('app.bsky.feed.post', {
      text: 'A quote',
      embed: { $type: 'app.bsky.embed.record', record: post },
    })
    await write('app.bsky.graph.follow', { subject: account.did })

    const measured = async () => figures(await network.measurePost(context, channel, uri, new Date()))
    const all = { likes: 1, shares: 1, comments: 1, quotes: 1, bookmarks: 0 }
    await expect.poll(measured, { timeout: 15_000 }).toEqual(all)
    const followed = async () => figures(await network.measureChannel(context, channel))
    await expect.poll(followed, { timeout: 15_000 }).toEqual({ followers: 1 })

    await network.remove(context, channel, uri)
    await expect.poll(measured, { timeout: 15_000 }).toBe('gone')
  })
})
