import { describe, expect, it } from 'vitest'
import { withOwnLimits } from './limits.ts'
import { textLength, type TextRules } from './text.ts'

const text: { value: TextRules } = { value: { maxLength: 500, counts: { unit: 'graphemes', urlLength: 23 } } }
const network = {
  id: 'many',
  text,
  images: { value: { maxCount: 4, maxBytes: 1_000 } },
  comment: { value: { text } },
}

describe('a server with limits of its own', () => {
  it('is gone by in all it says, for posts and comments alike', () => {
    const own = withOwnLimits(network, {
      maxLength: 5_000,
      urlLength: 40,
      maxCount: 2,
      maxBytes: 10,
      maxAltLength: 9,
    })
    expect(own.images.value).toEqual({ maxCount: 2, maxBytes: 10, maxAltLength: 9 })
    for (const rules of [own.text.value, own.comment.value.text.value]) {
      expect(rules.maxLength).toBe(5_000)
      expect(textLength('https://example.com/a', rules)).toBe(40)
    }
  })

  it('leaves everything as usual where it says nothing', () => {
    expect(withOwnLimits(network, null)).toBe(network)
    expect(withOwnLimits(network, {})).toBe(network)
    const own = withOwnLimits(network, { maxCount: 1 })
    expect(own).toEqual({ ...network, images: { value: { maxCount: 1, maxBytes: 1_000 } } })
  })
})
