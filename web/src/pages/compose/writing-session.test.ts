import { describe, expect, it } from 'vitest'
import { followAddress, type WritingSession } from './writing-session.ts'

const fresh: WritingSession = { key: 'new', postId: undefined, createdId: undefined }

describe('the composer on the screen', () => {
  it('stays while a new draft has its id and the address does not yet', () => {
    const saved = { ...fresh, createdId: 'pst_1' }
    expect(followAddress(saved, undefined, 'new-2')).toBe(saved)
    const arrived = followAddress(saved, 'pst_1', 'new-2')
    expect(arrived.key).toBe('new')
    expect(followAddress(arrived, 'pst_1', 'new-2')).toBe(arrived)
  })

  it('makes place for another new post, and for another draft', () => {
    const arrived = followAddress({ ...fresh, createdId: 'pst_1' }, 'pst_1', 'new-2')
    expect(followAddress(arrived, undefined, 'new-2')).toEqual({ ...fresh, key: 'new-2' })
    expect(followAddress(arrived, 'pst_2', 'new-2')).toMatchObject({ key: 'pst_2', postId: 'pst_2' })
    expect(followAddress(fresh, 'pst_2', 'new-2').key).toBe('pst_2')
  })
})
