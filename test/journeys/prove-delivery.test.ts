/** The proof of delivery in its short form. */
import { expect, it } from 'vitest'
import { runProof } from '#test/support/proof.ts'

it('a post due goes out once on every network, and so does its first comment, also where its worker is killed or its answer lost', async () => {
  const { code, told } = await runProof('prove-delivery.ts')
  for (const part of ['posts', 'first comments'])
    expect(told).toContain(`- ${part} lost: 0; doubled: 0; not come to rest: 0\n`)
  expect(code, told).toBe(0)
}, 180_000)
