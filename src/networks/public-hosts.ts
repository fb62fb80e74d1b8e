/**
 * Which servers may be reached that somebody typed or a network named: public ones only.
 *
 * Otherwise whoever may connect an account could make this server talk to what stands beside it: databases, the
 * metadata of a cloud, a router. Names are resolved when a connection is opened, so a name that changes its
 * address afterwards gains nothing.
 */
import { lookup } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import type { NetworkHosts } from './contract.ts'

/** IANA's registries of special-purpose addresses (RFC 6890 and its updates), read 2026-11-24. */
const special4 = new BlockList()
for (const [address, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  special4.addSubnet(address, prefix, 'ipv4')
/** A list of its own: one for both would take every IPv4 address for one mapped into IPv6. */
const special6 = new BlockList()
for (const [address, prefix] of [
  ['::', 96],
  ['::ffff:0:0', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
  ['5f00::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const)
  special6.addSubnet(address, prefix, 'ipv6')

/** Addresses of IPv4 as a translator writes them (RFC 6052). */
const translated = new BlockList()
translated.addSubnet('64:ff9b::', 96, 'ipv6')

export function isPublicAddress(address: string): boolean {
  const plain = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '')
  const family = isIP(plain)
  if (family === 0) return false
  if (family === 4) return !special4.check(plain, 'ipv4')
  if (translated.check(plain, 'ipv6')) return isPublicAddress(lastFourBytes(plain))
  return !special6.check(plain, 'ipv6')
}

function lastFourBytes(address: string): string {
  const groups = new URL(`http://[${address}]/`).hostname.slice(1, -1).split(':')
  const [high = 0, low = 0] = groups.slice(-2).map((group) => Number.parseInt(group || '0', 16))
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

/** A server that may not be reached. Nothing was sent. */
export class HostNotPublic extends Error {
  override name = 'HostNotPublic'
  readonly code = 'HOST_NOT_PUBLIC'
}

/** Throws `HostNotPublic` for a name or address that leads to none or to a private place. */
export async function requirePublicHost(url: string): Promise<void> {
  refusePrivateLiteral(url)
  const { hostname } = new URL(url)
  if (isIP(hostname.replace(/^\[|\]$/g, '')) !== 0) return
  await new Promise<void>((resolve, reject) => {
    publicLookup(hostname, { all: true }, (cause) => (cause ? reject(cause) : resolve()))
  })
}

/** Like `dns.lookup`, for names whose addresses are all public. */
export const publicLookup: LookupFunction = (hostname, options, done) => {
  lookup(hostname, { ...options, all: true }, (cause, addresses) => {
    if (cause) return done(cause, [])
    const [first] = addresses
    if (!first || addresses.some(({ address }) => !isPublicAddress(address)))
      return done(new HostNotPublic(`${hostname} is no public server`), [])
    return options.all ? done(null, addresses) : done(null, first.address, first.family)
  })
}

/** No name is looked up for an address, so it is judged before anything is opened. */
export function refusePrivateLiteral(url: string): void {
  const { hostname } = new URL(url)
  const isLiteral = isIP(hostname.replace(/^\[|\]$/g, '')) !== 0
  if (isLiteral && !isPublicAddress(hostname)) throw new HostNotPublic(`${hostname} is no public server`)
}

/** Whether a URL leads to a host the operator or a definition names. */
export function isKnownHost(url: string, hosts: NetworkHosts): boolean {
  if (!URL.canParse(url)) return false
  const { origin } = new URL(url)
  return Object.values(hosts).some((host) => URL.canParse(host) && new URL(host).origin === origin)
}
