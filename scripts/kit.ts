/** The test kit: the heavy parts that only tests need: a browser, a PostgreSQL server, the servers of a network. */
import { spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Whether it is there now. */
export function installKit(): boolean {
  const kit = join(root, 'test/kit')
  const wanted = changedAt(join(kit, 'package-lock.json'))
  if (wanted <= changedAt(join(kit, 'node_modules/.package-lock.json'))) return true
  return spawnSync('npm', ['ci', '--prefix', kit], { cwd: root, stdio: 'inherit' }).status === 0
}

/** Milliseconds since 1970; 0 for a file that does not exist. */
export function changedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
