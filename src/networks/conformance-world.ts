/** What a chapter of the suite works with: one login, signed in at a simulator of its own. */
import { randomBytes } from 'node:crypto'
import type { PublishOutcome } from '#domain/delivery.ts'
import {
  accessTo,
  app,
  connectSandbox,
  type ConformanceOptions,
  contextFor,
  imageFor,
  memorySteps,
  publishToEnd,
  type Simulator,
  startSimulator,
} from './conformance-kit.ts'
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
import type { Answer, Call } from './metered-fetch.ts'
import type { CreateSandbox, SandboxRequest, SandboxResponse } from './sandbox-kit.ts'

export type World = {
  network: Network
  login: LoginMethod
  hosts: NetworkHosts
  simulator: Simulator
  context: VerbContext
  /** Every call since the sign-in began. */
  calls: Call[]
  connected: () => Connected
  /** The first channel, with a token that was renewed where the clock had passed its end. */
  channel: () => Promise<ChannelAccess>
  jobFor: (payload: Partial<PublishJob['payload']>, steps?: Steps) => Promise<PublishJob>
  publish: (
    payload: Partial<PublishJob['payload']>,
    own?: VerbContext,
  ) => Promise<{ outcome: PublishOutcome; job: PublishJob & { steps: ReturnType<typeof memorySteps> } }>
  close: () => Promise<void>
}

export async function openWorld(
  network: Network,
  login: LoginMethod,
  createSandbox: CreateSandbox,
  options: ConformanceOptions,
): Promise<World> {
  const simulator = await startSimulator(createSandbox)
  const hosts = options.sandboxHosts(login, simulator.baseUrl)
  const calls: Call[] = []
  const context = contextFor(network, login, hosts, simulator, (call) => calls.push(call))
  let connected = await connectSandbox(network, login, context)
  const channel = async () => {
    const endsAt = connected.grant.accessExpiresAt?.getTime()
    if (endsAt !== undefined && endsAt - simulator.now().getTime() < 300_000) {
      const renewed = await network.refresh(context, connected.grant, app)
      if (renewed.kind === 'refreshed') connected = { ...connected, grant: renewed.grant }
    }
    return accessTo(connected)
  }
  const jobFor = async <S extends Steps>(payload: Partial<PublishJob['payload']>, steps: S) => ({
    channel: await channel(),
    payload: { text: 'Fresh from the column', images: imagesFor(network, simulator), ...payload },
    steps,
  })
  return {
    network,
    login,
    hosts,
    simulator,
    context,
    calls,
    connected: () => connected,
    channel,
    jobFor: (payload, steps = memorySteps()) => jobFor(payload, steps),
    publish: async (payload, own = context) => {
      const job = await jobFor(payload, memorySteps())
      const outcome = await publishToEnd(network, own, job, simulator, options.maxProcessing)
      return { outcome, job }
    },
    close: simulator.close,
  }
}

/** As many as a post of this network must have. */
function imagesFor(network: Network, simulator: Simulator): DeliveryImage[] {
  return network.definition.needsImage ? [imageFor(simulator, unique('needed'))] : []
}

/** A text that stands on the wall once. */
export const unique = (text: string) => `${text} ${randomBytes(4).toString('hex')}`

/** The context and steps of a world in which `meet` answers every request that shows something. */
export function meeting(
  { context }: Pick<World, 'context'>,
  steps: Steps,
  meet: (call: Call, send: () => Promise<Answer>) => Promise<Answer>,
): { context: VerbContext; steps: Steps } {
  let isVisible = false
  return {
    context: {
      ...context,
      fetch: (call) => (isVisible ? meet(call, () => context.fetch(call)) : context.fetch(call)),
    },
    steps: {
      ...steps,
      visible: async (name, run, remember) => {
        isVisible = true
        try {
          return await steps.visible(name, run, remember)
        } finally {
          isVisible = false
        }
      },
    },
  }
}

/** A call as the simulator would get it; its body is not carried over. */
export function requestOf(call: Call, baseUrl: string): SandboxRequest {
  const url = new URL(call.url)
  return {
    method: call.method,
    path: url.pathname,
    query: url.searchParams,
    headers: call.headers ?? {},
    body: new Uint8Array(),
    baseUrl,
  }
}

export function answerOf({ status, headers = {}, body = '' }: SandboxResponse): Answer {
  const text = typeof body === 'string' ? body : Buffer.from(body).toString('utf8')
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    json = undefined
  }
  return { status, headers, text, json }
}
