/** Writing help at the command line, against a real product and a real server in the model's place. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCli } from '#test/support/cli.ts'
import { type ModelServer, startModelServer } from '#test/support/model-server.ts'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'

const secret = 'sk-lemonade-0123456789'
let model: ModelServer
let product: TestProduct
beforeAll(async () => {
  model = await startModelServer()
  product = await startTestProduct({ env: { LITFASS_ROLES: 'serve', LITFASS_AI_URL: model.endpoint } })
})
afterAll(async () => {
  await product?.close()
  await model?.close()
})

const env = () => ({ LITFASS_URL: product.url, LITFASS_API_KEY: product.apiKey })
const run = (...words: string[]) => runCli(words, { env: env() })

async function json(...words: string[]) {
  const { code, stdout, stderr } = await run(...words, '--json')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout)
}

describe('writing help at the command line', () => {
  it('is off at first, and says what it needs', async () => {
    expect((await run('ai')).stdout).toMatch(/Writing help +off\nServer +of this installation\nModel +none/)
    const { code, stderr } = await run('ai', 'suggest', '--text', 'Lemonade')
    expect(code).toBe(1)
    expect(stderr).toContain('Writing help is switched off')
    expect((await run('ai', 'on')).stderr).toContain('needs a server and a model')
  })

  it('takes a key from standard input and never says it', async () => {
    const words = ['ai', 'set', '--model', 'small', '--key', '-']
    const { code, stdout } = await runCli(words, { env: env(), input: `${secret}\n` })
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('kept, sealed') })
    expect(stdout).not.toContain(secret)
    expect((await run('ai', 'on')).stdout).toBe('Writing help is on.\n')
  })

  it('prints suggestions with their lengths, of a text that is given or read', async () => {
    const { stdout } = await run('ai', 'suggest', '--text', 'Lemonade', '--action', 'correct')
    expect(stdout).toBe('Fresh lemonade today.\n21 characters\n')
    const words = ['ai', 'suggest', '--text', '-', '--action', 'translate', '--language', 'de', '--json']
    const read = await runCli(words, { env: env(), input: 'Fresh lemonade\n' })
    expect(JSON.parse(read.stdout)).toEqual({
      suggestions: ['Fresh lemonade today.'],
      maxLength: null,
      lengths: [21],
    })
    expect(model.asked.at(-1)).toMatchObject({ authorization: `Bearer ${secret}` })
    expect(model.asked.at(-1)?.body.messages[1]?.content).toBe('Fresh lemonade')
  })

  it('lets a network be allowed only where its terms leave it free', async () => {
    const { networks } = await json('ai', 'show')
    for (const { network, canBeAllowed, rules } of networks) {
      const { code, stderr } = await run('ai', 'allow', network)
      expect(code).toBe(canBeAllowed ? 0 : 1)
      if (!canBeAllowed) expect(stderr).toContain(rules[0].source)
    }
    const free = networks.find((one: { canBeAllowed: boolean }) => one.canBeAllowed)
    expect(await json('ai', 'allow', free.network)).toMatchObject({ isAllowed: true })
    expect(await json('ai', 'forbid', free.network)).toMatchObject({ isAllowed: false })
  })

  it.each([
    ['set'],
    ['set', '--url', 'https://api.example.com', '--operator'],
    ['set', '--key', 'a', '--forget-key'],
    ['suggest'],
    ['suggest', '--text', 'x', '--action', 'sing'],
    ['suggest', '--text', 'x', '--action', 'translate'],
    ['allow'],
  ])('is used wrongly as ai %s %s %s', async (...words) => {
    expect((await run('ai', ...words)).code).toBe(2)
  })

  it('answers the letter with what the ledger has', async () => {
    expect((await run('ledger', 'report')).stdout).toMatch(/Sent to a model +nothing/)
  })

  it('is switched off, and forgets the key', async () => {
    expect(await json('ai', 'off')).toMatchObject({ isOn: false, hasKey: true })
    expect(await json('ai', 'set', '--forget-key')).toMatchObject({ hasKey: false })
  })
})
