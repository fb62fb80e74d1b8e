/** The master key: made once, and the same for everybody who starts on a folder. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { readMasterKey } from './config.ts'

const config = JSON.stringify(new URL('config.ts', import.meta.url).href)

it('is the same key for processes that start on a new folder at the same time', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'litfass-key-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'data/master.key')
  const read = `const { readMasterKey } = await import(${config})
    process.stdin.once('data', () => { console.log(Buffer.from(readMasterKey(${JSON.stringify(file)})).toString('hex')); process.exit() })
    console.log('ready')`
  const starts = Array.from({ length: 4 }, async () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', read], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    return child
  })
  const children = await Promise.all(starts)
  const keys = children.map(async (child) => {
    const answer = once(child.stdout, 'data')
    child.stdin.write('go\n')
    return String(((await answer) as [Buffer])[0]).trim()
  })
  const key = Buffer.from(readMasterKey(file)).toString('hex')
  expect(await Promise.all(keys)).toEqual([key, key, key, key])
  expect(readdirSync(join(folder, 'data'))).toEqual(['master.key'])
})
