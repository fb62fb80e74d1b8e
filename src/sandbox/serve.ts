/** The simulators alone, without the product: one small HTTP server on a port of its own. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { LitfassError } from '#domain/errors.ts'
import { control, isControlPath } from './control.ts'
import { type Answer, createSandboxHost, type Head, type SandboxHost } from './host.ts'
import { fetchMedia } from './media.ts'
import { loadSimulators } from './simulators.ts'

export type SandboxServerOptions = {
  /** 0 takes a free one. */
  port: number
  host: string
  /** Where state is kept; null keeps it in memory. */
  folder: string | null
  /** Guards the control API. Without one it is open, which is allowed on loopback only. */
  apiKey?: string
  now?: () => Date
  /** How simulators get the pictures that the product offers by address. Default: over HTTP. */
  fetchMedia?: typeof fetchMedia
}

export type SandboxServer = { url: string; host: SandboxHost; close: () => Promise<void> }

const bodyLimit = 45_000_000

export async function startSandbox(options: SandboxServerOptions): Promise<SandboxServer> {
  if (options.apiKey === undefined && !isLoopback(options.host))
    throw new LitfassError('config_invalid', `The sandbox would be open to everybody at ${options.host}`, {
      remedy: 'Set an API key for it, or bind it to 127.0.0.1.',
    })
  const host = createSandboxHost({
    simulators: await loadSimulators(),
    folder: options.folder,
    now: options.now ?? (() => new Date()),
    fetchMedia: options.fetchMedia ?? fetchMedia,
  })
  const server = createServer((incoming, outgoing) => {
    respond(host, options.apiKey, incoming, outgoing).catch((cause: unknown) => fail(outgoing, cause))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host, resolve)
  })
  const { port } = server.address() as AddressInfo
  const name = options.host.includes(':') ? `[${options.host}]` : options.host
  return {
    url: `http://${name}:${port}`,
    host,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          host.close()
          resolve()
        })
        server.closeAllConnections()
      }),
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}

async function respond(
  host: SandboxHost,
  apiKey: string | undefined,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const head = headOf(incoming)
  if (head === null) throw nothingHere('this address')
  if (isControlPath(head.path)) {
    if (apiKey === undefined) mustBeLocal(head)
    else mustKnow(apiKey, head.headers['authorization'])
    return send(outgoing, await control(host, head, await bodyOf(incoming)))
  }
  const visit = host.visit(head)
  if (!visit) throw nothingHere(head.path)
  if (visit.resetsUpload) {
    await halfOf(incoming)
    return send(outgoing, 'reset')
  }
  send(outgoing, await visit.answer(await bodyOf(incoming)))
}

function headOf(incoming: IncomingMessage): Head | null {
  const origin = `http://${incoming.headers.host ?? 'localhost'}`
  if (!URL.canParse(incoming.url ?? '', origin)) return null
  const url = new URL(incoming.url ?? '', origin)
  if (url.pathname !== '/_sandbox' && !url.pathname.startsWith('/_sandbox/'))
    return url.pathname === '/' ? { ...rest(incoming, url, origin), path: '/' } : null
  return { ...rest(incoming, url, origin), path: url.pathname.slice('/_sandbox'.length) }
}

function rest(incoming: IncomingMessage, url: URL, origin: string): Omit<Head, 'path'> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(incoming.headers))
    headers[name] = Array.isArray(value) ? value.join(', ') : (value ?? '')
  return { method: incoming.method ?? 'GET', query: url.searchParams, headers, origin }
}

function mustKnow(apiKey: string, authorization: string | undefined): void {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  const given = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1]
  if (given !== undefined && timingSafeEqual(digest(given), digest(apiKey))) return
  throw new LitfassError('not_signed_in', 'The key of this sandbox is missing or wrong', {
    remedy: 'Send it as `Authorization: Bearer …`.',
  })
}

/** Without a key, a page of another site must not get in by a name that points here. */
function mustBeLocal({ headers }: Head): void {
  const names = [`http://${headers['host']}`, headers['origin'] ?? 'http://localhost']
  if (
    names.every((name) => URL.canParse(name) && isLoopback(new URL(name).hostname.replaceAll(/[[\]]/g, '')))
  )
    return
  throw new LitfassError('not_allowed', 'The control API answers this machine only', {
    remedy: 'Call it by 127.0.0.1, or start the sandbox with an API key.',
  })
}

function nothingHere(path: string): LitfassError {
  return new LitfassError('not_found', `There is nothing at ${path}`, {
    remedy: 'The simulators stand under /_sandbox/<network>, the wall under /_sandbox/.',
  })
}

async function bodyOf(incoming: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > bodyLimit)
      throw new LitfassError('payload_too_large', 'The body is too large', { remedy: 'Send a smaller file.' })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** Reads about half of a body, as far as its length is known. */
export async function halfOf(incoming: IncomingMessage): Promise<void> {
  const half = Number(incoming.headers['content-length'] ?? 0) / 2
  let seen = 0
  for await (const chunk of incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    seen += chunk.length
    if (seen >= half) return
  }
}

function send(outgoing: ServerResponse, answer: Answer): void {
  if (answer === 'reset') {
    outgoing.socket?.resetAndDestroy()
    return
  }
  outgoing.writeHead(answer.status, answer.headers).end(answer.body ?? '')
}

function fail(outgoing: ServerResponse, cause: unknown): void {
  if (outgoing.headersSent) return void outgoing.destroy()
  const isKnown = cause instanceof LitfassError
  const code = isKnown ? cause.code : 'internal'
  const status = isKnown ? cause.status : 500
  const problem = {
    type: `urn:litfass:problem:${code}`,
    title: isKnown ? cause.message : 'Something went wrong in the sandbox',
    status,
    code,
    remedy: isKnown ? cause.remedy : 'Report it with what you sent.',
    ...(isKnown && cause.issues.length > 0 ? { issues: cause.issues } : {}),
  }
  outgoing
    .writeHead(status, { 'content-type': 'application/problem+json', connection: 'close' })
    .end(JSON.stringify(problem))
}
