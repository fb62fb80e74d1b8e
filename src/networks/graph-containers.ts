/**
 * Containers, in which Instagram and Threads prepare a post before it is published: made, asked for and made anew.
 *
 * All of this is invisible, so any of it may run again.
 */
import type { PublishOutcome } from '#domain/delivery.ts'
import type { ChannelAccess, DeliveryPayload, PublishJob, Purpose, Steps, VerbContext } from './contract.ts'
import { graphError, graphOutcome, type GraphErrorRow, isMissingObject } from './graph.ts'
import { type GraphVerb, idAnswer } from './graph-call.ts'
import { refusedContent } from './graph-content.ts'
import { NoAnswer, type Answer } from './metered-fetch.ts'

/** What is remembered of a container. `createdAt` paces the polling and tells an expired one without a call. */
export type Container = { id: string; createdAt: string }

/** A subcode, or a word where the network says it in words. */
export type ContainerFailure = number | string

/** The container's state; what cannot be read is told apart from what is gone. */
export type ContainerStatus =
  | { kind: 'finished' | 'processing' | 'published' | 'expired' }
  | { kind: 'failed'; failure?: ContainerFailure }
  | { kind: 'unreadable'; answer: Answer }

/** Asks a container for the fields that tell its state. */
export function askContainer(
  graph: GraphVerb,
  context: VerbContext,
  channel: ChannelAccess,
  containerId: string,
  purpose: Purpose,
  fields: string,
): Promise<Answer> {
  return graph(context, 'GET', channel.accessToken, {
    path: `/${containerId}`,
    params: { fields },
    endpointClass: 'container.read',
    dataClass: 'own-post',
    purpose,
  })
}

/** The states that both networks name alike; null for a failure and for what is no state. */
export function plainStatus(word: string): ContainerStatus | null {
  switch (word) {
    case 'FINISHED':
      return { kind: 'finished' }
    case 'PUBLISHED':
      return { kind: 'published' }
    case 'EXPIRED':
      return { kind: 'expired' }
    case 'IN_PROGRESS':
      return { kind: 'processing' }
    default:
      return null
  }
}

type Params = Record<string, string>

/** One container, or several and the one that shows them all. */
export type ContainerPlan = { items: readonly Params[]; whole: (children: readonly string[]) => Params }

/** What differs from network to network. */
export type ContainerNetwork = {
  name: string
  /** Begins the codes of its reasons. */
  id: string
  createEdge: string
  publishEdge: string
  /** What making it visible is counted and priced as. Default `post.create`. */
  publishClass?: 'comment.create'
  rows: readonly GraphErrorRow[]
  /** How old a container must be before it is worth asking for. */
  restMs: number
  graph: GraphVerb
  /** Why the content would be refused, told before a container is spent on it. */
  contentProblem: (payload: DeliveryPayload) => PublishOutcome | null
  plan: (payload: DeliveryPayload) => ContainerPlan
  readStatus: (
    context: VerbContext,
    channel: ChannelAccess,
    containerId: string,
    purpose: Purpose,
  ) => Promise<ContainerStatus>
  /** Why a new container is made instead of refusing: nothing is live yet, and it is tried a few times only. */
  wantsNewContainer: (failure: ContainerFailure | undefined) => boolean
  meaningOf: (failure: ContainerFailure | undefined) => string
  /** Whether a failure says that our image could not be fetched. */
  isNotFetched: (failure: ContainerFailure | undefined) => boolean
}

const maxRebuilds = 3
const rebuildDelays = [5, 30, 120]
const maxAgeMs = 23.5 * 3_600_000
const maxProcessingMs = 30 * 60_000
const freshMs = 5 * 60_000

/** Leaves a step with an outcome, so that nothing is remembered of it. */
export class Stop extends Error {
  override name = 'Stop'
  readonly outcome: PublishOutcome
  constructor(outcome: PublishOutcome) {
    super(outcome.kind)
    this.outcome = outcome
  }
}

/** One delivery on its way, with all that a step needs. */
export type Way = { network: ContainerNetwork; context: VerbContext; job: PublishJob }

/** The finished container of a delivery, made where there is none. Leaves with `Stop` until there is one. */
export async function finishedContainer(way: Way): Promise<Container> {
  const container = way.job.steps.recall<Container>('container') ?? (await build(way))
  await untilFinished(way, container, true)
  return container
}

async function build(way: Way): Promise<Container> {
  const { items, whole } = way.network.plan(way.job.payload)
  const made: Container[] = []
  for (const [index, params] of items.entries())
    made.push(await createStep(way, itemName(index), { ...params, is_carousel_item: 'true' }))
  for (const item of made) await untilFinished(way, item, false)
  return createStep(way, 'container', whole(made.map((item) => item.id)))
}

function itemName(index: number): string {
  return `item-${index}`
}

/** A container is invisible and dies unused, so this step may run again after any failure. */
function createStep(way: Way, name: string, params: Params): Promise<Container> {
  const { network, context, job } = way
  return job.steps.step(name, async () => {
    const answer = await invisible(network, () =>
      network.graph(context, 'POST', job.channel.accessToken, {
        path: `/${job.channel.remoteId}/${network.createEdge}`,
        params,
        endpointClass: 'container.create',
        dataClass: 'none',
        purpose: 'publish',
        timeoutMs: 60_000,
      }),
    )
    const body = idAnswer.safeParse(answer.json)
    if (answer.status < 400 && body.success) {
      return { id: body.data.id, createdAt: context.now().toISOString() }
    }
    const subcode = graphError(answer)?.subcode
    if (subcode !== undefined && network.wantsNewContainer(subcode)) return rebuild(way, subcode)
    throw new Stop(answer.status < 400 ? withoutId(network) : invisibleOutcome(way, answer))
  })
}

function invisibleOutcome({ network, context }: Way, answer: Answer): PublishOutcome {
  return graphOutcome(network.rows, answer, context.now(), 'invisible')
}

function withoutId({ name }: ContainerNetwork): PublishOutcome {
  const message = `${name} prepared the post but gave no id for it.`
  return { kind: 'networkDown', reason: { code: 'answer_unusable', message } }
}

async function invisible<T>(network: ContainerNetwork, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (cause) {
    throw new Stop(downOutcome(network, cause))
  }
}

/** What an exception of the door means before anything became visible. */
export function downOutcome({ name }: ContainerNetwork, cause: unknown): PublishOutcome {
  if (!(cause instanceof NoAnswer)) throw cause
  const message = `${name} did not answer: ${cause.message}.`
  return { kind: 'networkDown', reason: { code: 'no_answer', message } }
}

/** Returns once the container can be published; leaves with `processing` or a refusal otherwise. */
async function untilFinished(way: Way, container: Container, isWhole: boolean): Promise<void> {
  const { network, context, job } = way
  const now = context.now()
  const createdAt = Date.parse(container.createdAt)
  const ageMs = now.getTime() - createdAt
  if (ageMs < network.restMs)
    throw new Stop({ kind: 'processing', until: new Date(createdAt + network.restMs) })
  const status = await invisible(network, () =>
    network.readStatus(context, job.channel, container.id, 'publish'),
  )
  switch (status.kind) {
    case 'finished':
      return ageMs > maxAgeMs ? rebuild(way, undefined) : undefined
    case 'published':
      if (!isWhole) return
      throw new Stop(alreadyLive(network))
    case 'processing':
      if (ageMs > maxProcessingMs) return rebuild(way, undefined)
      throw new Stop({ kind: 'processing', until: nextPoll(now, ageMs) })
    case 'expired':
      return rebuild(way, undefined)
    case 'failed':
      return failed(way, status.failure)
    case 'unreadable':
      return unreadable(way, status.answer, ageMs)
  }
}

function failed(way: Way, failure: ContainerFailure | undefined): Promise<never> {
  const { network } = way
  if (network.wantsNewContainer(failure)) return rebuild(way, failure)
  const message = `${network.meaningOf(failure)}. Change the post.`
  throw new Stop(refusedContent(`${network.id}_${String(failure).toLowerCase()}`, message))
}

/** A fresh container may read as missing for a while although all is well; an old one is made anew. */
function unreadable(way: Way, answer: Answer, ageMs: number): Promise<never> {
  const isGone = isMissingObject(answer)
  if (isGone && ageMs > freshMs) return rebuild(way, undefined)
  if (isGone || answer.status < 400)
    throw new Stop({ kind: 'processing', until: nextPoll(way.context.now(), ageMs) })
  throw new Stop(invisibleOutcome(way, answer))
}

/** Two seconds at first, then half the container's age, at most the once a minute that Meta advises. */
function nextPoll(now: Date, ageMs: number): Date {
  return new Date(now.getTime() + Math.min(60_000, Math.max(2_000, ageMs / 2)))
}

/** An earlier request went through after all; only looking on the network may settle which post it is. */
function alreadyLive({ name }: ContainerNetwork): PublishOutcome {
  const message = `${name} says that this post is live already.`
  return { kind: 'unsure', reason: { code: 'already_published', message } }
}

/** Forgets every container and comes back to make new ones, a bounded number of times. */
export async function rebuild(way: Way, failure: ContainerFailure | undefined): Promise<never> {
  const { steps, payload } = way.job
  const count = steps.recall<number>('rebuilds') ?? 0
  await steps.forget('container')
  for (const index of payload.images.keys()) await steps.forget(itemName(index))
  await steps.forget('publish-refusals')
  if (count >= maxRebuilds) {
    await steps.forget('rebuilds')
    throw new Stop(rebuildRefusal(way.network, failure))
  }
  await remember(steps, 'rebuilds', count + 1)
  const seconds = rebuildDelays[count] ?? 120
  throw new Stop({ kind: 'processing', until: new Date(way.context.now().getTime() + seconds * 1_000) })
}

function rebuildRefusal(network: ContainerNetwork, failure: ContainerFailure | undefined): PublishOutcome {
  if (network.isNotFetched(failure)) {
    const message = `${network.name} could not fetch the image. Make sure that this server answers on a public HTTPS address.`
    return refusedContent('media_not_fetched', message)
  }
  const message = `${network.meaningOf(failure)}, several times over. Check the images and send the post again.`
  return { kind: 'refused', fix: 'give-up', reason: { code: 'container_failed', message } }
}

export async function remember(steps: Steps, name: string, value: unknown): Promise<void> {
  await steps.forget(name)
  await steps.step(name, async () => value)
}
