/** Calls that would only be refused are put off, by what the network told last. */
import { LitfassError } from '#domain/errors.ts'
import type { Network } from '#networks/contract.ts'
import type { Call } from '#networks/metered-fetch.ts'

type Counter = Network['definition']['counters']['value'][number]

/** A call that was not made; nothing was asked. */
export class PutOff extends LitfassError {
  override name = 'PutOff'
  /** When the network takes such calls again, as far as it told. */
  readonly until: Date
  constructor(network: string, until: Date, now: Date) {
    super('network_paused', `${network} takes no more calls of this kind for now, so none was made`, {
      remedy: `Litfass goes on by itself at ${until.toISOString().slice(0, 16).replace('T', ' ')} UTC.`,
      retryAfterSeconds: Math.ceil((until.getTime() - now.getTime()) / 1_000),
    })
    this.until = until
  }
}

/** Whether a call is refused once this counter is full. */
export function holdsBack({ holds }: Counter, { endpointClass }: Call): boolean {
  if (holds === null) return false
  return holds.of === 'all' || holds.of === 'told' || holds.of.includes(endpointClass)
}

/** Of a counter that is kept for each class of endpoint, the class; else null. */
export function classIn({ holds, ours }: Counter, { endpointClass }: Call): string | null {
  return holds?.of === 'told' || ours?.of === 'told' ? endpointClass : null
}
