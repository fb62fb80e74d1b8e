/** The proofs of the meter and of the ledger in their short forms, as the command line runs them. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'

async function run(script: string): Promise<{ code: unknown; told: string }> {
  const path = fileURLToPath(new URL(`../../scripts/${script}`, import.meta.url))
  const child = spawn(process.execPath, [path, '--short', '--seed', '1'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill())
  let told = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes: Buffer) => (told += bytes.toString()))
  const [code] = await once(child, 'close')
  return { code, told }
}

it('what is metered is what the network charges, and no call gets past a budget', async () => {
  const { code, told } = await run('prove-meter.ts')
  expect(code, told).toBe(0)
  expect(told).toMatch(/refusals and outages \| 4000 \|/)
}, 180_000)

it('every request a network saw stands in the ledger, and every change of an entry is found', async () => {
  const { code, told } = await run('prove-ledger.ts')
  expect(code, told).toBe(0)
  expect(told).toMatch(/changes of 26 columns/)
}, 180_000)
