/** The chapter of the suite about first comments: once, found again after a lost answer, and never the post's fate. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { memorySteps, publishToEnd } from './conformance-kit.ts'
import { answerOf, meeting, requestOf, unique, type World } from './conformance-world.ts'
import type { CommentJob, CommentRules, CommentVerbs, LoginMethod, Network, Steps } from './contract.ts'
import { NoAnswer } from './metered-fetch.ts'

type Commenting = { rules: CommentRules; verbs: CommentVerbs }

/** What a network offers by this login, or null. */
export function commentingBy(network: Network, login: LoginMethod): Commenting | null {
  const rules = network.definition.comment.value
  if (rules === null || login.canComment === false) return null
  if (network.comment === undefined) throw new Error('first comments are offered, but there is no verb')
  return { rules, verbs: network.comment }
}

export function commentChapter(open: () => Promise<World>, network: Network, login: LoginMethod): void {
  const commenting = commentingBy(network, login)
  if (commenting === null) return
  const { rules, verbs } = commenting
  describe('the first comment', () => {
    let world: World
    beforeAll(async () => {
      world = await open()
    })
    afterAll(() => world.close())

    const run = (job: CommentJob, context = world.context) =>
      publishToEnd({ publish: () => verbs.publish(context, job) }, context, job, world.simulator)
    const below = (job: CommentJob) => world.simulator.sandbox.post(job.parent.remoteId)?.comments ?? []

    it('stands once below its post, and is no post of its own', async () => {
      const job = await jobBelow(world, unique('Further reading'))
      const posts = world.simulator.sandbox.wall().length
      const outcome = await run(job)
      expect(outcome).toMatchObject({ kind: 'published', remoteId: expect.stringMatching(/\S/) })
      expect(below(job)).toMatchObject([{ text: job.payload.text, deleted: false }])
      expect(world.simulator.sandbox.wall().length).toBe(posts)
    })

    it('is found after its answer was lost, and not made twice', async () => {
      const job = await jobBelow(world, unique('Lost comment'))
      const losing = meeting(world, job.steps, async (_call, send) => {
        await send()
        throw new NoAnswer('the answer was lost', { sent: true })
      })
      const sentAt = world.simulator.now()
      expect((await run({ ...job, steps: losing.steps }, losing.context)).kind).toBe('unsure')
      world.simulator.advance(5)
      const found = await verbs.find(world.context, looking(world, job, sentAt))
      expect(found.kind).toBe('found')
      expect(below(job).length).toBe(1)
    })

    it('is missed where it never arrived, and then sent again', async () => {
      const job = await jobBelow(world, unique('Never left'))
      const losing = meeting(world, job.steps, () =>
        Promise.reject(new NoAnswer('the connection was reset', { sent: true })),
      )
      const sentAt = world.simulator.now()
      expect((await run({ ...job, steps: losing.steps }, losing.context)).kind).toBe('unsure')
      world.simulator.advance(60)
      expect((await verbs.find(world.context, looking(world, job, sentAt))).kind).toBe('absent')
      expect((await run(job)).kind).toBe('published')
      expect(below(job).length).toBe(1)
    })

    it('is not taken for a post that says the same', async () => {
      const text = unique('Twin')
      const { job: post } = await world.publish({ text })
      const wanted = { ...post, steps: memorySteps() }
      const job = await jobBelow(world, text)
      const outcome = await run(job)
      const sentAt = world.simulator.now()
      const looked = { ...wanted, sentAt, deadlineAt: sentAt, isOurs: async () => false }
      const found = await network.find(world.context, looked)
      const id = outcome.kind === 'published' ? outcome.remoteId : undefined
      expect(found.kind === 'found' && found.remoteId === id).toBe(false)
    })

    it('is refused with words, and its post stays as it is', async () => {
      const { sandbox } = world.simulator
      const job = await jobBelow(world, unique('Refused comment'))
      const met = meeting(world, job.steps, async (call) =>
        answerOf(sandbox.refuse('withdrawn-ability', requestOf(call, world.simulator.baseUrl))),
      )
      const outcome = await run({ ...job, steps: met.steps }, met.context)
      expect(outcome.kind).not.toBe('published')
      expect(sandbox.post(job.parent.remoteId)).toMatchObject({ deleted: false, comments: [] })
    })

    it('has the length the definition states, and one more is refused', async () => {
      const { maxLength } = rules.text.value
      const longest = await jobBelow(world, unique('Long').padEnd(maxLength, 'a'))
      expect((await run(longest)).kind).toBe('published')
      const tooLong = await jobBelow(world, `${longest.payload.text}a`)
      expect(await run(tooLong)).toMatchObject({ kind: 'refused', fix: 'content' })
      expect(below(tooLong)).toEqual([])
    })

    it('is taken back alone, and its post stays', async () => {
      const job = await jobBelow(world, unique('Taken back'))
      const outcome = await run(job)
      const remoteId = outcome.kind === 'published' ? (outcome.remoteId ?? '') : ''
      const removed = await verbs.remove(world.context, job.channel, remoteId, job.parent)
      expect(removed.kind).toBe('removed')
      expect(below(job)).toMatchObject([{ deleted: true }])
      expect(world.simulator.sandbox.post(job.parent.remoteId)?.deleted).toBe(false)
    })
  })
}

/** A comment below a post that was just published. */
export async function jobBelow(
  world: World,
  text: string,
  steps: Steps = memorySteps(),
): Promise<CommentJob> {
  const { outcome } = await world.publish({ text: unique('Above') })
  if (outcome.kind !== 'published' || outcome.remoteId === undefined)
    throw new Error(`not published with an id: ${JSON.stringify(outcome)}`)
  const { remoteId } = outcome
  return { channel: await world.channel(), payload: { text, images: [] }, steps, parent: { remoteId } }
}

function looking(world: World, job: CommentJob, sentAt: Date) {
  return { ...job, sentAt, deadlineAt: world.simulator.now(), isOurs: async () => false }
}
