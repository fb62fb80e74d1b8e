/** The proof of delivery in its short form, as the command line runs it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'

const script = fileURLToPath(new URL('../../scripts/prove-delivery.ts', import.meta.url))

it('a post due goes out once on every network, also where its worker is killed or its answer lost', async () => {
  const child = spawn(process.execPath, [script, '--short', '--seed', '1'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill())
  let told = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes: Buffer) => (told += bytes.toString()))
  const [code] = await once(child, 'close')
  expect(told).toContain('- lost: 0\n- doubled: 0\n')
  expect(code, told).toBe(0)
}, 180_000)
