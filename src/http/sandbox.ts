/** The simulated networks under `/_sandbox`, and their control API. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Actor } from '#app/system.ts'
import { LitfassError } from '#domain/errors.ts'
import { bytesOf } from './body.ts'

/** Answers a request below `/_sandbox`; null where nothing stands there. */
export type SandboxHandler = (request: {
  method: string
  path: string
  query: URLSearchParams
  headers: Record<string, string>
  body: Uint8Array
  origin: string
}) => Promise<{ status: number; headers?: Record<string, string>; body?: string | Uint8Array } | null>

export function sandboxRoutes(
  app: FastifyInstance,
  handle: SandboxHandler,
  wall: () => unknown[],
  authenticate: (request: FastifyRequest) => Promise<Actor>,
): void {
  app.get('/_sandbox/wall', async (request) => {
    await authenticate(request)
    return { items: wall() }
  })
  app.all('/_sandbox/*', async (request, reply) => {
    const url = new URL(request.url, 'http://localhost')
    const headers: Record<string, string> = {}
    for (const [name, value] of Object.entries(request.headers))
      headers[name] = Array.isArray(value) ? value.join(', ') : (value ?? '')
    const answer = await handle({
      method: request.method,
      path: url.pathname.slice('/_sandbox'.length),
      query: url.searchParams,
      headers,
      body: await bytesOf(request.raw),
      origin: `http://${request.headers.host}`,
    })
    if (!answer)
      throw new LitfassError('not_found', 'There is no such sandbox network', {
        remedy: 'GET /api/v1/networks lists the networks.',
      })
    return reply
      .code(answer.status)
      .headers(answer.headers ?? {})
      .send(
        answer.body === undefined
          ? ''
          : typeof answer.body === 'string'
            ? answer.body
            : Buffer.from(answer.body),
      )
  })
}
