/** What X's simulator can be told to answer: refusals by kind, and by the id of an error. */
import type { Effect, KnownError, RefusalKind, SandboxResponse } from '../sandbox-kit.ts'
import { creditsDepleted, rateHeaders, spendCapReached, usageCapExceeded } from './sandbox-limits.ts'
import { badRequest, problem, sentences, type State, unauthorised } from './sandbox-state.ts'

export function refuse(state: State, kind: RefusalKind): SandboxResponse {
  switch (kind) {
    case 'unauthorised':
      return unauthorised(state)
    case 'throttled':
      return throttled(state)
    case 'outage':
      return { status: 503 }
    case 'server-error':
      return problem(state, 503, 'about:blank', 'Service Unavailable', 'Service Unavailable')
    case 'withdrawn-network':
    case 'withdrawn-ability':
      return notEnrolled(state)
    case 'withdrawn-version':
      return { status: 404 }
  }
}

function throttled(state: State): SandboxResponse {
  const refused = problem(state, 429, 'about:blank', 'Too Many Requests', 'Too Many Requests')
  const headers = rateHeaders(100, 0, Math.ceil(state.now() / 1_000) + 900)
  return { ...refused, headers: { ...refused.headers, ...headers } }
}

function notEnrolled(state: State): SandboxResponse {
  const detail =
    'When authenticating requests to the X API v2 endpoints, you must use keys and tokens from a developer App that is attached to a Project.'
  return problem(state, 403, 'client-forbidden', 'Client Forbidden', detail, {
    reason: 'client-not-enrolled',
    client_id: '1',
    registration_url: 'https://developer.x.com/en/docs/projects/overview',
  })
}

export function errorsOf(state: State): Record<string, KnownError> {
  const forbidden = (meaning: string, detail: string): KnownError => ({
    status: 403,
    meaning,
    answer: () => problem(state, 403, 'about:blank', 'Forbidden', detail),
  })
  return {
    '400-invalid-request': {
      status: 400,
      meaning: 'The request is not valid',
      answer: () => badRequest(state, 'Invalid.'),
    },
    '401-unauthorized': {
      status: 401,
      meaning: 'The token is not accepted',
      answer: () => unauthorised(state),
    },
    '402-credits-depleted': {
      status: 402,
      meaning: 'No credits are left',
      answer: () => creditsDepleted(),
    },
    '403-duplicate': forbidden('The same text was posted before', sentences.duplicate),
    '403-cashtag': forbidden('More than one cashtag', sentences.cashtag),
    '403-reply': forbidden('A reply to somebody who did not ask', sentences.reply),
    '403-not-permitted': forbidden('Not permitted for this account', sentences.notPermitted),
    '403-not-enrolled': {
      status: 403,
      meaning: 'The app may not use this',
      answer: () => notEnrolled(state),
    },
    '403-spend-cap': {
      status: 403,
      meaning: 'The spend cap is reached',
      answer: () => spendCapReached(state),
    },
    '404-not-found': {
      status: 404,
      meaning: 'There is no such post',
      answer: () => problem(state, 404, 'resource-not-found', 'Not Found Error', 'Not found.'),
    },
    '404-empty': { status: 404, meaning: 'Nothing, as seen in incidents', answer: () => ({ status: 404 }) },
    '429-rate-limit': {
      status: 429,
      meaning: 'Too many requests in this window',
      answer: () => throttled(state),
    },
    '429-usage-cap': {
      status: 429,
      meaning: 'The usage cap of the plan is reached',
      answer: () => usageCapExceeded(state),
    },
    '503-unavailable': {
      status: 503,
      meaning: 'X is over capacity',
      answer: () => refuse(state, 'server-error'),
    },
  }
}

export function effectOf({ method, path }: { method: string; path: string }): Effect {
  if (path.startsWith('/2/oauth2/')) return 'token'
  if (!path.startsWith('/2/')) return 'page'
  if (path.startsWith('/2/media/')) return method === 'GET' ? 'read' : 'upload'
  if (method === 'POST') return 'publish'
  return method === 'DELETE' ? 'remove' : 'read'
}
