/**
 * What an outage makes of a delivery's attempt: it waits for the end instead of being blamed.
 *
 * While a breaker is open, an attempt that met the trouble counts for nothing, its account is not asked to sign
 * in again, and nothing is left for a person to settle.
 */
import { type Ability, outageCode, type OutageReason, type Source, type Verdict } from '#domain/breaker.ts'
import type { Reason } from '#domain/delivery.ts'
import type { ClaimedDelivery } from '#storage/deliveries.ts'
import type { Breakers } from './breakers.ts'
import type { Delivered } from './deliver.ts'

export async function afterOutage(
  breakers: Breakers,
  delivery: ClaimedDelivery,
  result: Delivered,
): Promise<Delivered> {
  const { reason } = result.change
  // Its access could not be renewed because of an outage.
  if (reason !== undefined && isOutage(reason)) return parked(delivery, result, reason)
  const { id: connectionId, login, server } = delivery.channel.connection
  const source: Source = { login, server, connectionId }
  const ability: Ability = delivery.state === 'unsure' ? 'read' : 'publish'
  const verdict = verdictOf(result)
  if (verdict !== null) await breakers.report(source, ability, verdict)
  const outage = await breakers.outageOf(source, ability)
  if (outage === null || result.outcome === 'processing') return result
  const hasFailed = verdict !== null || isUnanswered(result.outcome)
  if (outage.probeDeliveryId === delivery.id) await breakers.ended(outage, delivery.id, hasFailed)
  if (!hasFailed) return result
  // It may be live, and is looked for: reading has a breaker of its own.
  if (result.outcome === 'unsure') return { ...result, countsAsAttempt: false }
  return parked(delivery, result, outage.reason)
}

/** What the verb's outcome says of the network; null where it says nothing, or only of this post. */
function verdictOf({ outcome, change }: Delivered): Verdict | null {
  switch (outcome) {
    case 'published':
    case 'found':
    case 'absent':
      return 'works'
    case 'networkDown':
      return isOurs(change.reason) ? null : 'down'
    case 'refused':
      return change.reason?.fix === 'reauthorise' && !isOurs(change.reason) ? 'unauthorised' : null
    default:
      return null
  }
}

/** Whatever kept it from an answer: while the network is out of order it is not worth telling apart. */
function isUnanswered(outcome: string): boolean {
  return outcome === 'unsure' || outcome === 'unknown' || outcome === 'networkDown'
}

/** Reasons known before the verb was begun, or of this machine's own. */
const ourCodes: ReadonlySet<string> = new Set([
  'channel_unavailable',
  'clock_wrong',
  'connection_expired',
  'internal_error',
  'paused',
  'read_failed',
  'renewal_busy',
  'renewal_failed',
])

function isOurs(reason: Reason | undefined): boolean {
  return reason !== undefined && ourCodes.has(reason.code)
}

function isOutage(reason: Reason): reason is OutageReason {
  return reason.code === outageCode && 'outage' in reason
}

/** Kept as it was, until the breaker closes. */
function parked(delivery: ClaimedDelivery, result: Delivered, reason: OutageReason): Delivered {
  const isInDoubt = delivery.state === 'unsure'
  return {
    ...result,
    change: {
      state: isInDoubt ? 'unsure' : 'waiting',
      nextAt: null,
      holdReason: 'breaker',
      reason,
      isInDoubt,
    },
    // Only an attempt to publish was counted when it was claimed.
    countsAsAttempt: isInDoubt,
  }
}
