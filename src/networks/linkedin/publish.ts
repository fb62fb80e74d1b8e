/** Publishing on LinkedIn: images first, then one request that shows the post. */
import { composed } from '#domain/composed.ts'
import type { PublishOutcome } from '#domain/delivery.ts'
import { hasLink } from '#domain/text.ts'
import type { DeliveryImage, PublishJob, VerbContext } from '../contract.ts'
import type { Answer } from '../metered-fetch.ts'
import { classOf, encoded, get, imageSchema, isShareOnly, permalink, rest, uploadSchema } from './api.ts'
import { definition } from './definition.ts'
import { brokenOutcome, outcomeOf, outcomeOfSilence } from './errors.ts'
import { littleText } from './text.ts'

/** How long a token that may not ask for an image's state waits after the upload. */
const graceSeconds = 10

/** Carries an outcome out of a step that did not succeed, so that nothing of it is remembered. */
class Stopped extends Error {
  readonly outcome: PublishOutcome
  constructor(outcome: PublishOutcome) {
    super('stopped')
    this.outcome = outcome
  }
}

type Uploaded = { urn: string; at: number }

export async function publish(context: VerbContext, job: PublishJob): Promise<PublishOutcome> {
  try {
    const uploads: Uploaded[] = []
    for (const [index, image] of job.payload.images.entries())
      uploads.push(await job.steps.step(`image-${index}`, () => uploadImage(context, job, image)))
    const wait = await waitForImages(context, job, uploads)
    if (wait) return wait
    const urns = uploads.map(({ urn }) => urn)
    // Kept as sent: finding a member's post again means sending exactly this once more. As text, because a
    // database keeps the members of an object in an order of its own.
    const body = await job.steps.step('body', async () => JSON.stringify(postBody(job, urns)))
    return await job.steps.visible('post', () => send(context, job, bodyOf(body)))
  } catch (cause) {
    if (cause instanceof Stopped) return cause.outcome
    throw cause
  }
}

export type Body = { commentary: string; content?: unknown } & Record<string, unknown>

/** The body as it was kept. */
export function bodyOf(kept: string): Body {
  return JSON.parse(kept) as Body
}

async function send(
  context: VerbContext,
  job: PublishJob,
  body: Record<string, unknown>,
): Promise<PublishOutcome> {
  let answer: Answer
  try {
    answer = await createPost(context, job, body, 'publish')
  } catch (cause) {
    return outcomeOfSilence(cause, true)
  }
  if (answer.status >= 400) return outcomeOf(answer, job.steps, context.now(), true)
  const urn = createdUrn(answer)
  return urn === null
    ? brokenOutcome(true, 'LinkedIn took the post without naming it.')
    : { kind: 'published', remoteId: urn, url: permalink(context, urn) }
}

/** 201 has an empty body; the id stands in a header. */
export function createdUrn(answer: Answer): string | null {
  const id = answer.headers['x-restli-id'] ?? ''
  return /^urn:li:(?:share|ugcPost):\d+$/.test(id) ? id : null
}

export function createPost(
  context: VerbContext,
  job: PublishJob,
  body: Record<string, unknown>,
  purpose: 'publish' | 'reconcile',
  mayLeave?: () => Promise<void>,
): Promise<Answer> {
  return rest(context, {
    ...(mayLeave ? { mayLeave } : {}),
    method: 'POST',
    path: '/rest/posts',
    accessToken: job.channel.accessToken,
    endpointClass: 'post.create',
    dataClass: 'own-post',
    purpose,
    body,
    hasLink: job.payload.link !== undefined || hasLink(job.payload.text),
  })
}

/** A post has either images or an article, so beside images a link stands in the text. */
const sentBy = (job: PublishJob) => composed(job.payload, definition.linkPlacement)

/** One image is `media`, several are `multiImage`; a link becomes an article where there is no image. */
export function postBody(job: PublishJob, urns: readonly string[]): Record<string, unknown> {
  const content = contentOf(job, urns)
  return {
    author: job.channel.remoteId,
    commentary: littleText(sentBy(job).text),
    visibility: 'PUBLIC',
    distribution: { feedDistribution: 'MAIN_FEED', targetEntities: [], thirdPartyDistributionChannels: [] },
    lifecycleState: 'PUBLISHED',
    isReshareDisabledByAuthor: false,
    ...(content ? { content } : {}),
  }
}

function contentOf(job: PublishJob, urns: readonly string[]): Record<string, unknown> | null {
  const { payload } = job
  const { link } = sentBy(job)
  const images = urns.map((id, index) => {
    const altText = payload.images[index]?.altText ?? ''
    return altText === '' ? { id } : { id, altText }
  })
  if (images.length > 1) return { multiImage: { images } }
  if (images[0]) return { media: images[0] }
  // LinkedIn reads nothing from the page itself, and an article without a title is refused.
  return link === undefined ? null : { article: { source: link, title: titleOf(link) } }
}

function titleOf(link: string): string {
  return (URL.canParse(link) ? new URL(link).hostname.replace(/^www\./, '') : link).slice(0, 400)
}

async function uploadImage(context: VerbContext, job: PublishJob, image: DeliveryImage): Promise<Uploaded> {
  const answer = await invisible(context, job, () =>
    rest(context, {
      method: 'POST',
      path: '/rest/images?action=initializeUpload',
      accessToken: job.channel.accessToken,
      endpointClass: 'media.upload',
      dataClass: 'none',
      purpose: 'publish',
      body: { initializeUploadRequest: { owner: job.channel.remoteId } },
    }),
  )
  const parsed = uploadSchema.safeParse(answer.json)
  if (!parsed.success || !isTrusted(context, parsed.data.value.uploadUrl))
    throw new Stopped(brokenOutcome(false, 'LinkedIn named no usable upload address.'))
  const { uploadUrl, image: urn } = parsed.data.value
  const bytes = await image.read()
  await invisible(context, job, () =>
    context.fetch({
      method: 'PUT',
      url: uploadUrl,
      endpointClass: classOf(context, 'media.put'),
      dataClass: 'none',
      purpose: 'publish',
      headers: { authorization: `Bearer ${job.channel.accessToken}`, 'content-type': image.mimeType },
      body: bytes,
      timeoutMs: 120_000,
    }),
  )
  return { urn, at: context.now().getTime() }
}

/** The token goes along with an upload, so only to a host of the network that was configured. */
function isTrusted(context: VerbContext, url: string): boolean {
  if (!URL.canParse(url)) return false
  const { host, protocol, hostname } = new URL(url)
  const own = [context.hosts.apiUrl, context.hosts.uploadUrl].map((origin) => new URL(origin))
  if (own.some((origin) => origin.host === host && origin.protocol === protocol)) return true
  const isReal = own.some((origin) => origin.hostname.endsWith('.linkedin.com'))
  return isReal && protocol === 'https:' && hostname.endsWith('.linkedin.com')
}

async function invisible(context: VerbContext, job: PublishJob, run: () => Promise<Answer>): Promise<Answer> {
  let answer: Answer
  try {
    answer = await run()
  } catch (cause) {
    throw new Stopped(outcomeOfSilence(cause, false))
  }
  if (answer.status >= 400) throw new Stopped(await outcomeOf(answer, job.steps, context.now(), false))
  return answer
}

/** Null when every image can be shown. The self-serve token gets 403 for the state, so it only waits. */
async function waitForImages(
  context: VerbContext,
  job: PublishJob,
  uploads: readonly Uploaded[],
): Promise<PublishOutcome | null> {
  if (uploads.length === 0 || job.steps.recall('body') !== undefined) return null
  const now = context.now().getTime()
  if (isShareOnly(context)) {
    const readyAt = Math.max(...uploads.map((upload) => upload.at)) + graceSeconds * 1_000
    return now >= readyAt ? null : { kind: 'processing', until: new Date(readyAt) }
  }
  for (const [index, { urn }] of uploads.entries()) {
    const answer = await invisible(context, job, () =>
      get(context, `/rest/images/${encoded(urn)}`, job.channel.accessToken, {
        endpointClass: 'media.read',
        dataClass: 'none',
        purpose: 'publish',
      }),
    )
    const parsed = imageSchema.safeParse(answer.json)
    const status = parsed.success ? parsed.data.status : 'PROCESSING'
    if (status === 'AVAILABLE') continue
    if (status === 'WAITING_UPLOAD') await job.steps.forget(`image-${index}`)
    if (status !== 'PROCESSING_FAILED') return { kind: 'processing', until: new Date(now + 3_000) }
    return {
      kind: 'refused',
      fix: 'content',
      reason: {
        code: 'image_unreadable',
        message: `LinkedIn could not read image ${index + 1}. Save it again as JPEG or PNG and attach it.`,
      },
    }
  }
  return null
}
