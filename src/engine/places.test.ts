/** One slow thing delays nobody. The network of these tests answers an upload when it is told to. */
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { backends, type TestDatabase } from '#test/support/databases.ts'
import { fillStage, scheduleOn, stage, start } from '#test/support/stage.ts'
import type { DispatcherOptions } from './dispatch.ts'
import { createPlaces } from './places.ts'
import { createPlan } from './plan.ts'

const namesOf = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `chn_${prefix}${index}`)
const slowChannels = namesOf('slow', 40)
const quickChannels = namesOf('quick', 20)

describe.each(backends)('a slow upload, on the $name database,', ({ open }) => {
  let test: TestDatabase
  beforeAll(async () => {
    test = await open()
    await fillStage(test.database.db, 'wsp_1', [...slowChannels, ...quickChannels])
  })
  afterAll(() => test.close())
  beforeEach(() => sql`delete from delivery`.execute(test.database.db))

  const scheduleAll = async (channelIds: readonly string[], count: number, dueAt: Date, text: string) => {
    for (let index = 0; index < count; index += 1)
      await scheduleOn(
        test.database.db,
        'wsp_1',
        channelIds[index % channelIds.length] ?? '',
        dueAt,
        `${text} ${index}`,
      )
  }

  /** Runs a worker until `count` are published, and says what was uploading then. */
  async function runUntil(count: number, options: Partial<DispatcherOptions>) {
    const { state, worker, send } = stage(() => test)
    const uploads = new Set<string>()
    let endUploads = () => {}
    const uploading = new Promise<void>((resolve) => {
      endUploads = resolve
    })
    state.publish = async (job) => {
      const { text } = job.payload
      if (text.startsWith('picture')) {
        uploads.add(text)
        await job.steps.step('upload', () => uploading.then(() => true))
        uploads.delete(text)
      }
      return send(job, () => ({ kind: 'published', remoteId: text }))
    }
    const settled = new Set<string>()
    let finish = () => {}
    const finished = new Promise<void>((resolve) => {
      finish = resolve
    })
    const dispatcher = worker('a', {
      ...options,
      onSettled: (delivery) => {
        settled.add(delivery.id)
        if (settled.size === count) finish()
      },
    })
    dispatcher.start()
    await finished
    const seen = { published: [...state.published], uploads: uploads.size, errors: [...state.errors] }
    endUploads()
    await dispatcher.stop()
    return { ...seen, atTheEnd: state.published }
  }

  it('lets a thousand due posts of other channels go out while it runs', async () => {
    await scheduleAll(slowChannels, 1, new Date(start.getTime() - 1_000), 'picture')
    await scheduleAll(quickChannels, 1_000, start, 'text')
    const { published, uploads, errors, atTheEnd } = await runUntil(1_000, {})
    expect(new Set(published).size).toBe(1_000)
    expect(published.filter((text) => text.startsWith('picture'))).toEqual([])
    expect(uploads).toBe(1)
    expect(errors).toEqual([])
    expect(atTheEnd).toContain('picture 0')
  })

  it('does not keep its place: more of them than there are places let others through', async () => {
    await scheduleAll(slowChannels, 12, new Date(start.getTime() - 1_000), 'picture')
    await scheduleAll(quickChannels, 100, start, 'text')
    const { published, uploads } = await runUntil(100, { concurrency: 8, slowAfterMs: 20 })
    expect(published.filter((text) => text.startsWith('text'))).toHaveLength(100)
    expect(uploads).toBe(12)
  })

  it('of a network that hangs for every channel keeps no other network out', async () => {
    await scheduleAll(slowChannels, 40, new Date(start.getTime() - 1_000), 'picture')
    await sql`update delivery set network = 'hanging'`.execute(test.database.db)
    await scheduleAll(quickChannels, 100, start, 'text')
    const { published, uploads, atTheEnd } = await runUntil(100, { concurrency: 8, slowAfterMs: 20 })
    expect(published.filter((text) => text.startsWith('text'))).toHaveLength(100)
    // Half of all that a worker may have under way.
    expect(uploads).toBeLessThanOrEqual(32)
    expect(atTheEnd.length).toBeGreaterThanOrEqual(100 + uploads)
  })
})

describe('the places of a worker', () => {
  const options = { concurrency: 8, slowAfterMs: 1, onFree: () => {} }
  /** Resolves when that many have given their places back. */
  const slowOnes = async (networks: readonly string[]) => {
    let left = networks.length
    let finish = () => {}
    const finished = new Promise<void>((resolve) => {
      finish = resolve
    })
    const onFree = () => {
      left -= 1
      if (left === 0) finish()
    }
    const places = createPlaces({ ...options, onFree })
    const deliveries = networks.map((network, index) => ({
      network,
      channelId: `${network}-${index}`,
      workspaceId: 'busy',
    }))
    for (const delivery of deliveries) places.take(delivery)
    await finished
    return { places, deliveries }
  }

  it('are left for a network after others that hang took all they could', async () => {
    const { places } = await slowOnes([...Array<string>(32).fill('a'), ...Array<string>(16).fill('b')])
    const due = (network: string) =>
      Array.from({ length: 9 }, (_, index) => ({
        channelId: `${network}-due-${index}`,
        workspaceId: 'w',
        network,
        count: 1,
        dueAt: start,
      }))
    const plan = createPlan([...due('a'), ...due('b'), ...due('c')])
    const taken = plan.take(20, [], places)
    expect(taken).toEqual(Array.from({ length: 8 }, (_, index) => `c-due-${index}`))
  })

  it('do not count what gave its place back against its workspace', async () => {
    const { places, deliveries } = await slowOnes(['a', 'a', 'a'])
    const quick = { network: 'a', channelId: 'calm-1', workspaceId: 'calm' }
    places.take(quick)
    const due = (workspaceId: string) => ({
      channelId: `${workspaceId}-due`,
      workspaceId,
      network: 'a',
      count: 1,
      dueAt: start,
    })
    const plan = createPlan([due('calm'), due('busy')])
    expect(plan.take(1, [...deliveries, quick], places)).toEqual(['busy-due'])
  })
})
