/** The price book at the command line, against a real product. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCli } from '#test/support/cli.ts'
import { linkPricingNetwork } from '#test/support/link-prices.ts'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'

let product: TestProduct
let folder: string
/** A network whose prices depend on links. */
let network = ''
beforeAll(async () => {
  product = await startTestProduct({ env: { LITFASS_ROLES: 'serve' } })
  folder = mkdtempSync(join(tmpdir(), 'litfass-prices-'))
  network = linkPricingNetwork().id
})
afterAll(async () => {
  await product.close()
  rmSync(folder, { recursive: true, force: true })
})

const run = (...words: string[]) =>
  runCli(['prices', ...words], { env: { LITFASS_URL: product.url, LITFASS_API_KEY: product.apiKey } })

async function json(...words: string[]) {
  const { code, stdout, stderr } = await run(...words, '--json')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout)
}

describe('prices at the command line', () => {
  it('are listed with what they are for, when they hold and where they stand written', async () => {
    const { code, stdout } = await run('--network', network)
    const lines = stdout.split('\n').map((line) => line.trim().split(/ {2,}/))
    expect(code).toBe(0)
    const link = lines.find((line) => line.some((part) => part.includes('with a link')))
    expect(link).toEqual([
      expect.stringContaining('post.create'),
      expect.stringMatching(/^\d+\.\d+ USD$/),
      'request',
      expect.stringContaining('with a link'),
      expect.stringMatching(/^from \d{4}-\d{2}-\d{2}$/),
      expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/),
      'shipped',
    ])
    expect(stdout).toContain('unknown')
    expect(stdout).toContain('Source: https://')
  })

  it('leave out past ones and other plans unless all are asked for', async () => {
    const { items: now } = await json('list', '--network', network)
    const { items: all } = await json('list', '--network', network, '--all')
    expect(now.every((item: { isInForce: boolean }) => item.isInForce)).toBe(true)
    expect(all.length).toBeGreaterThan(now.length)
  })

  it('are set, removed, and counted by the plan in use where none is named', async () => {
    const price = await json(
      'set',
      ...`--network ${network} --call post.create --amount 0.02 --no-link --from 2026-12-01`.split(' '),
      '--source',
      'Our contract',
    )
    expect(price).toMatchObject({ origin: 'own', entry: { price: '0.02', when: { hasLink: false } } })
    const { stdout } = await run('list', '--network', network, '--on', '2026-12-01')
    expect(stdout).toContain(`own ${price.id}`)
    expect(await json('remove', price.id)).toEqual({ id: price.id })
  })

  it('take a plan, and refuse one nobody knows', async () => {
    const { networks } = await json('list', '--network', network)
    const other = networks[0].plans.find(({ id }: { id: string }) => id !== networks[0].plan)
    expect(await json('plan', network, other.id)).toMatchObject({ plan: other.id })
    expect(await json('plan', network, networks[0].plan)).toMatchObject({ plan: networks[0].plan })
    expect(await run('plan', network, 'nothing-like-it')).toMatchObject({ code: 1 })
  })

  it('go through a file and come back the same', async () => {
    const file = join(folder, 'prices.json')
    const { entries } = await json('export', file)
    expect(JSON.parse(readFileSync(file, 'utf8')).entries).toHaveLength(entries)
    expect(await json('import', file)).toEqual({ added: 0, replaced: 0, unchanged: entries })
  })

  it('are not taken over from a file with mistakes, of which each is told with its line', async () => {
    const file = join(folder, 'wrong.json')
    const wrong = {
      network,
      unit: 'month',
      plan: 'own-deal',
      price: 'much',
      source: 'x',
      readOn: '2026-11-24',
    }
    const lines = [
      '{"format": "litfass-prices/1", "currency": "USD", "entries": [',
      JSON.stringify(wrong),
      ', 1 ]}',
    ]
    writeFileSync(file, lines.join('\n'))
    const { code, stderr } = await run('import', file)
    expect(code).toBe(1)
    expect(stderr).toContain('line 2: price is no amount')
    expect(stderr).toContain('line 3: is no price')
  })

  it('price past calls anew', async () => {
    const { code, stdout } = await run('replay', '--from', '2020-01-01', '--to', '2020-02-01')
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'No calls and no fees in that time.\n' })
  })

  it('price a past time anew by a monthly fee and by a file, of which nothing is saved', async () => {
    const file = join(folder, 'supposed.json')
    const { networks } = await json('list', '--network', network)
    const price = { network, unit: 'month', plan: networks[0].plan, source: 'x', readOn: '2026-11-24' }
    const write = (entries: unknown[]) =>
      writeFileSync(file, JSON.stringify({ format: 'litfass-prices/1', currency: 'USD', entries }))
    write([{ ...price, price: '100' }])
    const month = ['--from', '2026-10-01', '--to', '2026-11-01']
    const byFile = await json('replay', ...month, '--prices', file)
    expect(byFile.items).toMatchObject([{ network, fees: { would: { amount: '100.000' } } }])
    const { stdout } = await run('replay', ...month, '--fee', `${network}=42000`)
    expect(stdout).toContain('+42000.000')
    write([{ ...price, price: 'much' }])
    const both = await run('replay', ...month, '--fee', `${network}=42000`, '--prices', file)
    expect(both.code).toBe(1)
    expect(both.stderr).toContain('price is no amount')
    const { items } = await json('list', '--network', network, '--all')
    expect(items.some(({ origin }: { origin: string }) => origin === 'own')).toBe(false)
  })

  it.each([
    [['set', '--network', 'any', '--call', 'post.create', '--source', 'x'], 'one of --amount and --unknown'],
    [['set', '--network', 'any', '--plan', 'p', '--amount', '1', '--source', 'x'], '--call is needed'],
    [
      ['set', '--network', 'any', '--per', 'week', '--amount', '1', '--source', 'x'],
      'request, item, event or month',
    ],
    [['replay', '--from', 'yesterday', '--to', '2026-12-01'], 'like 2026-12-01'],
    [['replay', '--fee', '42000'], 'network=amount'],
    [['replay', '--prices', 'no-such-file.json'], 'no readable file'],
  ])('tell wrong use: %j', async (words, told) => {
    const { code, stderr } = await run(...words)
    expect(code).toBe(2)
    expect(stderr.toLowerCase()).toContain(told)
  })
})
