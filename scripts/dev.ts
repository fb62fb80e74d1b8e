/**
 * The server, restarted on every change, and the web app from Vite with hot reload.
 *
 * The browser talks to Vite, which hands what is the server's on to it; so the server takes Vite's address as its
 * public one.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const port = process.env['LITFASS_PORT'] ?? '3000'
const webOrigin = 'http://localhost:5173'
const env = {
  ...process.env,
  LITFASS_ORIGIN: process.env['LITFASS_ORIGIN'] ?? webOrigin,
  LITFASS_DEV_SERVER: `http://127.0.0.1:${port}`,
}

const children: ChildProcess[] = [
  spawn(process.execPath, ['--watch', 'bin/litfass.js', 'serve', '--no-web'], {
    cwd: root,
    stdio: 'inherit',
    env,
  }),
  spawn(process.execPath, ['node_modules/vite/bin/vite.js', 'web', '--configLoader', 'native'], {
    cwd: root,
    stdio: 'inherit',
    env,
  }),
]

for (const child of children) child.on('exit', (code) => stop(code ?? 0))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop(0))

function stop(code: number): void {
  process.exitCode = code
  for (const child of children) if (child.exitCode === null) child.kill('SIGTERM')
}
