import { describe, expect, it } from 'vitest'
import { blocksOf } from './markdown-blocks.ts'

describe('a set-up guide', () => {
  it('is read block by block', () => {
    const text =
      '# Title\nOne\ntwo\n\n1. first\n   goes on\n2. second\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```\ncode\n```\n- x'
    expect(blocksOf(text)).toEqual([
      { kind: 'heading', level: 1, text: 'Title' },
      { kind: 'paragraph', text: 'One two' },
      { kind: 'list', isOrdered: true, items: ['first goes on', 'second'] },
      { kind: 'table', head: ['a', 'b'], rows: [['1', '2']] },
      { kind: 'code', text: 'code' },
      { kind: 'list', isOrdered: false, items: ['x'] },
    ])
  })

  it('never hangs on text it does not know', () => {
    expect(blocksOf('#no heading\n***\n> quote\n```').length).toBeGreaterThan(0)
  })
})
