/**
 * Container, status, publish.
 *
 * The container's id is known before anything is visible and is remembered, so that a lost answer to
 * `media_publish` is settled by asking the container (developers.facebook.com, ig-container, 2026-11-23).
 */
import { composed } from '#domain/composed.ts'
import type { PublishOutcome } from '#domain/delivery.ts'
import { textProblems, type TextProblem } from '#domain/text.ts'
import type { DeliveryImage, DeliveryPayload, PublishJob, Steps, VerbContext } from '../contract.ts'
import { graphError } from '../graph.ts'
import { NoAnswer, type Answer } from '../metered-fetch.ts'
import { graph, idAnswer, readPermalink, readStatus } from './api.ts'
import { definition } from './definition.ts'
import { downOutcome, isMissing, meaningOf, outcomeOf, subcodeOf, wantsNewContainer } from './errors.ts'

/** What is remembered of a container. `createdAt` paces the polling and tells an expired one without a call. */
export type Container = { id: string; createdAt: string }

const maxRebuilds = 3
const rebuildDelays = [5, 30, 120]
const maxPublishRefusals = 2
const maxAgeMs = 23.5 * 3_600_000
const maxProcessingMs = 30 * 60_000
const freshMs = 5 * 60_000
const blockMs = 24 * 3_600_000

/** Leaves a step with an outcome, so that nothing is remembered of it. */
class Stop extends Error {
  override name = 'Stop'
  readonly outcome: PublishOutcome
  constructor(outcome: PublishOutcome) {
    super(outcome.kind)
    this.outcome = outcome
  }
}

export async function publish(context: VerbContext, job: PublishJob): Promise<PublishOutcome> {
  const problem = contentProblem(job.payload)
  if (problem) return problem
  try {
    const container = await readyContainer(context, job)
    return await goLive(context, job, container)
  } catch (cause) {
    if (cause instanceof Stop) return cause.outcome
    throw cause
  }
}

/** Links in captions cannot be clicked; one that the text lacks is still written, for people to type. */
export function captionOf(payload: DeliveryPayload): string {
  return composed(payload, definition.linkPlacement).text
}

function refused(code: string, message: string): PublishOutcome {
  return { kind: 'refused', fix: 'content', reason: { code, message } }
}

/** What Instagram would refuse, told before a container is spent on it. */
function contentProblem(payload: DeliveryPayload): PublishOutcome | null {
  const { images } = payload
  const rules = definition.images.value
  if (images.length === 0) {
    return refused('image_required', 'Instagram takes no post without an image. Add at least one JPEG image.')
  }
  if (images.length > rules.maxCount) {
    return refused('too_many_images', `Instagram takes up to ${rules.maxCount} images. Remove some.`)
  }
  const problem = textProblems(captionOf(payload), definition.text.value)[0]
  if (problem) return textRefusal(problem)
  for (const image of images) {
    const found = imageProblem(image)
    if (found) return found
  }
  return null
}

function textRefusal({ code, actual, allowed }: TextProblem): PublishOutcome {
  const what = { text_too_long: 'characters', too_many_hashtags: 'hashtags', too_many_mentions: 'mentions' }
  return refused(code, `The caption has ${actual} ${what[code]}; Instagram takes ${allowed}. Shorten it.`)
}

function imageProblem(image: DeliveryImage): PublishOutcome | null {
  const { types, maxBytes, maxAltLength = Infinity, aspect } = definition.images.value
  if (!types.includes(image.mimeType)) {
    return refused('image_type', 'Instagram takes JPEG images only. Convert the image to JPEG.')
  }
  if (image.bytes > maxBytes) return refused('image_too_large', 'An image is over 8 MiB. Make it smaller.')
  if (Array.from(image.altText).length > maxAltLength) {
    return refused('alt_text_too_long', `An alternative text is over ${maxAltLength} characters. Shorten it.`)
  }
  const ratio = image.width / image.height
  // A hundredth of tolerance: 1080 × 566 is 1.908 and 864 × 1081 is meant to be 4:5.
  if (aspect && (ratio < aspect.min - 0.01 || ratio > aspect.max + 0.01)) {
    return refused('image_aspect', 'An image is too tall or too wide. Crop it to between 4:5 and 1.91:1.')
  }
  return null
}

async function readyContainer(context: VerbContext, job: PublishJob): Promise<Container> {
  const container = job.steps.recall<Container>('container') ?? (await build(context, job))
  await untilFinished(context, job, container, true)
  return container
}

async function build(context: VerbContext, job: PublishJob): Promise<Container> {
  const { images } = job.payload
  const caption = captionOf(job.payload)
  const [first] = images
  if (images.length === 1 && first) {
    return createStep(context, job, 'container', { ...imageParams(first), caption })
  }
  const items: Container[] = []
  for (const [index, image] of images.entries()) {
    const params = { ...imageParams(image), is_carousel_item: 'true' }
    items.push(await createStep(context, job, itemName(index), params))
  }
  for (const item of items) await untilFinished(context, job, item, false)
  const children = items.map((item) => item.id).join(',')
  return createStep(context, job, 'container', { media_type: 'CAROUSEL', children, caption })
}

function itemName(index: number): string {
  return `item-${index}`
}

function imageParams(image: DeliveryImage): Record<string, string> {
  return { image_url: image.publicUrl, ...(image.altText === '' ? {} : { alt_text: image.altText }) }
}

/** A container is invisible and dies unused, so this step may run again after any failure. */
function createStep(
  context: VerbContext,
  job: PublishJob,
  name: string,
  params: Record<string, string>,
): Promise<Container> {
  return job.steps.step(name, async () => {
    const answer = await invisible(() =>
      graph(context, 'POST', job.channel.accessToken, {
        path: `/${job.channel.remoteId}/media`,
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
    const subcode = subcodeOf(answer)
    if (subcode !== undefined && wantsNewContainer(subcode)) return rebuild(context, job, subcode)
    throw new Stop(answer.status < 400 ? withoutId() : outcomeOf(answer, context.now(), 'invisible'))
  })
}

function withoutId(): PublishOutcome {
  return {
    kind: 'networkDown',
    reason: { code: 'answer_unusable', message: 'Instagram prepared the post but gave no id for it.' },
  }
}

async function invisible(run: () => Promise<Answer>): Promise<Answer> {
  try {
    return await run()
  } catch (cause) {
    throw new Stop(downOutcome(cause))
  }
}

/** Returns once the container can be published; leaves with `processing` or a refusal otherwise. */
async function untilFinished(
  context: VerbContext,
  job: PublishJob,
  container: Container,
  isWhole: boolean,
): Promise<void> {
  const now = context.now()
  const ageMs = now.getTime() - Date.parse(container.createdAt)
  const status = await readStatus(context, job.channel, container.id, 'publish').catch((cause: unknown) => {
    throw new Stop(downOutcome(cause))
  })
  switch (status.kind) {
    case 'finished':
      return ageMs > maxAgeMs ? rebuild(context, job, undefined) : undefined
    case 'published':
      if (!isWhole) return
      throw new Stop(alreadyLive())
    case 'processing':
      if (ageMs > maxProcessingMs) return rebuild(context, job, undefined)
      throw new Stop({ kind: 'processing', until: nextPoll(now, ageMs) })
    case 'expired':
      return rebuild(context, job, undefined)
    case 'failed':
      if (wantsNewContainer(status.subcode)) return rebuild(context, job, status.subcode)
      throw new Stop(refused(`instagram_${status.subcode}`, `${meaningOf(status.subcode)}. Change the post.`))
    case 'unreadable':
      return unreadable(context, job, status.answer, ageMs)
  }
}

/** A fresh container may read as missing for a while although all is well; an old one is made anew. */
function unreadable(context: VerbContext, job: PublishJob, answer: Answer, ageMs: number): Promise<never> {
  if (isMissing(answer)) {
    if (ageMs > freshMs) return rebuild(context, job, undefined)
    throw new Stop({ kind: 'processing', until: nextPoll(context.now(), ageMs) })
  }
  if (answer.status < 400) throw new Stop({ kind: 'processing', until: nextPoll(context.now(), ageMs) })
  throw new Stop(outcomeOf(answer, context.now(), 'invisible'))
}

/** Two seconds at first, then half the container's age, at most the once a minute that Meta advises. */
function nextPoll(now: Date, ageMs: number): Date {
  return new Date(now.getTime() + Math.min(60_000, Math.max(2_000, ageMs / 2)))
}

/** An earlier request went through after all; only looking on the network may settle which post it is. */
function alreadyLive(): PublishOutcome {
  return {
    kind: 'unsure',
    reason: { code: 'already_published', message: 'Instagram says that this post is live already.' },
  }
}

/** Forgets every container and comes back to make new ones, a bounded number of times. */
async function rebuild(context: VerbContext, job: PublishJob, subcode: number | undefined): Promise<never> {
  const { steps } = job
  const count = steps.recall<number>('rebuilds') ?? 0
  await steps.forget('container')
  for (const index of job.payload.images.keys()) await steps.forget(itemName(index))
  await steps.forget('publish-refusals')
  if (count >= maxRebuilds) {
    await steps.forget('rebuilds')
    throw new Stop(rebuildRefusal(subcode))
  }
  await remember(steps, 'rebuilds', count + 1)
  const seconds = rebuildDelays[count] ?? 120
  throw new Stop({ kind: 'processing', until: new Date(context.now().getTime() + seconds * 1_000) })
}

function rebuildRefusal(subcode: number | undefined): PublishOutcome {
  if (subcode === 2207052 || subcode === 2207003) {
    const message =
      'Instagram could not fetch the image. Make sure that this server answers on a public HTTPS address.'
    return refused('media_not_fetched', message)
  }
  const message = `${meaningOf(subcode)}, several times over. Check the images and send the post again.`
  return { kind: 'refused', fix: 'give-up', reason: { code: 'container_failed', message } }
}

async function remember(steps: Steps, name: string, value: unknown): Promise<void> {
  await steps.forget(name)
  await steps.step(name, async () => value)
}

/** The one visible request. Whatever it says but yes and a clear no, the container is asked afterwards. */
async function goLive(context: VerbContext, job: PublishJob, container: Container): Promise<PublishOutcome> {
  const { steps, channel } = job
  const blocked = await stillBlocked(context, steps)
  if (blocked) return blocked
  const refusal = steps.recall<PublishOutcome>('refusal')
  if (refusal) {
    await steps.forget('refusal')
    return refusal
  }
  const refusals = steps.recall<number>('publish-refusals') ?? 0
  if (refusals >= maxPublishRefusals) return rebuild(context, job, undefined)
  const sent = await steps.visible('media-publish', () => send(context, job, container))
  if ('mediaId' in sent) {
    const url = await readPermalink(context, channel, sent.mediaId, 'publish')
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

async function send(context: VerbContext, job: PublishJob, container: Container): Promise<Sent> {
  let answer: Answer
  try {
    answer = await graph(context, 'POST', job.channel.accessToken, {
      path: `/${job.channel.remoteId}/media_publish`,
      params: { creation_id: container.id },
      endpointClass: 'post.create',
      dataClass: 'own-post',
      purpose: 'publish',
      timeoutMs: 25_000,
    })
  } catch (cause) {
    return { outcome: lost(cause), isBlock: false, wasAnswered: false }
  }
  const body = idAnswer.safeParse(answer.json)
  if (answer.status < 300 && body.success) return { mediaId: body.data.id }
  if (answer.status < 400 || answer.status >= 500) {
    return { outcome: unsure('answer_unusable'), isBlock: false, wasAnswered: true }
  }
  if (isBlocked(answer)) return { outcome: unsure('blocked'), isBlock: true, wasAnswered: true }
  const outcome = outcomeOf(answer, context.now(), 'visible')
  return { outcome, isBlock: false, wasAnswered: true }
}

function lost(cause: unknown): PublishOutcome {
  return cause instanceof NoAnswer && cause.sent ? unsure('no_answer') : downOutcome(cause)
}

function unsure(code: string): PublishOutcome {
  const message = 'Instagram gave no clear answer; looking whether the post is live.'
  return { kind: 'unsure', reason: { code, message } }
}

/** Spam and policy blocks were seen while the post was live, so the container is asked first. */
function isBlocked(answer: Answer): boolean {
  const error = graphError(answer)
  return error?.code === 368 || error?.subcode === 2207051
}

/** Repeating during a block lengthens it, so nothing is sent for a day. */
async function stillBlocked(context: VerbContext, steps: Steps): Promise<PublishOutcome | null> {
  const at = steps.recall<string>('blocked-at')
  if (at === undefined) return null
  if (context.now().getTime() - Date.parse(at) >= blockMs) {
    await steps.forget('blocked-at')
    return null
  }
  const message =
    'Instagram blocked the post and did not publish it. Wait a day, look into the app, then send it again.'
  return { kind: 'refused', fix: 'user', reason: { code: 'blocked_by_instagram', message } }
}
