/**
 * Why something could not be done, as the server says it in a problem document.
 *
 * The server writes English; `locales/problems.*.json` has the same in the person's language by code, and where it has
 * none, the server's words are shown.
 */
import { hasText, t } from './i18n.tsx'

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

/** Every error as a problem: the server's, a lost connection, or a bug of ours. */
export function asProblem(cause: unknown): Problem {
  if (cause instanceof Problem) return cause
  // What `fetch` throws when no answer came.
  if (cause instanceof TypeError && /fetch|network|load failed/i.test(cause.message))
    return new Problem('offline', 'The server cannot be reached', {
      status: 0,
      remedy: 'Check the connection and try again.',
      cause,
    })
  return new Problem('internal', cause instanceof Error ? cause.message : String(cause), {
    status: 500,
    remedy: '',
    cause,
  })
}
