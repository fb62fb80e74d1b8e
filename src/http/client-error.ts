/** What is no HTTP request, or has too long an address or headers: no route sees it, yet it is told why. */
import type { Socket } from 'node:net'
import { LitfassError } from '#domain/errors.ts'
import { newId } from '#domain/id.ts'
import { problemOf } from './problem.ts'

/** The connection cannot be used after it: nobody knows where the next request begins. */
export function clientError(cause: Error & { code?: string }, socket: Socket): void {
  if (cause.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const problem = problemOf(refusalOf(cause.code), newId('app'))
  const body = JSON.stringify(problem)
  const head = [
    `HTTP/1.1 ${problem.status} Refused`,
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${problem.requestId}`,
    'connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}

function refusalOf(code: string | undefined): LitfassError {
  if (code === 'HPE_HEADER_OVERFLOW')
    return new LitfassError('payload_too_large', 'The address or the headers are too long', {
      remedy: 'Send less in the address; what is long belongs in a body.',
    })
  return new LitfassError('invalid_input', 'This is no HTTP request, or it took too long to arrive', {
    remedy: 'Send it as HTTP/1.1.',
  })
}
