/** Processes a benchmark starts: the product as people start it, and helpers that answer with one line. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from '#test/support/free-port.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const running = new Set<ChildProcess>()

/** Nothing a benchmark started outlives it. */
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

function start(args: readonly string[], env: Record<string, string>): ChildProcess {
  const clean = Object.entries(process.env).filter(([name]) => !name.startsWith('LITFASS_'))
  const child = spawn(process.execPath, [...args], {
    cwd: root,
    env: { ...Object.fromEntries(clean), ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  running.add(child)
  child.once('exit', () => running.delete(child))
  return child
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  await gone
}

export type Started = { url: string; readyMs: number; pid: number; stop: () => Promise<void> }

/** `litfass serve`, waited for until `/readyz` answers 200. */
export async function serve(env: Record<string, string>): Promise<Started> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const startedAt = performance.now()
  const child = start(['bin/litfass.js', 'serve'], { ...env, LITFASS_PORT: String(port) })
  const log: string[] = []
  child.stdout?.on('data', () => {})
  child.stderr?.on('data', (bytes: Buffer) => log.push(bytes.toString()))
  while (!(await isReady(url))) {
    if (child.exitCode !== null || performance.now() - startedAt > 120_000) {
      await stop(child)
      throw new Error(`the product did not get ready: ${log.join('').slice(-2_000)}`)
    }
    await sleep(10)
  }
  return {
    url,
    readyMs: performance.now() - startedAt,
    pid: child.pid ?? 0,
    stop: () => stop(child),
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/readyz`)
    await answer.arrayBuffer()
    return answer.ok
  } catch {
    return false
  }
}

export type Helper<Answer> = { answer: Answer; stop: () => Promise<void> }

/** A file of this folder in a process of its own, which writes one line of JSON when it is done or ready. */
export async function helper<Answer>(
  file: string,
  input: unknown,
  env: Record<string, string> = {},
): Promise<Helper<Answer>> {
  const child = start([fileURLToPath(new URL(file, import.meta.url)), JSON.stringify(input)], env)
  const log: string[] = []
  child.stderr?.on('data', (bytes: Buffer) => log.push(bytes.toString()))
  if (child.stdout === null) throw new Error('a helper without output')
  for await (const line of createInterface({ input: child.stdout })) {
    return { answer: JSON.parse(line) as Answer, stop: () => stop(child) }
  }
  throw new Error(`${file} gave no answer: ${log.join('').slice(-2_000)}`)
}

/** Where memory can be read at all. */
export const hasProc = existsSync('/proc/self/smaps_rollup')

/** Resident memory of a process and all below it. MB of 1,048,576 bytes. */
export function residentMb(pid: number): number {
  const kib = /^Rss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]
  return Number(kib) / 1_024 + childrenOf(pid).reduce((sum, child) => sum + residentMb(child), 0)
}

/** CPU time of a process and all below it, user and system. Seconds; the kernel counts in hundredths. */
export function cpuSeconds(pid: number): number {
  const [, fields = ''] = /\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
  const parts = fields.split(' ')
  const own = (Number(parts[11]) + Number(parts[12])) / 100
  return own + childrenOf(pid).reduce((sum, child) => sum + cpuSeconds(child), 0)
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8')
      .split(' ')
      .filter((text) => text !== '')
      .map(Number),
  )
}
