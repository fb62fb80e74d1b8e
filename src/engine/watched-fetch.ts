/** The door, watched: servers that fail, give no answer or accept no access are told to the breakers. */
import type { Ability, Source, Trouble } from '#domain/breaker.ts'
import type { Purpose } from '#networks/contract.ts'
import { type MeteredFetch, NoAnswer } from '#networks/metered-fetch.ts'
import type { Breakers } from './breakers.ts'

/** Removing is done by people, who see its outcome; it says nothing of posting. */
const abilities: Readonly<Record<Purpose, Ability | null>> = {
  publish: 'publish',
  reconcile: 'read',
  measure: 'read',
  converse: 'read',
  connect: 'connect',
  remove: null,
  ai: null,
}

/** Only trouble is told: that all works is what a verb's outcome says, not the first of its calls. */
export function watchedFetch(
  fetch: MeteredFetch,
  source: Source,
  breakers: Pick<Breakers, 'report'>,
): MeteredFetch {
  const tell = (purpose: Purpose, trouble: Trouble) => {
    const ability = abilities[purpose]
    if (ability !== null) void breakers.report(source, ability, trouble)
  }
  return async (call) => {
    try {
      const answer = await fetch(call)
      if (call.isExpected?.(answer) === true) return answer
      if (answer.status >= 500) tell(call.purpose, 'down')
      else if (answer.status === 401) tell(call.purpose, 'unauthorised')
      return answer
    } catch (cause) {
      if (cause instanceof NoAnswer && cause.isTheirs) tell(call.purpose, 'down')
      throw cause
    }
  }
}
