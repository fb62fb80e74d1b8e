/**
 * The control API under `/_sandbox`: wall, log, faults, clock, audience. Plain JSON.
 *
 * Who may call it is decided by the server it is mounted in. What is wrong with a call is thrown.
 */
import { z } from 'zod'
import {
  type Audience,
  audienceCollection,
  defaultAudience,
  jsonResponse,
  type SandboxResponse,
} from '#networks/sandbox-kit.ts'
import { addFaults, deleteFaults, dropRule, faultList, putFaults } from './control-faults.ts'
import { instantOf, missing, mountsOf, numberOf, parse } from './control-input.ts'
import { faultRule } from './faults.ts'
import type { Head, Mounted, SandboxHost } from './host.ts'
import { wallPage } from './pages.ts'
import { wallItems, wallPosts } from './wall.ts'

const areas = ['wall', 'requests', 'faults', 'errors', 'clock', 'audience', 'bill', 'reset'] as const
type Area = (typeof areas)[number]

/** Whether a path below `/_sandbox` is part of the control API and so needs a key. */
export function isControlPath(path: string): boolean {
  return path === '' || path === '/' || areaOf(path) !== undefined
}

/** The wall is a page; all else answers JSON. */
export function isWallPage(path: string): boolean {
  return path === '' || path === '/'
}

function areaOf(path: string): Area | undefined {
  return areas.find((area) => path === `/${area}`)
}

/** Answers when all it changed survives a kill. Throws `LitfassError` for what it cannot do. */
export async function control(host: SandboxHost, head: Head, body: Uint8Array): Promise<SandboxResponse> {
  const area = areaOf(head.path)
  const response = area ? answers[area](host, head, body) : wallPage(host, head)
  await host.flushed()
  return response ?? refuseMethod(head)
}

type Handler = (host: SandboxHost, head: Head, body: Uint8Array) => SandboxResponse | null

export const answers: Record<Area, Handler> = {
  wall: (host, head) => (head.method === 'GET' ? wall(host, head) : null),
  requests: (host, head) => {
    if (head.method === 'GET') return requests(host, head)
    if (head.method !== 'DELETE') return null
    for (const mount of mountsOf(host, head.query.get('network'))) mount.log.clear()
    return { status: 204 }
  },
  faults: (host, head, body) => {
    switch (head.method) {
      case 'GET':
        return faultList(host)
      case 'PUT':
        return putFaults(host, body)
      case 'POST':
        return addFaults(host, [parse(faultRule, body)])
      case 'DELETE':
        return deleteFaults(host, head.query.get('id'))
      default:
        return null
    }
  },
  errors: (host, head) => (head.method === 'GET' ? knownErrors(host, head) : null),
  clock: (host, head, body) => {
    if (head.method === 'PUT') host.clock.change(clockChange(body))
    else if (head.method !== 'GET') return null
    const { offsetSeconds, frozenAt } = host.clock.setting()
    return jsonResponse(200, { at: host.clock.now().toISOString(), offsetSeconds, frozen: frozenAt !== null })
  },
  audience: (host, head, body) => {
    if (head.method === 'PUT') changeAudience(host, body)
    else if (head.method !== 'GET') return null
    return jsonResponse(200, { items: mountsOf(host, head.query.get('network')).map(audienceView) })
  },
  bill: (host, head) => {
    if (head.method !== 'GET') return null
    const items = mountsOf(host, head.query.get('network')).flatMap(({ network }) =>
      network.bill ? [{ network: network.id, ...network.bill() }] : [],
    )
    return jsonResponse(200, { items })
  },
  reset: (host, head, body) => {
    if (head.method !== 'POST') return null
    const { network, all } = parse(resetInput, body)
    for (const mount of mountsOf(host, network ?? null)) {
      host.empty(mount.network.id)
      if (all) host.mounts.get(mount.network.id)?.network.killTokens()
    }
    if (network === undefined) host.clock.change({ offsetSeconds: 0, isFrozen: false })
    for (const rule of host.rules.values())
      if (network === undefined || rule.network === network) dropRule(host, rule)
    return { status: 204 }
  },
}

const resetInput = z.strictObject({
  network: z.string().optional(),
  /** Ends consents too, so that accounts have to be connected again. */
  all: z.boolean().default(false),
})

function wall(host: SandboxHost, head: Head): SandboxResponse {
  const network = head.query.get('network')
  mountsOf(host, network)
  const limit = numberOf(head.query.get('limit'), 'limit') ?? Infinity
  const since = instantOf(head.query.get('since'))
  const posts = wallPosts(host, network ?? undefined)
    .filter((post) => since === null || Date.parse(post.publishedAt) >= since)
    .slice(0, limit)
  return jsonResponse(200, { items: wallItems(host, posts, host.originOf(head)) })
}

function requests(host: SandboxHost, head: Head): SandboxResponse {
  const since = instantOf(head.query.get('since'))
  const items = mountsOf(host, head.query.get('network'))
    .flatMap(({ network, log }) => log.list().map((entry) => ({ network: network.id, ...entry })))
    .filter((entry) => since === null || Date.parse(entry.at) >= since)
    .toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.number - b.number))
  return jsonResponse(200, { items })
}

function knownErrors(host: SandboxHost, head: Head): SandboxResponse {
  const items = mountsOf(host, head.query.get('network')).flatMap(({ network }) =>
    Object.entries(network.errors).map(([id, { status, meaning }]) => ({
      network: network.id,
      id,
      status,
      meaning,
    })),
  )
  return jsonResponse(200, { items })
}

const clockInput = z.union([
  z.strictObject({ offsetSeconds: z.number(), frozen: z.boolean().optional() }),
  z.strictObject({ at: z.iso.datetime({ offset: true }), frozen: z.boolean().optional() }),
  z.strictObject({ frozen: z.boolean() }),
])

function clockChange(body: Uint8Array) {
  const input = parse(clockInput, body)
  return {
    ...('at' in input ? { at: input.at } : {}),
    ...('offsetSeconds' in input ? { offsetSeconds: input.offsetSeconds } : {}),
    isFrozen: input.frozen,
  }
}

const audienceInput = z.strictObject({
  network: z.string().optional(),
  seed: z.string().max(200).optional(),
  size: z.number().int().min(0).max(1_000_000_000).optional(),
  halfLifeSeconds: z.number().min(1).max(31_536_000).optional(),
  paused: z.boolean().optional(),
})

const audienceSettings = (mount: Mounted) => mount.collections<Audience>(audienceCollection)

function changeAudience(host: SandboxHost, body: Uint8Array): void {
  const { network, seed, size, halfLifeSeconds, paused } = parse(audienceInput, body)
  for (const mount of mountsOf(host, network ?? null)) {
    const before = audienceSettings(mount).get('audience') ?? defaultAudience
    const pausedAt = before.pausedAt ?? host.clock.now().toISOString()
    audienceSettings(mount).set('audience', {
      seed: seed ?? before.seed,
      size: size ?? before.size,
      halfLifeSeconds: halfLifeSeconds ?? before.halfLifeSeconds,
      pausedAt: paused === undefined ? before.pausedAt : paused ? pausedAt : null,
    })
  }
}

function audienceView(mount: Mounted) {
  const { pausedAt, ...settings } = audienceSettings(mount).get('audience') ?? defaultAudience
  return { network: mount.network.id, ...settings, paused: pausedAt !== null }
}

function refuseMethod(head: Head): never {
  throw missing(`There is nothing at ${head.method} /_sandbox${head.path}`)
}
