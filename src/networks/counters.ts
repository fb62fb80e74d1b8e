/**
 * What networks themselves tell of how much of their interface was used: which counters there are, as data, and the
 * values that came with an answer. Beside them stands what the ledger counted in the same window.
 */

/** A number a network tells of our use. */
export type Counter = {
  /** Unique in its network. */
  name: string
  /** Whose use is counted: all of the app's, an account's, or one page or profile's. */
  of: 'app' | 'connection' | 'channel'
  what: 'calls' | 'posts-read' | 'posts' | 'replies' | 'deletions' | 'points' | 'time'
  /** `percent`: of a limit that is not told. */
  unit: 'count' | 'percent'
  /** Name of the header, or the endpoint that is asked. */
  toldBy: string
  /** Whether it comes unasked with other answers. */
  isWithAnswers: boolean
  /** What the ledger has to compare it with; null where it has nothing. */
  ours: {
    counts: 'calls' | 'successes' | 'items'
    /** Endpoint classes; `told`: the one of the call it came with. */
    of: readonly string[] | 'all' | 'told'
  } | null
  /** Which calls are refused when it is full, and the percent of it that reads leave; null where it says nothing of that. */
  holds: { of: readonly string[] | 'all' | 'told'; protectedPercent: number } | null
  /**
   * `fixed`: it ends at the reset that is told; `isAligned`: it begins at full multiples of its length. Null: a window
   * whose begin is not told.
   */
  window: { kind: 'fixed' | 'rolling'; seconds: number; isAligned?: boolean } | { kind: 'utc-month' } | null
}

/** Own choice; Meta's advice is to slow down long before the end. What publishing and reconciling need is little. */
export const protectedPercent = 10

/** The value of a counter as an answer told it. */
export type Told = {
  counter: string
  /** The class of endpoint it is about, where it is one of several. */
  endpointClass?: string
  /** The page or profile it is about, by the network's id. */
  subject?: string
  used: number
  /** 100 where it is told in percent; null where it is not told. */
  limit: number | null
  /** When it starts anew, or when calls are let in again. */
  resetsAt?: Date
}

/** What a refusal for too many calls holds back, and until when. */
export type Refusal = { of: 'app' | 'connection' | 'endpoint-class'; until: Date }

/** Whether asking for a counter brought it; the value itself is seen by the door. */
export type UsageOutcome = { kind: 'told' } | { kind: 'not-told'; message: string }

/** The parts of a limit as headers name them: `<prefix>-limit`, `-remaining` and `-reset`. */
export function limitIn(
  headers: Readonly<Record<string, string>>,
  prefix: string,
  instantOf: (text: string) => Date | null = epochSeconds,
): Pick<Told, 'used' | 'limit' | 'resetsAt'> | null {
  const limit = numberIn(headers[`${prefix}-limit`])
  const remaining = numberIn(headers[`${prefix}-remaining`])
  if (limit === null || remaining === null) return null
  const reset = headers[`${prefix}-reset`]
  const resetsAt = reset === undefined ? null : instantOf(reset)
  return { used: Math.max(0, limit - remaining), limit, ...(resetsAt === null ? {} : { resetsAt }) }
}

/** A count as it stands in a header or answer, where some come as strings. */
export function numberIn(value: unknown): number | null {
  if (typeof value !== 'number' && (typeof value !== 'string' || value.trim() === '')) return null
  const number = Number(value)
  return Number.isFinite(number) && number >= 0 ? number : null
}

export function epochSeconds(text: string): Date | null {
  const seconds = numberIn(text)
  return seconds === null || seconds > 1e11 ? null : new Date(seconds * 1_000)
}

export function isoInstant(text: string): Date | null {
  const ms = Date.parse(text)
  return Number.isNaN(ms) ? null : new Date(ms)
}
