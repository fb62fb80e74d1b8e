/**
 * Whether a call would only be refused, by what the network told last. Publishing, and finding out what became of it,
 * may use all there is; reads leave a share of it. Calls made while a network refuses them make it refuse longer, so
 * nothing is asked to try.
 */

/** A counter as it was told last. */
export type Level = {
  used: number
  limit: number | null
  /** When it starts anew; null where the network does not say. */
  resetsAt: Date | null
  toldAt: Date
  /** Percent that reads leave. */
  protectedPercent: number
}

/** Purposes that leave a share to all others. */
const reads: ReadonlySet<string> = new Set(['measure', 'converse'])

const minute = 60_000
/** For how long a level holds whose end nobody knows: one that is full, and one that is nearly. */
const holdsFor = { full: 15 * minute, scarce: 5 * minute }
/** A level that claims to hold for longer is asked again. */
const atMost = 24 * 60 * minute

/** Until when a call of this purpose would be refused or take what is protected; null where it may leave. */
export function heldUntil(level: Level, purpose: string, now: Date): Date | null {
  const { used, limit, resetsAt, toldAt, protectedPercent } = level
  if (limit === null || limit <= 0) return null
  const isFull = used >= limit
  const isScarce = used * 100 >= limit * (100 - protectedPercent)
  if (!isFull && !(isScarce && reads.has(purpose))) return null
  const end = resetsAt ?? new Date(toldAt.getTime() + (isFull ? holdsFor.full : holdsFor.scarce))
  const until = Math.min(end.getTime(), toldAt.getTime() + atMost)
  return until > now.getTime() ? new Date(until) : null
}

/** Whether so much is used that every worker is to know it at once: from half on, well before anything is held back. */
export function isNear({ used, limit }: Pick<Level, 'used' | 'limit'>): boolean {
  return limit !== null && used * 2 >= limit
}

/** A wait so short that a call is kept back for it rather than put off. Milliseconds. */
export const waitsAtMostMs = 2_000

/** After a refusal for too many calls that names no end. Milliseconds. */
export const pauseMs = minute

/** The end that `Retry-After` names, in seconds or as a date; null where there is none. */
export function retryAfter(header: string | undefined, now: Date): Date | null {
  if (header === undefined || header.trim() === '') return null
  const seconds = Number(header)
  const at = Number.isFinite(seconds) ? now.getTime() + seconds * 1_000 : Date.parse(header)
  return Number.isFinite(at) && at > now.getTime() ? new Date(Math.min(at, now.getTime() + atMost)) : null
}
