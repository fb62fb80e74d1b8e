/**
 * What every network's simulator is made of: a request handler, durable collections, a clock and faults.
 *
 * A simulator speaks the real API over HTTP as the facts describe it, so the product runs the same code
 * against it as against the network. Its state survives a restart and a SIGKILL.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LoginMethod, NetworkHosts } from './contract.ts'

export type SandboxRequest = {
  method: string
  /** Path below the network's mount, starting with `/`, without the query. */
  path: string
  query: URLSearchParams
  headers: Record<string, string>
  body: Uint8Array
  /** Absolute URL the simulator is mounted at, without a trailing slash. */
  baseUrl: string
}

export type SandboxResponse = { status: number; headers?: Record<string, string>; body?: string | Uint8Array }

export type SandboxContext = {
  now: () => Date
  collection: <T>(name: string) => Collection<T>
  /** Fetches media the product offers by URL; the host decides what it may reach. */
  fetchMedia: (url: string) => Promise<{ status: number; contentType: string; bytes: Uint8Array }>
}

/** One thing visible on the network, with the request that made it. */
export type WallPost = {
  network: string
  remoteId: string
  channelRemoteId: string
  channelName: string
  text: string
  link?: string
  images: ReadonlyArray<{ altText: string; dataUrl?: string }>
  url: string
  publishedAt: string
  deleted: boolean
}

export type SandboxNetwork = {
  id: string
  handle: (request: SandboxRequest) => Promise<SandboxResponse>
  wall: () => WallPost[]
  /** Makes every token of the simulator die, as when people revoke an app. */
  killTokens: () => void
}

export type CreateSandbox = (context: SandboxContext) => SandboxNetwork

/** What a network's `sandbox.ts` exports. */
export type Simulator = {
  createSandbox: CreateSandbox
  /** Hosts of the simulator mounted at `baseUrl`, for one login. */
  sandboxHosts: (login: LoginMethod, baseUrl: string) => NetworkHosts
}

/** A named map whose every change is on disk before `set` returns (not fsynced: a sandbox survives SIGKILL, not a power cut). */
export type Collection<T> = {
  get: (key: string) => T | undefined
  set: (key: string, value: T) => void
  delete: (key: string) => void
  entries: () => Array<[string, T]>
  size: () => number
}

type Entry = [collection: string, key: string, value: unknown]

/** Durable collections in one journal file; in memory only where `file` is null. */
export function openCollections(file: string | null): <T>(name: string) => Collection<T> {
  const maps = new Map<string, Map<string, unknown>>()
  const mapOf = (name: string) => {
    const map = maps.get(name) ?? new Map<string, unknown>()
    maps.set(name, map)
    return map
  }
  if (file !== null) {
    mkdirSync(join(file, '..'), { recursive: true })
    for (const [name, key, value] of readJournal(file)) {
      if (value === null) mapOf(name).delete(key)
      else mapOf(name).set(key, value)
    }
    compact(file, maps)
  }
  const record = (entry: Entry) => {
    if (file !== null) appendFileSync(file, `${JSON.stringify(entry)}\n`)
  }
  return <T>(name: string): Collection<T> => {
    const map = mapOf(name) as Map<string, T>
    return {
      get: (key) => map.get(key),
      set: (key, value) => {
        record([name, key, value])
        map.set(key, value)
      },
      delete: (key) => {
        record([name, key, null])
        map.delete(key)
      },
      entries: () => [...map.entries()],
      size: () => map.size,
    }
  }
}

/** A last line cut off by a kill is dropped: it was never acknowledged. */
function readJournal(file: string): Entry[] {
  if (!existsSync(file)) return []
  const entries: Entry[] = []
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (line === '') continue
    try {
      entries.push(JSON.parse(line) as Entry)
    } catch {
      break
    }
  }
  return entries
}

function compact(file: string, maps: Map<string, Map<string, unknown>>): void {
  const lines: string[] = []
  for (const [name, map] of maps)
    for (const [key, value] of map) lines.push(JSON.stringify([name, key, value]))
  writeFileSync(`${file}.new`, lines.length === 0 ? '' : `${lines.join('\n')}\n`)
  renameSync(`${file}.new`, file)
}

export function jsonResponse(
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): SandboxResponse {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(body),
  }
}

export function redirect(location: string): SandboxResponse {
  return { status: 302, headers: { location } }
}

export function formOf(request: SandboxRequest): URLSearchParams {
  return new URLSearchParams(new TextDecoder().decode(request.body))
}

/** The JSON body as an object; empty where there is none. */
export function jsonOf(request: SandboxRequest): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(request.body))
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

/** Parts of a multipart body: fields as text, files as bytes. */
export async function multipartOf(request: SandboxRequest): Promise<Map<string, string | Uint8Array>> {
  const body = new Response(request.body as Uint8Array<ArrayBuffer>, {
    headers: { 'content-type': request.headers['content-type'] ?? '' },
  })
  const parts = new Map<string, string | Uint8Array>()
  for (const [name, value] of await body.formData()) {
    parts.set(name, typeof value === 'string' ? value : new Uint8Array(await value.arrayBuffer()))
  }
  return parts
}

/** The bearer token of a request, from its header. */
export function bearerOf(request: SandboxRequest): string | undefined {
  return /^(?:Bearer|OAuth) (.+)$/i.exec(request.headers['authorization'] ?? '')?.[1]
}

/**
 * The deterministic audience: how often something was seen by `ageSeconds`, by seed.
 *
 * Grows at once and then slows, so that a newcomer watches figures move within a minute.
 * Shares of it (likes, comments) are taken with `shareOf`.
 */
export function audienceViews(seed: string, ageSeconds: number): number {
  const size = 200 + (hash(seed) % 4_800)
  return Math.floor(size * (1 - Math.exp(-Math.max(0, ageSeconds) / 600)))
}

/** A share of `views` between `low` and `high`, fixed by seed. */
export function shareOf(views: number, seed: string, low: number, high: number): number {
  const position = (hash(seed) % 10_000) / 10_000
  return Math.floor(views * (low + (high - low) * position))
}

/** FNV-1a, 32 bit. */
export function hash(text: string): number {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) {
    value ^= text.charCodeAt(index)
    value = Math.imul(value, 0x01000193)
  }
  return value >>> 0
}

/** A consent page: who asks, for what, and two buttons. Plain HTML that works without scripts. */
export function consentPage(options: {
  network: string
  scopes: readonly string[]
  accounts: readonly string[]
  action: string
  hidden: Record<string, string>
}): SandboxResponse {
  const hidden = Object.entries(options.hidden)
    .map(([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`)
    .join('')
  const accounts = options.accounts.map((name) => `<li>${escapeHtml(name)}</li>`).join('')
  const scopes = options.scopes.map((name) => `<li><code>${escapeHtml(name)}</code></li>`).join('')
  const body = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(options.network)} sandbox</title><style>body{font:16px/1.5 system-ui;max-width:34rem;margin:3rem auto;padding:0 1rem}
button{font:inherit;padding:.6rem 1.2rem;margin-right:.5rem}</style></head><body><main>
<h1>${escapeHtml(options.network)} sandbox</h1><p>Litfass asks for access to:</p><ul>${accounts}</ul><p>with these scopes:</p><ul>${scopes}</ul>
<form method="get" action="${escapeHtml(options.action)}">${hidden}<button name="decision" value="allow">Allow</button><button name="decision" value="deny">Cancel</button></form>
<p>This is a simulator. Nothing leaves this server.</p></main></body></html>`
  return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body }
}

/** Where pressing a button of a consent page leads, or null where `html` holds no form. */
export function consentAnswerUrl(html: string, pageUrl: string, decision: 'allow' | 'deny'): string | null {
  const action = /<form[^>]*action="([^"]+)"/.exec(html)?.[1]
  if (!action) return null
  const answer = new URL(unescapeHtml(action), pageUrl)
  for (const match of html.matchAll(/name="([^"]+)" value="([^"]*)"/g)) {
    answer.searchParams.set(unescapeHtml(match[1] ?? ''), unescapeHtml(match[2] ?? ''))
  }
  answer.searchParams.set('decision', decision)
  return answer.href
}

function unescapeHtml(text: string): string {
  return text.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
