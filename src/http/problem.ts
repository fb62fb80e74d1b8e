/** Every error leaves as an RFC 9457 problem document with a stable code and a remedy. */
import { ORPCError } from '@orpc/server'
import { LitfassError } from '#domain/errors.ts'

export type Problem = {
  type: string
  title: string
  status: number
  code: string
  remedy: string
  requestId: string
  issues?: ReadonlyArray<{ path: string; message: string }>
}

export function problemOf(cause: unknown, requestId: string): Problem {
  if (cause instanceof LitfassError) {
    return {
      type: `urn:litfass:problem:${cause.code}`,
      title: cause.message,
      status: cause.status,
      code: cause.code,
      remedy: cause.remedy,
      requestId,
      ...(cause.issues.length === 0 ? {} : { issues: cause.issues }),
    }
  }
  if (cause instanceof ORPCError && cause.status < 500) return problemOf(refusalOf(cause), requestId)
  if (isClientError(cause))
    return problemOf(
      new LitfassError(cause.statusCode === 413 ? 'payload_too_large' : 'invalid_input', cause.message, {
        remedy: 'Correct the request and send it again; nothing was changed.',
      }),
      requestId,
    )
  return {
    type: 'urn:litfass:problem:internal',
    title: 'Something went wrong in Litfass',
    status: 500,
    code: 'internal',
    remedy: `Try again; if it stays, report it with the request id ${requestId}.`,
    requestId,
  }
}

/** What the contract refused: wrong types, unknown routes. */
function refusalOf(cause: ORPCError<string, unknown>): LitfassError {
  if (cause.status === 404)
    return new LitfassError('not_found', 'There is nothing at this address', {
      remedy: 'See /api/v1/openapi.json for what there is.',
    })
  return invalidInput(cause.data, cause.message)
}

/** `refused` is what a schema found wrong; `otherwise` is said where it names no field. */
export function invalidInput(refused: unknown, otherwise: string): LitfassError {
  const issues = issuesOf(refused)
  return new LitfassError(
    'invalid_input',
    issues.length > 0 ? issues.map((issue) => `${issue.path}: ${issue.message}`).join('; ') : otherwise,
    {
      remedy: 'Correct the named fields and send it again; nothing was changed.',
      issues,
    },
  )
}

function issuesOf(data: unknown): Array<{ path: string; message: string }> {
  if (typeof data !== 'object' || data === null || !('issues' in data) || !Array.isArray(data.issues))
    return []
  return data.issues.map((issue: { path?: unknown[]; message?: unknown }) => ({
    path: (issue.path ?? []).join('.') || 'body',
    message: String(issue.message),
  }))
}

function isClientError(cause: unknown): cause is { statusCode: number; message: string } {
  return (
    cause instanceof Error &&
    'statusCode' in cause &&
    typeof cause.statusCode === 'number' &&
    cause.statusCode >= 400 &&
    cause.statusCode < 500
  )
}
