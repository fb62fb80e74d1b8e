/** Publishing: photos first, unseen; then one visible post to the page's feed. */
import { composed } from '#domain/composed.ts'
import type { PublishOutcome } from '#domain/delivery.ts'
import { hasLink } from '#domain/text.ts'
import type { DeliveryImage, DeliveryPayload, PublishJob, VerbContext } from '../contract.ts'
import { graphError } from '../graph.ts'
import { multipart } from '../multipart.ts'
import { createdAnswer, graph, permalinkAnswer } from './api.ts'
import { definition } from './definition.ts'
import { lostOutcome, outcomeOf, StepFailed } from './errors.ts'

export async function publish(context: VerbContext, job: PublishJob): Promise<PublishOutcome> {
  const photos: string[] = []
  try {
    for (const [index, image] of job.payload.images.entries())
      photos.push(await job.steps.step(photoStep(index), () => uploadPhoto(context, job, image)))
  } catch (cause) {
    if (cause instanceof StepFailed) return cause.outcome
    throw cause
  }
  const outcome = await job.steps.visible('feed', () => postToFeed(context, job, photos))
  if (outcome.kind === 'unsure' && outcome.reason.code === 'graph_506')
    return duplicateOutcome(context, job, outcome)
  if (outcome.kind !== 'published' || outcome.remoteId === undefined) return outcome
  return { ...outcome, url: await permalinkOf(context, job, outcome.remoteId) }
}

/** Names the remembered upload of one image. */
export function photoStep(index: number): string {
  return `photo-${index}`
}

/** The text that is sent. A feed post shows either photos or a link card, so a link joins the text of photos. */
export function messageFor(payload: DeliveryPayload): string {
  return composed(payload, definition.linkPlacement).text
}

/** An unpublished photo is seen by nobody, so this may repeat. */
async function uploadPhoto(context: VerbContext, job: PublishJob, image: DeliveryImage): Promise<string> {
  const form = multipart(
    { published: 'false', ...(image.altText === '' ? {} : { alt_text_custom: image.altText }) },
    {
      field: 'source',
      fileName: `${image.mediaFileId}.${extensionOf(image)}`,
      type: image.mimeType,
      bytes: await image.read(),
    },
  )
  const answer = await graph(context, {
    method: 'POST',
    path: `/${job.channel.remoteId}/photos`,
    token: job.channel.accessToken,
    endpointClass: 'photo.create',
    purpose: 'publish',
    ...form,
  }).catch((cause: unknown) => {
    throw new StepFailed(lostOutcome(cause, 'invisible'))
  })
  const created = createdAnswer.safeParse(answer.json)
  if (answer.status < 400 && created.success) return created.data.id
  throw new StepFailed(outcomeOf(answer, context.now(), 'invisible'))
}

function extensionOf(image: DeliveryImage): string {
  return image.mimeType.split('/')[1] ?? 'jpeg'
}

async function postToFeed(
  context: VerbContext,
  job: PublishJob,
  photos: readonly string[],
): Promise<PublishOutcome> {
  const { text: message, link } = composed(job.payload, definition.linkPlacement)
  const form = new URLSearchParams({ published: 'true' })
  if (message !== '') form.set('message', message)
  if (link !== undefined) form.set('link', link)
  if (photos.length > 0) form.set('attached_media', JSON.stringify(photos.map((id) => ({ media_fbid: id }))))
  try {
    const answer = await graph(context, {
      method: 'POST',
      path: `/${job.channel.remoteId}/feed`,
      token: job.channel.accessToken,
      endpointClass: 'post.create',
      dataClass: 'own-post',
      purpose: 'publish',
      body: form,
      hasLink: link !== undefined || hasLink(message),
    })
    const created = createdAnswer.safeParse(answer.json)
    if (answer.status < 400 && created.success) return { kind: 'published', remoteId: created.data.id }
    return outcomeOf(answer, context.now(), 'visible')
  } catch (cause) {
    return lostOutcome(cause, 'visible')
  }
}

/**
 * A duplicate is first taken as a sign that our own lost request worked. If a look found nothing and Facebook
 * says duplicate again, an older post has the same text, and sending once more would go round for ever.
 */
async function duplicateOutcome(
  context: VerbContext,
  job: PublishJob,
  outcome: PublishOutcome,
): Promise<PublishOutcome> {
  if (job.steps.recall<string>('duplicate-refused') === undefined) {
    await job.steps.step('duplicate-refused', async () => context.now().toISOString())
    return outcome
  }
  const message = 'Facebook says the page has an equal post already. Look at the page, or change the text.'
  return { kind: 'refused', fix: 'content', reason: { code: 'duplicate_post', message } }
}

/** Best effort: a fresh post may not be readable yet, and its address can be made from its id. */
async function permalinkOf(context: VerbContext, job: PublishJob, remoteId: string): Promise<string> {
  const byId = `https://www.facebook.com/${remoteId}`
  try {
    const answer = await graph(context, {
      method: 'GET',
      path: `/${remoteId}`,
      query: { fields: 'permalink_url' },
      token: job.channel.accessToken,
      endpointClass: 'post.read',
      dataClass: 'own-post',
      purpose: 'publish',
    })
    const parsed = permalinkAnswer.safeParse(answer.json)
    return parsed.success && !graphError(answer) ? parsed.data.permalink_url : byId
  } catch {
    return byId
  }
}
