/** The first start of the embedded database, which makes it: whole, or not at all. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { startEmbedded } from './embedded.ts'

const script = fileURLToPath(new URL('fixtures/commit-until-killed.ts', import.meta.url))

it('is begun anew where it was killed while it made the database', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'litfass-create-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const child = spawn(process.execPath, [script, folder], { stdio: 'ignore' })
  const ended = once(child, 'exit')
  const begun = expect.poll(() => readdirSync(folder).some((name) => isBegun(join(folder, name))), {
    interval: 5,
    timeout: 30_000,
  })
  await begun.toBe(true)
  child.kill('SIGKILL')
  await ended
  const embedded = await startEmbedded(join(folder, 'database'))
  await embedded.close()
  expect(readdirSync(folder)).toEqual(['database', 'database.lock'])
}, 60_000)

function isBegun(folder: string): boolean {
  return existsSync(join(folder, 'PG_VERSION'))
}
