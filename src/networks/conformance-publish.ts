/** The chapter of the suite about posts: text, link, images, address, removal, and figures. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { composed } from '#domain/composed.ts'
import { textLength } from '#domain/text.ts'
import { imageFor, lonelyImageFor } from './conformance-kit.ts'
import { unique, type World } from './conformance-world.ts'
import type { MeasureOutcome } from './contract.ts'

export function publishChapter(open: () => Promise<World>): void {
  describe('publishing', () => {
    let world: World
    beforeAll(async () => {
      world = await open()
    })
    afterAll(() => world.close())
    const wall = (text: string) => world.simulator.sandbox.wall().filter((post) => post.text.includes(text))

    it('shows a text once, with one visible intent, and finds it again', async () => {
      const { network, simulator, context } = world
      const sentAt = simulator.now()
      const text = unique('Text')
      const { outcome, job } = await world.publish({ text })
      expect(outcome).toMatchObject({ kind: 'published' })
      expect(job.steps.intents.length).toBe(1)
      expect(wall(text).length).toBe(1)
      const found = await network.find(context, {
        ...job,
        sentAt,
        deadlineAt: simulator.now(),
        isOurs: async () => false,
      })
      expect(['found', 'unknown']).toContain(found.kind)
      expect(wall(text).length).toBe(1)
    })

    it('shows the text exactly as it was written', async () => {
      const text = unique('Ümläut, "quotes" & <tags> (brackets) #column_1 @home * _ ~ | {} [] \\ 👍🏽')
      const { outcome } = await world.publish({ text })
      expect(outcome).toMatchObject({ kind: 'published' })
      expect(world.simulator.sandbox.wall().some((post) => post.text === text)).toBe(true)
    })

    it('shows a link where the definition says, as it was counted and priced', async () => {
      const { definition } = world.network
      const link = 'https://litfass.example/column'
      for (const images of [[], [imageFor(world.simulator, unique('link'))]]) {
        if (definition.needsImage && images.length === 0) continue
        const text = unique('Read')
        expect((await world.publish({ text, link, images })).outcome).toMatchObject({ kind: 'published' })
        const sent = composed({ text, link, images }, definition.linkPlacement)
        const [shown] = wall(text)
        expect(shown?.text).toBe(sent.text)
        // A network may make a card of a link in the text by itself.
        if (sent.link !== undefined) expect(shown?.link).toBe(sent.link)
        const created = world.calls.filter((call) => call.endpointClass.endsWith('post.create')).at(-1)
        if (
          definition.priceBook.entries.some((entry) => 'when' in entry && entry.when?.hasLink !== undefined)
        )
          expect(created?.hasLink).toBe(true)
      }
    })

    it('shows one image and several, with their alt texts', async () => {
      const one = imageFor(world.simulator, unique('one'), 'One column')
      const two = imageFor(world.simulator, unique('two'), 'Another column')
      const text = unique('Images')
      for (const images of [[one], [one, two]])
        expect((await world.publish({ text, images })).outcome).toMatchObject({ kind: 'published' })
      const altTexts = wall(text).map((post) => post.images.map((image) => image.altText))
      expect(altTexts).toContainEqual(['One column'])
      expect(altTexts).toContainEqual(['One column', 'Another column'])
    })

    it('takes alone what the definition says is taken alone, and no other image beside it', async () => {
      const { alone = [] } = world.network.definition.images.value
      if (alone.length === 0) return
      const one = lonelyImageFor(world.simulator, unique('alone'))
      expect(alone).toEqual([one.mimeType])
      const text = unique('Alone')
      expect((await world.publish({ text, images: [one] })).outcome).toMatchObject({ kind: 'published' })
      const beside = imageFor(world.simulator, unique('beside'))
      for (const images of [
        [one, beside],
        [beside, one],
        [one, lonelyImageFor(world.simulator, unique('second'))],
      ]) {
        const { outcome } = await world.publish({ text: unique('Not alone'), images })
        expect(outcome).toMatchObject({ kind: 'refused', fix: 'content' })
      }
      expect(wall('Not alone')).toEqual([])
    })

    it('gives the address of the post', async () => {
      const { outcome } = await world.publish({ text: unique('Address') })
      expect(outcome.kind === 'published' && outcome.url).toMatch(/^https?:\/\//)
    })

    it('removes a post where the login allows it', async () => {
      const { network, login, context } = world
      if (!network.definition.canDelete) return
      const text = unique('Gone')
      const remoteId = await publishedId(world, text)
      const removed = await network.remove(context, await world.channel(), remoteId)
      expect(removed.kind).toBe(login.canDelete === false ? 'refused' : 'removed')
      expect(wall(text).some((post) => !post.deleted)).toBe(login.canDelete === false)
    })

    it('names the content as what to fix when the text is too long', async () => {
      const rules = world.network.definition.text.value
      const text = 'é'.repeat(rules.maxLength + 1)
      expect(textLength(text, rules)).toBeGreaterThan(rules.maxLength)
      const { outcome } = await world.publish({ text })
      expect(outcome).toMatchObject({ kind: 'refused', fix: 'content' })
    })
  })

  describe('figures', () => {
    let world: World
    beforeAll(async () => {
      world = await open()
    })
    afterAll(() => world.close())

    const expectReadings = (measured: MeasureOutcome, of: 'post' | 'channel') => {
      if (measured.kind !== 'measured') throw new Error(`not measured: ${JSON.stringify(measured)}`)
      if (world.login.canMeasure === false) {
        expect(measured.readings).toEqual([])
        return
      }
      const defined = world.network.definition.metrics.value.filter((metric) => metric.of === of)
      expect(measured.readings.length).toBeGreaterThan(0)
      for (const reading of measured.readings)
        expect(defined.map((metric) => metric.name)).toContain(reading.metric)
      expect(Math.max(...measured.readings.map((reading) => reading.value))).toBeGreaterThan(0)
    }

    it('of a post grow with its audience, and what is not given is left out', async () => {
      const { network, context, simulator } = world
      const remoteId = await publishedId(world, unique('Seen'))
      const publishedAt = simulator.now()
      simulator.advance(3 * 86_400)
      const channel = await world.channel()
      expectReadings(await network.measurePost(context, channel, remoteId, publishedAt), 'post')
    })

    it('of the channel itself are read', async () => {
      const channel = await world.channel()
      expectReadings(await world.network.measureChannel(world.context, channel), 'channel')
    })
  })
}

async function publishedId(world: World, text: string): Promise<string> {
  const { outcome } = await world.publish({ text })
  if (outcome.kind !== 'published' || outcome.remoteId === undefined)
    throw new Error(`not published with an id: ${JSON.stringify(outcome)}`)
  return outcome.remoteId
}
