/** Deliveries that were not sent, with nothing in doubt: when they go on, or who decides. */
import { type DeliveryChange, lateByItselfMs, letGoName } from '#domain/delivery.ts'
import type { ClaimedDelivery } from '#storage/deliveries.ts'
import type { Delivered } from './deliver.ts'
import type { PutOff } from './pacing.ts'
import type { OverBudget } from './spending.ts'
import { reasonOf } from './trouble.ts'

/** Somebody let it go although the request before, whose answer is lost, may still arrive and become visible. */
export function tooSoon(until: Date): Delivered {
  const message = 'The request before may still arrive; this waits until that can be seen.'
  const reason = { code: 'in_flight', message }
  const change: DeliveryChange = { state: 'waiting', nextAt: until, reason }
  return { change, outcome: 'in-flight', detail: message, emptyReads: 0, countsAsAttempt: false }
}

/** The network takes no such call now, by what it told last; none was made. */
export function putOff(cause: PutOff, state: 'waiting' | 'unsure', emptyReads: number): Delivered {
  const reason = reasonOf(cause)
  const change: DeliveryChange = { state, nextAt: cause.until, reason }
  return { change, outcome: 'put-off', detail: reason.message, emptyReads, countsAsAttempt: false }
}

/** The call was refused before it left, so nothing is in doubt. What would go out late waits for a person. */
export function keptFor({ code, message, until }: OverBudget, delivery: ClaimedDelivery): Delivered {
  const reason = { code, message }
  const change: DeliveryChange = isTooLate(until, delivery)
    ? { state: 'held', nextAt: null, holdReason: 'budget', reason }
    : { state: 'waiting', nextAt: until, reason }
  return { change, outcome: 'held', detail: message, emptyReads: 0, countsAsAttempt: false }
}

/** What a quota would let go out only late waits for a person. A first comment is expected after its post, not at a time. */
export function unlessTooLate(delivered: Delivered, delivery: ClaimedDelivery): Delivered {
  const { change, outcome } = delivered
  const isKeptBack = outcome === 'throttled' || outcome === 'put-off'
  if (!isKeptBack || change.state !== 'waiting' || change.nextAt === null) return delivered
  if (delivery.parent !== null || !isTooLate(change.nextAt, delivery)) return delivered
  return { ...delivered, change: { ...change, state: 'held', nextAt: null, holdReason: 'late' } }
}

function isTooLate(at: Date, { dueAt, memory }: ClaimedDelivery): boolean {
  const letGo = memory[letGoName]
  const since = Math.max(dueAt.getTime(), typeof letGo === 'string' ? Date.parse(letGo) : 0)
  return at.getTime() > since + lateByItselfMs
}
