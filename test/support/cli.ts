/** The command line as a process of its own, and a small server that records what it asks for. */
import { spawn } from 'node:child_process'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'

export const bin = fileURLToPath(new URL('../../bin/litfass.js', import.meta.url))

export type Run = { code: number | null; stdout: string; stderr: string }
export type RunOptions = {
  env?: NodeJS.ProcessEnv
  /** What stands on standard input. */
  input?: string
  /** Called with the process, for what is done to it while it runs. */
  meanwhile?: (child: ReturnType<typeof spawn>) => void
}

/** Nothing of the machine's own LITFASS_ settings reaches it. */
export function runCli(words: readonly string[], options: RunOptions = {}): Promise<Run> {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('LITFASS_'))
  const child = spawn(process.execPath, [bin, ...words], {
    env: { ...Object.fromEntries(own), LITFASS_DATA_DIR: '/nonexistent/litfass', ...options.env },
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  child.stdin.end(options.input ?? '')
  options.meanwhile?.(child)
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })))
}

// oxlint-disable-next-line typescript/no-explicit-any -- Tests state what they expect of it.
export type Seen = { method: string; path: string; headers: IncomingMessage['headers']; body: any }
export type Answering = (seen: Seen) => { status?: number; type?: string; body: unknown }

export type Listener = { url: string; seen: Seen[]; close: () => Promise<void> }

/** Answers as `answer` says; a body that is a string goes out as it is, anything else as JSON. */
export async function listen(answer: Answering): Promise<Listener> {
  const seen: Seen[] = []
  const server = createServer((incoming, outgoing) => {
    const parts: Buffer[] = []
    incoming.on('data', (part: Buffer) => parts.push(part))
    incoming.on('end', () => {
      const text = Buffer.concat(parts).toString('utf8')
      const isJson = incoming.headers['content-type'] === 'application/json'
      const request: Seen = {
        method: incoming.method ?? '',
        path: incoming.url ?? '',
        headers: incoming.headers,
        body: isJson ? JSON.parse(text) : text,
      }
      seen.push(request)
      const { status = 200, type = 'application/json', body } = answer(request)
      outgoing
        .writeHead(status, { 'content-type': type })
        .end(typeof body === 'string' ? body : JSON.stringify(body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
