/** How much of reading figures is of older posts. */
import { describe, expect, it } from 'vitest'
import { effectiveBook, type PriceEntry } from '#domain/prices.ts'
import { olderReadsOf, type ReadPost } from './replay-savings.ts'

const read = (more: { dedupe?: 'utc-day' }): PriceEntry => ({
  key: 'read',
  plan: 'metered',
  unit: 'item',
  calls: ['post.lookup'],
  price: '0.005',
  source: 'https://prices.example',
  readOn: '2026-11-23',
  ...more,
})
const bookOf = (entry: PriceEntry) =>
  effectiveBook({
    currency: 'USD',
    plans: [{ id: 'metered', name: 'Metered' }],
    defaultPlan: 'metered',
    entries: [entry],
    figures: { post: 'post.lookup', channel: 'user.read' },
  })
const post = (publishedAt: string): ReadPost => ({
  network: 'any',
  publishedAt: new Date(publishedAt),
  sandbox: false,
})
const november = { from: '2026-11-01', to: '2026-12-01' }
const later = new Date('2027-01-01T00:00Z')
const olderOf = (entry: PriceEntry, posts: ReadPost[], now = later) =>
  olderReadsOf(bookOf(entry), 'metered', posts, november, now)

describe('what reading figures costs', () => {
  it('is for older posts the more where the same post is charged once a day', () => {
    const posts = [post('2026-11-01T00:00:00Z')]
    const each = olderOf(read({}), posts)?.percent ?? 0
    const onceADay = olderOf(read({ dedupe: 'utc-day' }), posts)?.percent ?? 0
    // 23 of 30 days lie after the first week; of single reads most are made in it.
    expect(onceADay).toBeGreaterThanOrEqual(70)
    expect(onceADay).toBeLessThanOrEqual(80)
    expect(each).toBeLessThan(40)
    expect(each).toBeGreaterThan(20)
  })

  it('is not for older posts within the first week', () => {
    expect(olderOf(read({}), [post('2026-11-27T00:00:00Z')])?.percent).toBe(0)
    expect(olderOf(read({}), [post('2026-11-01T00:00:00Z')], new Date('2026-11-05T00:00Z'))?.percent).toBe(0)
  })

  it('is nothing to tell of where no post is read', () => {
    expect(olderOf(read({}), [])).toBeNull()
  })
})
