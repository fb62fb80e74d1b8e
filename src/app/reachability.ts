/** Whether a network that fetches pictures from this server can reach it. */
import { BlockList, isIP } from 'node:net'
import type { Check, LoginMethod, Network } from '#networks/contract.ts'
import type { System } from './system.ts'
import type { Problem } from './validate.ts'

/**
 * Null where the network fetches nothing, and where it stands on a private address itself, as the sandbox
 * and other servers for tests do: from there, this server may well be reached.
 */
export function mediaCheck(
  system: Pick<System, 'origin' | 'hostsOf'>,
  network: Network,
  login: LoginMethod,
  isSandbox: boolean,
): Check | null {
  const { name, fetchesMedia } = network.definition
  if (!fetchesMedia || isSandbox || !isPublic(system.hostsOf(network, login, isSandbox).apiUrl)) return null
  if (isPublic(system.origin))
    return { name: 'media', ok: true, message: `${name} fetches pictures from ${system.origin}.` }
  return {
    name: 'media',
    ok: false,
    message: `${name} fetches pictures from this server; ${system.origin} cannot be reached from outside.`,
    remedy: 'Set LITFASS_ORIGIN to a public https address that leads to this server.',
  }
}

/** The same as a reason why a post with images cannot go out there. */
export function mediaProblem(
  system: Pick<System, 'origin' | 'hostsOf' | 'loginById'>,
  channel: { login: string; isSandbox: boolean },
): Problem | null {
  const known = system.loginById(channel.login)
  if (!known) return null
  const check = mediaCheck(system, known.network, known.login, channel.isSandbox)
  if (!check || check.ok) return null
  const params = { network: known.network.definition.name, origin: system.origin }
  return { code: 'media_unreachable', message: check.message, params }
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
export function isPublic(origin: string): boolean {
  if (!URL.canParse(origin)) return false
  const { protocol, hostname } = new URL(origin)
  if (protocol !== 'https:') return false
  const host = hostname.replace(/^\[|\]$/g, '')
  const family = isIP(host)
  if (family !== 0) return !unreachable.check(host, family === 6 ? 'ipv6' : 'ipv4')
  return host.includes('.') && !/\.(?:local|localhost|internal|lan|home|arpa)$/.test(host)
}
