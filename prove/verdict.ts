/** What one delivery came to: how often it can be seen, what its row says, and how long that took. */
import type { Arena, Seen } from './arena.ts'
import type { Fault, Subject } from './fault.ts'
import type { Hit } from './strike.ts'
import type { DeliveryRow, Scheduled } from './talk.ts'

/** `lost`: said to be out and is not, or given up or forgotten although it could go out. `denied`: out, and said not to be. */
export type Verdict = 'once' | 'once-unsure' | 'none-honest' | 'lost' | 'denied' | 'doubled' | 'unfinished'

export type Run = {
  backend: Arena['backend']
  subject: Subject
  part: 'post' | 'comment'
  network: string
  login: string
  fault: string
  /** Whether the fault was aimed at this one; the others of a round are hit at whatever they were doing. */
  isAim: boolean
  isRealTime: boolean
  verdict: Verdict
  count: number
  state: string
  text: string
  /** Of a comment, the text of its post. */
  below: string | null
  /** From a kill in the middle of an attempt, or the last of several, to the claim of another worker. Milliseconds of the workers' clock. */
  takeOversMs: number[]
  /** From the fault to rest, by the same clock. */
  recoveryMs: number | null
  attempts: DeliveryRow['attempts']
  reason: string | null
}

export const hasRest: ReadonlySet<string> = new Set(['published', 'refused', 'held', 'cancelled'])

/** `above`: of a comment, the row of its post. */
export function verdictOf(row: DeliveryRow, above: DeliveryRow | null, count: number, fault: Fault): Verdict {
  const isGone = row.state === 'refused' || row.state === 'cancelled'
  if (count > 1) return 'doubled'
  if (row.nextAt !== null && !hasRest.has(row.state)) return 'unfinished'
  if (count === 1) return row.state === 'published' ? 'once' : isGone ? 'denied' : 'once-unsure'
  if (row.state === 'published' || isForgotten(row, above)) return 'lost'
  const isExcused = !fault.mustGoOut || (fault.excuses?.includes(row.reason ?? '') ?? false)
  return isGone && !isExcused ? 'lost' : 'none-honest'
}

/** Nobody will ever take it up. A comment may wait without a time for its post, and anything for the end of an outage. */
function isForgotten({ state, nextAt, holdReason }: DeliveryRow, above: DeliveryRow | null): boolean {
  const isOpen = !hasRest.has(state) && state !== 'unsure'
  return (
    isOpen && nextAt === null && holdReason !== 'breaker' && (above === null || above.state === 'published')
  )
}

/** A comment counts wherever it stands, so that one too many is seen; one alone has to stand below its post. */
export function countOf(text: string, below: string | null, seen: readonly Seen[]): number {
  const found = seen.filter((one) => one.text.includes(text))
  if (below === null || found.length > 1) return found.length
  return found.filter((one) => one.below?.includes(below)).length
}

export function belowOf({ parentId }: Scheduled, posts: readonly Scheduled[]): string | null {
  return posts.find(({ id }) => id === parentId)?.text ?? null
}

/** The attempt that a hit broke off, and the one that followed: the take-over, where there was one. */
function brokenBy({ victim, at }: Hit, { attempts }: DeliveryRow) {
  const index = attempts.findLastIndex(
    ([worker, startedAt, outcome]) => worker === victim && outcome === null && startedAt <= at,
  )
  return index < 0 ? null : { takenOverAt: attempts[index + 1]?.[1] ?? null }
}

export function isLeftBehind(row: DeliveryRow, hits: readonly Hit[]): boolean {
  return hits.some((hit) => brokenBy(hit, row)?.takenOverAt === null)
}

export function timesOf(row: DeliveryRow, hits: readonly Hit[], startedAt: number) {
  const from = hits[0]?.at ?? startedAt
  const takeOvers = hits.flatMap((hit) => {
    const takenOverAt = brokenBy(hit, row)?.takenOverAt ?? null
    if (takenOverAt === null) return []
    // Who was to take it over may have been killed as well, before it could.
    const lastAt = Math.max(...hits.map(({ at }) => at).filter((at) => at < takenOverAt))
    return [takenOverAt - lastAt]
  })
  const isHit = hits.length === 0 || takeOvers.length > 0
  return {
    takeOversMs: takeOvers,
    recoveryMs: isHit && hasRest.has(row.state) && row.updatedAt > from ? row.updatedAt - from : null,
  }
}
