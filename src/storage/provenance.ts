/** What stands beside every row read from a network: what it is, when it was read, and until when it may stay. */
export type Provenance = {
  dataClass: string
  /** Of the rules that gave `expiresAt`. */
  termsVersion: string
  readAt: Date
  /** Null where no rule sets a time. */
  expiresAt: Date | null
}
