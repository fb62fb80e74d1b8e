/**
 * The one door to the networks. A verb is handed a `MeteredFetch` and has no other way out.
 *
 * Every call is announced to the meter before it leaves and settled by what came back, so that the
 * access ledger holds an opening and a settling entry for each. There is no retry in here: a retry is a
 * new attempt, decided by the engine from an outcome.
 */
import { Agent, type Dispatcher, request } from 'undici'
import type { NetworkHosts, Purpose } from './contract.ts'
import { isKnownHost, publicLookup, refusePrivateLiteral } from './public-hosts.ts'

export type Call = {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  url: string
  /** Names the kind of endpoint in the definition's prices and quotas, for example `post.create`. */
  endpointClass: string
  /** What kind of data comes back, for the ledger, for example `own-post`, `metric`, `none`. */
  dataClass: string
  purpose: Purpose
  headers?: Record<string, string>
  /** An object is sent as JSON, URLSearchParams as a form, bytes as they are (see `multipart.ts`). */
  body?: Record<string, unknown> | URLSearchParams | Uint8Array
  /** Whether the content carries a link, where that decides the price. */
  hasLink?: boolean
  /** Items of network data in the answer, counted from its parsed body. Default 0. */
  countItems?: (body: unknown) => number
  /** Items that come back at most, where they cost. */
  mostItems?: number
  /** The same items were read before on this UTC day. */
  isRepeat?: boolean
  /** Milliseconds until the answer must be complete. Default 30,000. */
  timeoutMs?: number
  /** Whether a refusal belongs to how the network is talked to, and is no trouble: it is asked again at once. */
  isExpected?: (answer: Answer) => boolean
  /** Asked last, when the call is written down and would leave. Rejects to keep it. */
  mayLeave?: () => Promise<void>
}

/** An answer read whole. `json` is undefined where the body is no JSON. Digits of large ids are kept. */
export type Answer = { status: number; headers: Record<string, string>; text: string; json: unknown }

export type MeteredFetch = (call: Call) => Promise<Answer>

/** `sent`: bytes may have reached the network, so a visible effect is possible. */
export class NoAnswer extends Error {
  override name = 'NoAnswer'
  readonly sent: boolean
  constructor(message: string, options: { sent: boolean; cause?: unknown }) {
    super(message, { cause: options.cause })
    this.sent = options.sent
  }

  /** Whether the network's server was asked at all; else the address was not to be asked. */
  get isTheirs(): boolean {
    return !notAskedCodes.has(errorCode(this.cause) ?? '')
  }
}

/** How a call ended, for the meter. */
export type Settlement = {
  outcome: 'answered' | 'no-answer'
  status: number | null
  /** Whether bytes may have reached the network. */
  wasSent: boolean
  items: number
  /** Of them, those that were not read before within the window in which the network charges one item once. */
  freshItems?: number
  /** An answer that brought items, and could not be read: nobody knows how many. */
  isUnread?: boolean
  /** How long pacing kept the call back. */
  waitedMs?: number
  headers: Record<string, string>
  ms: number
}

export type Meter = {
  /** Before the request leaves: prices it and writes the opening entry. Throws to forbid the call. */
  open: (call: Call) => Promise<unknown>
  settle: (call: Call, opened: unknown, settlement: Settlement) => Promise<void>
}

/** Keeps calls back that would only be refused, by what earlier answers told. */
export type Pace = {
  /** Before the call is announced: milliseconds it is to wait. Throws where that would be long. */
  before: (call: Call) => number
  hear: (call: Call, answer: Answer) => void
}

const unpaced: Pace = { before: () => 0, hear: () => {} }

/** A meter that records nothing; for tests of verbs alone. */
export const unmetered: Meter = { open: async () => undefined, settle: async () => {} }

/**
 * To one host, and more than a worker has under way: a call that waited for a connection behind slow uploads
 * would be late, and its time to answer would run meanwhile.
 */
const pool = { connections: 320, pipelining: 1, keepAliveTimeout: 10_000 }
const agent = new Agent(pool)
/** Opens connections to public servers only. */
const publicAgent = new Agent({ ...pool, connect: { lookup: publicLookup } })

/** A door that reports to `meter`. Where `known` is given, every other host must be public. */
export function createMeteredFetch(
  meter: Meter,
  known: NetworkHosts | null = null,
  pace: Pace = unpaced,
): MeteredFetch {
  return async (call) => {
    const waitedMs = pace.before(call)
    if (waitedMs > 0) await new Promise((resolve) => setTimeout(resolve, waitedMs))
    const waited = waitedMs > 0 ? { waitedMs } : {}
    const opened = await meter.open(call)
    const startedAt = performance.now()
    const elapsed = () => Math.round(performance.now() - startedAt)
    try {
      await call.mayLeave?.()
    } catch (cause) {
      await meter.settle(call, opened, { ...unsent, ...waited })
      throw cause
    }
    let answer: Answer
    try {
      answer = await send(call, dispatcherFor(call.url, known))
    } catch (cause) {
      await meter.settle(call, opened, {
        outcome: 'no-answer',
        status: null,
        wasSent: mayHaveBeenSent(cause),
        items: 0,
        ...waited,
        headers: {},
        ms: elapsed(),
      })
      throw new NoAnswer(describe(cause), { sent: mayHaveBeenSent(cause), cause })
    }
    const hasItems = answer.status < 400 && answer.json !== undefined
    const items = hasItems ? (call.countItems?.(answer.json) ?? 0) : 0
    await meter.settle(call, opened, {
      outcome: 'answered',
      status: answer.status,
      wasSent: true,
      items,
      ...(call.isRepeat === true ? { freshItems: 0 } : {}),
      ...(call.countItems && answer.status < 300 && answer.json === undefined ? { isUnread: true } : {}),
      ...waited,
      headers: answer.headers,
      ms: elapsed(),
    })
    pace.hear(call, answer)
    return answer
  }
}

/** A call that was kept at the last moment. */
const unsent: Settlement = {
  outcome: 'no-answer',
  status: null,
  wasSent: false,
  items: 0,
  headers: {},
  ms: 0,
}

function dispatcherFor(url: string, known: NetworkHosts | null): Dispatcher {
  if (known === null || isKnownHost(url, known)) return agent
  if (URL.canParse(url)) refusePrivateLiteral(url)
  return publicAgent
}

async function send(call: Call, dispatcher: Dispatcher): Promise<Answer> {
  const { body, contentType } = encode(call.body)
  const response = await request(call.url, {
    method: call.method,
    headers: {
      accept: 'application/json',
      ...(contentType ? { 'content-type': contentType } : {}),
      ...call.headers,
    },
    ...(body === undefined ? {} : { body }),
    dispatcher,
    signal: AbortSignal.timeout(call.timeoutMs ?? 30_000),
  })
  const text = await response.body.text()
  return {
    status: response.statusCode,
    headers: flatten(response.headers),
    text,
    json: parseKeepingDigits(text),
  }
}

function encode(body: Call['body']): {
  body: string | Uint8Array | undefined
  contentType?: string
} {
  if (body === undefined) return { body: undefined }
  if (body instanceof URLSearchParams)
    return { body: body.toString(), contentType: 'application/x-www-form-urlencoded' }
  if (body instanceof Uint8Array) return { body, contentType: 'application/octet-stream' }
  return { body: JSON.stringify(body), contentType: 'application/json' }
}

function flatten(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const flat: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value
  }
  return flat
}

/** Where there may be a number above 2^53: most answers have none, and are read four times as fast then. */
const longNumber = /(?:^|[\s:[,-])\d{16}/

/** Networks send ids above 2^53 as bare JSON numbers; those become strings so that no digit is lost. */
export function parseKeepingDigits(text: string): unknown {
  if (text === '') return undefined
  try {
    return longNumber.test(text) ? JSON.parse(text, keepDigits) : JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The reviver's third argument holds the source text of a primitive (ECMAScript 2026, in Node 22 and newer). */
function keepDigits(this: unknown, _key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
  const source = context?.source
  return source !== undefined && /^-?\d+$/.test(source) ? source : value
}

const notAskedCodes = new Set(['ERR_INVALID_URL', 'HOST_NOT_PUBLIC'])

const neverSentCodes = new Set([
  ...notAskedCodes,
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** Whether bytes may have reached a server, by what ended the request. */
export function mayHaveBeenSent(cause: unknown): boolean {
  const code = errorCode(cause)
  return code === undefined || !neverSentCodes.has(code)
}

export function errorCode(cause: unknown): string | undefined {
  if (typeof cause !== 'object' || cause === null || !('code' in cause)) return undefined
  return typeof cause.code === 'string' ? cause.code : undefined
}

/** Says what went wrong without any header or body, which may hold a token. */
function describe(cause: unknown): string {
  const code = errorCode(cause)
  if (cause instanceof Error && cause.name === 'TimeoutError') return 'the network did not answer in time'
  return code ? `no usable answer (${code})` : 'no usable answer'
}
