/**
 * Everything that must hold: checks (which installs what only tests need), runs all tests, counts.
 *
 * Arguments go on to vitest. The last line is `N passed, N failed`; each check step counts as one test.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { check, toolEnv } from './check.ts'
import { changedAt } from './kit.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

const checks = check()
const tests = runTests(process.argv.slice(2))
const failed = checks.failed + tests.failed
console.log(`${checks.passed + tests.passed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)

function runTests(args: readonly string[]): { passed: number; failed: number } {
  const folder = mkdtempSync(join(tmpdir(), 'litfass-test-'))
  const file = join(folder, 'report.json')
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
    const { status } = spawnSync(join(root, 'node_modules/.bin/vitest'), ['run', ...reporters, ...args], {
      cwd: root,
      stdio: 'inherit',
      env: toolEnv(root),
    })
    return readCounts(file, status === 0)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

type Report = {
  numPassedTests: number
  numFailedTests: number
  testResults: { status: string; assertionResults: unknown[] }[]
}

/** A file that could not be loaded, or a run that broke without a failed test, counts as one failure. */
function readCounts(file: string, succeeded: boolean): { passed: number; failed: number } {
  if (changedAt(file) === 0) return { passed: 0, failed: 1 }
  const report = JSON.parse(readFileSync(file, 'utf8')) as Report
  const unloaded = report.testResults.filter(
    (result) => result.status === 'failed' && result.assertionResults.length === 0,
  )
  const failed = report.numFailedTests + unloaded.length
  return { passed: report.numPassedTests, failed: succeeded ? failed : Math.max(1, failed) }
}
