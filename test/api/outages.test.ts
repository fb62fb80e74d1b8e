/** A network goes out of order under a whole product with ten accounts, and comes back. */
import { request } from 'undici'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { addSandbox } from '#app/connecting.ts'
import { checkNetworks } from '#cli/doctor/networks.ts'
import { consentAnswerUrl } from '#networks/sandbox-kit.ts'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'

const minute = 60_000
let product: TestProduct
let channelIds: string[] = []
let offset = 0

beforeAll(async () => {
  product = await startTestProduct({ now: () => new Date(Date.now() + offset) })
  for (let number = 0; number < 10; number += 1) await connect(`account${number}`)
  const { body } = await product.call('GET', '/channels')
  channelIds = body.items.map((channel: { id: string }) => channel.id)
  expect(channelIds).toHaveLength(10)
})
afterAll(() => product.close())
afterEach(async () => {
  await sandbox('PUT', '/faults', [])
})

/** The simulator of X knows as many accounts as are asked for. */
async function connect(account: string): Promise<void> {
  const { workspaceId, ownerId: memberId } = product
  await addSandbox(product.product.system, { workspaceId, memberId, role: 'owner' }, 'x', async (url) => {
    const page = await request(url)
    const answer = consentAnswerUrl(await page.body.text(), url, 'allow')
    if (answer === null) throw new Error('the consent page has no form')
    const chosen = new URL(answer)
    chosen.searchParams.set('account', account)
    const given = await request(chosen)
    await given.body.dump()
    return { code: new URL(String(given.headers['location'])).searchParams.get('code') ?? '' }
  })
}

async function sandbox(method: string, path: string, body?: unknown) {
  const answer = await product.fetch(`/_sandbox${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  expect(answer.status).toBe(200)
  return answer.json() as Promise<{ items: Array<{ text: string; channelRemoteId: string }> }>
}

type Delivery = {
  state: string
  holdReason: string | null
  attempts: number
  reason: { code: string } | null
}
const publish = async (text: string): Promise<string> =>
  (await product.call('POST', '/posts', { body: { text, channelIds } })).body.id
const deliveries = async (id: string): Promise<Delivery[]> =>
  (await product.call('GET', `/posts/${id}`)).body.deliveries
type Notice = { kind: string; message: string }
/** Open ones; that its clock jumps makes the worker seem silent, which is none of the network's. */
const notices = async (): Promise<Notice[]> =>
  (await product.call('GET', '/notices?open=true')).body.items.filter(
    (notice: Notice) => notice.kind !== 'worker-silent',
  )
const states = async () =>
  new Set((await product.call('GET', '/connections')).body.items.map((one: { state: string }) => one.state))
const live = async (text: string) =>
  (await sandbox('GET', '/wall?network=x&limit=200')).items.filter((post) => post.text === text)

/** `seconds` pass between two looks. */
async function until(what: () => Promise<boolean>, seconds = 0): Promise<void> {
  const look = async () => {
    offset += seconds * 1_000
    return what()
  }
  await expect.poll(look, { timeout: 60_000, interval: 200 }).toBe(true)
}
const allWait = async (id: string) => (await deliveries(id)).every((one) => one.holdReason === 'breaker')
const allLive = async (id: string) => (await deliveries(id)).every((one) => one.state === 'published')

/** Time passes in steps, so that whatever is tried in between is tried. */
async function pass(minutes: number): Promise<void> {
  for (let step = 0; step < 10; step += 1) {
    offset += (minutes * minute) / 10
    await new Promise((resolve) => setTimeout(resolve, 1_200))
  }
}

describe('ten accounts of a network that does not answer', { timeout: 180_000 }, () => {
  it('wait with one notice for all, and everything goes out once when it answers again', async () => {
    await sandbox('PUT', '/faults', [{ network: 'x', fault: 'outage' }])
    const sent = await publish('Sent into the outage')
    await until(() => allWait(sent))
    const later = await publish('Due in the outage')
    await until(() => allWait(later))
    await pass(60)

    await until(async () => (await allWait(sent)) && (await allWait(later)))
    const codes = (await deliveries(later)).map((one) => one.reason?.code)
    expect(codes).toEqual(Array(10).fill('network_outage'))
    const open = await notices()
    expect(open.map((notice) => notice.kind)).toEqual(['network-outage'])
    expect(open[0]?.message).toMatch(
      /^X has not answered as it should since \d{4}-\d\d-\d\d \d\d:\d\d UTC\.$/,
    )
    expect(await states()).toEqual(new Set(['active']))
    const { body: listed } = await product.call('GET', '/connections')
    expect(listed.items[0].outages).toContainEqual({
      ability: 'publish',
      cause: 'down',
      since: expect.any(String),
    })
    const ready = (await (await product.fetch('/readyz')).json()) as { ok: boolean; outages: unknown[] }
    expect(ready.ok).toBe(true)
    expect(ready.outages).toContainEqual(
      expect.objectContaining({ network: 'x', sandbox: true, ability: 'publish' }),
    )
    expect(await checkNetworks(product.url)).toMatchObject({
      state: 'warn',
      message: expect.stringContaining('x in the sandbox (publish, since '),
    })
    expect(await (await product.fetch('/metrics')).text()).toContain(
      'litfass_network_outages{network="x",ability="publish"} 1',
    )

    await sandbox('PUT', '/faults', [])
    offset += 7 * minute
    await until(async () => (await allLive(sent)) && (await allLive(later)), 5)
    for (const text of ['Sent into the outage', 'Due in the outage']) {
      const posts = await live(text)
      expect(posts).toHaveLength(10)
      expect(new Set(posts.map((post) => post.channelRemoteId)).size).toBe(10)
    }
    expect(await checkNetworks(product.url)).toMatchObject({ state: 'ok' })
    expect(await notices()).toEqual([])
    const { body } = await product.call('GET', '/notices')
    const ended = body.items.filter((notice: Notice) => notice.kind !== 'worker-silent')
    expect(ended).toEqual([
      expect.objectContaining({
        kind: 'network-outage',
        message: expect.stringMatching(/It works again since .* UTC\.$/),
      }),
    ])
  })

  it('stay connected while it refuses the access of all', async () => {
    await sandbox('PUT', '/faults', [{ network: 'x', fault: 'unauthorised', times: 'always' }])
    const id = await publish('Refused to all')
    await until(() => allWait(id))
    // Long enough for every access to end, so that renewing is refused too.
    await pass(180)
    await until(() => allWait(id))
    expect(await states()).toEqual(new Set(['active']))
    expect((await notices()).map((notice) => notice.kind)).toEqual(['network-outage'])

    await sandbox('PUT', '/faults', [])
    offset += 7 * minute
    await until(() => allLive(id), 5)
    expect(await live('Refused to all')).toHaveLength(10)
    expect(await states()).toEqual(new Set(['active']))
    expect(await notices()).toEqual([])
  })
})
