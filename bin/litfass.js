#!/usr/bin/env node
// Plain JavaScript, so that an old system Node can read it: it hands over to the Node that was installed with
// Litfass, which runs the TypeScript sources as they are.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import module from 'node:module'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'

if (isNewEnough(process.versions.node)) {
  module.enableCompileCache()
  await import('../src/cli/main.ts')
} else {
  const pinned = pinnedNode()
  if (pinned === undefined || process.env.LITFASS_REEXECUTED === '1') {
    explain()
    process.exit(1)
  }
  handOver(pinned)
}

/** 24.12 is the first release whose type stripping is stable. */
function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > 24 || (major === 24 && minor >= 12)
}

/** The binary of the npm package `node`, wherever npm put that package. */
function pinnedNode() {
  const name = process.platform === 'win32' ? 'node.exe' : 'node'
  const places = [new URL(`../node_modules/node/bin/${name}`, import.meta.url)]
  try {
    places.unshift(new URL(`bin/${name}`, import.meta.resolve('node/package.json')))
  } catch {
    // Not resolvable from here: the place beside us remains.
  }
  return places.map((place) => fileURLToPath(place)).find((path) => existsSync(path))
}

function handOver(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, LITFASS_REEXECUTED: '1' },
  })
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => {
    console.error(`The Node installed with Litfass does not run here: ${error.message}`)
    explain()
    process.exit(1)
  })
  // A child ended by a signal reports no code; shells say 128 plus the signal's number.
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)))
}

function explain() {
  console.error(
    `Litfass needs Node 24.12 or newer; this is ${process.versions.node}, and no newer one is installed with it.\n` +
      'Run `npm ci` in the Litfass folder, which brings the right one, or install Node 24.',
  )
}
