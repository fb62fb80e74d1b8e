/** Whether networks are out of order, as the running server sees it. */
import { z } from 'zod'
import { failedBy, type Finding, ok, warn } from './finding.ts'

const readiness = z.object({
  outages: z.array(
    z.object({ network: z.string(), sandbox: z.boolean(), ability: z.string(), since: z.string() }),
  ),
})

export async function checkNetworks(server: string): Promise<Finding> {
  try {
    const answer = await fetch(`${server}/readyz`, { signal: AbortSignal.timeout(5_000) })
    const { outages } = readiness.parse(await answer.json())
    if (outages.length === 0) return ok('networks', 'None is known to be out of order')
    const named = outages.map(
      ({ network, sandbox, ability, since }) =>
        `${network}${sandbox ? ' in the sandbox' : ''} (${ability}, since ${since.slice(0, 16).replace('T', ' ')} UTC)`,
    )
    return warn(
      'networks',
      `Out of order: ${named.join(', ')}`,
      'Nothing is to be done: what is due waits and goes out when the network works again.',
    )
  } catch (cause) {
    return failedBy('networks', cause, 'Restart the server and see its log.')
  }
}
