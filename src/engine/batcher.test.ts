/** What is grouped into one statement, and that a bad row among them harms no other. */
import { describe, expect, it } from 'vitest'
import { createBatcher } from './batcher.ts'

/** As `pg` throws it. */
class Refused extends Error {
  readonly code: string
  constructor(code: string) {
    super(code)
    this.code = code
  }
}

function recorded(refusal?: Refused) {
  const batches: string[][] = []
  const write = createBatcher<string, string>(async (items) => {
    batches.push(items)
    await Promise.resolve()
    if (refusal && items.includes('bad')) throw refusal
    return (item) => `${item} kept`
  })
  return { batches, write }
}

describe('a batch', () => {
  it('takes what is written in one turn, and gives each its own result', async () => {
    const { batches, write } = recorded()
    expect(await Promise.all(['a', 'b', 'c'].map(write))).toEqual(['a kept', 'b kept', 'c kept'])
    expect(batches).toEqual([['a', 'b', 'c']])
  })

  it('stays together in the next one', async () => {
    const first = recorded()
    const second = recorded()
    await Promise.all(['a', 'b', 'c'].map(async (item) => second.write(await first.write(item))))
    expect(second.batches).toEqual([['a kept', 'b kept', 'c kept']])
  })

  it('does not fail for one row that the database cannot keep', async () => {
    const { write } = recorded(new Refused('22P05'))
    const results = await Promise.allSettled(['a', 'bad', 'c'].map(write))
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  })

  it('is not sent again after a lost connection, because it may be stored', async () => {
    const { batches, write } = recorded(new Refused('08006'))
    const results = await Promise.allSettled(['a', 'bad'].map(write))
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(batches).toHaveLength(1)
  })

  it('that failed keeps nobody waiting', async () => {
    const { write } = recorded(new Refused('08006'))
    await expect(write('bad')).rejects.toThrow('08006')
    await expect(write('a')).resolves.toBe('a kept')
  })
})
