/** The suite of all networks on the simulator, and what is special to Bluesky and needs no server. */
import { describe, expect, it } from 'vitest'
import { conformance } from '../conformance.ts'
import {
  accessTo,
  connectSandbox,
  contextFor,
  imageFor,
  memorySteps,
  startSimulator,
} from '../conformance-kit.ts'
import type { LoginMethod, VerbContext } from '../contract.ts'
import type { Answer, Call } from '../metered-fetch.ts'
import { definition } from './definition.ts'
import { troubleOf } from './errors.ts'
import { facetsOf, handlesIn } from './facets.ts'
import refusals from './fixtures/refusals.json' with { type: 'json' }
import { network } from './network.ts'
import { createSandbox, sandboxHosts } from './sandbox.ts'
import { graceMs } from './sandbox-session.ts'
import { isTid, tid } from './tid.ts'

conformance(network, createSandbox, { sandboxHosts, refreshGraceSeconds: graceMs / 1_000 })

const login = definition.logins[0] as LoginMethod

async function start() {
  const simulator = await startSimulator(createSandbox)
  const calls: Call[] = []
  const hosts = sandboxHosts(login, simulator.baseUrl)
  const context = contextFor(network, login, hosts, simulator, (call) => calls.push(call))
  const connected = await connectSandbox(network, login, context)
  const job = (text: string) => ({
    channel: accessTo(connected),
    payload: { text, images: [imageFor(simulator, 'a')] },
    steps: memorySteps(),
  })
  return { simulator, context, connected, calls, job }
}

describe('a refusal', () => {
  it.each(refusals.refusals)('of $what is $outcome', ({ status, headers, body, outcome }) => {
    const now = new Date('2026-11-24T09:55:00Z')
    const answer: Answer = {
      status,
      headers: headers ?? {},
      text: '',
      json: body,
    }
    const trouble = troubleOf(answer, now)
    const isFinal = trouble.kind === 'refused' || trouble.kind === 'throttled'
    expect(`${trouble.kind}${isFinal ? ` ${trouble.reason.code}` : ''}`).toBe(outcome)
    if (trouble.kind === 'throttled') expect(trouble.until).toEqual(new Date(1_795_514_397_000 + 2_000))
  })

  it('without words the network is known for is no reason to blame the post', () => {
    const answer = { status: 404, headers: {}, text: '<html>', json: undefined }
    expect(troubleOf(answer, new Date()).kind).toBe('down')
  })
})

describe('a record key', () => {
  it('is one the network takes, sorts by time and tells clocks apart', () => {
    const now = new Date('2026-11-24T09:00:00Z')
    const keys = [tid(now, 0, 0), tid(now, 0, 1), tid(now, 1, 0), tid(new Date(now.getTime() + 1), 0, 0)]
    expect(keys.every(isTid)).toBe(true)
    expect(keys.toSorted()).toEqual(keys)
    expect(new Set(keys).size).toBe(keys.length)
    // As the author's own library writes this instant.
    expect(tid(new Date('2023-01-01T00:00:00Z'), 0, 0)).toBe(asLibraryWrites('2023-01-01T00:00:00Z'))
  })
})

/** By arithmetic on the number itself, as @atproto/common-web 0.4 does: microseconds, then the clock. */
function asLibraryWrites(instant: string): string {
  const alphabet = '234567abcdefghijklmnopqrstuvwxyz'
  let rest = Date.parse(instant) * 1_000
  let key = ''
  while (rest > 0) {
    key = alphabet.charAt(rest % 32) + key
    rest = Math.floor(rest / 32)
  }
  return `${key}22`
}

describe('what works in a text', () => {
  const parts = (text: string, dids = {}) =>
    facetsOf(text, dids).map(({ index }) =>
      Buffer.from(text).subarray(index.byteStart, index.byteEnd).toString('utf8'),
    )

  it.each([
    ['#Säule, #2026 #a_b. (#no) x#no #️⃣ #👍', ['#Säule', '#a_b', '#👍']],
    [
      'mail@example.org and https://a.de/#no twice https://a.de/#no',
      ['https://a.de/#no', 'https://a.de/#no'],
    ],
    ['👋 a.de', ['a.de']],
    ['#' + 'a'.repeat(65), []],
  ])('of %j is %j', (text, expected) => {
    expect(parts(text)).toEqual(expected)
  })

  it('are mentions only of handles somebody has', () => {
    const text = '@a.test @b.test. (@a.test) x@a.test @home @A.test'
    expect(handlesIn(text)).toEqual(['a.test', 'b.test'])
    expect(parts(text, { 'a.test': 'did:plc:a' })).toEqual(['@a.test', '@a.test', '@A.test'])
  })
})

describe('images', () => {
  it('that the server has forgotten are uploaded once more, and the post keeps its key', async () => {
    const { simulator, context, calls, job } = await start()
    const sent = job('Forgotten')
    const forgetful: VerbContext = {
      ...context,
      fetch: async (call) => {
        if (call.endpointClass !== 'post.create') return context.fetch(call)
        return { status: 400, headers: {}, text: '', json: { error: 'BlobNotFound', message: 'no blob' } }
      },
    }
    expect((await network.publish(forgetful, sent)).kind).toBe('processing')
    const key = sent.steps.memory.get('record-key')
    expect((await network.publish(context, sent)).kind).toBe('published')
    expect(sent.steps.memory.get('record-key')).toBe(key)
    expect(calls.filter(({ endpointClass }) => endpointClass === 'media.upload').length).toBe(2)
    const other = job('Forgotten again')
    await network.publish(forgetful, other)
    expect((await network.publish(forgetful, other)).kind).toBe('networkDown')
    await simulator.close()
  })
})

describe('figures', () => {
  it('come later where the public view has no word of the post yet, and end where it is gone', async () => {
    const { simulator, context, connected, job } = await start()
    const outcome = await network.publish(context, job('Late'))
    const remoteId = outcome.kind === 'published' ? (outcome.remoteId ?? '') : ''
    const channel = accessTo(connected)
    const blind: VerbContext = {
      ...context,
      fetch: async (call) =>
        call.endpointClass === 'post.figures'
          ? { status: 200, headers: {}, text: '', json: { posts: [] } }
          : context.fetch(call),
    }
    expect((await network.measurePost(blind, channel, remoteId, simulator.now())).kind).toBe('later')
    await network.remove(context, channel, remoteId)
    expect((await network.measurePost(context, channel, remoteId, simulator.now())).kind).toBe('gone')
    await simulator.close()
  })
})

describe('an account that lives elsewhere', () => {
  it('is signed in, renewed and read at its own server', async () => {
    const { simulator, context, calls } = await start()
    const away = { ...context, hosts: { ...context.hosts, apiUrl: 'http://127.0.0.1:9' } }
    calls.length = 0
    const fields = { handle: 'cafe.litfass.test', password: 'sand-box0-pass-word', server: simulator.baseUrl }
    const connected = await network.signIn?.(away, fields)
    expect(connected?.grant.apiUrl).toBe(simulator.baseUrl)
    if (!connected) throw new Error('not connected')
    const outcome = await network.refresh(away, connected.grant, { clientId: '', clientSecret: '' })
    expect(outcome).toMatchObject({ kind: 'refreshed', grant: { apiUrl: simulator.baseUrl } })
    expect(new Set(calls.map(({ url }) => new URL(url).origin))).toEqual(new Set([simulator.baseUrl]))
    await simulator.close()
  })
})
