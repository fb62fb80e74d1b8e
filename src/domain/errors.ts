/**
 * The one error a caller may see: something asked for is impossible, and here is what to do about it.
 *
 * Outcomes a person must see (a refused post, a throttled network) are values, never errors. Bugs throw
 * plain `Error` and crash loudly.
 */

/** Every code, with the HTTP status it maps to. A code never changes its meaning; new ones are added. */
export const errorCodes = {
  // What the caller sent.
  invalid_input: 422,
  not_found: 404,
  not_signed_in: 401,
  not_allowed: 403,
  conflict: 409,
  revision_conflict: 409,
  idempotency_mismatch: 422,
  payload_too_large: 413,
  unsupported_media_type: 415,
  method_not_allowed: 405,
  rate_limited: 429,
  // Signing in.
  sign_in_wrong: 401,
  password_wrong: 422,
  link_invalid: 410,
  // Set-up.
  already_initialised: 409,
  not_initialised: 409,
  setup_token_invalid: 403,
  // Posts and deliveries.
  post_empty: 422,
  post_invalid: 422,
  post_not_editable: 409,
  delivery_not_resolvable: 409,
  comment_not_editable: 409,
  removal_impossible: 409,
  removal_refused: 409,
  removal_unsure: 409,
  due_in_past: 422,
  due_in_gap: 422,
  unknown_channel: 404,
  channel_unavailable: 409,
  // Media files.
  media_not_image: 422,
  media_too_large: 413,
  media_unreadable: 422,
  media_in_use: 409,
  // Connections.
  network_unknown: 404,
  address_not_public: 409,
  network_not_configured: 409,
  connection_refused: 409,
  connection_expired: 409,
  oauth_state_invalid: 400,
  oauth_declined: 400,
  grant_invalid: 422,
  host_not_allowed: 422,
  // Prices.
  prices_invalid: 422,
  budget_exhausted: 402,
  network_paused: 429,
  // Models.
  ai_off: 409,
  ai_forbidden: 409,
  ai_failed: 409,
  ai_answer_unusable: 409,
  // Installation.
  config_invalid: 500,
  address_unusable: 500,
  data_unusable: 500,
  database_locked: 500,
  database_unsafe: 500,
  database_unreachable: 503,
  migration_failed: 500,
  release_too_old: 500,
  backup_invalid: 422,
  server_unreachable: 503,
  secret_unreadable: 500,
} as const

export type ErrorCode = keyof typeof errorCodes

export type ErrorDetails = {
  /** What the person can do now. One sentence. */
  remedy: string
  cause?: unknown
  /** Field paths and reasons, for input that was refused. */
  issues?: ReadonlyArray<{ path: string; message: string }>
  /** After how many seconds the same may be asked again. */
  retryAfterSeconds?: number
}

export class LitfassError extends Error {
  override name = 'LitfassError'
  readonly code: ErrorCode
  readonly remedy: string
  readonly issues: ReadonlyArray<{ path: string; message: string }>
  readonly retryAfterSeconds: number | undefined

  constructor(code: ErrorCode, message: string, details: ErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.remedy = details.remedy
    this.issues = details.issues ?? []
    this.retryAfterSeconds = details.retryAfterSeconds
  }

  /** HTTP status that belongs to the code. */
  get status(): number {
    return errorCodes[this.code]
  }
}
