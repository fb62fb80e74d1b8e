import { describe, expect, it } from 'vitest'
import { figuresOf } from './sums.ts'

describe('the figures of a post', () => {
  it('are summed over the channels that gave them, and say how many those are', () => {
    const figures = figuresOf([
      { metrics: { views: 100, likes: 3, comments: 0 } },
      { metrics: { likes: 4, comments: 2 } },
    ])
    expect(figures).toEqual([
      { metric: 'views', value: 100, count: 1 },
      { metric: 'likes', value: 7, count: 2 },
      { metric: 'comments', value: 2, count: 2 },
    ])
  })

  it('are missing, not zero, where no channel gave them', () => {
    expect(figuresOf([{ metrics: { shares: 1 } }])).toEqual([
      { metric: 'views', value: undefined, count: 0 },
      { metric: 'likes', value: undefined, count: 0 },
      { metric: 'comments', value: undefined, count: 0 },
    ])
    expect(figuresOf([{ metrics: {} }])).toEqual([])
  })

  it('do not add up what networks count differently', () => {
    const figures = figuresOf([{ metrics: { reactions: 5 } }, { metrics: { likes: 2 } }])
    expect(figures.map(({ metric, value }) => [metric, value])).toEqual([
      ['views', undefined],
      ['reactions', 5],
      ['likes', 2],
      ['comments', undefined],
    ])
  })
})
