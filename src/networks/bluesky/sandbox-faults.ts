/** What Bluesky's simulator can be told to answer: refusals by kind, and by the id of an error. */
import type { Effect, KnownError, RefusalKind, SandboxResponse } from '../sandbox-kit.ts'
import { tooMany } from './sandbox-limits.ts'
import { invalid, problem, type State } from './sandbox-state.ts'

export function refuse(state: State, kind: RefusalKind): SandboxResponse {
  switch (kind) {
    case 'unauthorised':
      return problem(400, 'InvalidToken', 'Token could not be verified')
    case 'throttled':
      return tooMany(state)
    case 'outage':
      return { status: 503 }
    case 'server-error':
      return problem(500, 'InternalServerError', 'Internal Server Error')
    case 'withdrawn-network':
      return { status: 404 }
    case 'withdrawn-ability':
    case 'withdrawn-version':
      return problem(501, 'MethodNotImplemented', 'Method Not Implemented')
  }
}

const tooLong = 'Invalid app.bsky.feed.post record: grapheme too big (maximum 300, got 301) at $.record.text'

export function errorsOf(state: State): Record<string, KnownError> {
  const known = (status: number, error: string, message: string, meaning: string): KnownError => ({
    status,
    meaning,
    answer: () => problem(status, error, message),
  })
  return {
    '400-invalid-request': { status: 400, meaning: 'The text is too long', answer: () => invalid(tooLong) },
    '400-invalid-swap': known(400, 'InvalidSwap', 'Record was at bafyrei', 'There is such a record already'),
    '400-blob-not-found': known(
      400,
      'BlobNotFound',
      'Could not find blob: bafkrei',
      'An upload is forgotten',
    ),
    '400-invalid-mime-type': known(
      400,
      'InvalidMimeType',
      'Referenced Mimetype does not match stored blob. Expected: image/png, Got: image/jpeg',
      'An upload is of another type',
    ),
    '400-expired-token': known(400, 'ExpiredToken', 'Token has expired', 'The access token has ended'),
    '400-invalid-token': known(
      400,
      'InvalidToken',
      'Token could not be verified',
      'The token is not accepted',
    ),
    '401-auth-missing': known(401, 'AuthMissing', 'Authentication Required', 'No token came along'),
    '401-account-takedown': known(
      401,
      'AccountTakedown',
      'Account has been taken down',
      'The account was taken down',
    ),
    '401-account-deactivated': known(
      401,
      'AccountDeactivated',
      'Account is deactivated',
      'The account is deactivated',
    ),
    '403-account-not-found': known(
      403,
      'AccountNotFound',
      'Account not found',
      'Another server has the account',
    ),
    '413-payload-too-large': known(
      413,
      'PayloadTooLarge',
      'request entity too large',
      'An upload is too large',
    ),
    '429-rate-limit': { status: 429, meaning: 'Too many calls', answer: () => tooMany(state) },
    '500-internal': {
      status: 500,
      meaning: 'The server is broken',
      answer: () => refuse(state, 'server-error'),
    },
    '502-upstream': known(502, 'UpstreamFailure', 'Upstream service unreachable', 'A part behind it is down'),
  }
}

export function effectOf({ path }: { path: string }): Effect {
  const operation = /^\/xrpc\/([\w.]+)/.exec(path)?.[1]
  // Documents that say where to sign in are read by programs.
  if (path.startsWith('/.well-known/')) return 'read'
  if (operation === undefined) return /^\/oauth\/(?:par|token|revoke)$/.test(path) ? 'token' : 'page'
  if (/\.(?:create|refresh|delete)Session$/.test(operation)) return 'token'
  if (operation.endsWith('.putRecord')) return 'publish'
  if (operation.endsWith('.uploadBlob')) return 'upload'
  return operation.endsWith('.deleteRecord') ? 'remove' : 'read'
}
