/** A network's set-up guide, with the addresses of this installation, and its logo. */
import { LitfassError } from '#domain/errors.ts'
import type { Network } from '#networks/contract.ts'
import { callbacksPlaceholder, logoOf, redirectPlaceholder, setupGuideOf } from '#networks/files.ts'
import { redirectUriOf } from './redirect-uri.ts'
import type { System } from './system.ts'

/** Throws `network_unknown`. */
export async function guideOf(system: System, id: string): Promise<string> {
  const guide = await setupGuideOf(networkOf(system, id).definition.id)
  return guide
    .replaceAll(redirectPlaceholder, redirectUriOf(system))
    .replaceAll(callbacksPlaceholder, `${system.origin}/api/v1/network-callbacks/`)
}

/** Throws `network_unknown`. */
export function networkLogo(system: System, id: string): Promise<string> {
  return logoOf(networkOf(system, id).definition.id)
}

/** Only an id that a definition holds becomes part of a path. */
function networkOf(system: System, id: string): Network {
  const network = system.networks.find(({ definition }) => definition.id === id)
  if (network) return network
  const known = system.networks.map(({ definition }) => definition.id)
  throw new LitfassError('network_unknown', `There is no network ${id}`, {
    remedy: `Use one of: ${known.join(', ')}.`,
  })
}
