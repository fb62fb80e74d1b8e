/** What the simulators of Meta's networks share: refusals, ids, and a sign-in by code. */
import { randomBytes } from 'node:crypto'
import { commonRows, type GraphErrorRow } from './graph.ts'
import type { Collection } from './sandbox-journal.ts'
import {
  jsonResponse,
  type KnownError,
  redirect,
  type RefusalKind,
  type SandboxRequest,
  type SandboxResponse,
} from './sandbox-kit.ts'

/** HTTP status of an error; most stand in a plain 400. */
export function graphStatus(code: number): number {
  if (code === 190 || code === 102) return 401
  return code === 1 || code === 2 ? 500 : 400
}

/** A row with one code of its own. */
export type RefusedRow = { code: number; subcode?: number; meaning: string }

/**
 * Every row as an error with the id `code` or `code/subcode`, or the word it is told by. Rows known by their
 * subcode alone come as code 1, those known by a word as code 100.
 */
export function graphErrors(
  own: readonly GraphErrorRow[],
  answer: (row: RefusedRow, request: SandboxRequest) => SandboxResponse,
): Record<string, KnownError> {
  const errors: Record<string, KnownError> = {}
  for (const { code: range, subcode, word, meaning } of [...own, ...commonRows]) {
    const isAny = Array.isArray(range) && range[0] < 0
    const code = word !== undefined ? 100 : Array.isArray(range) ? (isAny ? 1 : range[0]) : range
    const row = { code, meaning: word ?? meaning, ...(subcode === undefined ? {} : { subcode }) }
    const id = word ?? (subcode === undefined ? String(code) : `${code}/${subcode}`)
    errors[id] ??= { status: graphStatus(code), meaning, answer: (request) => answer(row, request) }
  }
  return errors
}

export type Refusal = {
  code: number
  subcode?: number
  message: string
  status?: number
  transient?: boolean
}

/** `type` names the host: `OAuthException`, `IGApiException`, `THApiException`. */
export function graphRefusal(
  type: string,
  refusal: Refusal,
  headers: Record<string, string> = {},
): SandboxResponse {
  const { code, subcode, message } = refusal
  const error = {
    message,
    type,
    code,
    ...(subcode === undefined ? {} : { error_subcode: subcode }),
    is_transient: refusal.transient ?? false,
    fbtrace_id: randomBytes(8).toString('base64url'),
  }
  return jsonResponse(refusal.status ?? graphStatus(code), { error }, headers)
}

/** Ids of 17 digits, as the networks' are: above 2^53, so that one read as a number would lose digits. */
export function nextGraphId(counters: Collection<number>, prefix: string): string {
  const number = (counters.get(prefix) ?? 0) + 1
  counters.set(prefix, number)
  return `${prefix}${String(number).padStart(17 - prefix.length, '0')}`
}

/** Instants are written with whole seconds and an offset without a colon. */
export function graphTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, '+0000')
}

/** Where the buttons of a consent page lead. `tail` hangs behind the address and is no part of the code. */
export function consentRedirect(
  query: URLSearchParams,
  tail: string,
  newCode: (given: { redirectUri: string; scopes: string[] }) => string,
): SandboxResponse {
  const redirectUri = query.get('redirect_uri') ?? ''
  if (!URL.canParse(redirectUri)) return { status: 400, body: 'Invalid redirect_uri' }
  const target = new URL(redirectUri)
  if (query.get('decision') !== 'allow') {
    target.searchParams.set('error', 'access_denied')
    target.searchParams.set('error_reason', 'user_denied')
    target.searchParams.set('error_description', 'The user denied your request')
    target.searchParams.set('state', query.get('state') ?? '')
    return redirect(target.href)
  }
  target.searchParams.set('state', query.get('state') ?? '')
  target.searchParams.set('code', newCode({ redirectUri, scopes: (query.get('scope') ?? '').split(',') }))
  return redirect(`${target.href}${tail}`)
}

/** A code works once, for the redirect it was given to, and for a limited time. */
export function takeCode<T extends { redirectUri: string; createdAt: number }>(
  codes: Collection<T>,
  params: URLSearchParams,
  isAlive: (code: T) => boolean,
): T | null {
  const key = params.get('code') ?? ''
  const code = codes.get(key)
  if (!code || !isAlive(code) || code.redirectUri !== params.get('redirect_uri')) return null
  if (!params.get('client_id') || !params.get('client_secret')) return null
  codes.delete(key)
  return code
}

/** The token, or the refusal it earns. */
export function aliveToken<T extends { dead: boolean; expiresAt: number | null }>(
  type: string,
  token: T | undefined,
  now: number,
): T | SandboxResponse {
  const refuse = (message: string, subcode?: number) =>
    graphRefusal(type, { code: 190, message, ...(subcode === undefined ? {} : { subcode }) })
  if (!token) return refuse('Invalid OAuth access token.')
  if (token.dead) return refuse('The user has not authorized application.', 458)
  if (token.expiresAt !== null && token.expiresAt <= now) return refuse('Session has expired.', 463)
  return token
}

/** Which of Meta's refusals a kind is; the rest of them are the network's own. */
export function sharedRefusal(kind: RefusalKind): Refusal | null {
  switch (kind) {
    case 'unauthorised':
      return { code: 190, message: 'Error validating access token.' }
    case 'server-error':
      return { code: 2, message: 'Service temporarily unavailable', status: 503, transient: true }
    case 'withdrawn-network':
      return { code: 10, message: 'Application does not have permission for this action' }
    case 'withdrawn-ability':
      return { code: 3, message: 'Application does not have the capability to make this call.' }
    case 'withdrawn-version':
      return { code: 2635, message: 'You are calling a deprecated version of the API.' }
    case 'throttled':
    case 'outage':
      return null
  }
}
