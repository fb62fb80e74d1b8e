import { describe, expect, it } from 'vitest'
import { lookAgainMs } from './rhythm.ts'

const now = Date.parse('2026-12-01T09:00:00Z')
const post = (
  state: string,
  nextAt: string | null,
  deliveryState = 'waiting',
  holdReason: string | null = null,
) => ({
  state,
  deliveries: [{ state: deliveryState, nextAt, holdReason }],
})

describe('a page of a post', () => {
  it('looks again when it comes due, however far away that is', () => {
    expect(lookAgainMs(post('scheduled', '2026-12-01T09:01:05Z'), now)).toBe(65_000)
    expect(lookAgainMs(post('scheduled', '2026-12-09T09:00:00Z'), now)).toBe(600_000)
  })

  it('follows closely what goes out, is late or is being looked for', () => {
    expect(lookAgainMs(post('publishing', null), now)).toBe(1_500)
    expect(lookAgainMs(post('scheduled', '2026-12-01T08:59:00Z'), now)).toBe(1_500)
    expect(lookAgainMs(post('failed', '2026-12-01T09:00:00Z', 'unsure'), now)).toBe(1_500)
  })

  it('looks again now and then while it waits for a network to work again', () => {
    expect(lookAgainMs(post('scheduled', null, 'waiting', 'breaker'), now)).toBe(15_000)
    expect(lookAgainMs(post('failed', null, 'unsure', 'breaker'), now)).toBe(15_000)
  })

  it('follows a first comment, too', () => {
    const comment = { state: 'waiting', nextAt: '2026-12-01T09:00:00Z', holdReason: null }
    const { deliveries } = post('published', null, 'published')
    const watched = { state: 'published', deliveries: deliveries.map((one) => ({ ...one, comment })) }
    expect(lookAgainMs(watched, now)).toBe(1_500)
  })

  it('rests when nothing happens by itself any more', () => {
    expect(lookAgainMs(post('published', null, 'published'), now)).toBe(false)
    expect(lookAgainMs(post('failed', null, 'unsure'), now)).toBe(false)
  })
})
