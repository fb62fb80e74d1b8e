import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { backends } from '#test/support/databases.ts'
import { generateSchema, schemaFile } from './gen-schema.ts'

describe.each(backends)('the generated schema', ({ name, open }) => {
  it(`is what the migrations make on the ${name} database`, async () => {
    const { database, close } = await open()
    try {
      expect(await generateSchema(database.db)).toBe(readFileSync(schemaFile, 'utf8'))
    } finally {
      await close()
    }
  })
})
