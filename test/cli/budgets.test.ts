/** API budgets at the command line, against a real product. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCli } from '#test/support/cli.ts'
import { linkPricingNetwork } from '#test/support/link-prices.ts'
import { connectSandbox } from '#test/support/posting.ts'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'

let product: TestProduct
/** A network whose prices depend on links, and a channel of it. */
let network = ''
let channelId = ''
beforeAll(async () => {
  product = await startTestProduct({ env: { LITFASS_ROLES: 'serve' } })
  network = linkPricingNetwork().id
  channelId = (await connectSandbox(product)).find((one) => one.network === network)?.id ?? ''
})
afterAll(() => product.close())

const run = (...words: string[]) =>
  runCli(words, { env: { LITFASS_URL: product.url, LITFASS_API_KEY: product.apiKey } })

async function json(...words: string[]) {
  const { code, stdout, stderr } = await run(...words, '--json')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout)
}

describe('budgets at the command line', () => {
  it('are proposed with what to type where calls cost without limit', async () => {
    const { stdout } = await run('budget')
    expect(stdout).toContain(`litfass budget set --network ${network} --amount 5.000`)
  })

  it('are set, changed by setting them again, and listed', async () => {
    const first = await json('budget', 'set', '--network', network, '--amount', '0.10')
    const again = await json('budget', 'set', '--network', network, '--amount', '0.15', '--alert', '90')
    expect(again).toMatchObject({ id: first.id, amount: { amount: '0.150' }, alerts: [90] })
    const { items } = await json('budget', 'list')
    expect(items).toHaveLength(1)
    expect((await run('budget')).stdout).toContain(first.id)
  })

  it('say to a dry run what they have left and that it is too little', async () => {
    const words = ['post', 'create', '--channel', channelId, '--text', 'see https://example.com', '--dry-run']
    const { stdout } = await run(...words)
    expect(stdout).toContain('0.200 USD with a link, 0.015 USD without')
    expect(stdout).toMatch(/0\.140 USD of 0\.150 left, this takes 0\.200\. That is too little/)
    expect(await json(...words)).toMatchObject({ budgets: [{ hasRoom: false }], cost: { amount: '0.200' } })
  })

  it('are answered for by charges and their sums', async () => {
    const usd = { amount: '0.010', currency: 'USD' }
    // Connecting reads the account once.
    expect((await json('budget', 'charges')).items).toMatchObject([{ purpose: 'connect', amount: usd }])
    expect((await json('budget', 'charges', '--by', 'purpose')).items).toMatchObject([
      { of: 'connect', charges: 1, amount: usd },
    ])
    expect((await run('budget', 'charges', '--purpose', 'publish')).stdout).toContain('No charges.')
  })

  it('stand beside what the networks counted, once they are asked', async () => {
    const { items, notTold } = await json('budget', 'usage', '--ask')
    expect(notTold).toEqual([])
    expect(items).toContainEqual(
      expect.objectContaining({ network, of: 'app', what: 'posts-read', used: 0, ours: 0, drift: 0 }),
    )
    const { stdout } = await run('budget', 'usage')
    expect(stdout).toContain('Litfass counted')
    expect(stdout).toContain('posts-read')
  })

  it('are removed', async () => {
    const { items } = await json('budget', 'list')
    expect(await json('budget', 'remove', items[0].id)).toEqual({ id: items[0].id })
    expect((await run('budget', 'remove', items[0].id)).code).toBe(1)
  })

  it.each([
    [['budget', 'set', '--amount', '1,5']],
    [['budget', 'set']],
    [['budget', 'set', '--amount', '1', '--period', 'week']],
    [['budget', 'charges', '--by', 'week']],
    [['budget', 'charges', '--by', 'day', '--limit', '3']],
  ])('are not understood as %j', async (words) => {
    expect((await run(...words)).code).toBe(2)
  })
})
