import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { openCollections, openFiles } from './sandbox-journal.ts'

const folder = mkdtempSync(join(tmpdir(), 'litfass-journal-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const lines = (file: string) => readFileSync(file, 'utf8').split('\n').length - 1

describe('a journal', () => {
  it('holds every change once it says so, in one write for many', async () => {
    const file = join(folder, 'many.jsonl')
    const collections = openCollections(file)
    const posts = collections<number>('posts')
    for (let number = 0; number < 100; number += 1) posts.set(String(number), number)
    expect(lines(file)).toBe(0)
    await collections.flushed()
    expect(lines(file)).toBe(100)
    posts.delete('1')
    posts.delete('never there')
    await collections.flushed()
    expect(lines(file)).toBe(101)
    collections.close()
    const again = openCollections(file)
    expect(again<number>('posts').size()).toBe(99)
    expect(lines(file)).toBe(99)
    again.close()
  })

  it('drops a last line that was cut off, and goes on behind it', async () => {
    const file = join(folder, 'cut.jsonl')
    const collections = openCollections(file)
    collections('posts').set('a', 'kept')
    collections.close()
    appendFileSync(file, '["posts","b","lo')
    const again = openCollections(file)
    expect(again('posts').entries()).toEqual([['a', 'kept']])
    again('posts').set('c', 'ümläut 👍🏽')
    again.close()
    const third = openCollections(file)
    expect(third('posts').get('c')).toBe('ümläut 👍🏽')
    third.close()
  })

  it('is emptied but for what is kept, for good', () => {
    const file = join(folder, 'emptied.jsonl')
    const collections = openCollections(file)
    collections('posts').set('a', 1)
    collections('tokens').set('b', 2)
    collections.clear((name) => name === 'tokens')
    collections.close()
    const again = openCollections(file)
    expect(again('posts').size()).toBe(0)
    expect(again('tokens').get('b')).toBe(2)
    again.close()
  })
})

describe.each([null, join(folder, 'files')])('files in %s', (place) => {
  it('are found by the name they were given and by no other', () => {
    const files = openFiles(place)
    const bytes = Buffer.from('picture')
    const name = files.put(bytes)
    expect(name).toMatch(/^[\w-]{22}$/)
    expect(Buffer.from(files.get(name) ?? []).equals(bytes)).toBe(true)
    expect(files.get('../many.jsonl')).toBeUndefined()
    expect(files.get('')).toBeUndefined()
    files.clear()
    expect(files.get(name)).toBeUndefined()
  })
})
