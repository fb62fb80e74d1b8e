/**
 * Publishing on Bluesky: images, mentions and the key first, invisibly; then one write that makes the post.
 *
 * The key of the post is ours and the same in every attempt, and the write demands that there is nothing under it.
 * So an attempt that repeats a lost one cannot make a second post, whatever became of the first.
 */
import { randomInt } from 'node:crypto'
import { composed } from '#domain/composed.ts'
import type { PublishOutcome } from '#domain/delivery.ts'
import type { DeliveryImage, Network, PublishJob, Steps, VerbContext } from '../contract.ts'
import { type Answer, NoAnswer } from '../metered-fetch.ts'
import {
  type Blob,
  blobSchema,
  callServer,
  collection,
  permalink,
  resolvedSchema,
  uriOf,
  writtenSchema,
} from './api.ts'
import { definition } from './definition.ts'
import { errorOf } from './error-body.ts'
import { type Trouble, troubleOf, troubleOfSilence, unreachable } from './errors.ts'
import { type Facet, facetsOf, handlesIn } from './facets.ts'
import { tid } from './tid.ts'

/** What is written, as the network's schema of a post has it. */
export type PostRecord = {
  $type: typeof collection
  text: string
  createdAt: string
  facets?: Facet[]
  embed?: object
  reply?: Reply
}
/** The post that is answered, and the one the conversation began with. */
export type Reply = Record<'root' | 'parent', { uri: string; cid: string }>
type Attempt = Extract<PublishOutcome, { kind: 'published' | 'unsure' }> | Trouble

/** The steps by name; `find` looks the key up. */
export const keyStep = 'record-key'
const recordStep = 'record'
const againStep = 'uploaded-again'
const renewedStep = 'token-ended'
const imageStep = (image: DeliveryImage, index: number) => `image-${index}-${image.mediaFileId}`

/** Ends an invisible step early with the outcome of the attempt. */
class Halt extends Error {
  readonly trouble: Trouble
  constructor(trouble: Trouble) {
    super(trouble.reason.code)
    this.trouble = trouble
  }
}

export const publish: Network['publish'] = (context, job) => make(context, job)

/** Makes a post, or with `reply` an answer. */
export async function make(context: VerbContext, job: PublishJob, reply?: Reply): Promise<PublishOutcome> {
  const { steps } = job
  try {
    const key = await steps.step(keyStep, async () => tid(context.now(), randomInt(1_000), randomInt(1_024)))
    const blobs: Blob[] = []
    for (const [index, image] of job.payload.images.entries())
      blobs.push(await steps.step(imageStep(image, index), () => upload(context, job, image)))
    const record = await steps.step(recordStep, () => recordOf(context, job, blobs, reply))
    const attempt = await steps.visible('post', () => write(context, job, key, record))
    if (attempt.kind === 'published' || attempt.kind === 'unsure') return attempt
    return await settle(attempt, context, job)
  } catch (cause) {
    if (!(cause instanceof Halt)) throw cause
    return settle(cause.trouble, context, job)
  }
}

async function write(
  context: VerbContext,
  job: PublishJob,
  key: string,
  record: PostRecord,
): Promise<Attempt> {
  let answer: Answer
  try {
    answer = await callServer(context, {
      method: 'POST',
      operation: 'com.atproto.repo.putRecord',
      endpointClass: record.reply === undefined ? 'post.create' : 'comment.create',
      dataClass: 'own-post',
      purpose: 'publish',
      access: job.channel,
      // `swapRecord: null` is the demand that nothing stands under this key.
      body: { repo: job.channel.remoteId, collection, rkey: key, record, swapRecord: null },
    })
  } catch (cause) {
    if (!(cause instanceof NoAnswer)) throw cause
    return cause.sent ? unsure : { kind: 'down', reason: unreachable }
  }
  if (answer.status >= 500) return unsure
  if (answer.status >= 300) return troubleOf(answer, context.now())
  return writtenSchema.safeParse(answer.json).success ? published(context, job, key) : unsure
}

const unsure: Attempt = {
  kind: 'unsure',
  reason: {
    code: 'answer_lost',
    message: 'Bluesky gave no usable answer. Litfass looks whether the post is live.',
  },
}

function published(context: VerbContext, job: PublishJob, key: string) {
  const did = job.channel.remoteId
  return { kind: 'published', remoteId: uriOf(did, key), url: permalink(context, did, key) } as const
}

async function settle(trouble: Trouble, context: VerbContext, job: PublishJob): Promise<PublishOutcome> {
  switch (trouble.kind) {
    case 'refused':
    case 'throttled':
      return trouble
    case 'exists':
      // Nobody else has this key, so it is this post, changed since; looking it up settles that.
      return { kind: 'unsure', reason: trouble.reason }
    case 'uploads-gone':
      return uploadAgain(trouble, job, context.now())
    case 'expired':
      return renewOnce(trouble, job.steps, context.now())
    case 'down':
      return { kind: 'networkDown', reason: trouble.reason }
  }
}

/** Large images can outlast a token. The next attempt begins with a new one, where one can be had. */
async function renewOnce(trouble: Trouble, steps: Steps, now: Date): Promise<PublishOutcome> {
  if (steps.recall(renewedStep) !== undefined)
    return { kind: 'refused', fix: 'reauthorise', reason: trouble.reason }
  await steps.step(renewedStep, async () => now.toISOString())
  return { kind: 'processing', until: new Date(now.getTime() + 1_000) }
}

/** Once; a server that forgets them again within seconds does not work. */
async function uploadAgain(trouble: Trouble, job: PublishJob, now: Date): Promise<PublishOutcome> {
  if (job.steps.recall(againStep) !== undefined) return { kind: 'networkDown', reason: trouble.reason }
  await forgetUploads(job.steps, job.payload.images)
  await job.steps.step(againStep, async () => now.toISOString())
  return { kind: 'processing', until: new Date(now.getTime() + 1_000) }
}

/** The record names the uploads, so it is made anew. Nothing was written: the key stays. */
async function forgetUploads(steps: Steps, images: readonly DeliveryImage[]): Promise<void> {
  for (const [index, image] of images.entries()) await steps.forget(imageStep(image, index))
  await steps.forget(recordStep)
}

async function recordOf(
  context: VerbContext,
  job: PublishJob,
  blobs: readonly Blob[],
  reply: Reply | undefined,
): Promise<PostRecord> {
  const { text, link } = composed(job.payload, definition.linkPlacement)
  const facets = facetsOf(text, await didsOf(context, text))
  const embed = embedOf(job, blobs, link)
  return {
    $type: collection,
    text,
    createdAt: context.now().toISOString(),
    ...(facets.length > 0 ? { facets } : {}),
    ...(embed ? { embed } : {}),
    ...(reply ? { reply } : {}),
  }
}

function embedOf(job: PublishJob, blobs: readonly Blob[], link: string | undefined): object | null {
  if (blobs.length > 0) {
    const images = blobs.map((image, index) => {
      const { altText = '', width = 0, height = 0 } = job.payload.images[index] ?? {}
      const aspectRatio = width > 0 && height > 0 ? { aspectRatio: { width, height } } : {}
      return { alt: altText, image, ...aspectRatio }
    })
    return { $type: 'app.bsky.embed.images', images }
  }
  if (link === undefined) return null
  // The network reads nothing from the page itself, and a card must have a title.
  const title = URL.canParse(link) ? new URL(link).hostname.replace(/^www\./, '') : link
  return { $type: 'app.bsky.embed.external', external: { uri: link, title, description: '' } }
}

/** Whom each handle belongs to. A handle nobody has stays plain text, as in the network's own composer. */
async function didsOf(context: VerbContext, text: string): Promise<Record<string, string>> {
  const dids: Record<string, string> = {}
  for (const handle of handlesIn(text)) {
    const answer = await invisible(context, () =>
      callServer(context, {
        method: 'GET',
        operation: 'com.atproto.identity.resolveHandle',
        query: { handle },
        endpointClass: 'handle.resolve',
        dataClass: 'profile',
        purpose: 'publish',
      }),
    )
    const resolved = resolvedSchema.safeParse(answer.json)
    if (answer.status === 200 && resolved.success) dids[handle] = resolved.data.did
  }
  return dids
}

async function upload(context: VerbContext, job: PublishJob, image: DeliveryImage): Promise<Blob> {
  const bytes = await image.read()
  const answer = await invisible(context, () =>
    callServer(
      { ...context, hosts: { ...context.hosts, apiUrl: context.hosts.uploadUrl } },
      {
        method: 'POST',
        operation: 'com.atproto.repo.uploadBlob',
        endpointClass: 'media.upload',
        dataClass: 'none',
        purpose: 'publish',
        access: job.channel,
        headers: { 'content-type': image.mimeType },
        body: bytes,
        timeoutMs: 120_000,
      },
    ),
  )
  const parsed = blobSchema.safeParse(answer.json)
  if (answer.status >= 300 || !parsed.success) throw new Halt(troubleOf(answer, context.now()))
  return parsed.data.blob
}

/** An answer of which nothing can be seen yet. A handle that nobody has is one, too. */
async function invisible(context: VerbContext, run: () => Promise<Answer>): Promise<Answer> {
  let answer: Answer
  try {
    answer = await run()
  } catch (cause) {
    throw new Halt(troubleOfSilence(cause))
  }
  const isAboutHandle = ['HandleNotFound', 'InvalidRequest'].includes(errorOf(answer).error)
  if (answer.status >= 500 || answer.status === 429) throw new Halt(troubleOf(answer, context.now()))
  if (answer.status >= 400 && !isAboutHandle) throw new Halt(troubleOf(answer, context.now()))
  return answer
}
