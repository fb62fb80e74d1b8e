/** What a caller is told when a request cannot be served. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'

describe('a request that cannot be served', () => {
  let product: TestProduct
  beforeAll(async () => {
    product = await startTestProduct()
  })
  afterAll(() => product.close())

  it('is told what is wrong with a field', async () => {
    const { status, body } = await product.call('POST', '/keys', { body: { name: '' } })
    expect(status).toBe(422)
    expect(body).toMatchObject({ code: 'invalid_input', requestId: expect.stringMatching(/^app_/) })
  })
})
