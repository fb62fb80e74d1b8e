/** Publishing on X: uploads and alt texts first, invisibly; then one request that makes the post. */
import { composed } from '#domain/composed.ts'
import type { PublishOutcome } from '#domain/delivery.ts'
import { hasLink } from '#domain/text.ts'
import type { DeliveryImage, DeliveryPayload, Network, PublishJob, Steps, VerbContext } from '../contract.ts'
import { type Answer, type Call, NoAnswer } from '../metered-fetch.ts'
import { multipart } from '../multipart.ts'
import { callX, createdSchema, mediaSchema, permalink } from './api.ts'
import { definition } from './definition.ts'
import { reauthorise, type Trouble, troubleOf } from './errors.ts'

type Attempt = Extract<PublishOutcome, { kind: 'published' | 'unsure' }> | Trouble
type Uploaded = { id: string; expiresAt: string }

/** Ends an invisible step early with the outcome of the attempt. */
class Halt extends Error {
  readonly trouble: Trouble
  constructor(trouble: Trouble) {
    super(trouble.reason.code)
    this.trouble = trouble
  }
}

const attemptedStep = 'post-attempted'

export const publish: Network['publish'] = async (context, job) => {
  try {
    const mediaIds: string[] = []
    for (const [index, image] of job.payload.images.entries())
      mediaIds.push(await prepare(context, job, image, index))
    return await createPost(context, job, mediaIds)
  } catch (cause) {
    if (!(cause instanceof Halt)) throw cause
    return settle(cause.trouble, job.steps, context.now())
  }
}

/** The text that is sent. X has no field for a link. */
export function textOf(payload: DeliveryPayload): string {
  return composed(payload, definition.linkPlacement).text
}

async function createPost(
  context: VerbContext,
  job: PublishJob,
  mediaIds: string[],
): Promise<PublishOutcome> {
  const { steps, channel } = job
  const text = textOf(job.payload)
  const wasAttempted = steps.recall<string>(attemptedStep) !== undefined
  const send = async (): Promise<Attempt> => {
    try {
      const answer = await callX(context, channel.accessToken, {
        method: 'POST',
        path: '/2/tweets',
        endpointClass: 'post.create',
        dataClass: 'own-post',
        purpose: 'publish',
        hasLink: hasLink(text),
        body: { text, ...(mediaIds.length > 0 ? { media: { media_ids: mediaIds } } : {}) },
      })
      return read(context, answer)
    } catch (cause) {
      if (!(cause instanceof NoAnswer)) throw cause
      return cause.sent ? unsure : { kind: 'down', reason: unreachable }
    }
  }
  const outcome = await steps.visible('post', send, { [attemptedStep]: context.now().toISOString() })
  if (outcome.kind === 'unsure' || outcome.kind === 'published') return outcome
  // A lost attempt may be what this one duplicates: only the timeline can tell, and blaming the text would lie.
  if (outcome.kind === 'duplicate' && wasAttempted) return { kind: 'unsure', reason: possiblyOurs }
  // A plain no leaves nothing behind, unless an attempt before it may have.
  if (!wasAttempted) await steps.forget(attemptedStep)
  return settle(outcome, steps, context.now())
}

function read(context: VerbContext, answer: Answer): Attempt {
  if (answer.status >= 500) return unsure
  if (answer.status >= 300) return troubleOf(answer, context.now())
  const created = createdSchema.safeParse(answer.json)
  if (!created.success) return unsure
  const { id } = created.data.data
  return { kind: 'published', remoteId: id, url: permalink(context, id) }
}

const unsure: Attempt = {
  kind: 'unsure',
  reason: {
    code: 'answer_lost',
    message: 'X gave no usable answer. Litfass looks whether the post is live.',
  },
}
const possiblyOurs = {
  code: 'duplicate_maybe_ours',
  message: 'X says the text is live already; it may be this post. Litfass looks for it on X.',
}
const unreachable = { code: 'unreachable', message: 'X cannot be reached. Litfass tries again.' }

async function settle(trouble: Trouble, steps: Steps, now: Date): Promise<PublishOutcome> {
  switch (trouble.kind) {
    case 'refused':
    case 'throttled':
      return trouble
    case 'duplicate':
      return { kind: 'refused', fix: 'content', reason: trouble.reason }
    case 'down':
      return { kind: 'networkDown', reason: trouble.reason }
    case 'unauthorised':
      return unauthorised(steps, now)
  }
}

/** X answered 401 to everybody for two hours on 2026-06-30, so the first one only means: look again. */
async function unauthorised(steps: Steps, now: Date): Promise<PublishOutcome> {
  if (steps.recall('first-401') !== undefined)
    return { kind: 'refused', fix: 'reauthorise', reason: reauthorise }
  await steps.step('first-401', async () => now.toISOString())
  return { kind: 'processing', until: new Date(now.getTime() + 3_000) }
}

// Images.

/** A media id lives 24 hours after its upload; an older one is dropped and uploaded again. */
async function prepare(
  context: VerbContext,
  job: PublishJob,
  image: DeliveryImage,
  index: number,
): Promise<string> {
  const { steps } = job
  const name = `media-${index}-${image.mediaFileId}`
  const known = steps.recall<Uploaded>(name)
  if (known && Date.parse(known.expiresAt) - 300_000 < context.now().getTime()) {
    await steps.forget(name)
    await steps.forget(`${name}-alt`)
  }
  const uploaded = await steps.step(name, () => upload(context, job, image))
  if (image.altText !== '')
    await steps.step(`${name}-alt`, () => describe(context, job, uploaded.id, image.altText))
  return uploaded.id
}

async function upload(context: VerbContext, job: PublishJob, image: DeliveryImage): Promise<Uploaded> {
  const bytes = await image.read()
  const isGif = image.mimeType === 'image/gif'
  const answer = isGif
    ? await uploadInParts(context, job, bytes)
    : await send(context, job, {
        path: '/2/media/upload',
        ...mediaPart({ media_category: 'tweet_image', media_type: image.mimeType }, bytes, image.mimeType),
      })
  const { id, expires_after_secs } = mediaOf(answer)
  const expiresAt = new Date(context.now().getTime() + (expires_after_secs ?? 86_400) * 1_000)
  return { id, expiresAt: expiresAt.toISOString() }
}

async function uploadInParts(context: VerbContext, job: PublishJob, bytes: Uint8Array): Promise<Answer> {
  const body = { media_type: 'image/gif', total_bytes: bytes.length, media_category: 'tweet_gif' }
  const { id } = mediaOf(await send(context, job, { path: '/2/media/upload/initialize', body }))
  const partBytes = 1_048_576
  for (let index = 0; index * partBytes < bytes.length; index += 1) {
    const part = bytes.subarray(index * partBytes, (index + 1) * partBytes)
    await send(context, job, {
      path: `/2/media/upload/${id}/append`,
      ...mediaPart({ segment_index: String(index) }, part, 'application/octet-stream'),
    })
  }
  return send(context, job, { path: `/2/media/upload/${id}/finalize` })
}

async function describe(context: VerbContext, job: PublishJob, id: string, text: string): Promise<true> {
  const body = { id, metadata: { alt_text: { text } } }
  await send(context, job, { path: '/2/media/metadata', endpointClass: 'media.metadata', body })
  return true
}

function mediaOf(answer: Answer) {
  const parsed = mediaSchema.safeParse(answer.json)
  if (!parsed.success) throw new Halt({ kind: 'down', reason: unreachable })
  return parsed.data.data
}

async function send(
  context: VerbContext,
  job: PublishJob,
  call: { path: string; endpointClass?: string } & Pick<Call, 'body' | 'headers'>,
): Promise<Answer> {
  try {
    const answer = await callX(context, job.channel.accessToken, {
      method: 'POST',
      endpointClass: 'media.upload',
      dataClass: 'none',
      purpose: 'publish',
      timeoutMs: 60_000,
      ...call,
    })
    if (answer.status >= 300) throw new Halt(troubleOf(answer, context.now()))
    return answer
  } catch (cause) {
    if (cause instanceof NoAnswer) throw new Halt({ kind: 'down', reason: unreachable })
    throw cause
  }
}

function mediaPart(fields: Record<string, string>, bytes: Uint8Array, type: string) {
  return multipart(fields, { field: 'media', fileName: 'media', type, bytes })
}
