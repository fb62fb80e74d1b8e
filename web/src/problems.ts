/**
 * Why something could not be done, as the server says it in a problem document.
 *
 * The server writes English, which is shown as it is; `locales/problems.de.json` has the same in German by code. What
 * the server does not say itself, a lost connection for example, is in both catalogues.
 */
import { hasText, t } from './i18n.tsx'

/** Codes whose message names what exactly was wrong. */
const specific = new Set([
  'ai_failed',
  'ai_forbidden',
  'invalid_input',
  'conflict',
  'connection_refused',
  'grant_invalid',
  'media_too_large',
  'media_unreadable',
  'address_not_public',
  'network_not_configured',
  'oauth_declined',
  'payload_too_large',
  'post_invalid',
  'removal_refused',
])

export type Issue = { path: string; message: string }
type Details = { status: number; remedy: string; requestId?: string; issues?: Issue[]; cause?: unknown }

export class Problem extends Error {
  override name = 'Problem'
  readonly code: string
  readonly status: number
  readonly issues: readonly Issue[]
  /** To be quoted when help is asked for; absent where no server was reached. */
  readonly requestId: string | undefined
  readonly #remedy: string

  constructor(code: string, message: string, details: Details) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.status = details.status
    this.issues = details.issues ?? []
    this.requestId = details.requestId
    this.#remedy = details.remedy
  }

  /** What went wrong, for people. */
  get title(): string {
    return hasText(`problems.${this.code}.title`) ? t(`problems.${this.code}.title`) : this.message
  }

  /** The server's own words, where a translation says less than they do: names, limits, a network's reason. */
  get detail(): string | undefined {
    return specific.has(this.code) && this.title !== this.message ? this.message : undefined
  }

  /** What to do about it. */
  get remedy(): string {
    return hasText(`problems.${this.code}.remedy`) ? t(`problems.${this.code}.remedy`) : this.#remedy
  }
}

/** Reads a problem document; whatever else came instead becomes one. */
export function problemFrom(body: unknown, status: number): Problem {
  const document = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>
  const text = (name: string) => (typeof document[name] === 'string' ? document[name] : undefined)
  const requestId = text('requestId')
  return new Problem(
    text('code')?.toLowerCase() ?? codeOf(status),
    text('title') ?? text('message') ?? `HTTP ${status}`,
    {
      status,
      remedy: text('remedy') ?? '',
      ...(requestId === undefined ? {} : { requestId }),
      issues: Array.isArray(document['issues']) ? (document['issues'] as Issue[]) : [],
    },
  )
}

function codeOf(status: number): string {
  if (status === 401) return 'not_signed_in'
  if (status === 429) return 'rate_limited'
  return status >= 500 ? 'internal' : 'unexpected'
}

/** No answer came. */
export function offline(cause?: unknown): Problem {
  return new Problem('offline', 'The server cannot be reached', {
    status: 0,
    remedy: 'Check the connection and try again.',
    cause,
  })
}

/** Every error as a problem: the server's, a lost connection, or a bug of ours. */
export function asProblem(cause: unknown): Problem {
  if (cause instanceof Problem) return cause
  // What `fetch` throws when no answer came.
  if (cause instanceof TypeError && /fetch|network|load failed/i.test(cause.message)) return offline(cause)
  return new Problem('internal', cause instanceof Error ? cause.message : String(cause), {
    status: 500,
    remedy: '',
    cause,
  })
}
