/**
 * The operations of the contract under `/api/v1`.
 *
 * What stands before the codec: which operation it is, who asks and how often, whether the body can be read,
 * and whether the same write was answered before.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { OpenAPIHandler } from '@orpc/openapi/fetch'
import { ORPCError } from '@orpc/server'
import type { StoredAnswer } from '#app/idempotency.ts'
import type { Actor, System } from '#app/system.ts'
import { LitfassError } from '#domain/errors.ts'
import { newId } from '#domain/id.ts'
import { apiDocs } from './api-docs.ts'
import { requireOwnPage } from './auth.ts'
import { bytesOf, requireReadable } from './body.ts'
import { answerOnce, type Write } from './idempotency.ts'
import type { Limits } from './limits.ts'
import { openApi } from './openapi.ts'
import { methodsAt, operationAt } from './operations.ts'
import { problemOf } from './problem.ts'
import { countAs } from './prometheus.ts'
import { createRouter } from './router.ts'
import { type PeopleOptions, publicOperations, version } from './routes/people.ts'
import type { RouteContext } from './routes/kit.ts'

export type ApiOptions = PeopleOptions & {
  system: System
  limits: Limits
  whoAsks: (request: FastifyRequest) => Promise<Actor>
  onError: (cause: unknown, requestId: string) => void
}

export function api(app: FastifyInstance, options: ApiOptions): void {
  const { system, limits } = options
  // Made when first asked for: few do, and everybody waits for the start.
  let made: ReturnType<typeof openApi> | undefined
  const document = () => (made ??= openApi(version))
  app.get('/api/v1/openapi.json', document)
  app.get('/api/docs', async (_request, reply) =>
    reply.type('text/html; charset=utf-8').send(apiDocs(await document())),
  )
  const handler = createHandler(options)
  app.all('/api/v1/*', async (request, reply) => {
    const path = (request.url.split('?')[0] ?? '').slice('/api/v1'.length)
    const allowed = methodsAt(path)
    if (allowed.length > 0 && !allowed.includes(request.method)) reply.header('allow', allowed.join(', '))
    const operation = operationAt(request.method, path)
    countAs(request, `/api/v1${operation.path}`)
    const isPublic = publicOperations.some((one) => one.method === operation.method && one.path.test(path))
    // Public operations never look at it.
    const actor = isPublic ? (undefined as never) : await countedActor(options, request)
    if (isPublic) await (operation.method === 'GET' ? limits.lookUp : limits.door)(request)
    // What signs somebody in must not be sent by another site's page: it would sign them in as somebody else.
    if (isPublic && operation.method !== 'GET') requireOwnPage(request, system)
    const write = await writeOf(request)
    const context = { actor, requestId: request.id, setCookie: setterOf(reply), left: leftOf(reply) }
    const run = () => answerOf(handler, write, context)
    if (isPublic || operation.method === 'GET') return send(reply, await run())
    const answer = await answerOnce(system, actor, keyOf(request), write, run)
    if (answer.isReplayed) reply.header('idempotency-replayed', 'true')
    return send(reply, answer)
  })
}

/** Refused keys are counted too, so that guessing is not free; who sends a right one is never held up by it. */
async function countedActor({ limits, whoAsks }: ApiOptions, request: FastifyRequest): Promise<Actor> {
  try {
    const actor = await whoAsks(request)
    await limits.member(request, actor)
    return actor
  } catch (cause) {
    if (cause instanceof LitfassError && cause.code === 'not_signed_in') await limits.refused(request)
    throw cause
  }
}

async function writeOf(request: FastifyRequest): Promise<Write> {
  const type = request.headers['content-type'] ?? ''
  const body = request.method === 'GET' ? new Uint8Array() : await bytesOf(request.raw)
  requireReadable(type, body)
  return { method: request.method, url: request.url, type, body }
}

function keyOf(request: FastifyRequest): string | undefined {
  const key = request.headers['idempotency-key']
  return Array.isArray(key) ? key.join(',') : key
}

/** Aborts when the connection is closed before the answer is out. */
function leftOf({ raw }: FastifyReply): AbortSignal {
  const left = new AbortController()
  raw.once('close', () => {
    if (!raw.writableFinished) left.abort()
  })
  return left.signal
}

function setterOf(reply: FastifyReply): RouteContext['setCookie'] {
  return (cookie) => void reply.header('set-cookie', cookie)
}

type Handler = ReturnType<typeof createHandler>

async function answerOf(handler: Handler, write: Write, context: RouteContext): Promise<StoredAnswer> {
  const hasBody = write.body.length > 0
  const request = new Request(`http://localhost${write.url}`, {
    method: write.method,
    headers: hasBody ? { 'content-type': write.type } : {},
    ...(hasBody ? { body: Buffer.from(write.body) } : {}),
  })
  const { matched, response } = await handler.handle(request, { prefix: '/api/v1', context })
  if (!matched) throw new Error(`the codec knows no ${write.method} ${write.url}`)
  return {
    status: response.status,
    type: response.status >= 400 ? 'application/problem+json' : (response.headers.get('content-type') ?? ''),
    body: await response.text(),
  }
}

/** What the API answers is for who asked: nothing in between may keep it. */
function send(reply: FastifyReply, { status, type, body }: StoredAnswer): FastifyReply {
  reply.code(status).header('cache-control', 'no-store')
  if (type !== '') reply.type(type)
  return reply.send(body)
}

function createHandler({ system, onError, ...people }: ApiOptions) {
  const requestIds = new WeakMap<ORPCError<string, unknown>, string>()
  return new OpenAPIHandler(createRouter(system, people), {
    // The codec refuses input with statuses of its own.
    rootInterceptors: [
      async ({ next }) => {
        const result = await next()
        return result.matched ? { ...result, response: withOwnStatus(result.response) } : result
      },
    ],
    // Errors of use cases keep their code, status and remedy on the way through the codec.
    interceptors: [
      async ({ next, context }) => {
        try {
          return await next()
        } catch (cause) {
          // What use cases throw is wrapped below; anything else is a form that cannot be read.
          const error = cause instanceof ORPCError ? cause : unreadable(cause)
          requestIds.set(error, context.requestId)
          if (error.status >= 500) onError(error.cause ?? error, context.requestId)
          throw error
        }
      },
    ],
    clientInterceptors: [({ next }) => next().catch((cause: unknown) => Promise.reject(wrap(cause)))],
    customErrorResponseBodyEncoder: (error) =>
      problemOf(
        error.cause instanceof LitfassError ? error.cause : error,
        requestIds.get(error) ?? newId('app'),
      ),
  })
}

function unreadable(cause: unknown): ORPCError<string, unknown> {
  return new ORPCError('BAD_REQUEST', { message: 'The body cannot be read', cause })
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
