/** Readiness: what a channel needs before something can go out on it, said in plain words. */
import { BlockList, isIP } from 'node:net'
import { LitfassError } from '#domain/errors.ts'
import type { Check, NetworkDefinition } from '#networks/contract.ts'
import { openChannel } from './channel-access.ts'
import { type ChannelView, requireChannel } from './channels.ts'
import { showConnection } from './connections.ts'
import type { Actor, System } from './system.ts'

export type ChannelChecks = { channelId: string; checks: Check[] }

/** Throws `not_found`, and `channel_unavailable` for one that is not connected. */
export async function checkChannel(system: System, actor: Actor, id: string): Promise<Check[]> {
  return checksOf(system, actor, await requireChannel(system, actor, id))
}

/** Every channel in use; trouble with one is its own check and does not hide the others. */
export async function checkConnection(
  system: System,
  actor: Actor,
  connectionId: string,
): Promise<ChannelChecks[]> {
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
  const media = channel.sandbox ? null : mediaCheck(system.origin, network.definition)
  return [...(await network.check(context, access)), ...(media ? [media] : [])]
}

/** Whether a network that fetches pictures can reach this server; null where it fetches none. */
export function mediaCheck(
  origin: string,
  definition: Pick<NetworkDefinition, 'name' | 'fetchesMedia'>,
): Check | null {
  if (!definition.fetchesMedia) return null
  if (isPublic(origin))
    return { name: 'media', ok: true, message: `${definition.name} fetches pictures from ${origin}.` }
  return {
    name: 'media',
    ok: false,
    message: `${definition.name} fetches pictures from this server; ${origin} cannot be reached from outside.`,
    remedy: 'Set LITFASS_ORIGIN to a public https address that leads to this server.',
  }
}

const unreachable = new BlockList()
for (const [address, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const)
  unreachable.addSubnet(address, prefix, 'ipv4')
for (const [address, prefix] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
] as const)
  unreachable.addSubnet(address, prefix, 'ipv6')

/** https, and no address or name that only a private network knows. */
function isPublic(origin: string): boolean {
  if (!URL.canParse(origin)) return false
  const { protocol, hostname } = new URL(origin)
  if (protocol !== 'https:') return false
  const host = hostname.replace(/^\[|\]$/g, '')
  const family = isIP(host)
  if (family !== 0) return !unreachable.check(host, family === 6 ? 'ipv6' : 'ipv4')
  return host.includes('.') && !/\.(?:local|localhost|internal|lan|home|arpa)$/.test(host)
}
