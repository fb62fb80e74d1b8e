/** Signing in and out, and passwords, under `/api/auth`; and who a request comes from. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Identity } from '#app/identity.ts'
import { authenticateKey } from '#app/initialise.ts'
import { actorOfSession, type SessionKeys, tokenOf } from '#app/sessions.ts'
import type { Actor, System } from '#app/system.ts'
import { LitfassError, type ErrorCode } from '#domain/errors.ts'
import { bytesOf } from './body.ts'
import type { Limits } from './limits.ts'

/** What of the identity kit is offered; the rest of it is not reachable. */
const offered = new Set([
  'sign-in/email',
  'sign-out',
  'request-password-reset',
  'reset-password',
  'change-password',
])

export function auth(app: FastifyInstance, system: System, identity: Identity, limits: Limits): void {
  app.post('/api/auth/*', async (request, reply) => {
    const path = (request.params as { '*': string })['*']
    if (!offered.has(path)) return reply.callNotFound()
    requireOwnPage(request, system)
    if (path === 'request-password-reset') await limits.mail(request)
    else if (path !== 'sign-out') await limits.door(request)
    const answer = await identity.handle(await webRequest(request, system, path))
    const body: unknown = await answer.json().catch(() => null)
    if (!answer.ok) throw refusalOf(answer.status, body)
    for (const cookie of answer.headers.getSetCookie()) reply.header('set-cookie', cookie)
    return reply.header('cache-control', 'no-store').send({ ok: true })
  })
}

async function webRequest(request: FastifyRequest, system: System, path: string): Promise<Request> {
  const headers = new Headers()
  for (const name of ['cookie', 'origin', 'user-agent']) {
    const value = request.headers[name]
    if (typeof value === 'string') headers.set(name, value)
  }
  headers.set('content-type', 'application/json')
  return new Request(`${system.origin}/api/auth/${path}`, {
    method: 'POST',
    headers,
    body: Buffer.from(await bytesOf(request.raw)),
  })
}

/** The kit's codes as ours. */
const refusals: Readonly<Record<string, { code: ErrorCode; message: string; remedy: string }>> = {
  INVALID_EMAIL_OR_PASSWORD: {
    code: 'sign_in_wrong',
    message: 'The address or the password is wrong',
    remedy: 'Try again, or ask for a new password.',
  },
  INVALID_PASSWORD: {
    code: 'password_wrong',
    message: 'The current password is wrong',
    remedy: 'Enter the password you sign in with.',
  },
  INVALID_TOKEN: {
    code: 'link_invalid',
    message: 'This link has been used or has expired',
    remedy: 'Ask for a new one.',
  },
  UNAUTHORIZED: { code: 'not_signed_in', message: 'Nobody is signed in', remedy: 'Sign in and try again.' },
}

function refusalOf(status: number, body: unknown): LitfassError {
  const said = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>
  const known = refusals[typeof said['code'] === 'string' ? said['code'] : '']
  if (known) return new LitfassError(known.code, known.message, { remedy: known.remedy })
  if (status === 401) {
    return new LitfassError('not_signed_in', 'Nobody is signed in', { remedy: 'Sign in and try again.' })
  }
  if (status >= 500) throw new Error(`the identity kit answered ${status}`)
  const message = typeof said['message'] === 'string' ? said['message'] : 'The request cannot be read'
  return new LitfassError('invalid_input', message, {
    remedy: 'Correct it and send it again.',
  })
}

/**
 * Refuses what another site makes a signed-in browser send. A browser names the page's origin with every such request;
 * it must be the one the request goes to, or the public one.
 */
export function requireOwnPage(request: FastifyRequest, system: System): void {
  const { origin, host, 'sec-fetch-site': site } = request.headers
  if (site === undefined && origin === undefined) return // Not a browser.
  if (origin !== undefined ? isOwn(origin, host, system) : site === 'same-origin') return
  throw new LitfassError('not_allowed', 'This request comes from a page of another site', {
    remedy: `Use the page of this server, ${system.origin}; behind a proxy, set LITFASS_ORIGIN to its public address.`,
  })
}

function isOwn(origin: string, host: string | undefined, system: System): boolean {
  if (origin === system.origin) return true
  return URL.canParse(origin) && new URL(origin).host === host
}

const safe = new Set(['GET', 'HEAD', 'OPTIONS'])

/** The actor behind an API key or a session. Throws `not_signed_in`, or `not_found` for a workspace that is not theirs. */
export async function actorOf(
  system: System,
  keys: SessionKeys,
  request: FastifyRequest,
  /** Named otherwise than by the header. */
  workspace?: string,
): Promise<Actor> {
  const key = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1]
  const named = workspace ?? request.headers['litfass-workspace']
  const workspaceId = typeof named === 'string' && named !== '' ? named : null
  if (key) {
    const actor = await authenticateKey(system.db, key, system.now())
    if (workspaceId === null || workspaceId === actor.workspaceId) return actor
    throw noMember()
  }
  const token = tokenOf(request.headers.cookie, keys)
  if (token === null) {
    throw new LitfassError('not_signed_in', 'Nobody is signed in, and no API key was sent', {
      remedy: 'Sign in, or send a key as `Authorization: Bearer …`; `litfass key create` makes one.',
    })
  }
  if (!safe.has(request.method)) requireOwnPage(request, system)
  const actor = await actorOfSession(system.db, token, workspaceId, system.now())
  if (actor) return actor
  if (workspaceId !== null && (await actorOfSession(system.db, token, null, system.now()))) throw noMember()
  throw new LitfassError('not_signed_in', 'This session has ended', { remedy: 'Sign in again.' })
}

function noMember(): LitfassError {
  return new LitfassError('not_found', 'There is no such workspace, or you are no member of it', {
    remedy: 'Choose another workspace, or leave out the header litfass-workspace.',
  })
}
