import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { capabilityPage } from './capability-table.ts'
import { networks } from './registry.ts'

const page = fileURLToPath(new URL('../../docs/networks.md', import.meta.url))

describe('the page about the networks', () => {
  it('says what the definitions say; `npm run gen` writes it anew', () => {
    const written = capabilityPage(networks.map(({ definition }) => definition))
    expect(readFileSync(page, 'utf8')).toBe(written)
  })
})
