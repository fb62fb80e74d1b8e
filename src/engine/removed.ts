/** A post that is no longer on its network: what was read of it goes as the network's rules say. */
import { deadlineOf } from '#domain/retention.ts'
import type { NetworkDefinition } from '#networks/contract.ts'
import { writeDeletion } from '#storage/deletions.ts'
import type { Handle } from '#storage/deliveries.ts'
import { ruleBookOf } from './rule-books.ts'

export type RemovedPost = {
  workspaceId: string
  deliveryId: string | null
  askedBy: string
  /** Since when it is known to be gone; null: since now. */
  since: Date | null
}

/** Orders the deletion, once; where no rule asks for one, nothing is done. */
export async function orderRemoved(
  db: Handle,
  definition: Pick<NetworkDefinition, 'id' | 'dataTerms' | 'keeps'>,
  { workspaceId, deliveryId, askedBy, since }: RemovedPost,
  now: Date,
): Promise<void> {
  const receivedAt = since ?? now
  const { rules } = ruleBookOf(definition)
  const deadlines = rules.flatMap(({ dataClass }) => {
    const end = deadlineOf(rules, dataClass, 'removed', receivedAt)
    return end === null ? [] : [end.at.getTime()]
  })
  if (deadlines.length === 0) return
  const scope = {
    scope: 'delivery',
    workspaceId,
    network: definition.id,
    connectionId: null,
    deliveryId,
  } as const
  const deadlineAt = new Date(Math.max(now.getTime(), Math.min(...deadlines)))
  await writeDeletion(db, { ...scope, reason: 'removed', askedBy, receivedAt, deadlineAt }, now)
}
