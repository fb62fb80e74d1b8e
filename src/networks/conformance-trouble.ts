/** The chapter of the suite about trouble: lost answers, dead tokens, limits, and every refusal there is. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PublishOutcome } from '#domain/delivery.ts'
import { type ConformanceOptions, memorySteps, publishToEnd } from './conformance-kit.ts'
import { answerOf, meeting, requestOf, unique, type World } from './conformance-world.ts'
import { NoAnswer } from './metered-fetch.ts'
import type { RefusalKind, SandboxRequest, SandboxResponse } from './sandbox-kit.ts'

export function troubleChapter(open: () => Promise<World>, options: ConformanceOptions): void {
  describe('trouble', () => {
    let world: World
    beforeAll(async () => {
      world = await open()
    })
    afterAll(() => world.close())

    it('is unsure, never refused, when the answer to the visible request is lost', async () => {
      const { network, simulator } = world
      const text = unique('Lost')
      const losing = meeting(world, memorySteps(), async (_call, send) => {
        await send()
        throw new NoAnswer('the answer was lost', { sent: true })
      })
      const job = await world.jobFor({ text }, losing.steps)
      const sentAt = simulator.now()
      expect((await publishToEnd(network, losing.context, job, simulator)).kind).toBe('unsure')
      simulator.advance(5)
      const found = await network.find(world.context, {
        ...job,
        sentAt,
        deadlineAt: simulator.now(),
        isOurs: async () => false,
      })
      expect(found.kind).toBe('found')
      expect(simulator.sandbox.wall().filter((post) => post.text === text).length).toBe(1)
    })

    it('is a network that is down when nothing was sent', async () => {
      const silent = meeting(world, memorySteps(), () =>
        Promise.reject(new NoAnswer('no connection', { sent: false })),
      )
      const job = await world.jobFor({ text: unique('Unsent') }, silent.steps)
      const outcome = await publishToEnd(world.network, silent.context, job, world.simulator)
      expect(outcome.kind).toBe('networkDown')
    })

    it('waits where a limit is reached, and goes on after it', async () => {
      const { simulator } = world
      const text = unique('Enough')
      simulator.sandbox.setQuota(0)
      const { outcome } = await world.publish({ text })
      simulator.sandbox.setQuota(null)
      if (outcome.kind !== 'throttled') throw new Error(JSON.stringify(outcome))
      expect(outcome.until.getTime()).toBeGreaterThan(simulator.now().getTime())
      expect(outcome.reason.message).toMatch(/\S/)
      expect(simulator.sandbox.wall().some((post) => post.text === text)).toBe(false)
      expect((await world.publish({ text })).outcome).toMatchObject({ kind: 'published' })
    })

    it('has words for every refusal of the network, and takes none for a success', async () => {
      const { sandbox } = world.simulator
      expect(Object.keys(sandbox.errors).length).toBeGreaterThan(5)
      for (const [id, error] of Object.entries(sandbox.errors)) {
        const outcome = await outcomeWhere(world, error.answer)
        expect({ id, kind: outcome.kind }).not.toEqual({ id, kind: 'published' })
        expect({ id, words: wordsOf(outcome) }).toEqual({
          id,
          words: expect.stringMatching(/^\S+: \S.*\.$/s),
        })
      }
    })

    it('waits, looks again or looks for the post when the network is full or broken', async () => {
      const { sandbox } = world.simulator
      const kinds = async (kind: RefusalKind) =>
        (await outcomeWhere(world, (request) => sandbox.refuse(kind, request))).kind
      expect(await kinds('throttled')).toBe('throttled')
      expect(await kinds('server-error')).toBe('unsure')
      expect(['unsure', 'networkDown', 'throttled']).toContain(await kinds('outage'))
    })

    it.each<RefusalKind>(['withdrawn-network', 'withdrawn-ability', 'withdrawn-version'])(
      'does not blame the post for %s',
      async (kind) => {
        const { sandbox } = world.simulator
        const outcome = await outcomeWhere(world, (request) => sandbox.refuse(kind, request))
        expect(outcome.kind).not.toBe('published')
        if (outcome.kind === 'refused') expect(outcome.fix).not.toBe('content')
      },
    )
  })

  describe('a dead token', () => {
    it('asks to re-authorise, after it was alive', async () => {
      const world = await open()
      try {
        world.simulator.advance(3_600)
        const job = await world.jobFor({ text: 'Dead token' })
        world.simulator.sandbox.killTokens()
        if (options.doubtsFirst401 === true) {
          const first = await world.network.publish(world.context, job)
          expect(first.kind).toBe('processing')
        }
        const outcome = await publishToEnd(world.network, world.context, job, world.simulator)
        expect(outcome).toMatchObject({ kind: 'refused', fix: 'reauthorise' })
        const checks = await world.network.check(world.context, job.channel)
        expect(checks.filter((check) => !check.ok && check.remedy !== undefined).length).toBeGreaterThan(0)
      } finally {
        await world.close()
      }
    })
  })
}

/** What becomes of a post whose visible request is answered like this, and is never sent. */
async function outcomeWhere(
  world: World,
  answer: (request: SandboxRequest) => SandboxResponse,
): Promise<PublishOutcome> {
  const met = meeting(world, memorySteps(), async (call) =>
    answerOf(answer(requestOf(call, world.simulator.baseUrl))),
  )
  const job = await world.jobFor({ text: unique('Refused') }, met.steps)
  return publishToEnd(world.network, met.context, job, world.simulator, 4)
}

/** `processing` says nothing, because nothing is wrong yet. */
function wordsOf(outcome: PublishOutcome): string {
  return 'reason' in outcome ? `${outcome.reason.code}: ${outcome.reason.message}` : 'processing: It goes on.'
}
