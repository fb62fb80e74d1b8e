/** What LinkedIn's simulator can be told to answer: refusals by kind, and by the id of an error. */
import type { Effect, KnownError, RefusalKind, SandboxRequest, SandboxResponse } from '../sandbox-kit.ts'
import { duplicateOf } from './sandbox-posts.ts'
import { expiredToken, invalidToken, revokedToken } from './sandbox-sign-in.ts'
import { failure, forbidden, noResource, type State } from './sandbox-state.ts'

export function versionEnded(version: string): SandboxResponse {
  return failure(426, `Requested version ${version}.01 is not active`, { code: 'NONEXISTENT_VERSION' })
}

export function dayLimit(request: SandboxRequest): SandboxResponse {
  const resource = request.path.split('/')[2] ?? ''
  return failure(429, `Resource level throttle MEMBER DAY limit for calls to ${resource} is reached.`, {
    code: 'TOO_MANY_REQUESTS',
    serviceErrorCode: 101,
  })
}

export function effectOf({ method, path }: { method: string; path: string }): Effect {
  if (path === '/oauth/v2/accessToken' || path === '/oauth/v2/revoke') return 'token'
  if (path.startsWith('/dms-uploads/')) return 'upload'
  if (!/^\/(?:rest|v2)\//.test(path)) return 'page'
  if (method === 'GET') return 'read'
  if (method === 'DELETE') return 'remove'
  return /^\/rest\/(?:posts|socialActions)(?:\/|$)/.test(path) ? 'publish' : 'upload'
}

export function refuse(state: State, kind: RefusalKind, request: SandboxRequest): SandboxResponse {
  switch (kind) {
    case 'unauthorised':
      // Answered for some seconds after a token was issued, while the token is fine.
      return revokedToken()
    case 'throttled':
      return dayLimit(request)
    case 'outage':
      return { status: 503 }
    case 'server-error':
      return failure(500, 'Internal Server Error', { code: 'INTERNAL_SERVER_ERROR' })
    case 'withdrawn-network':
      return forbidden(`${request.path.split('/')[2] ?? ''}.${request.method}`)
    case 'withdrawn-ability':
      return noResource()
    case 'withdrawn-version':
      return versionEnded(request.headers['linkedin-version'] ?? '')
  }
}

export function errorsOf(state: State): Record<string, KnownError> {
  const known = (meaning: string, status: number, answer: KnownError['answer']): KnownError => ({
    status,
    meaning,
    answer,
  })
  const invalid = (code: string, meaning: string) =>
    known(meaning, 400, () => failure(400, meaning, { code }))
  const newUrn = () => `urn:li:share:${BigInt(state.now()) << 22n}`
  return {
    '400-field-too-long': invalid('FIELD_LENGTH_TOO_LONG', 'Commentary is too long'),
    '400-invalid-value': invalid('INVALID_VALUE_FOR_FIELD', 'A value is not valid'),
    '400-waiting-upload': invalid('MEDIA_ASSET_WAITING_UPLOAD', 'Upload is awaited'),
    '400-processing-failed': invalid('MEDIA_ASSET_PROCESSING_FAILED', 'Processing failed'),
    '400-expired-upload-url': invalid('EXPIRED_UPLOAD_URL', 'The upload URL expired'),
    '400-version-missing': invalid('VERSION_MISSING', 'A version must be present. Please specify a version'),
    '401-revoked': known('The token was revoked', 401, revokedToken),
    '401-expired': known('The token has expired', 401, expiredToken),
    '401-invalid': known('The token is not known', 401, invalidToken),
    '403-missing-scope': known('A scope is missing', 403, () => forbidden('posts.CREATE')),
    '403-missing-role': known('The member has no role on the page', 403, () =>
      failure(403, 'The requested resource is forbidden'),
    ),
    '404-not-found': known('There is no such thing', 404, () =>
      failure(404, 'Not found', { code: 'NOT_FOUND' }),
    ),
    '404-no-resource': known('The endpoint is unknown to this version', 404, noResource),
    '409-conflict': known('Two changes met', 409, () => failure(409, 'Conflict', { code: 'CONFLICT' })),
    '422-duplicate': known('The same post was just made; names one nobody can see', 422, () =>
      duplicateOf(newUrn()),
    ),
    '426-version-ended': known('The version has ended', 426, (request) =>
      versionEnded(request.headers['linkedin-version'] ?? ''),
    ),
    '429-day-limit': known('The calls of the day are used up', 429, dayLimit),
    '429-creation-rate': known('Too many creations in a minute', 429, () =>
      failure(429, 'Create throttled: creation rate limit exceeded for member', {
        code: 'TOO_MANY_REQUESTS',
      }),
    ),
    '500-internal': known('LinkedIn had a problem', 500, (request) => refuse(state, 'server-error', request)),
    '504-timeout': known('LinkedIn took too long', 504, () => failure(504, 'Gateway Timeout')),
  }
}
