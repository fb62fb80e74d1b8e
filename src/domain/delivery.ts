/**
 * A delivery carries one variant of a post to one channel, once.
 *
 * It is the unit that must never be lost and never run twice, so every step of it is a value that is
 * stored before it is acted on. Nothing here touches a clock, a database or a network.
 */

/** `unsure`: a request left and no usable answer came. `held`: kept back for a stated reason. */
export type DeliveryState =
  | 'waiting'
  | 'claimed'
  | 'sending'
  | 'published'
  | 'refused'
  | 'unsure'
  | 'held'
  | 'cancelled'

/** Why a delivery is kept back. Released only by rule or by a person. */
export type HoldReason = 'budget' | 'withdrawal' | 'connection' | 'approval' | 'breaker' | 'restore' | 'late'

/** What has to happen before a refused delivery can succeed. */
export type RefusalFix = 'content' | 'reauthorise' | 'user' | 'give-up'

/** A refusal's stable code (such as `text_too_long`) and a sentence for a person. */
export type Reason = { code: string; message: string }

/**
 * What came of one attempt.
 *
 * - `published`: it is live. `remoteId` may be absent where the network says "live" without an id.
 * - `refused`: the network said no and repeating cannot help until `fix` is done.
 * - `processing`: invisible steps are done and remembered; look again at `until` (a container, a video).
 * - `throttled`: nothing became visible; try again at `until`.
 * - `unsure`: a visible request left and its answer is lost; only `find` may settle it.
 * - `networkDown`: nothing became visible and the network does not work; backed off.
 */
export type PublishOutcome =
  | { kind: 'published'; remoteId?: string; url?: string }
  | { kind: 'refused'; fix: RefusalFix; reason: Reason }
  | { kind: 'processing'; until: Date }
  | { kind: 'throttled'; until: Date; reason: Reason }
  | { kind: 'unsure'; reason: Reason }
  | { kind: 'networkDown'; reason: Reason }

/** What looking for a post on the network told. `absent` counts only after the definition's window. */
export type FindOutcome =
  | { kind: 'found'; remoteId?: string; url?: string }
  | { kind: 'absent' }
  /** `fix`: nothing can be read with the access there is. */
  | { kind: 'unknown'; reason: Reason; fix?: 'reauthorise' }

export type Delivery = {
  id: string
  state: DeliveryState
  /** The fencing number; every write after a claim carries it. */
  token: number
  attempts: number
  dueAt: Date
}

/** Changes a delivery's row takes after an outcome; absent fields stay as they are. */
export type DeliveryChange = {
  state: DeliveryState
  nextAt: Date | null
  remoteId?: string
  url?: string
  reason?: Reason & { fix?: RefusalFix }
  holdReason?: HoldReason
  /** A visible request's answer is still not known. Default: whether the state is `unsure`. */
  isInDoubt?: boolean
}

/**
 * What a budget, a network's quota or an outage kept back goes out by itself at most this long after its time, so that
 * nothing goes out late by surprise; later a person decides. Milliseconds.
 */
export const lateByItselfMs = 6 * 3_600_000

/** The memory of a delivery that a person let go: when. Its six hours begin anew. No network's step is called so. */
export const letGoName = '#let-go'

/** At most this many attempts end in `networkDown` before a person is asked; about six hours in all. */
export const maxDownAttempts = 12

/**
 * The change that follows from an outcome.
 *
 * An unanswered request never goes back to `waiting`: the post may be live, so the engine must look for
 * it on the network first. `random` is in [0, 1).
 */
export function afterOutcome(
  delivery: Delivery,
  outcome: PublishOutcome,
  now: Date,
  random: number,
): DeliveryChange {
  switch (outcome.kind) {
    case 'published':
      return {
        state: 'published',
        nextAt: null,
        ...(outcome.remoteId === undefined ? {} : { remoteId: outcome.remoteId }),
        ...(outcome.url === undefined ? {} : { url: outcome.url }),
      }
    case 'refused':
      if (outcome.fix === 'reauthorise') {
        return {
          state: 'held',
          nextAt: null,
          holdReason: 'connection',
          reason: { ...outcome.reason, fix: outcome.fix },
        }
      }
      return { state: 'refused', nextAt: null, reason: { ...outcome.reason, fix: outcome.fix } }
    case 'processing':
      return { state: 'waiting', nextAt: outcome.until }
    case 'throttled':
      return { state: 'waiting', nextAt: outcome.until, reason: outcome.reason }
    case 'unsure':
      return { state: 'unsure', nextAt: new Date(now.getTime() + 2_000), reason: outcome.reason }
    case 'networkDown':
      if (delivery.attempts >= maxDownAttempts) {
        return { state: 'refused', nextAt: null, reason: { ...outcome.reason, fix: 'give-up' } }
      }
      return { state: 'waiting', nextAt: backoff(delivery.attempts, now, random), reason: outcome.reason }
  }
}

/** 5 s doubling to at most one hour, with up to a quarter of jitter so that a crowd does not return at once. */
export function backoff(attempts: number, now: Date, random: number): Date {
  const seconds = Math.min(3_600, 5 * 2 ** Math.max(0, attempts - 1))
  return new Date(now.getTime() + Math.round(seconds * (1 + random / 4) * 1_000))
}

/** The state a person sees for a whole post, derived from its deliveries. */
export type PostState =
  | 'draft'
  | 'scheduled'
  | 'publishing'
  | 'published'
  | 'partly-published'
  | 'failed'
  | 'cancelled'

/** `isDraft` wins; a post whose deliveries were all cancelled is cancelled. */
export function postState(isDraft: boolean, states: readonly DeliveryState[]): PostState {
  if (isDraft || states.length === 0) return 'draft'
  const count = (...wanted: DeliveryState[]) => states.filter((state) => wanted.includes(state)).length
  if (count('cancelled') === states.length) return 'cancelled'
  const alive = states.length - count('cancelled')
  if (count('published') === alive) return 'published'
  if (count('claimed', 'sending') > 0) return 'publishing'
  const settled = count('published', 'refused', 'unsure', 'held')
  if (settled < alive) return settled === 0 ? 'scheduled' : 'publishing'
  return count('published') > 0 ? 'partly-published' : 'failed'
}
