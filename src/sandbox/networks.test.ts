import { request } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { everyLogin, jpeg, startWorld, type SandboxWorld } from '#test/support/sandbox-world.ts'

let world: SandboxWorld
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.close())

const order = async (...rules: object[]) => {
  const answer = await request(`${world.server.url}/_sandbox/faults`, {
    method: 'PUT',
    body: JSON.stringify(rules),
  })
  expect({ status: answer.statusCode, text: await answer.body.text() }).toMatchObject({ status: 200 })
}

describe.each(everyLogin)('a post made by $login.id', ({ network, login }) => {
  const { id } = network.definition

  it('opens at its address with its text and picture, without a key, until it is deleted', async () => {
    const { context, job: jobOf } = await world.connect(network, login)
    const job = jobOf(`By ${login.id}\nin two lines`)
    const outcome = await world.publish(network, context, job)
    if (outcome.kind !== 'published') throw new Error(JSON.stringify(outcome))
    const page = await request(outcome.url ?? '')
    const html = await page.body.text()
    expect(page.statusCode).toBe(200)
    expect(html).toContain(job.payload.text)
    const picture = await request(`${world.server.url}${/<img src="([^"]+)" alt="A column"/.exec(html)?.[1]}`)
    expect(Buffer.from(await picture.body.arrayBuffer()).equals(jpeg)).toBe(true)

    const [shown] = world.server.host.mounts.get(id)?.network.wall().slice(-1) ?? []
    expect(shown).toMatchObject({ remoteId: outcome.remoteId, url: outcome.url })
    const removed = await network.remove(context, job.channel, outcome.remoteId ?? '')
    if (removed.kind !== 'removed') return
    const gone = await request(outcome.url ?? '')
    await gone.body.dump()
    expect(gone.statusCode).toBe(404)
  })

  it.each([{ fault: 'lost-after' }, { fault: 'cut-body' }, { fault: 'server-error-after', status: 500 }])(
    'is unsure after $fault, and found where it is live',
    async (fault) => {
      const { context, job: jobOf } = await world.connect(network, login)
      const job = jobOf(`Made by ${login.id} before ${fault.fault}`)
      await order({ network: id, match: { effect: 'publish' }, ...fault })
      const sentAt = world.server.host.clock.now()
      expect((await world.publish(network, context, job)).kind).toBe('unsure')
      await order()
      world.server.host.clock.change({ at: new Date(context.now().getTime() + 5_000).toISOString() })
      const find = { ...job, sentAt, deadlineAt: context.now(), isOurs: async () => false }
      expect((await network.find(context, find)).kind).toBe('found')
      const twins = world.server.host.mounts.get(id)?.network.wall() ?? []
      expect(twins.filter((post) => post.text === job.payload.text).length).toBe(1)
    },
  )

  it('waits while the network says that calls are too many', async () => {
    const { context, job } = await world.connect(network, login)
    await order({ network: id, fault: 'throttled', times: 'always' })
    expect((await world.publish(network, context, job('Too many'))).kind).toBe('throttled')
    await order()
  })

  it('asks to connect again when the account took its consent back, and not for another account', async () => {
    const { context, connected, job } = await world.connect(network, login)
    await order({ network: id, fault: 'token-death', account: 'somebody-else' })
    expect((await world.publish(network, context, job(`Alive by ${login.id}`))).kind).toBe('published')
    await order({ network: id, fault: 'token-death', account: connected.account.remoteId })
    world.server.host.clock.change({ at: new Date(context.now().getTime() + 600_000).toISOString() })
    const outcome = await world.publish(network, context, job('Dead'))
    expect(outcome).toMatchObject({ kind: 'refused', fix: 'reauthorise' })
    await order()
  })

  it('does not go out after the network withdrew', async () => {
    const { context, job } = await world.connect(network, login)
    for (const of of ['network', 'ability'] as const) {
      await order({ network: id, fault: 'withdrawal', of })
      expect(['refused', 'throttled', 'networkDown', 'unsure']).toContain(
        (await world.publish(network, context, job(`After the end of ${of}`))).kind,
      )
      await order()
    }
    const wall = world.server.host.mounts.get(id)?.network.wall() ?? []
    expect(wall.filter((post) => post.text.startsWith('After the end'))).toEqual([])
  })
})
