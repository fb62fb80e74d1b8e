/** Orders to delete what was read of an account; the worker's next sweep carries them out. */
import { after, deadlineOf, type EndReason } from '#domain/retention.ts'
import { ruleBookOf } from '#engine/rule-books.ts'
import type { NetworkDefinition } from '#networks/contract.ts'
import { type NewDeletion, writeDeletion } from '#storage/deletions.ts'
import type { Handle } from '#storage/deliveries.ts'
import type { System } from './system.ts'

/** By what time at the latest, where a network gives none: it is what the strictest of them asks for. */
const longest = 'PT24H'

export type Order = Pick<NewDeletion, 'reason' | 'askedBy' | 'note' | 'code' | 'receivedAt'>

/** Null where no rule of the network ends anything for this reason, or the same callback ordered it before. */
export async function orderForConnection(
  system: System,
  db: Handle,
  connection: { workspaceId: string; network: string; id: string },
  order: Order,
  now: Date,
): Promise<string | null> {
  const deadlineAt = deadlineFor(system, connection.network, order.reason, order.receivedAt)
  if (deadlineAt === null) return null
  const { workspaceId, network, id } = connection
  const scope = { scope: 'connection', workspaceId, network, connectionId: id, deliveryId: null } as const
  return writeDeletion(db, { ...order, ...scope, deadlineAt }, now)
}

/** The shortest of the network's, and never later than a day. Null: nothing is to be deleted. */
export function deadlineFor(
  system: System,
  network: string,
  reason: EndReason,
  receivedAt: Date,
): Date | null {
  const definition = system.networks.find((known) => known.definition.id === network)?.definition
  const ends = definition ? endsOf(definition, reason, receivedAt) : []
  const isObeyedAnyway = reason === 'request' || reason === 'terminated'
  if (ends.length === 0 && !isObeyedAnyway) return null
  return new Date(Math.min(after(receivedAt, longest).getTime(), ...ends))
}

/** Without delay is within a day: deletion takes a worker's sweep, and a person who reads it takes a breath. */
function endsOf(definition: NetworkDefinition, reason: EndReason, receivedAt: Date): number[] {
  const { rules } = ruleBookOf(definition)
  return rules.flatMap(({ dataClass }) => {
    const end = deadlineOf(rules, dataClass, reason, receivedAt)
    if (end === null) return []
    return [end.rule.deleteOn[reason] === null ? after(receivedAt, longest).getTime() : end.at.getTime()]
  })
}
