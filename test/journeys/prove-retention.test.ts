/** The proof of retention in its short form. */
import { expect, it } from 'vitest'
import { runProof } from '#test/support/proof.ts'

it('nothing read from a network outlives its clock, nothing written is lost, and every deletion is certified', async () => {
  const { code, told } = await runProof('prove-retention.ts')
  expect(told).toContain('- past a clock, lost or not certified: 0')
  expect(code, told).toBe(0)
}, 180_000)
