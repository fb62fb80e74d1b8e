/**
 * The one suite every network passes, against its own simulator over real HTTP.
 *
 * A network's test file calls `conformance(network, createSandbox, …)`; nothing here knows a network.
 */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createHash, randomBytes } from 'node:crypto'
import { request } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PublishOutcome } from '#domain/delivery.ts'
import { textLength } from '#domain/text.ts'
import type {
  ChannelAccess,
  Connected,
  DeliveryImage,
  LoginMethod,
  Network,
  NetworkHosts,
  PublishJob,
  Steps,
  VerbContext,
} from './contract.ts'
import { createMeteredFetch, NoAnswer, unmetered, type Call } from './metered-fetch.ts'
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
}

const redirectUri = 'https://litfass.example/api/v1/connections/callback'
const app = { clientId: 'client', clientSecret: 'secret' }

/** A 2×2 JPEG, as small as one gets; simulators check the signature, not the picture. */
const jpeg = Buffer.from(
  '/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////////////wAALCAACAAIBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAA//EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AN//Z',
  'base64',
)

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
    visible: async (name, run) => {
      intents.push(name)
      return run()
    },
  }
}

/** Walks the consent page as a person would and returns what the redirect carried. */
export async function consent(
  network: Network,
  login: LoginMethod,
  hosts: NetworkHosts,
  decision: 'allow' | 'deny',
) {
  const codeVerifier = randomBytes(32).toString('base64url')
  const codeChallenge = createHash('sha256').update(codeVerifier).digest('base64url')
  const state = randomBytes(16).toString('base64url')
  const url = network.authorizeUrl(login, hosts, network.definition.version?.value.name ?? '', {
    app,
    redirectUri,
    state,
    ...(login.usesPkce ? { codeChallenge } : {}),
  })
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
  return { target, code: target.searchParams.get('code')?.replace(/#_$/, '') ?? null, codeVerifier }
}

export async function connectSandbox(
  network: Network,
  login: LoginMethod,
  context: VerbContext,
): Promise<Connected> {
  const { code, codeVerifier } = await consent(network, login, context.hosts, 'allow')
  return network.connect(context, {
    app,
    redirectUri,
    code: code ?? '',
    ...(login.usesPkce ? { codeVerifier } : {}),
  })
}

export function accessTo(connected: Connected, index = 0): ChannelAccess {
  const channel = connected.channels[index]
  if (!channel) throw new Error('the connection has no such channel')
  return {
    channelId: `chn_${index}`,
    remoteId: channel.remoteId,
    kind: channel.kind,
    accessToken: channel.accessToken ?? connected.grant.accessToken,
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

/** Publishes until the outcome is final, moving the clock past each wait. */
export async function publishToEnd(
  network: Network,
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

export function conformance(
  network: Network,
  createSandbox: CreateSandbox,
  options: ConformanceOptions,
): void {
  const { definition } = network
  for (const login of definition.logins) {
    describe(`${definition.name} by ${login.id}`, () => {
      let simulator: Simulator
      let context: VerbContext
      let connected: Connected
      beforeAll(async () => {
        simulator = await startSimulator(createSandbox)
        context = contextFor(network, login, options.sandboxHosts(login, simulator.baseUrl), simulator)
        connected = await connectSandbox(network, login, context)
      })
      afterAll(() => simulator.close())

      const publish = (payload: Partial<PublishJob['payload']>, steps = memorySteps()) => {
        const images =
          payload.images ??
          (definition.needsImage ? [imageFor(simulator, randomBytes(4).toString('hex'))] : [])
        const job = {
          channel: accessTo(connected),
          payload: { text: 'Fresh from the column', ...payload, images },
          steps,
        }
        return publishToEnd(network, context, job, simulator, options.maxProcessing).then((outcome) => ({
          outcome,
          job,
          steps,
        }))
      }

      it('grants a token and at least one channel after consent', () => {
        expect(connected.channels.length).toBeGreaterThan(0)
        expect(connected.grant.accessToken.length).toBeGreaterThan(10)
        expect(connected.account.remoteId).not.toBe('')
      })

      it('tells a refused consent from a granted one', async () => {
        const { code, target } = await consent(network, login, context.hosts, 'deny')
        expect(code).toBeNull()
        expect(target.searchParams.get('error')).not.toBeNull()
      })

      it('refuses a code that was used or made up', async () => {
        await expect(
          network.connect(context, { app, redirectUri, code: 'made-up', codeVerifier: 'x' }),
        ).rejects.toMatchObject({ code: 'connection_refused' })
      })

      it('takes a grant that exists already', async () => {
        const again = await network.adopt(context, connected.grant, app)
        expect(again.account.remoteId).toBe(connected.account.remoteId)
        expect(again.channels.map((channel) => channel.remoteId)).toEqual(
          connected.channels.map((channel) => channel.remoteId),
        )
      })

      it('says that a fresh connection is ready', async () => {
        const checks = await network.check(context, accessTo(connected))
        expect(checks.filter((check) => !check.ok)).toEqual([])
        expect(checks.length).toBeGreaterThan(0)
      })

      it('publishes a text once, with one visible intent, and finds it again', async () => {
        const sentAt = simulator.now()
        const text = `Text ${randomBytes(4).toString('hex')}`
        const { outcome, job, steps } = await publish({ text })
        expect(outcome).toMatchObject({ kind: 'published' })
        expect(steps.intents.length).toBe(1)
        expect(simulator.sandbox.wall().filter((post) => post.text.includes(text)).length).toBe(1)
        const found = await network.find(context, {
          ...job,
          sentAt,
          deadlineAt: simulator.now(),
          isOurs: async () => false,
        })
        expect(['found', 'unknown']).toContain(found.kind)
        expect(simulator.sandbox.wall().filter((post) => post.text.includes(text)).length).toBe(1)
      })

      it('shows the text exactly as it was written', async () => {
        const text = `Ümläut, "quotes" & <tags> (brackets) #column_1 @home * _ ~ | {} [] \\ 👍🏽 ${randomBytes(3).toString('hex')}`
        const { outcome } = await publish({ text })
        expect(outcome).toMatchObject({ kind: 'published' })
        expect(simulator.sandbox.wall().some((post) => post.text === text)).toBe(true)
      })

      it('publishes one image and several, with their alt texts', async () => {
        const one = imageFor(simulator, randomBytes(4).toString('hex'), 'One column')
        const text = `Images ${randomBytes(4).toString('hex')}`
        expect((await publish({ text, images: [one] })).outcome).toMatchObject({ kind: 'published' })
        const two = imageFor(simulator, randomBytes(4).toString('hex'), 'Another column')
        expect((await publish({ text: `${text} two`, images: [one, two] })).outcome).toMatchObject({
          kind: 'published',
        })
        const altTexts = simulator.sandbox
          .wall()
          .filter((post) => post.text.startsWith(text))
          .map((post) => post.images.map((image) => image.altText))
        expect(altTexts).toContainEqual(['One column'])
        expect(altTexts).toContainEqual(['One column', 'Another column'])
      })

      it('gives a permalink', async () => {
        const { outcome } = await publish({ text: `Link ${randomBytes(4).toString('hex')}` })
        expect(outcome.kind === 'published' && outcome.url).toMatch(/^https?:\/\//)
      })

      it('measures a post as its audience grows, and leaves out what is not given', async () => {
        if (login.canMeasure === false) return
        const { outcome } = await publish({ text: `Seen ${randomBytes(4).toString('hex')}` })
        if (outcome.kind !== 'published' || outcome.remoteId === undefined)
          throw new Error('not published with an id')
        const publishedAt = simulator.now()
        simulator.advance(3 * 86_400)
        const measured = await network.measurePost(
          context,
          accessTo(connected),
          outcome.remoteId,
          publishedAt,
        )
        if (measured.kind !== 'measured') throw new Error(`not measured: ${JSON.stringify(measured)}`)
        const names = definition.metrics.value
          .filter((metric) => metric.of === 'post')
          .map((metric) => metric.name)
        expect(measured.readings.length).toBeGreaterThan(0)
        for (const reading of measured.readings) expect(names).toContain(reading.metric)
        expect(Math.max(...measured.readings.map((reading) => reading.value))).toBeGreaterThan(0)
      })

      it('removes a post where the network allows it', async () => {
        if (!definition.canDelete) return
        const text = `Gone ${randomBytes(4).toString('hex')}`
        const { outcome } = await publish({ text })
        if (outcome.kind !== 'published' || outcome.remoteId === undefined)
          throw new Error('not published with an id')
        const removed = await network.remove(context, accessTo(connected), outcome.remoteId)
        if (removed.kind === 'refused') return // Allowed by another login of this network only.
        expect(removed.kind).toBe('removed')
        expect(simulator.sandbox.wall().some((post) => post.text === text && !post.deleted)).toBe(false)
      })

      it('names the content as what to fix when the text is too long', async () => {
        const rules = definition.text.value
        const text = 'é'.repeat(rules.maxLength + 1)
        expect(textLength(text, rules)).toBeGreaterThan(rules.maxLength)
        const { outcome } = await publish({ text })
        expect(outcome).toMatchObject({ kind: 'refused', fix: 'content' })
      })

      it('is unsure, never refused, when the answer to the visible request is lost', async () => {
        const text = `Lost ${randomBytes(4).toString('hex')}`
        const steps = memorySteps()
        let inVisible = false
        const lossy: Steps = {
          ...steps,
          visible: async (name, run) => {
            inVisible = true
            try {
              return await steps.visible(name, run)
            } finally {
              inVisible = false
            }
          },
        }
        const losing: VerbContext = {
          ...context,
          fetch: async (call) => {
            const answer = await context.fetch(call)
            if (inVisible) throw new NoAnswer('the answer was lost', { sent: true })
            return answer
          },
        }
        const images = definition.needsImage ? [imageFor(simulator, randomBytes(4).toString('hex'))] : []
        const job: PublishJob = { channel: accessTo(connected), payload: { text, images }, steps: lossy }
        const sentAt = simulator.now()
        const outcome = await publishToEnd(network, losing, job, simulator)
        expect(outcome.kind).toBe('unsure')
        simulator.advance(5)
        const found = await network.find(context, {
          ...job,
          sentAt,
          deadlineAt: simulator.now(),
          isOurs: async () => false,
        })
        expect(found.kind).toBe('found')
        expect(simulator.sandbox.wall().filter((post) => post.text === text).length).toBe(1)
      })

      it('asks to re-authorise when the token is dead, after it was alive', async () => {
        const other = await startSimulator(createSandbox)
        try {
          const own = contextFor(network, login, options.sandboxHosts(login, other.baseUrl), other)
          const grant = await connectSandbox(network, login, own)
          other.advance(3_600)
          other.sandbox.killTokens()
          const images = definition.needsImage ? [imageFor(other, 'dead')] : []
          const outcome = await publishToEnd(
            network,
            own,
            { channel: accessTo(grant), payload: { text: 'Dead token', images }, steps: memorySteps() },
            other,
          )
          expect(outcome).toMatchObject({ kind: 'refused', fix: 'reauthorise' })
        } finally {
          await other.close()
        }
      })

      it('names every fact with its source and day', () => {
        const facts = [
          definition.text,
          definition.images,
          definition.quotas,
          definition.prices,
          definition.dataTerms,
          definition.metrics,
          definition.find,
        ]
        for (const fact of definition.version ? [...facts, definition.version] : facts) {
          expect(fact.source).not.toBe('')
          expect(fact.readOn).toMatch(/^\d{4}-\d{2}-\d{2}$/)
        }
      })
    })
  }
}
