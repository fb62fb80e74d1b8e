/**
 * Publishing on Mastodon: images with their descriptions first, invisibly; then one request that makes the post.
 *
 * That request carries a key which is the same in every attempt. It is an extra and nothing to rely on: instances
 * keep it for an hour, and other software ignores it. So after a lost answer the account's own posts are read first.
 */
import { randomUUID } from 'node:crypto'
import { composed } from '#domain/composed.ts'
import type { PublishOutcome } from '#domain/delivery.ts'
import type { DeliveryImage, DeliveryPayload, Network, PublishJob, VerbContext } from '../contract.ts'
import { type Answer, NoAnswer } from '../metered-fetch.ts'
import { multipart } from '../multipart.ts'
import { callInstance, mediaSchema, statusSchema } from './api.ts'
import { definition } from './definition.ts'
import { type Trouble, troubleOf, unreachable } from './errors.ts'

type Attempt = Extract<PublishOutcome, { kind: 'published' | 'unsure' }> | Trouble
type Uploaded = { id: string; isReady: boolean; at: string }

/** Ends an invisible step early with the outcome of the attempt. */
class Halt extends Error {
  readonly trouble: Trouble
  constructor(trouble: Trouble) {
    super(trouble.kind)
    this.trouble = trouble
  }
}

const keyStep = 'idempotency-key'
/** Uploads that no post uses are deleted after a day. */
const uploadLivesMs = 20 * 3_600_000
const processingMs = 10 * 60_000

export const publish: Network['publish'] = (context, job) => make(context, job)

/** Makes a post, or with `replyTo` a reply to that one. */
export async function make(context: VerbContext, job: PublishJob, replyTo?: string): Promise<PublishOutcome> {
  try {
    const mediaIds: string[] = []
    for (const [index, image] of job.payload.images.entries())
      mediaIds.push(await prepare(context, job, image, index))
    const key = await job.steps.step(keyStep, async () => randomUUID())
    return outcomeOf(await job.steps.visible('post', () => send(context, job, { key, mediaIds, replyTo })))
  } catch (cause) {
    if (!(cause instanceof Halt)) throw cause
    return outcomeOf(cause.trouble)
  }
}

/** The text that is sent; the instance makes a card of a link in it by itself. */
export function textOf(payload: DeliveryPayload): string {
  return composed(payload, definition.linkPlacement).text
}

function outcomeOf(attempt: Attempt): PublishOutcome {
  return attempt.kind === 'down' ? { kind: 'networkDown', reason: attempt.reason } : attempt
}

type Ready = { key: string; mediaIds: string[]; replyTo: string | undefined }

async function send(
  context: VerbContext,
  job: PublishJob,
  { key, mediaIds, replyTo }: Ready,
): Promise<Attempt> {
  let answer: Answer
  try {
    answer = await callInstance(context, {
      method: 'POST',
      path: '/api/v1/statuses',
      endpointClass: replyTo === undefined ? 'post.create' : 'comment.create',
      dataClass: 'own-post',
      purpose: 'publish',
      token: job.channel.accessToken,
      headers: { 'idempotency-key': key },
      body: {
        status: textOf(job.payload),
        visibility: 'public',
        ...(mediaIds.length > 0 ? { media_ids: mediaIds } : {}),
        ...(replyTo === undefined ? {} : { in_reply_to_id: replyTo }),
      },
    })
  } catch (cause) {
    if (!(cause instanceof NoAnswer)) throw cause
    return cause.sent ? unsure : { kind: 'down', reason: unreachable }
  }
  // Some versions answer a repeated key with 500 although the post is there.
  if (answer.status >= 500) return unsure
  if (answer.status >= 300) return troubleOf(answer, context.now())
  const made = statusSchema.safeParse(answer.json)
  if (!made.success) return unsure
  const url = made.data.url ?? made.data.uri
  return { kind: 'published', remoteId: made.data.id, ...(url === undefined ? {} : { url }) }
}

const unsure: Attempt = {
  kind: 'unsure',
  reason: {
    code: 'answer_lost',
    message: 'Mastodon gave no usable answer. Litfass looks whether the post is live.',
  },
}

/** The id of an image that is uploaded and ready to be used. */
async function prepare(
  context: VerbContext,
  job: PublishJob,
  image: DeliveryImage,
  index: number,
): Promise<string> {
  const { steps } = job
  const name = `media-${index}-${image.mediaFileId}`
  const ready = `${name}-ready`
  const known = steps.recall<Uploaded>(name)
  if (known && Date.parse(known.at) + uploadLivesMs < context.now().getTime()) {
    await steps.forget(name)
    await steps.forget(ready)
  }
  const uploaded = await steps.step(name, () => upload(context, job, image))
  if (!uploaded.isReady) await steps.step(ready, () => awaitReady(context, job, uploaded))
  return uploaded.id
}

async function upload(context: VerbContext, job: PublishJob, image: DeliveryImage): Promise<Uploaded> {
  const fields: Record<string, string> = image.altText === '' ? {} : { description: image.altText }
  const file = { field: 'file', fileName: 'image', type: image.mimeType, bytes: await image.read() }
  const answer = await invisible(() =>
    callInstance(context, {
      method: 'POST',
      path: '/api/v2/media',
      endpointClass: 'media.upload',
      dataClass: 'none',
      purpose: 'publish',
      token: job.channel.accessToken,
      timeoutMs: 120_000,
      ...multipart(fields, file),
    }),
  )
  const media = mediaSchema.safeParse(answer.json)
  if (answer.status >= 300 || !media.success) throw new Halt(troubleOf(answer, context.now()))
  return { id: media.data.id, isReady: answer.status !== 202, at: context.now().toISOString() }
}

/** 206 while the instance still works on it. */
async function awaitReady(context: VerbContext, job: PublishJob, { id, at }: Uploaded): Promise<true> {
  const answer = await invisible(() =>
    callInstance(context, {
      method: 'GET',
      path: `/api/v1/media/${encodeURIComponent(id)}`,
      endpointClass: 'media.read',
      dataClass: 'none',
      purpose: 'publish',
      token: job.channel.accessToken,
    }),
  )
  if (answer.status === 200) return true
  if (answer.status !== 206) throw new Halt(troubleOf(answer, context.now()))
  const now = context.now().getTime()
  if (now - Date.parse(at) > processingMs) throw new Halt({ kind: 'down', reason: stuck })
  throw new Halt({ kind: 'processing', until: new Date(now + 2_000) })
}

const stuck = {
  code: 'media_stuck',
  message: 'The instance does not finish with an image. Litfass tries again.',
}

async function invisible(run: () => Promise<Answer>): Promise<Answer> {
  try {
    return await run()
  } catch (cause) {
    if (cause instanceof NoAnswer) throw new Halt({ kind: 'down', reason: unreachable })
    throw cause
  }
}
