/** What the suite every network passes is made of: a simulator over real HTTP, a sign-in, jobs and steps. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createHash, randomBytes } from 'node:crypto'
import { request } from 'undici'
import { expect } from 'vitest'
import type { PublishOutcome } from '#domain/delivery.ts'
import type {
  ChannelAccess,
  CodeExchange,
  Connected,
  DeliveryImage,
  LoginField,
  LoginMethod,
  Network,
  NetworkHosts,
  PublishJob,
  Steps,
  VerbContext,
} from './contract.ts'
import { createMeteredFetch, unmetered, type Call } from './metered-fetch.ts'
import { openCollections, openFiles } from './sandbox-journal.ts'
import {
  type CreateSandbox,
  type SandboxNetwork,
  type SandboxRequest,
  consentAnswerUrl,
} from './sandbox-kit.ts'

export type ConformanceOptions = {
  /** Hosts of the simulator mounted at `baseUrl`, for one login. */
  sandboxHosts: (login: LoginMethod, baseUrl: string) => NetworkHosts
  /** How often `publish` may answer `processing` before it must be live. */
  maxProcessing?: number
  /** How long a used refresh token works on, so that a lost answer does no harm. */
  refreshGraceSeconds?: number
  /** Whether the network says 401 at times when nothing is wrong, so that a first one is looked at again. */
  doubtsFirst401?: boolean
}

export const redirectUri = 'https://litfass.example/api/v1/connections/callback'
export const app = { clientId: 'client', clientSecret: 'secret' }

/** A 2×2 JPEG, as small as one gets; simulators check the signature, not the picture. */
const jpeg = Buffer.from(
  '/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////////////wAALCAACAAIBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAA//EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AN//Z',
  'base64',
)

/** One pixel. */
const gif = Buffer.from('R0lGODlhAQABAIAAAP///wAAACwAAAAAAQABAAACAkQBADs=', 'base64')

/** A simulator on loopback with a clock that the test moves. */
export async function startSimulator(createSandbox: CreateSandbox) {
  const state = { now: new Date('2026-11-24T09:00:00Z') }
  const media = new Map<string, Uint8Array>()
  const sandbox: SandboxNetwork = createSandbox({
    now: () => state.now,
    collection: openCollections(null),
    files: openFiles(null),
    fetchMedia: async (url) => {
      const bytes = media.get(url)
      return bytes
        ? { status: 200, contentType: 'image/jpeg', bytes }
        : { status: 404, contentType: 'text/plain', bytes: new Uint8Array() }
    },
  })
  let baseUrl = ''
  const server: Server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      const url = new URL(incoming.url ?? '/', baseUrl)
      const headers: Record<string, string> = {}
      for (const [name, value] of Object.entries(incoming.headers))
        headers[name] = Array.isArray(value) ? value.join(', ') : (value ?? '')
      const forwarded: SandboxRequest = {
        method: incoming.method ?? 'GET',
        path: url.pathname,
        query: url.searchParams,
        headers,
        body: Buffer.concat(chunks),
        baseUrl,
      }
      sandbox.handle(forwarded).then(
        (response) => outgoing.writeHead(response.status, response.headers).end(response.body),
        (cause: unknown) => outgoing.writeHead(500).end(String(cause)),
      )
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    sandbox,
    baseUrl,
    media,
    now: () => state.now,
    advance: (seconds: number) => {
      state.now = new Date(state.now.getTime() + seconds * 1_000)
    },
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}

export type Simulator = Awaited<ReturnType<typeof startSimulator>>

export function contextFor(
  network: Network,
  login: LoginMethod,
  hosts: NetworkHosts,
  simulator: Simulator,
  watch?: (call: Call) => void,
): VerbContext {
  const fetch = createMeteredFetch(unmetered)
  return {
    login,
    hosts,
    version: network.definition.version?.value.name ?? '',
    fetch: (call) => {
      watch?.(call)
      return fetch(call)
    },
    now: simulator.now,
    app: async () => app,
  }
}

/** Steps that live in memory, with a count of visible intents. */
export function memorySteps(): Steps & { intents: string[]; memory: Map<string, unknown> } {
  const memory = new Map<string, unknown>()
  const intents: string[] = []
  return {
    memory,
    intents,
    recall: <T>(name: string) => memory.get(name) as T | undefined,
    step: async <T>(name: string, run: () => Promise<T>) => {
      if (memory.has(name)) return memory.get(name) as T
      const value = await run()
      memory.set(name, value)
      return value
    },
    forget: async (name) => void memory.delete(name),
    visible: async (name, run, remember = {}) => {
      intents.push(name)
      for (const [key, value] of Object.entries(remember)) memory.set(key, value)
      return run()
    },
  }
}

/** Walks the consent page as a person would and returns what the redirect carried. */
export async function consent(
  network: Network,
  login: LoginMethod,
  context: VerbContext,
  decision: 'allow' | 'deny',
) {
  const codeVerifier = randomBytes(32).toString('base64url')
  const codeChallenge = createHash('sha256').update(codeVerifier).digest('base64url')
  const state = randomBytes(16).toString('base64url')
  const { url, ...begun } = await startConsent(network, login, context, state, codeChallenge)
  const page = await request(url)
  const html = await page.body.text()
  expect(page.statusCode).toBe(200)
  const answerUrl = consentAnswerUrl(html, url, decision)
  if (answerUrl === null) throw new Error('the consent page has no form')
  const answer = await request(answerUrl)
  await answer.body.dump()
  expect(answer.statusCode).toBe(302)
  const target = new URL(String(answer.headers['location']))
  expect(target.searchParams.get('state')).toBe(state)
  const code = target.searchParams.get('code')?.replace(/#_$/, '') ?? null
  const issuer = target.searchParams.get('iss')
  const exchange: CodeExchange = {
    app,
    redirectUri,
    code: code ?? '',
    ...(login.usesPkce ? { codeVerifier } : {}),
    ...(issuer === null ? {} : { issuer }),
    ...begun,
  }
  return { target, code, exchange }
}

/** The page of a consent, with what is to be kept of its beginning. */
export async function startConsent(
  network: Network,
  login: LoginMethod,
  context: VerbContext,
  state: string,
  codeChallenge: string,
): Promise<{ url: string; memory?: Readonly<Record<string, unknown>> }> {
  const request = { app, redirectUri, state, ...(login.usesPkce ? { codeChallenge } : {}) }
  if (network.begin) return network.begin(context, request)
  const version = network.definition.version?.value.name ?? ''
  return { url: network.authorizeUrl(login, context.hosts, version, request) }
}

/** By the consent page, or by the form of a login that has one. */
export async function connectSandbox(
  network: Network,
  login: LoginMethod,
  context: VerbContext,
): Promise<Connected> {
  if (login.kind === 'form') return signInSandbox(network, login.fields, context)
  const { exchange } = await consent(network, login, context, 'allow')
  return network.connect(context, exchange)
}

/** Fills in what a simulated account is entered with. */
export function signInSandbox(
  network: Network,
  fields: readonly LoginField[],
  context: VerbContext,
): Promise<Connected> {
  if (!network.signIn) throw new Error('the login has a form, and the network no sign-in')
  return network.signIn(
    context,
    Object.fromEntries(
      fields.flatMap((field) => (field.sandboxValue === undefined ? [] : [[field.key, field.sandboxValue]])),
    ),
  )
}

export function accessTo(connected: Connected, index = 0): ChannelAccess {
  const channel = connected.channels[index]
  if (!channel) throw new Error('the connection has no such channel')
  return {
    channelId: `chn_${index}`,
    remoteId: channel.remoteId,
    kind: channel.kind,
    accessToken: channel.accessToken ?? connected.grant.accessToken,
    ...(connected.grant.proofKey === undefined ? {} : { proofKey: connected.grant.proofKey }),
    scopes: connected.grant.scopes,
  }
}

export function imageFor(simulator: Simulator, name: string, altText = 'A column'): DeliveryImage {
  const publicUrl = `https://litfass.example/media/${name}.jpg`
  simulator.media.set(publicUrl, jpeg)
  return {
    mediaFileId: `med_${name}`,
    mimeType: 'image/jpeg',
    bytes: jpeg.length,
    width: 1080,
    height: 1080,
    altText,
    publicUrl,
    read: async () => jpeg,
  }
}

/** An image of a type that a network takes alone; GIF is the only one there is. */
export function lonelyImageFor(simulator: Simulator, name: string): DeliveryImage {
  return {
    ...imageFor(simulator, name),
    mimeType: 'image/gif',
    bytes: gif.length,
    width: 1,
    height: 1,
    read: async () => gif,
  }
}

/** Publishes until the outcome is final, moving the clock past each wait. */
export async function publishToEnd(
  network: Pick<Network, 'publish'>,
  context: VerbContext,
  job: PublishJob,
  simulator: Simulator,
  maxProcessing = 10,
): Promise<PublishOutcome> {
  for (let round = 0; ; round += 1) {
    const outcome = await network.publish(context, job)
    if (outcome.kind !== 'processing' || round >= maxProcessing) return outcome
    simulator.advance(Math.max(1, (outcome.until.getTime() - simulator.now().getTime()) / 1_000))
  }
}
