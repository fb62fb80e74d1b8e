/** The simulated networks under `/_sandbox`, and their control API. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Actor } from '#app/system.ts'
import { LitfassError } from '#domain/errors.ts'
import { bytesOf } from './body.ts'

/** A request before its body is read. `path` starts after `/_sandbox`. */
type Head = {
  method: string
  path: string
  query: URLSearchParams
  headers: Record<string, string>
  origin: string
}
type Response = { status: number; headers?: Record<string, string>; body?: string | Uint8Array }

/** What the simulators offer a server. */
export type SandboxDoor = {
  isControl: (path: string) => boolean
  control: (head: Head, body: Uint8Array) => Promise<Response>
  /** For people who are not signed in; null where no person looks. */
  signIn: (head: Head) => Response | null
  /** Null where nothing stands there. `reset`: the connection ends without an answer. */
  visit: (head: Head) => {
    resetsUpload: boolean
    answer: (body: Uint8Array) => Promise<Response | 'reset'>
  } | null
}

export function sandboxRoutes(
  app: FastifyInstance,
  door: SandboxDoor,
  authenticate: (request: FastifyRequest) => Promise<Actor>,
): void {
  const answer = async (request: FastifyRequest, reply: FastifyReply) => {
    const head = headOf(request)
    if (door.isControl(head.path)) return send(reply, await controlled(door, head, request, authenticate))
    const visit = door.visit(head)
    if (!visit)
      throw new LitfassError('not_found', 'There is no such sandbox network', {
        remedy: 'GET /api/v1/networks lists the networks.',
      })
    if (visit.resetsUpload) {
      await halfOf(request)
      return reset(reply)
    }
    const response = await visit.answer(await bytesOf(request.raw))
    return response === 'reset' ? reset(reply) : send(reply, response)
  }
  app.all('/_sandbox', answer)
  app.all('/_sandbox/*', answer)
}

async function controlled(
  door: SandboxDoor,
  head: Head,
  request: FastifyRequest,
  authenticate: (request: FastifyRequest) => Promise<Actor>,
): Promise<Response> {
  let actor: Actor
  try {
    actor = await authenticate(request)
  } catch (cause) {
    const page = cause instanceof LitfassError && cause.status === 401 ? door.signIn(head) : null
    if (page) return page
    throw cause
  }
  if (head.method !== 'GET' && actor.role === 'viewer')
    throw new LitfassError('not_allowed', 'Viewers may look at the sandbox and change nothing', {
      remedy: 'Ask an owner or admin for another role.',
    })
  return door.control(head, await bytesOf(request.raw))
}

function headOf(request: FastifyRequest): Head {
  const url = new URL(request.url, 'http://localhost')
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(request.headers))
    headers[name] = Array.isArray(value) ? value.join(', ') : (value ?? '')
  return {
    method: request.method,
    path: url.pathname.slice('/_sandbox'.length),
    query: url.searchParams,
    headers,
    origin: `http://${request.headers.host}`,
  }
}

function send(reply: FastifyReply, { status, headers = {}, body = '' }: Response): FastifyReply {
  return reply
    .code(status)
    .headers(headers)
    .send(typeof body === 'string' ? body : Buffer.from(body))
}

/** A real TCP reset, as when a network's machine goes away. */
function reset(reply: FastifyReply): FastifyReply {
  reply.hijack()
  reply.raw.socket?.resetAndDestroy()
  return reply
}

/** Reads about half of a body. */
async function halfOf(request: FastifyRequest): Promise<void> {
  const half = Number(request.headers['content-length'] ?? 0) / 2
  let seen = 0
  const chunks = request.raw.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>
  for await (const chunk of chunks) {
    seen += chunk.length
    if (seen >= half) return
  }
}
