/** What Bluesky's simulator knows: accounts, sessions, uploads and posts, and how ids and tokens look. */
import { createHash, randomBytes } from 'node:crypto'
import {
  audienceOf,
  bearerOf,
  jsonResponse,
  type SandboxContext,
  type SandboxRequest,
  type SandboxResponse,
} from '../sandbox-kit.ts'
import type { PostRecord } from './publish.ts'
import { proofIn } from './sandbox-proof.ts'

export type Account = { did: string; handle: string; name: string }
/** `key` is the thumbprint of the one it is bound to, where it is. */
export type Session = { did: string; family: string; scope: string; expiresAt: number; key?: string }
/** `next` names the session that came out of a renewal, which a repeated one gets again. */
export type Renewal = { did: string; family: string; expiresAt: number; next?: Tokens }
export type Tokens = { accessJwt: string; refreshJwt: string }
/** A consent that was announced, and then given: `did` is whose. */
export type Consent = {
  clientId: string
  redirectUri: string
  scope: string
  state: string
  challenge: string
  hint: string
  key: string
  expiresAt: number
}
export type Code = Consent & { did: string }
/** What a refresh token stands for. */
export type Granted = {
  did: string
  clientId: string
  scope: string
  key: string
  family: string
  endsAt: number
  isUsed: boolean
}
export type Upload = { cid: string; owner: string; file: string; mimeType: string; size: number }
export type Post = {
  uri: string
  cid: string
  did: string
  key: string
  record: PostRecord
  createdAt: number
  url: string
  deleted: boolean
}
export type Window = { startedAt: number; points: number }

/** The accounts to sign in to. Any other handle below `.test` may be used as well. */
export const handles: Readonly<Record<string, string>> = {
  'litfass.test': 'Litfass Column',
  'cafe.litfass.test': 'Litfass Cafe',
  'books.litfass.test': 'Litfass Books',
}

export function openState(context: SandboxContext) {
  return {
    accounts: context.collection<Account>('accounts'),
    sessions: context.collection<Session>('sessions'),
    renewals: context.collection<Renewal>('renewals'),
    consents: context.collection<Consent>('consents'),
    codes: context.collection<Code>('codes'),
    grants: context.collection<Granted>('grants'),
    uploads: context.collection<Upload>('uploads'),
    posts: context.collection<Post>('posts'),
    windows: context.collection<Window>('windows'),
    /** Posts left by order of a fault. */
    quota: context.collection<number>('quota'),
    files: context.files,
    audience: audienceOf(context),
    now: () => context.now().getTime(),
    sequence: 0,
  }
}

export type State = ReturnType<typeof openState>

/** Any handle has its account, so that a benchmark can have as many as it likes. */
export function accountOf(state: State, handle: string): Account {
  const digest = createHash('sha256').update(handle).digest()
  const did = `did:plc:${base32(digest).slice(0, 24)}`
  const known = state.accounts.get(did)
  if (known) return known
  const account = { did, handle, name: handles[handle] ?? handle }
  state.accounts.set(did, account)
  return account
}

/** By handle or DID, as everywhere in the protocol. */
export function findAccount(state: State, actor: string): Account | undefined {
  if (actor.startsWith('did:')) return state.accounts.get(actor)
  if (Object.hasOwn(handles, actor)) return accountOf(state, actor)
  return [...state.accounts.values()].find(({ handle }) => handle === actor)
}

export function problem(
  status: number,
  error: string,
  message: string,
  headers: Record<string, string> = {},
): SandboxResponse {
  return jsonResponse(status, { error, message }, headers)
}

export const invalid = (message: string) => problem(400, 'InvalidRequest', message)

/** Whose access token came along, or the refusal the real server gives. */
export function callerOf(
  state: State,
  request: SandboxRequest,
): { account: Account } | { response: SandboxResponse } {
  const bound = /^DPoP (.+)$/i.exec(request.headers['authorization'] ?? '')?.[1]
  const token = bound ?? bearerOf(request)
  if (token === undefined) return { response: problem(401, 'AuthMissing', 'Authentication Required') }
  const session = state.sessions.get(token)
  if (bound !== undefined || session?.key !== undefined) return boundCaller(state, request, token, session)
  const account = state.accounts.get(session?.did ?? '')
  if (!session || !account) return { response: problem(400, 'InvalidToken', 'Token could not be verified') }
  if (session.expiresAt <= state.now()) return { response: problem(400, 'ExpiredToken', 'Token has expired') }
  return { account }
}

function boundCaller(
  state: State,
  request: SandboxRequest,
  token: string,
  session: Session | undefined,
): ReturnType<typeof callerOf> {
  const proof = proofIn(state, request, token)
  if ('response' in proof) return proof
  const account = state.accounts.get(session?.did ?? '')
  const isRight = session && account && session.key === proof.key && session.expiresAt > state.now()
  if (isRight) return { account }
  const isOver = session && session.expiresAt <= state.now()
  const said = isOver ? "'exp' claim timestamp check failed" : 'Invalid token'
  const challenge = `DPoP error="invalid_token", error_description="${said}"`
  return { response: problem(401, 'invalid_token', said, { 'www-authenticate': challenge }) }
}

/** Looks like the real ones, which say of themselves whose they are and when they end. Signed by nobody. */
export function newToken(
  state: State,
  type: 'at+jwt' | 'refresh+jwt',
  claims: object,
  lifeMs: number,
): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const iat = Math.floor(state.now() / 1_000)
  const body = { ...claims, aud: 'did:web:sandbox.test', iat, exp: iat + lifeMs / 1_000 }
  return `${part({ typ: type, alg: 'HS256' })}.${part(body)}.${randomBytes(32).toString('base64url')}`
}

/** Content names: the same bytes have the same one. Those of records are of their JSON, not of their CBOR. */
export function cidOf(bytes: Uint8Array, codec: 'raw' | 'record'): string {
  const digest = createHash('sha256').update(bytes).digest()
  return `b${base32(Buffer.concat([Buffer.from([1, codec === 'raw' ? 0x55 : 0x71, 0x12, 0x20]), digest]))}`
}

function base32(bytes: Uint8Array): string {
  let bits = ''
  for (const byte of bytes) bits += byte.toString(2).padStart(8, '0')
  let text = ''
  for (let at = 0; at < bits.length; at += 5)
    text += 'abcdefghijklmnopqrstuvwxyz234567'.charAt(
      Number.parseInt(bits.slice(at, at + 5).padEnd(5, '0'), 2),
    )
  return text
}
