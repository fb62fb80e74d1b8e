/**
 * Container, status, publish: how Instagram and Threads make a post.
 *
 * The container's id is known before anything is visible and is remembered, so that a lost answer to the
 * publish step is settled by asking the container (developers.facebook.com, ig-container and Threads
 * troubleshooting, 2026-11-23).
 */
import type { PublishOutcome } from '#domain/delivery.ts'
import type { PublishJob, Steps, VerbContext } from './contract.ts'
import { graphError, graphOutcome } from './graph.ts'
import { idAnswer, readPermalink } from './graph-call.ts'
import {
  type Container,
  type ContainerNetwork,
  downOutcome,
  finishedContainer,
  rebuild,
  remember,
  Stop,
  type Way,
} from './graph-containers.ts'
import { NoAnswer, type Answer } from './metered-fetch.ts'

const maxPublishRefusals = 2
const blockMs = 24 * 3_600_000

export async function publishByContainer(
  network: ContainerNetwork,
  context: VerbContext,
  job: PublishJob,
): Promise<PublishOutcome> {
  const problem = network.contentProblem(job.payload)
  if (problem) return problem
  const way = { network, context, job }
  try {
    return await goLive(way, await finishedContainer(way))
  } catch (cause) {
    if (cause instanceof Stop) return cause.outcome
    throw cause
  }
}

/** The one visible request. Whatever it says but yes and a clear no, the container is asked afterwards. */
async function goLive(way: Way, container: Container): Promise<PublishOutcome> {
  const { network, context } = way
  const { steps, channel } = way.job
  const blocked = await stillBlocked(way)
  if (blocked) return blocked
  const refusal = steps.recall<PublishOutcome>('refusal')
  if (refusal) {
    await steps.forget('refusal')
    return refusal
  }
  const refusals = steps.recall<number>('publish-refusals') ?? 0
  if (refusals >= maxPublishRefusals) return rebuild(way, undefined)
  const sent = await steps.visible('media-publish', () => send(way, container))
  if ('mediaId' in sent) {
    const url = await readPermalink(context, network.graph, channel, sent.mediaId)
    return { kind: 'published', remoteId: sent.mediaId, ...(url === undefined ? {} : { url }) }
  }
  if (sent.isBlock) await remember(steps, 'blocked-at', context.now().toISOString())
  else if (sent.outcome.kind === 'unsure' && sent.wasAnswered)
    await remember(steps, 'publish-refusals', refusals + 1)
  return sent.outcome.kind === 'refused' ? onlyOnceProven(steps, sent.outcome) : sent.outcome
}

/**
 * A refusal at the publish step was seen of posts that were live, so it is kept until the container was asked.
 *
 * A dead token is the exception: nothing can have been published with it, and nothing can be asked.
 */
async function onlyOnceProven(
  steps: Steps,
  outcome: PublishOutcome & { kind: 'refused' },
): Promise<PublishOutcome> {
  if (outcome.fix === 'reauthorise') return outcome
  await remember(steps, 'refusal', outcome)
  return { kind: 'unsure', reason: outcome.reason }
}

type Sent = { mediaId: string } | { outcome: PublishOutcome; isBlock: boolean; wasAnswered: boolean }

async function send({ network, context, job }: Way, container: Container): Promise<Sent> {
  const unsure = (code: string, wasAnswered: boolean, isBlock = false): Sent => {
    const message = `${network.name} gave no clear answer; looking whether the post is live.`
    return { outcome: { kind: 'unsure', reason: { code, message } }, isBlock, wasAnswered }
  }
  let answer: Answer
  try {
    answer = await network.graph(context, 'POST', job.channel.accessToken, {
      path: `/${job.channel.remoteId}/${network.publishEdge}`,
      params: { creation_id: container.id },
      endpointClass: network.publishClass ?? 'post.create',
      dataClass: 'own-post',
      purpose: 'publish',
      timeoutMs: 25_000,
    })
  } catch (cause) {
    if (cause instanceof NoAnswer && cause.sent) return unsure('no_answer', false)
    return { outcome: downOutcome(network, cause), isBlock: false, wasAnswered: false }
  }
  const body = idAnswer.safeParse(answer.json)
  if (answer.status < 300 && body.success) return { mediaId: body.data.id }
  if (answer.status < 400 || answer.status >= 500) return unsure('answer_unusable', true)
  if (isBlocked(answer)) return unsure('blocked', true, true)
  const outcome = graphOutcome(network.rows, answer, context.now(), 'visible')
  return { outcome, isBlock: false, wasAnswered: true }
}

/** Spam and policy blocks were seen while the post was live, so the container is asked first. */
function isBlocked(answer: Answer): boolean {
  const error = graphError(answer)
  return error?.code === 368 || error?.subcode === 2207051
}

/** Repeating during a block lengthens it, so nothing is sent for a day. */
async function stillBlocked({ network, context, job }: Way): Promise<PublishOutcome | null> {
  const at = job.steps.recall<string>('blocked-at')
  if (at === undefined) return null
  if (context.now().getTime() - Date.parse(at) >= blockMs) {
    await job.steps.forget('blocked-at')
    return null
  }
  const message = `${network.name} blocked the post and did not publish it. Wait a day, look into the app, then send it again.`
  return { kind: 'refused', fix: 'user', reason: { code: `blocked_by_${network.id}`, message } }
}
