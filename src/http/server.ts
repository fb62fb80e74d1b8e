/** The HTTP server: API, sandbox networks, signed media, health. */
import { type FastifyInstance, type FastifyReply, type FastifyRequest, default as Fastify } from 'fastify'
import helmet from '@fastify/helmet'
import { OpenAPIGenerator } from '@orpc/openapi'
import { OpenAPIHandler } from '@orpc/openapi/fastify'
import { ORPCError } from '@orpc/server'
import { ZodToJsonSchemaConverter } from '@orpc/zod/zod4'
import type { Identity } from '#app/identity.ts'
import { initialise } from '#app/initialise.ts'
import type { SendMail } from '#app/mail.ts'
import { createOperatorKey } from '#app/operator.ts'
import type { SessionKeys } from '#app/sessions.ts'
import type { Actor, System } from '#app/system.ts'
import { contract } from '#contract/api.ts'
import { initialiseInput } from '#contract/workspace.ts'
import { LitfassError } from '#domain/errors.ts'
import { newId } from '#domain/id.ts'
import { actorOf, auth } from './auth.ts'
import { bytesOf } from './body.ts'
import { clientError } from './client-error.ts'
import { connectionCallback } from './connection-callback.ts'
import { health } from './health.ts'
import { mediaFiles } from './media-files.ts'
import { networkLogos } from './network-logos.ts'
import { problemOf } from './problem.ts'
import { createRouter } from './router.ts'
import { publicOperations } from './routes/people.ts'
import { type SandboxDoor, sandboxRoutes } from './sandbox.ts'
import { isSameSecret } from './secrets.ts'
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
  /** Null serves no pages, for an API alone. */
  web: WebOptions | null
  onError: (cause: unknown, requestId: string) => void
}

/** 45 MB: the largest image plus its envelope. */
const bodyLimit = 45_000_000
export async function createServer(options: ServerOptions): Promise<FastifyInstance> {
  const { system } = options
  const fail = (reply: FastifyReply, cause: unknown) => {
    const problem = problemOf(cause, reply.request.id)
    if (problem.status >= 500) options.onError(cause, reply.request.id)
    return reply.code(problem.status).type('application/problem+json').send(JSON.stringify(problem))
  }
  const app = Fastify({
    bodyLimit,
    genReqId: () => newId('app'),
    logger: false,
    routerOptions: { maxParamLength: 300 },
    clientErrorHandler: clientError,
    frameworkErrors: (cause, _request, reply) => fail(reply as FastifyReply, cause),
  })
  await app.register(helmet, { contentSecurityPolicy: false })
  app.removeAllContentTypeParsers()
  // Bodies stay unread here: the contract's codec and the routes below read them, up to the limit.
  app.addContentTypeParser('*', (_request, _payload, done) => done(null))
  app.addHook('onRequest', async (request) => refuseLargeBody(request))
  app.setErrorHandler((cause, _request, reply) => fail(reply, cause))
  app.setNotFoundHandler((request, reply) =>
    fail(
      reply,
      new LitfassError('not_found', `There is nothing at ${request.url.split('?')[0]}`, {
        remedy: 'See /api/v1/openapi.json for what there is.',
      }),
    ),
  )
  const whoAsks = (request: FastifyRequest) => actorOf(system, options.keys, request)
  health(app, system)
  mediaFiles(app, system, whoAsks)
  uploads(app, system, whoAsks)
  if (options.sandbox) sandboxRoutes(app, options.sandbox, whoAsks)
  auth(app, system, options.identity)
  await api(app, options, whoAsks, fail)
  if (options.web) await web(app, options.web)
  return app
}

async function api(
  app: FastifyInstance,
  options: ServerOptions,
  whoAsks: (request: FastifyRequest) => Promise<Actor>,
  fail: (reply: FastifyReply, cause: unknown) => unknown,
): Promise<void> {
  const { system } = options
  const requestIds = new WeakMap<ORPCError<string, unknown>, string>()
  // The codec sends its problems as plain JSON.
  app.addHook('onSend', async (request, reply) => {
    const type = String(reply.getHeader('content-type') ?? '')
    if (reply.statusCode >= 400 && request.url.startsWith('/api/') && type.startsWith('application/json'))
      reply.type('application/problem+json')
  })
  const handler = new OpenAPIHandler(createRouter(system, options), {
    // The codec refuses input with statuses of its own.
    rootInterceptors: [
      async ({ next }) => {
        const result = await next()
        return result.matched ? { ...result, response: withOwnStatus(result.response) } : result
      },
    ],
    // Errors of use cases keep their code, status and remedy on the way through the codec.
    clientInterceptors: [
      async ({ next, context }) => {
        try {
          return await next()
        } catch (cause) {
          const error = wrap(cause)
          requestIds.set(error, context.requestId)
          if (error.status >= 500) options.onError(cause, context.requestId)
          throw error
        }
      },
    ],
    customErrorResponseBodyEncoder: (error) =>
      problemOf(
        error.cause instanceof LitfassError ? error.cause : error,
        requestIds.get(error) ?? newId('app'),
      ),
  })
  const document = await new OpenAPIGenerator({
    schemaConverters: [new ZodToJsonSchemaConverter()],
  }).generate(contract, {
    info: { title: 'Litfass', version: '1' },
    servers: [{ url: '/api/v1' }],
  })
  app.get('/api/v1/openapi.json', async () => document)
  // Works once, while nobody owns this installation, and only for who can read its data folder.
  app.post('/api/v1/init', async (request, reply) => {
    if (!isSameSecret(request.headers['x-setup-token'], options.setupToken)) {
      throw new LitfassError('setup_token_invalid', 'The one-time set-up token is missing or wrong', {
        remedy: 'Run `litfass init` on the machine and in the data folder Litfass runs with.',
      })
    }
    const parsed = initialiseInput.safeParse(
      JSON.parse(Buffer.from(await bytesOf(request.raw)).toString('utf8') || '{}'),
    )
    if (!parsed.success)
      throw new LitfassError('invalid_input', parsed.error.message, { remedy: 'Correct the named fields.' })
    return reply.code(201).send(await initialise(system.db, parsed.data, system.now()))
  })
  // For the command line on this machine, which has no key after a set-up in the browser.
  app.post('/api/v1/operator-key', async (request, reply) => {
    if (!isSameSecret(request.headers['x-operator-token'], options.operatorToken)) {
      throw new LitfassError('not_allowed', 'The token of the operator is missing or wrong', {
        remedy: 'Run `litfass` on the machine and in the data folder Litfass runs with.',
      })
    }
    return reply.code(201).send(await createOperatorKey(system.db, system.now()))
  })
  connectionCallback(app, system, options.keys)
  networkLogos(app, system)
  app.all('/api/v1/*', async (request, reply) => {
    try {
      const context = {
        // Public operations never look at it.
        actor: isPublic(request) ? (undefined as never) : await whoAsks(request),
        requestId: request.id,
        setCookie: (cookie: string) => void reply.header('set-cookie', cookie),
      }
      const { matched } = await handler.handle(request, reply, { prefix: '/api/v1', context })
      if (!matched)
        throw new LitfassError(
          'not_found',
          `There is nothing at ${request.method} ${request.url.split('?')[0]}`,
          { remedy: 'See /api/v1/openapi.json for what there is.' },
        )
    } catch (cause) {
      return fail(reply, cause)
    }
    return reply
  })
}

function isPublic(request: FastifyRequest): boolean {
  const path = (request.url.split('?')[0] ?? '').slice('/api/v1'.length)
  return publicOperations.some(
    (operation) => operation.method === request.method && operation.path.test(path),
  )
}

/** A problem leaves with the status it names. */
function withOwnStatus<Answer extends { status: number; body?: unknown }>(answer: Answer): Answer {
  const { status, body } = answer
  if (status < 400 || typeof body !== 'object' || body === null || !('status' in body)) return answer
  return { ...answer, status: Number(body.status) }
}

function wrap(cause: unknown): ORPCError<string, unknown> {
  if (cause instanceof ORPCError) return cause
  if (cause instanceof LitfassError)
    return new ORPCError(cause.code, { status: cause.status, message: cause.message, cause })
  return new ORPCError('INTERNAL_SERVER_ERROR', { status: 500, cause })
}

/** Bodies say their length, so that one too large is refused before it is read. */
function refuseLargeBody(request: FastifyRequest): void {
  const length = Number(request.headers['content-length'] ?? 0)
  if (length > bodyLimit) {
    throw new LitfassError(
      'payload_too_large',
      `The request has ${Math.ceil(length / 1e6)} MB; at most ${bodyLimit / 1e6} MB are taken`,
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
