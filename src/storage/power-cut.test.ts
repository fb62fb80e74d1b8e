/** What the embedded database keeps where the power goes: everything it acknowledged, from its first start on. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { mountPowered } from '#test/support/powered-folder.ts'

const script = fileURLToPath(new URL('fixtures/commit-until-killed.ts', import.meta.url))

it('loses nothing acknowledged when the power is cut, not right after its first start and not while it recovers', async (context) => {
  const place = mkdtempSync(join(tmpdir(), 'litfass-power-'))
  onTestFinished(() => rmSync(place, { recursive: true, force: true }))
  const powered = mountPowered(place)
  if (powered === null) return context.skip('no file system can be mounted here')
  onTestFinished(powered.close)
  let acknowledged = 0
  for (const rows of [1, 40, 1]) {
    const numbers = await commitUntil(powered.folder, rows)
    powered.cutPower()
    expect(numbers[0]).toBeGreaterThan(acknowledged)
    acknowledged = numbers.at(-1) ?? acknowledged
  }
}, 120_000)

/** The numbers acknowledged until it was killed, after at least so many. */
async function commitUntil(dataDir: string, rows: number): Promise<number[]> {
  const child = spawn(process.execPath, [script, dataDir], { stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(child, 'exit')
  let [told, failed] = ['', '']
  child.stderr.on('data', (bytes: Buffer) => (failed += bytes.toString()))
  child.stdout.on('data', (bytes: Buffer) => {
    told += bytes.toString()
    if (told.split('\n').length > rows) child.kill('SIGKILL')
  })
  await ended
  expect(failed).toBe('')
  return told.split('\n').slice(0, -1).map(Number)
}
