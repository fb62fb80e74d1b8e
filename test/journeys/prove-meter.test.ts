/** The proofs of the meter and of the ledger in their short forms. */
import { expect, it } from 'vitest'
import { runProof } from '#test/support/proof.ts'

it('what is metered is what the network charges, and no call gets past a budget', async () => {
  const { code, told } = await runProof('prove-meter.ts')
  expect(code, told).toBe(0)
  expect(told).toMatch(/refusals and outages \| 4000 \|/)
}, 180_000)

it('every request a network saw stands in the ledger, and every change of an entry is found', async () => {
  const { code, told } = await runProof('prove-ledger.ts')
  expect(code, told).toBe(0)
  expect(told).toMatch(/changes of 26 columns/)
}, 180_000)
