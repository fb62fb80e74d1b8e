/** The installation's networks, as the sweep of retention is handed them. */
import { provenanceOf, ruleBookOf } from '#engine/rule-books.ts'
import type { KeptNetwork } from '#jobs/retention.ts'
import type { Network, RemoteChannel } from '#networks/contract.ts'

export function keptNetworks(networks: readonly Network[]): KeptNetwork[] {
  return networks.map(({ definition }) => ({
    name: definition.name,
    book: ruleBookOf(definition),
    provenance: (item, channelKind, readAt) =>
      provenanceOf(definition, item, channelKind as RemoteChannel['kind'], readAt),
  }))
}
