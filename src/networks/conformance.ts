/**
 * The one suite every network passes, against its own simulator over real HTTP.
 *
 * A network's test file calls `conformance(network, createSandbox, …)`; nothing here knows a network.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commentChapter, commentingBy, jobBelow } from './conformance-comment.ts'
import { effectiveBook, entryFor } from '#domain/prices.ts'
import { clockOf, deadlineOf, shownUntil } from '#domain/retention.ts'
import { connectChapter } from './conformance-connect.ts'
import { type ConformanceOptions, publishToEnd } from './conformance-kit.ts'
import { publishChapter } from './conformance-publish.ts'
import { troubleChapter } from './conformance-trouble.ts'
import { openWorld, unique, type World } from './conformance-world.ts'
import type { LoginMethod, Network } from './contract.ts'
import type { CreateSandbox } from './sandbox-kit.ts'

export function conformance(
  network: Network,
  createSandbox: CreateSandbox,
  options: ConformanceOptions,
): void {
  describe.each(network.definition.logins)(`${network.definition.name} by $id`, (login: LoginMethod) => {
    const open = () => openWorld(network, login, createSandbox, options)
    connectChapter(open, options)
    publishChapter(open)
    troubleChapter(open, options)
    commentChapter(open, network, login)
    callsChapter(open)
  })
  describe(`the definition of ${network.definition.name}`, () => {
    it('has a rule for every class of data that is kept, and lets none be shown beyond its clock', () => {
      const { keeps, dataTerms } = network.definition
      const classes = Object.values(keeps).flatMap((one) =>
        typeof one === 'string' ? [one] : Object.values(one),
      )
      const readAt = new Date('2027-01-01T00:00:00Z')
      for (const dataClass of classes) {
        expect(dataTerms.value.map((rule) => rule.dataClass)).toContain(dataClass)
        expect(deadlineOf(dataTerms.value, dataClass, 'request', readAt)).not.toBeNull()
        expect(deadlineOf(dataTerms.value, dataClass, 'terminated', readAt)).not.toBeNull()
        const shown = shownUntil(dataTerms.value, dataClass, readAt)
        expect(clockOf(dataTerms.value, dataClass, readAt)?.at ?? null).toEqual(shown)
      }
      for (const { since, source } of dataTerms.value) {
        expect(since).toMatch(/^\d{4}-\d{2}-\d{2}$/)
        expect(source).toMatch(/^https:\/\//)
      }
    })

    it('names every fact with its source and day', () => {
      const { text, images, quotas, dataTerms, metrics, find, version, comment, priceBook } =
        network.definition
      const ofComment = comment.value === null ? [] : [comment.value.text, comment.value.find]
      const facts: Array<{ source: string; readOn: string }> = [
        text,
        images,
        quotas,
        dataTerms,
        metrics,
        find,
        comment,
        ...ofComment,
      ]
      facts.push(...priceBook.entries)
      if (version) facts.push(version)
      for (const fact of facts) {
        expect(fact.source).toMatch(/\S/)
        expect(fact.readOn).toMatch(/^\d{4}-\d{2}-\d{2}$/)
      }
    })
  })
}

/** Every call of a first comment, where there are such. */
async function commentOnce(world: World): Promise<void> {
  const { network, login, context, simulator } = world
  const commenting = commentingBy(network, login)
  if (commenting === null) return
  const { verbs } = commenting
  const job = await jobBelow(world, unique('Comment calls'))
  const outcome = await publishToEnd({ publish: () => verbs.publish(context, job) }, context, job, simulator)
  const sentAt = simulator.now()
  await verbs.find(context, { ...job, sentAt, deadlineAt: sentAt, isOurs: async () => false })
  const remoteId = outcome.kind === 'published' ? (outcome.remoteId ?? '') : ''
  await verbs.remove(context, job.channel, remoteId, job.parent)
}

/** What the ledger and the meter are told of each call. */
function callsChapter(open: () => Promise<World>): void {
  describe('every call', () => {
    let world: World
    beforeAll(async () => {
      world = await open()
      const { network, context, simulator } = world
      const { outcome, job } = await world.publish({ text: unique('Calls') })
      const remoteId = outcome.kind === 'published' ? (outcome.remoteId ?? '') : ''
      await network.check(context, job.channel)
      await network.measurePost(context, job.channel, remoteId, simulator.now())
      await network.measureChannel(context, job.channel)
      await commentOnce(world)
      await network.remove(context, job.channel, remoteId)
    })
    afterAll(() => world.close())

    it('says which kind of data comes back, and the definition has terms for it', () => {
      const known = world.network.definition.dataTerms.value.map((term) => term.dataClass)
      const named = new Set(world.calls.map((call) => call.dataClass))
      named.delete('none')
      for (const dataClass of named) expect(known).toContain(dataClass)
    })

    it('is in the price book, be it with a price that is not known', () => {
      const { entries } = world.network.definition.priceBook
      const named = new Set(entries.flatMap((entry) => ('calls' in entry ? entry.calls : [])))
      for (const { endpointClass } of world.calls) expect([...named]).toContain(endpointClass)
    })

    it('says how many items may come back, where each of them costs', () => {
      const book = effectiveBook(world.network.definition.priceBook)
      const on = world.simulator.now().toISOString().slice(0, 10)
      for (const { endpointClass, mostItems } of world.calls) {
        const entry = entryFor(book, { plan: book.defaultPlan, endpointClass, on })
        if (entry?.unit === 'item' && Number(entry.price) > 0)
          expect({ endpointClass, mostItems }).toEqual({ endpointClass, mostItems: expect.any(Number) })
      }
    })

    it('carries its token to hosts of the network only', () => {
      const { apiUrl, uploadUrl, tokenUrl } = world.hosts
      const own = [apiUrl, uploadUrl, tokenUrl].filter((url) => url !== '').map((url) => new URL(url).host)
      for (const { url } of world.calls) expect(own).toContain(new URL(url).host)
    })
  })
}
