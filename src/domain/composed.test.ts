import { describe, expect, it } from 'vitest'
import { composed } from './composed.ts'

const link = 'https://litfass.example/a'

describe('a post with a link', () => {
  it('goes out as it is without one', () => {
    expect(composed({ text: 'Words', images: [] }, 'text')).toEqual({ text: 'Words' })
    expect(composed({ text: 'Words', images: [] }, 'card')).toEqual({ text: 'Words' })
  })

  it('carries it in the text, or on a card where no image stands', () => {
    expect(composed({ text: 'Words', link, images: [] }, 'text')).toEqual({ text: `Words\n\n${link}` })
    expect(composed({ text: 'Words', link, images: [] }, 'card')).toEqual({ text: 'Words', link })
    expect(composed({ text: 'Words', link, images: [1] }, 'card')).toEqual({ text: `Words\n\n${link}` })
    expect(composed({ text: '', link, images: [1] }, 'card')).toEqual({ text: link })
  })

  it('does not repeat it, but tells it from a longer one', () => {
    expect(composed({ text: `See ${link}.`, link, images: [] }, 'text')).toEqual({ text: `See ${link}.` })
    const other = `See ${link}b`
    expect(composed({ text: other, link, images: [] }, 'text')).toEqual({ text: `${other}\n\n${link}` })
  })
})
