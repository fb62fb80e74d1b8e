/** Processes the harness starts, talks to, stops, stalls and kills. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Command } from './talk.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const running = new Set<ChildProcess>()

/** Nothing outlives the harness. */
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

export type Process<Ready> = {
  ready: Ready
  ask: <Value>(command: Command) => Promise<Value>
  signal: (name: 'SIGSTOP' | 'SIGCONT') => void
  /** Ended by SIGKILL: the process gets no chance to do anything. */
  kill: () => Promise<void>
  errors: () => string
}

type Message = { ready?: unknown; number?: number; value?: unknown; error?: string }

/** A file of this folder, waited for until it says that it is ready. */
export async function start<Ready>(
  file: string,
  input: unknown,
  env: Record<string, string> = {},
): Promise<Process<Ready>> {
  const clean = Object.entries(process.env).filter(([name]) => !name.startsWith('LITFASS_'))
  const path = fileURLToPath(new URL(file, import.meta.url))
  const child = spawn(process.execPath, [path, JSON.stringify(input)], {
    cwd: root,
    env: { ...Object.fromEntries(clean), ...env },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  running.add(child)
  const gone = once(child, 'exit').then(() => running.delete(child))
  let errors = ''
  child.stderr?.on('data', (bytes: Buffer) => {
    errors = (errors + bytes.toString()).slice(-20_000)
  })
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (cause: Error) => void }>()
  const fail = () => {
    for (const one of waiting.values()) one.reject(new Error(`${file} ended: ${errors}`))
    waiting.clear()
  }
  child.once('exit', fail)
  const ready = await new Promise<Ready>((resolve, reject) => {
    child.once('exit', () => reject(new Error(`${file} did not get ready: ${errors}`)))
    child.on('message', (message: Message) => {
      if (message.ready !== undefined) resolve(message.ready as Ready)
      const one = waiting.get(message.number ?? -1)
      if (!one) return
      waiting.delete(message.number ?? -1)
      if (message.error === undefined) one.resolve(message.value as never)
      else one.reject(new Error(message.error))
    })
  })
  let numbers = 0
  return {
    ready,
    ask: <Value>(command: Command) =>
      new Promise<Value>((resolve, reject) => {
        if (!child.connected) return reject(new Error(`${file} ended: ${errors}`))
        numbers += 1
        waiting.set(numbers, { resolve, reject })
        child.send({ number: numbers, command })
      }),
    signal: (name) => void child.kill(name),
    kill: async () => {
      child.kill('SIGKILL')
      await gone
    },
    errors: () => errors,
  }
}
