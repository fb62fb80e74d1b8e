/**
 * Mounts every network's simulator under `/_sandbox/<network>`, keeps the log and applies faults.
 *
 * Knows nothing of any network but its id. Every request is one visit: told apart, maybe made to fail,
 * handled, logged, and answered only when all it changed is in the journal.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import {
  type Collection,
  type Collections,
  type Files,
  openCollections,
  openFiles,
} from '#networks/sandbox-journal.ts'
import {
  imageType,
  type CreateSandbox,
  type KnownError,
  type SandboxContext,
  type SandboxNetwork,
  type SandboxRequest,
  type SandboxResponse,
} from '#networks/sandbox-kit.ts'
import { type Clock, openClock } from './clock.ts'
import { type KeptRule, refusalOf, takeRule } from './faults.ts'
import { postPage } from './pages.ts'
import { openRequestLog, openTrails, type RequestLog, type Trails } from './requests.ts'

export type SandboxHostOptions = {
  simulators: Readonly<Record<string, CreateSandbox>>
  /** Where state is kept; null keeps it in memory. */
  folder: string | null
  now: () => Date
  /** Public URL of this server; without it the address a request came by. */
  origin?: () => string
  fetchMedia: SandboxContext['fetchMedia']
}

/** A request before its body is read. `path` starts after `/_sandbox`. */
export type Head = {
  method: string
  path: string
  query: URLSearchParams
  headers: Record<string, string>
  origin: string
}

/** `reset`: the connection ends with a TCP reset and no answer. */
export type Answer = SandboxResponse | 'reset'

export type Visit = {
  /** The connection is to be reset in the middle of the body, which is then never handled. */
  resetsUpload: boolean
  answer: (body: Uint8Array) => Promise<Answer>
}

/** One mounted simulator with what is kept about it. */
export type Mounted = {
  network: SandboxNetwork
  collections: Collections
  files: Files
  log: RequestLog
  trails: Trails
}

export type SandboxHost = {
  mounts: ReadonlyMap<string, Mounted>
  clock: Clock
  rules: Collection<KeptRule>
  originOf: (head: Head) => string
  /** Null where no simulator stands at that path. */
  visit: (head: Head) => Visit | null
  /** Empties a simulator but for its consents. */
  empty: (id: string) => void
  /** Resolves when everything so far survives a kill. */
  flushed: () => Promise<void>
  close: () => void
}

export function createSandboxHost(options: SandboxHostOptions): SandboxHost {
  const { folder } = options
  if (folder !== null) mkdirSync(folder, { recursive: true })
  const control = openCollections(folder === null ? null : join(folder, '_control.jsonl'))
  const rules = control<KeptRule>('faults')
  const clock = openClock(control, options.now)
  const create = (id: string, collections: Collections, files: Files) =>
    createOf(
      options,
      id,
    )({
      now: clock.now,
      collection: collections,
      files,
      fetchMedia: options.fetchMedia,
    })
  const mounts = new Map<string, Mounted>()
  for (const id of Object.keys(options.simulators)) {
    const collections = openCollections(folder === null ? null : join(folder, `${id}.jsonl`))
    const files = openFiles(folder === null ? null : join(folder, `${id}-files`))
    const network = create(id, collections, files)
    mounts.set(id, {
      network,
      collections,
      files,
      log: openRequestLog(collections),
      trails: openTrails(collections),
    })
  }
  const originOf = (head: Head) => options.origin?.() ?? head.origin
  const flushed = async () => {
    await Promise.all([
      control.flushed(),
      ...[...mounts.values()].map((mount) => mount.collections.flushed()),
    ])
  }
  return {
    mounts,
    clock,
    rules,
    originOf,
    flushed,
    visit: (head) => {
      const [, id = '', rest = ''] = /^\/([^/]+)(\/.*)?$/.exec(head.path) ?? []
      const mount = mounts.get(id)
      if (!mount) return null
      const request = {
        method: head.method,
        path: rest || '/',
        query: head.query,
        headers: head.headers,
        baseUrl: `${originOf(head)}/_sandbox/${id}`,
      }
      return visit(mount, rules, clock.now, request)
    },
    empty: (id) => {
      const mount = mounts.get(id)
      if (!mount) return
      mount.collections.clear((name) => mount.network.kept.includes(name))
      mount.files.clear()
      mounts.set(id, {
        ...mount,
        network: create(id, mount.collections, mount.files),
        log: openRequestLog(mount.collections),
      })
    },
    close: () => {
      control.close()
      for (const mount of mounts.values()) mount.collections.close()
    },
  }
}

function createOf(options: SandboxHostOptions, id: string): CreateSandbox {
  const create = options.simulators[id]
  if (!create) throw new Error(`no simulator for ${id}`)
  return create
}

function visit(
  mount: Mounted,
  rules: SandboxHost['rules'],
  now: () => Date,
  head: Omit<SandboxRequest, 'body'>,
): Visit {
  const { network } = mount
  const effect = network.effectOf(head)
  const version = network.versionOf(head)
  const subject = { network: network.id, method: head.method, path: head.path, effect }
  const rule = takeRule(rules, version === undefined ? subject : { ...subject, version })
  const at = now().toISOString()
  const note = (status: number | null) =>
    mount.log.add({
      method: head.method,
      path: head.path,
      effect,
      status,
      at,
      ...(rule ? { fault: rule.fault, ruleId: rule.id } : {}),
    })
  const resetsUpload = rule?.fault === 'reset-upload'
  if (resetsUpload) note(null)
  return {
    resetsUpload,
    answer: async (body) => {
      if (effect === 'page') {
        const page = pageAt(mount, head)
        if (page) return page
      }
      const request: SandboxRequest = { ...head, body }
      const answer = rule ? await failing(mount, rule, request, at) : await handled(mount, request, at)
      note(answer === 'reset' ? null : answer.status)
      await mount.collections.flushed()
      return answer === 'reset' ? answer : dated(answer, now())
    },
  }
}

/** Networks tell their time with every answer. */
function dated(answer: SandboxResponse, now: Date): SandboxResponse {
  return { ...answer, headers: { ...answer.headers, date: now.toUTCString() } }
}

/** Handles a request and notes which objects it made. */
async function handled(mount: Mounted, request: SandboxRequest, at: string): Promise<SandboxResponse> {
  const made: Array<{ objectId: string; outOf: readonly string[] }> = []
  const response = await mount.network.handle({
    ...request,
    made: (objectId, outOf = []) => made.push({ objectId, outOf }),
  })
  const entry = { method: request.method, path: request.path, status: response.status, at }
  for (const { objectId, outOf } of made) mount.trails.add(objectId, outOf, entry)
  return response
}

async function failing(mount: Mounted, rule: KeptRule, request: SandboxRequest, at: string): Promise<Answer> {
  const { network } = mount
  const handle = () => handled(mount, request, at)
  const refusal = refusalOf(rule)
  if (refusal) return network.refuse(refusal, request)
  switch (rule.fault) {
    case 'lost-before':
      return 'reset'
    case 'lost-after':
      await handle()
      return 'reset'
    case 'cut-body':
      return cutOff(await handle())
    case 'slow': {
      if (rule.when === 'before') await pause(rule.ms)
      const response = await handle()
      await mount.collections.flushed()
      if (rule.when === 'after') await pause(rule.ms)
      return response
    }
    case 'error':
      return errorOf(network, rule.error)?.answer(request) ?? handle()
    case 'server-error-after':
      await handle()
      return { ...network.refuse('server-error', request), status: rule.status }
    case 'token-death':
      network.killTokens(rule.account)
      return handle()
    // These are no faults of one request, or were dealt with above.
    case 'unauthorised':
    case 'throttled':
    case 'outage':
    case 'withdrawal':
    case 'quota':
    case 'price-change':
    case 'renamed-fields':
    case 'reset-upload':
      return handle()
  }
}

/** An error by its id, or by the status or code it starts with (`429` for `429-rate-limit`). */
export function errorOf(network: SandboxNetwork, wanted: string): KnownError | undefined {
  const id = Object.keys(network.errors).find(
    (name) => name === wanted || name.startsWith(`${wanted}-`) || name.startsWith(`${wanted}/`),
  )
  return id === undefined ? undefined : network.errors[id]
}

/** The first half of the body and no header that could stand in for the rest. */
function cutOff(response: SandboxResponse): SandboxResponse {
  const body = Buffer.from(response.body ?? '')
  return {
    status: response.status,
    headers: { 'content-type': response.headers?.['content-type'] ?? 'application/json; charset=utf-8' },
    body: body.subarray(0, Math.floor(body.length / 2)),
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}

/** A stored picture, or a post's own page. Neither needs a key: people follow these links. */
function pageAt(mount: Mounted, head: Omit<SandboxRequest, 'body'>): SandboxResponse | null {
  const file = /^\/_files\/([^/]+)$/.exec(head.path)?.[1]
  if (file !== undefined) return fileAnswer(mount, file)
  const remoteId = mount.network.postAt(head.path)
  return remoteId === undefined ? null : postPage(mount, remoteId, head)
}

function fileAnswer(mount: Mounted, id: string): SandboxResponse {
  const bytes = mount.files.get(id)
  const type = bytes ? imageType(bytes) : null
  if (!bytes || type === null) return { status: 404, body: '' }
  const headers = {
    'content-type': type,
    'cache-control': 'private, max-age=86400, immutable',
    'content-security-policy': "default-src 'none'",
    'x-content-type-options': 'nosniff',
  }
  return { status: 200, headers, body: bytes }
}
