/** Types, lint and format, one after the other; every failure is shown, not only the first. */
import { spawnSync } from 'node:child_process'
import { delimiter } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installKit } from './kit.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

const steps = [
  { name: 'types', command: 'tsc', args: [] },
  { name: 'types of the web app', command: 'tsc', args: ['-p', 'web'] },
  { name: 'lint', command: 'oxlint', args: ['--type-aware'] },
  { name: 'format', command: 'oxfmt', args: ['--check'] },
]

export function check(): { passed: number; failed: number } {
  // The browser tests are written against the types of the kit.
  if (!installKit()) {
    console.log('FAILED test kit: it could not be installed')
    return { passed: 0, failed: 1 }
  }
  let failed = 0
  for (const { name, command, args } of steps) {
    const { status } = spawnSync(`${root}/node_modules/.bin/${command}`, args, {
      cwd: root,
      stdio: 'inherit',
      env: toolEnv(root),
    })
    console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name}`)
    if (status !== 0) failed += 1
  }
  return { passed: steps.length - failed, failed }
}

/** Tools find the pinned Node first, however this script was started. */
export function toolEnv(root: string): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${root}/node_modules/.bin${delimiter}${process.env['PATH'] ?? ''}` }
}

if (import.meta.main) process.exitCode = check().failed === 0 ? 0 : 1
