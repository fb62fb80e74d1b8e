/**
 * Which server an account lives at, by its handle: handle to DID, DID to its document, and in that its server.
 * Sources: https://atproto.com/specs/handle and https://atproto.com/specs/did, read 2026-11-24.
 */
import { LitfassError } from '#domain/errors.ts'
import type { VerbContext } from '../contract.ts'
import { type Answer, NoAnswer } from '../metered-fetch.ts'
import { callPublic, documentSchema, resolvedSchema } from './api.ts'

/** Servers of Bluesky itself; accounts there sign in at the one address for all of them. */
const behindTheDoor = /\.host\.bsky\.network$/

const use = {
  endpointClass: 'handle.resolve',
  dataClass: 'profile',
  purpose: 'connect',
  timeoutMs: 10_000,
} as const

/**
 * Undefined where the usual server is right or nothing was found. Whoever points the login at another server has
 * named it, and nobody is asked. What a document names is not trusted: only a public place is reached.
 */
export async function homeOf(context: VerbContext, identifier: string): Promise<string | undefined> {
  if (isPointedElsewhere(context)) return undefined
  const did = await didOf(context, identifier)
  const home = did === null ? undefined : await serverOfDid(context, did)
  return home === undefined || behindTheDoor.test(new URL(home).hostname) ? undefined : home
}

/** Whether the login was pointed at one server, by a setting or since it is the simulator. */
export function isPointedElsewhere({ hosts, login }: Pick<VerbContext, 'hosts' | 'login'>): boolean {
  return hosts.apiUrl !== login.hosts.apiUrl
}

/** What the document of a DID names as its server; undefined where there is none. */
export async function serverOfDid(context: VerbContext, did: string): Promise<string | undefined> {
  const url = documentUrl(context, did)
  if (url === null) return undefined
  const document = documentSchema.safeParse(
    (await ask(() => context.fetch({ method: 'GET', url, ...use })))?.json,
  )
  if (!document.success || document.data.id !== did) return undefined
  const service = document.data.service.find(({ id, type }) => isServer(id, type))
  if (!service || typeof service.serviceEndpoint !== 'string') return undefined
  return originOf(service.serviceEndpoint)
}

/** People may sign in by handle, by DID or by e-mail; an address tells no server. */
export async function didOf(context: VerbContext, identifier: string): Promise<string | null> {
  if (identifier.startsWith('did:')) return identifier
  if (!/^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i.test(identifier)) return null
  const operation = 'com.atproto.identity.resolveHandle'
  const answer = await ask(() =>
    callPublic(context, { method: 'GET', operation, query: { handle: identifier.toLowerCase() }, ...use }),
  )
  const resolved = resolvedSchema.safeParse(answer?.json)
  return answer?.status === 200 && resolved.success ? resolved.data.did : null
}

function documentUrl({ hosts }: VerbContext, did: string): string | null {
  if (/^did:plc:[a-z2-7]{24}$/.test(did))
    return hosts.directoryUrl === undefined ? null : `${hosts.directoryUrl}/${did}`
  const [, host] = /^did:web:([a-z0-9.-]+)$/i.exec(did) ?? []
  return host === undefined ? null : `https://${host}/.well-known/did.json`
}

function isServer(id: string, type: string): boolean {
  return id.endsWith('#atproto_pds') && type === 'AtprotoPersonalDataServer'
}

/** A password goes out encrypted, save within this machine. */
export function originOf(endpoint: string): string {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : null
  const isHere = url?.hostname === 'localhost' || url?.hostname === '127.0.0.1'
  if (url && (url.protocol === 'https:' || (url.protocol === 'http:' && isHere))) return url.origin
  throw new LitfassError('connection_refused', 'The server this account names is none that can be used', {
    remedy: 'Type the address of its server, with https.',
  })
}

/** Null where nobody answers: the usual server may still know the account. */
async function ask(call: () => Promise<Answer>): Promise<Answer | null> {
  try {
    return await call()
  } catch (cause) {
    if (!(cause instanceof NoAnswer)) throw cause
    return null
  }
}
