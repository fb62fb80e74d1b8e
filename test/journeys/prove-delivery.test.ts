/** The proof of delivery in its short form. */
import { expect, it } from 'vitest'
import { runProof } from '#test/support/proof.ts'

it('a post due goes out once on every network, also where its worker is killed or its answer lost', async () => {
  const { code, told } = await runProof('prove-delivery.ts')
  expect(told).toContain('- lost: 0\n- doubled: 0\n')
  expect(code, told).toBe(0)
}, 180_000)
