/** The HTTP server: API, sandbox networks, signed media, pages, health. */
import { type FastifyInstance, type FastifyReply, type FastifyRequest, default as Fastify } from 'fastify'
import type { Identity } from '#app/identity.ts'
import type { SendMail } from '#app/mail.ts'
import type { SessionKeys } from '#app/sessions.ts'
import type { System } from '#app/system.ts'
import { LitfassError } from '#domain/errors.ts'
import { newId } from '#domain/id.ts'
import { api } from './api.ts'
import { actorOf, auth } from './auth.ts'
import { clientError } from './client-error.ts'
import { clientDocuments } from './client-documents.ts'
import { connectionCallback } from './connection-callback.ts'
import { firstSetUp } from './first-set-up.ts'
import { health } from './health.ts'
import { createLimits } from './limits.ts'
import { ledgerFiles } from './ledger-files.ts'
import { mediaFiles } from './media-files.ts'
import { networkCallbacks } from './network-callbacks.ts'
import { networkLogos } from './network-logos.ts'
import { problemOf } from './problem.ts'
import { prometheus } from './prometheus.ts'
import { type SandboxDoor, sandboxRoutes } from './sandbox.ts'
import { securityHeaders } from './security-headers.ts'
import { uploads } from './uploads.ts'
import { web, type WebOptions } from './web.ts'

export type ServerOptions = {
  system: System
  sandbox: SandboxDoor | null
  identity: Identity
  /** Signs session cookies. */
  keys: SessionKeys
  /** Null where mail is not set up. */
  sendMail: SendMail | null
  /** Guards the first set-up, so that no stranger takes a fresh server over. */
  setupToken: string
  /** Known to who can read the data folder, and printed nowhere: it gives out an owner's key. */
  operatorToken: string
  /** Requests a minute each member may send to the API; 0 for any number. */
  apiLimit: number
  /** Addresses of proxies whose word on where a request comes from is taken. */
  trustedProxies: readonly string[]
  /** Null serves no pages, for an API alone. */
  web: WebOptions | null
  onError: (cause: unknown, requestId: string) => void
}

/** 45 MB: the largest image plus its envelope. */
const bodyLimit = 45_000_000
/** Nobody is known yet there, and nothing large is sent. */
const forStrangers =
  /^\/api\/(?:auth|v1\/(?:setup|init|operator-key|network-callbacks|invitations\/by-token))(?:\/|\?|$)/
const strangersBodyLimit = 64_000

export async function createServer(options: ServerOptions): Promise<FastifyInstance> {
  const { system } = options
  const fail = (reply: FastifyReply, cause: unknown) => {
    const problem = problemOf(cause, reply.request.id)
    if (problem.status >= 500) options.onError(cause, reply.request.id)
    if (cause instanceof LitfassError && cause.retryAfterSeconds !== undefined)
      reply.header('retry-after', String(cause.retryAfterSeconds))
    // Also where no hook ran, as for an address that cannot be read.
    reply.header('x-request-id', reply.request.id)
    return reply.code(problem.status).type('application/problem+json').send(JSON.stringify(problem))
  }
  const app = Fastify({
    bodyLimit,
    genReqId: () => newId('app'),
    logger: false,
    routerOptions: { maxParamLength: 300 },
    trustProxy: options.trustedProxies.length === 0 ? false : [...options.trustedProxies],
    clientErrorHandler: clientError,
    frameworkErrors: (cause, _request, reply) => fail(reply as FastifyReply, cause),
  })
  app.addHook('onRequest', async (request, reply) => void reply.header('x-request-id', request.id))
  await securityHeaders(app, options.keys.isSecure)
  app.removeAllContentTypeParsers()
  // Bodies stay unread here: the contract's codec and the routes below read them, up to the limit.
  app.addContentTypeParser('*', (_request, _payload, done) => done(null))
  app.addHook('onRequest', async (request) => refuseLargeBody(request))
  app.setErrorHandler((cause, _request, reply) => fail(reply, cause))
  app.setNotFoundHandler((request, reply) =>
    fail(
      reply,
      new LitfassError('not_found', `There is nothing at ${request.url.split('?')[0]}`, {
        remedy: 'See /api/docs for what there is.',
      }),
    ),
  )
  const whoAsks = (request: FastifyRequest, workspace?: string) =>
    actorOf(system, options.keys, request, workspace)
  const limits = await createLimits(app, options.apiLimit)
  prometheus(app, system, whoAsks)
  health(app, system)
  mediaFiles(app, system, whoAsks)
  ledgerFiles(app, system, whoAsks)
  uploads(app, system, whoAsks)
  if (options.sandbox) sandboxRoutes(app, options.sandbox, whoAsks)
  auth(app, system, options.identity, limits)
  firstSetUp(app, { ...options, limits })
  connectionCallback(app, system, options.keys)
  networkCallbacks(app, system, limits)
  clientDocuments(app, system, limits)
  networkLogos(app, system)
  api(app, { ...options, limits, whoAsks })
  if (options.web) await web(app, options.web)
  return app
}

/** Bodies say their length, so that one too large is refused before it is read. */
function refuseLargeBody(request: FastifyRequest): void {
  const length = Number(request.headers['content-length'] ?? 0)
  const limit = forStrangers.test(request.url) ? strangersBodyLimit : bodyLimit
  if (length > limit) {
    throw new LitfassError(
      'payload_too_large',
      `The request has ${Math.ceil(length / 1e3)} kB; at most ${limit / 1e3} kB are taken`,
      {
        remedy: 'Send a smaller file.',
      },
    )
  }
  if (request.headers['transfer-encoding'] !== undefined) {
    throw new LitfassError('invalid_input', 'The request does not say how long its body is', {
      remedy: 'Send a Content-Length header.',
    })
  }
}
