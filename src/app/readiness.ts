/** Readiness: what a channel needs before something can go out on it, said in plain words. */
import { LitfassError } from '#domain/errors.ts'
import type { Check } from '#networks/contract.ts'
import { appTokenCheck } from './app-tokens.ts'
import { openChannel } from './channel-access.ts'
import { type ChannelView, requireChannel } from './channels.ts'
import { showConnection } from './connections.ts'
import { keepOwnLimits } from './own-limits.ts'
import { requireRole } from './permissions.ts'
import { mediaCheck } from './reachability.ts'
import type { Actor, System } from './system.ts'

export type ChannelChecks = { channelId: string; checks: Check[] }

/** Asks the network, which may cost. Throws `not_found`, and `channel_unavailable` for one that is not connected. */
export async function checkChannel(system: System, actor: Actor, id: string): Promise<Check[]> {
  requireRole(actor, 'editor')
  return checksOf(system, actor, await requireChannel(system, actor, id))
}

/** Every channel in use; trouble with one is its own check and does not hide the others. */
export async function checkConnection(
  system: System,
  actor: Actor,
  connectionId: string,
): Promise<ChannelChecks[]> {
  requireRole(actor, 'editor')
  const { channels } = await showConnection(system, actor, connectionId)
  const items: ChannelChecks[] = []
  for (const channel of channels.filter((candidate) => candidate.state === 'active')) {
    const checks = await checksOf(system, actor, channel).catch((cause: unknown) => [troubleOf(cause)])
    items.push({ channelId: channel.id, checks })
  }
  return items
}

function troubleOf(cause: unknown): Check {
  if (!(cause instanceof LitfassError)) throw cause
  return { name: 'connection', ok: false, message: cause.message, remedy: cause.remedy }
}

async function checksOf(system: System, actor: Actor, channel: ChannelView): Promise<Check[]> {
  const { network, context, access } = await openChannel(system, {
    workspaceId: actor.workspaceId,
    channelId: channel.id,
    deliveryId: null,
    actor: actor.memberId,
  })
  if (network.ownLimits) {
    const limits = await network.ownLimits(context)
    await keepOwnLimits(system.db, actor.workspaceId, channel.connectionId, limits)
  }
  const more = [
    mediaCheck(system, network, context.login, channel.sandbox),
    await appTokenCheck(system, actor.workspaceId, network, context.login, channel.sandbox),
  ]
  return [...(await network.check(context, access)), ...more.filter((check) => check !== null)]
}
