/** What Mastodon's simulator can be told to answer: refusals by kind, and by the id of an error. */
import type { Effect, KnownError, RefusalKind, SandboxResponse } from '../sandbox-kit.ts'
import { tooMany } from './sandbox-limits.ts'
import { invalidToken, notFound, problem, type State } from './sandbox-state.ts'

export function refuse(state: State, kind: RefusalKind): SandboxResponse {
  switch (kind) {
    case 'unauthorised':
      return invalidToken()
    case 'throttled':
      return tooMany(state)
    case 'outage':
      return problem(503, 'Remote data could not be fetched')
    case 'server-error':
      return { status: 500 }
    case 'withdrawn-network':
      return { status: 404 }
    case 'withdrawn-ability':
      return problem(403, 'This action is not allowed')
    case 'withdrawn-version':
      return { status: 410 }
  }
}

export function errorsOf(state: State): Record<string, KnownError> {
  const known = (status: number, error: string, meaning: string): KnownError => ({
    status,
    meaning,
    answer: () => problem(status, error),
  })
  return {
    '401-invalid-token': { status: 401, meaning: 'The token is not accepted', answer: invalidToken },
    '401-revoked-token': known(401, 'The access token was revoked', 'The account took the token back'),
    '403-scope': known(403, 'This action is outside the authorized scopes', 'The token allows too little'),
    '403-disabled': known(403, 'Your login is currently disabled', 'The account may not post'),
    '404-not-found': { status: 404, meaning: 'There is no such thing', answer: notFound },
    '413-too-large': known(413, 'Payload too large', 'An upload is too large'),
    '422-too-long': known(
      422,
      'Validation failed: Text character limit of 500 exceeded',
      'The text is too long',
    ),
    '422-file-type': known(
      422,
      'Validation failed: File content type is invalid, File is invalid',
      'An image is of a wrong type',
    ),
    '422-processing': known(
      422,
      'Cannot attach files that have not finished processing. Try again in a moment!',
      'An image is not ready',
    ),
    '422-empty': {
      status: 422,
      meaning: 'Other software says so of a dead token',
      answer: () => ({ status: 422 }),
    },
    '429-rate-limit': { status: 429, meaning: 'Too many calls', answer: () => tooMany(state) },
    '500-internal': {
      status: 500,
      meaning: 'The instance is broken',
      answer: () => refuse(state, 'server-error'),
    },
    '503-outage': { status: 503, meaning: 'The instance is down', answer: () => refuse(state, 'outage') },
  }
}

export function effectOf({ method, path }: { method: string; path: string }): Effect {
  if (/^\/(?:oauth\/(?:token|revoke)|api\/v1\/apps)$/.test(path)) return 'token'
  if (!path.startsWith('/api/')) return 'page'
  if (method === 'POST' && path === '/api/v1/statuses') return 'publish'
  if (method === 'POST' && path === '/api/v2/media') return 'upload'
  return method === 'DELETE' ? 'remove' : 'read'
}
