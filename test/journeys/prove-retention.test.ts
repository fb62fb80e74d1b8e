/** The proof of retention in its short form, as the command line runs it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'

const script = fileURLToPath(new URL('../../scripts/prove-retention.ts', import.meta.url))

it('nothing read from a network outlives its clock, nothing written is lost, and every deletion is certified', async () => {
  const child = spawn(process.execPath, [script, '--short', '--seed', '1'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill())
  let told = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes: Buffer) => (told += bytes.toString()))
  const [code] = await once(child, 'close')
  expect(told).toContain('- past a clock, lost or not certified: 0')
  expect(code, told).toBe(0)
}, 180_000)
