/**
 * What every network's simulator is made of: requests and answers, posts for the wall, refusals for
 * faults, and the deterministic audience.
 *
 * A simulator speaks the real API over HTTP as the facts describe it, so the product runs the same code
 * against it as against the network.
 */
import type { LoginMethod, NetworkHosts } from './contract.ts'
import type { Collection, Files } from './sandbox-journal.ts'

export type SandboxRequest = {
  method: string
  /** Path below the network's mount, starting with `/`, without the query. */
  path: string
  query: URLSearchParams
  headers: Record<string, string>
  body: Uint8Array
  /** Absolute URL the simulator is mounted at, without a trailing slash. */
  baseUrl: string
  /** Tells which object this request made or changed, and out of which; the wall shows the requests. */
  made?: (objectId: string, outOf?: readonly string[]) => void
}

export type SandboxResponse = { status: number; headers?: Record<string, string>; body?: string | Uint8Array }

export type SandboxContext = {
  now: () => Date
  collection: <T>(name: string) => Collection<T>
  files: Files
  /** Fetches media the product offers by URL; the host decides what it may reach. */
  fetchMedia: (url: string) => Promise<{ status: number; contentType: string; bytes: Uint8Array }>
}

/** One thing visible on the network. */
export type WallPost = {
  network: string
  remoteId: string
  channelRemoteId: string
  channelName: string
  handle?: string
  text: string
  link?: string
  /** `file` names the bytes in the network's files. */
  images: ReadonlyArray<{ altText: string; file?: string }>
  url: string
  publishedAt: string
  deleted: boolean
  /** The audience as it is now. */
  figures: Readonly<Record<string, number>>
  /** Our own comments below it, the oldest first. */
  comments: readonly WallComment[]
}

/** What stands below a post on the wall. */
export type WallComment = Pick<WallPost, 'remoteId' | 'text' | 'url' | 'publishedAt' | 'deleted'>

/** A reply, which is a post of its own on many networks. */
export function commentOnWall({ remoteId, text, url, publishedAt, deleted }: WallPost): WallComment {
  return { remoteId, text, url, publishedAt, deleted }
}

/** What a request is for, as faults tell requests apart. `page`: something people open in a browser. */
export type Effect = 'publish' | 'upload' | 'read' | 'remove' | 'token' | 'page'

/** Refusals that every network has, each in its own words. `withdrawn-…`: ended for good by the network. */
export type RefusalKind =
  | 'unauthorised'
  | 'throttled'
  | 'outage'
  | 'server-error'
  | 'withdrawn-network'
  | 'withdrawn-ability'
  | 'withdrawn-version'

/** A refusal of the real network that a fault can ask for by id. */
export type KnownError = {
  status: number
  meaning: string
  answer: (request: SandboxRequest) => SandboxResponse
}

/** What the network would charge, by endpoint class. Amounts are decimal strings. */
export type Bill = {
  currency: string
  total: string
  items: Array<{ endpointClass: string; count: number; amount: string }>
}

export type SandboxNetwork = {
  id: string
  name: string
  /** CSS colour of the brand. */
  color: string
  handle: (request: SandboxRequest) => Promise<SandboxResponse>
  wall: () => WallPost[]
  post: (remoteId: string) => WallPost | undefined
  /** The post whose own page stands at this path. */
  postAt: (path: string) => string | undefined
  effectOf: (request: Pick<SandboxRequest, 'method' | 'path'>) => Effect
  /** API version a request asks for, where the network has versions. */
  versionOf: (request: Pick<SandboxRequest, 'path' | 'headers'>) => string | undefined
  errors: Readonly<Record<string, KnownError>>
  refuse: (kind: RefusalKind, request: SandboxRequest) => SandboxResponse
  /** Makes tokens die, as when people remove an app: all of them, or those of one account. */
  killTokens: (accountId?: string) => void
  /** Leaves so many visible posts (or calls, where the network counts those); null ends it. */
  setQuota: (remaining: number | null) => void
  /** Only where the network takes money for calls: prices by endpoint class; null is the book's. */
  setPrices?: (prices: Readonly<Record<string, string>> | null) => void
  bill?: () => Bill
  /** Only where the network has two sets of field names: answers with the newer one. */
  setRenamedFields?: (isRenamed: boolean) => void
  /** Collections that outlive emptying: consents and what keeps ids from coming twice. */
  kept: readonly string[]
}

export type CreateSandbox = (context: SandboxContext) => SandboxNetwork

/** What a network's `sandbox.ts` exports. */
export type Simulator = {
  createSandbox: CreateSandbox
  /** Hosts of the simulator mounted at `baseUrl`, for one login. */
  sandboxHosts: (login: LoginMethod, baseUrl: string) => NetworkHosts
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

/** Parts of a multipart body: fields as text, files as bytes. A body that is cut off has none. */
export async function multipartOf(request: SandboxRequest): Promise<Map<string, string | Uint8Array>> {
  const body = new Response(request.body as Uint8Array<ArrayBuffer>, {
    headers: { 'content-type': request.headers['content-type'] ?? '' },
  })
  const parts = new Map<string, string | Uint8Array>()
  const form = await body.formData().catch(() => new FormData())
  for (const [name, value] of form) {
    parts.set(name, typeof value === 'string' ? value : new Uint8Array(await value.arrayBuffer()))
  }
  return parts
}

/** The bearer token of a request, from its header. */
export function bearerOf(request: Pick<SandboxRequest, 'headers'>): string | undefined {
  return /^(?:Bearer|OAuth) (.+)$/i.exec(request.headers['authorization'] ?? '')?.[1]
}

/** The type of an image by its first bytes, or null. */
export function imageType(bytes: Uint8Array): string | null {
  const head = Buffer.from(bytes.subarray(0, 12)).toString('latin1')
  if (head.startsWith('\xff\xd8\xff')) return 'image/jpeg'
  if (head.startsWith('\x89PNG')) return 'image/png'
  if (head.startsWith('GIF8')) return 'image/gif'
  return head.startsWith('RIFF') && head.endsWith('WEBP') ? 'image/webp' : null
}

/** How an audience behaves. `size` is what the largest posts reach in the end. */
export type Audience = {
  seed: string
  size: number
  halfLifeSeconds: number
  /** Instant at which figures stand still; null lets them grow. */
  pausedAt: string | null
}

export const defaultAudience: Audience = { seed: '', size: 5_000, halfLifeSeconds: 420, pausedAt: null }

/** Name of the collection and of its only key. */
export const audienceCollection = '_audience'

/** Views of one thing now, and shares of them (likes, comments) that are fixed by name. */
export type Crowd = { views: number; share: (name: string, low: number, high: number) => number }

/**
 * The deterministic audience: the same seed and the same post give the same figures.
 *
 * A post is told by who published what, not by its id, so that a story told twice has equal figures.
 * Figures grow at once and then slow down: about a tenth of all views come in the first minute.
 */
export function audienceOf(
  context: Pick<SandboxContext, 'collection' | 'now'>,
): (post: string, publishedAt: number) => Crowd {
  const settings = context.collection<Audience>(audienceCollection)
  return (post, publishedAt) => {
    const { seed, size, halfLifeSeconds, pausedAt } = settings.get('audience') ?? defaultAudience
    const key = `${seed}|${post}`
    const now = Math.min(context.now().getTime(), pausedAt === null ? Infinity : Date.parse(pausedAt))
    const age = Math.max(0, now - publishedAt) / 1_000
    const reached = size * (0.04 + 0.96 * part(key))
    const views = Math.floor(reached * (1 - 2 ** (-age / halfLifeSeconds)))
    return {
      views,
      share: (name, low, high) => Math.floor(views * (low + (high - low) * part(`${key}|${name}`))),
    }
  }
}

/** A number from 0 to 1 that belongs to a text. */
function part(text: string): number {
  // Similar texts differ in the low bits only; these steps spread that over all of them.
  let value = hash(text)
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  value ^= value >>> 13
  return ((value >>> 0) % 10_000) / 10_000
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

/**
 * Where pressing a button of a consent page leads, or null where `html` holds no form.
 *
 * Answers as a browser does that changed nothing, or that chose another account.
 */
export function consentAnswerUrl(
  html: string,
  pageUrl: string,
  decision: 'allow' | 'deny',
  account?: string,
): string | null {
  const action = /<form[^>]*action="([^"]*)"/.exec(html)?.[1]
  if (action === undefined) return null
  const answer = new URL(unescapeHtml(action), pageUrl)
  for (const [input] of html.matchAll(/<input [^>]*>/g)) {
    const attribute = (name: string) => unescapeHtml(new RegExp(` ${name}="([^"]*)"`).exec(input)?.[1] ?? '')
    const isChoice = /type="(?:radio|checkbox)"/.test(input)
    const isAccount = attribute('name') === 'account' && isChoice
    const isTaken =
      isAccount && account !== undefined ? attribute('value') === account : / checked/.test(input)
    if (!isChoice || isTaken) answer.searchParams.append(attribute('name'), attribute('value'))
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

/**
 * The pages a person left ticked on a consent page.
 *
 * A form that was filled in names its account; where none is named nothing was chosen, and all are meant.
 */
export function chosenPages<T extends { id: string }>(query: URLSearchParams, pages: readonly T[]): T[] {
  if (!query.has('account')) return [...pages]
  const ticked = query.getAll('page')
  return pages.filter((page) => ticked.includes(page.id))
}
