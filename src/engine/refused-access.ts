/**
 * A network that refuses the access before its time, as it seems where a clock was wrong: the access is renewed
 * once for a delivery, and only where that is refused, too, a person is asked to sign in.
 */
import type { PublishOutcome } from '#domain/delivery.ts'
import type { ClaimedDelivery } from '#storage/deliveries.ts'
import type { DeliveringChannel, DeliverPorts } from './deliver.ts'
import { Fenced, isFault, outcomeOfError } from './trouble.ts'

/** No network's step is called so. */
const renewedName = '#access-renewed'

/** What comes of an attempt to publish whose access was refused; of any other it is what it was. */
export async function withRenewedAccess(
  outcome: PublishOutcome,
  opened: DeliveringChannel,
  delivery: ClaimedDelivery,
  ports: DeliverPorts,
): Promise<PublishOutcome> {
  if (outcome.kind !== 'refused' || outcome.fix !== 'reauthorise') return outcome
  try {
    // It goes on at once, and nothing failed that would count as an attempt.
    return (await renewedOnce(opened, delivery, ports)) ? { kind: 'processing', until: ports.now() } : outcome
  } catch (cause) {
    if (cause instanceof Fenced) throw cause
    if (isFault(cause)) ports.onFault(cause, delivery)
    // The network said no, so nothing is in doubt.
    return outcomeOfError(cause, false)
  }
}

/** Whether there is another access now, where there was none before for this delivery. */
export async function renewedOnce(
  { renewAccess }: DeliveringChannel,
  delivery: ClaimedDelivery,
  ports: DeliverPorts,
): Promise<boolean> {
  if (delivery.memory[renewedName] !== undefined || !(await renewAccess())) return false
  if (!(await ports.remember(delivery, renewedName, ports.now().toISOString()))) throw new Fenced()
  return true
}
