import { describe, expect, it } from 'vitest'
import type { Network } from './content.ts'
import { commentRules, fittingLength, strictest } from './limits.ts'

const rules = (maxLength: number) => ({ value: { maxLength, counts: { unit: 'characters' } } })
const network = (id: string, maxLength: number, maxComment: number | null = null) =>
  ({
    id,
    text: rules(maxLength),
    comment: { value: maxComment === null ? null : { text: rules(maxComment) } },
  }) as unknown as Network

const narrow = network('narrow', 10, 5)
const wide = network('wide', 100, 50)

describe('what is written for several networks', () => {
  it('is marked where the one with the least room ends', () => {
    for (const networks of [
      [narrow, wide],
      [wide, narrow],
    ])
      expect(strictest('A text of twenty-one', networks)?.id).toBe('narrow')
    expect(fittingLength('A text of twenty-one', narrow)).toBe(10)
  })

  it('is counted as a comment by what each takes as one, and not where none is taken', () => {
    const [first, ...others] = commentRules([narrow, network('without', 280)])
    expect(first && fittingLength('A comment', first)).toBe(5)
    expect(others).toEqual([])
  })
})
