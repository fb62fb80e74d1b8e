/** Did it happen? The container knows whether it was published; the listing knows as which post. */
import type { FindOutcome } from '#domain/delivery.ts'
import type { FindJob, VerbContext } from '../contract.ts'
import { NoAnswer } from '../metered-fetch.ts'
import { graph, mediaList, readStatus, type ContainerStatus, type Media } from './api.ts'
import { instagramLogin } from './definition.ts'
import { captionOf, type Container } from './publish.ts'

export async function find(context: VerbContext, job: FindJob): Promise<FindOutcome> {
  try {
    return await look(context, job)
  } catch (cause) {
    if (cause instanceof NoAnswer) return unknown('no_answer', `Instagram did not answer: ${cause.message}.`)
    throw cause
  }
}

async function look(context: VerbContext, job: FindJob): Promise<FindOutcome> {
  const container = job.steps.recall<Container>('container')
  const status = container ? await readStatus(context, job.channel, container.id, 'reconcile') : null
  if (status?.kind === 'finished') return { kind: 'absent' }
  if (status?.kind === 'processing') {
    return unknown('still_processing', 'Instagram is still processing the post.')
  }
  const listed = await locate(context, job, status?.kind === 'published')
  if (listed.kind === 'one') return found(listed.media)
  // Live for certain; which post it is may show later, and a guess has bound the wrong one elsewhere.
  if (status?.kind === 'published') return { kind: 'found' }
  return notListed(status, listed.kind)
}

function notListed(status: ContainerStatus | null, listed: 'none' | 'several' | 'unreadable'): FindOutcome {
  const isDead = status?.kind === 'expired' || status?.kind === 'failed'
  if (isDead && listed === 'none') return { kind: 'absent' }
  return unknown('not_readable', 'Neither the prepared post nor a matching live post can be read yet.')
}

function unknown(code: string, message: string): FindOutcome {
  return { kind: 'unknown', reason: { code, message } }
}

function found(media: Media): FindOutcome {
  return {
    kind: 'found',
    remoteId: media.id,
    ...(media.permalink === undefined ? {} : { url: media.permalink }),
  }
}

type Listed = { kind: 'one'; media: Media } | { kind: 'none' | 'several' | 'unreadable' }

/** A post of the attempt's time with our caption that no other delivery owns. Never simply the newest. */
async function locate(context: VerbContext, job: FindJob, isLive: boolean): Promise<Listed> {
  const answer = await graph(context, 'GET', job.channel.accessToken, {
    path: `/${job.channel.remoteId}/media`,
    params: { fields: 'id,caption,timestamp,permalink,media_product_type', limit: '100' },
    endpointClass: 'media.list',
    dataClass: 'own-post',
    purpose: 'reconcile',
    countItems: (body) => mediaList.safeParse(body).data?.data.length ?? 0,
  })
  const body = mediaList.safeParse(answer.json)
  if (answer.status >= 400 || !body.success) return { kind: 'unreadable' }
  const caption = normal(captionOf(job.payload))
  const mayLackCaption = isLive && context.login.id === instagramLogin.id
  const candidates: Media[] = []
  for (const media of body.data.data) {
    if (!isOfTime(media, job) || !hasCaption(media, caption, mayLackCaption)) continue
    if (!(await job.isOurs(media.id))) candidates.push(media)
  }
  const [first] = candidates
  if (!first) return { kind: 'none' }
  return candidates.length === 1 ? { kind: 'one', media: first } : { kind: 'several' }
}

/** Timestamps have whole seconds and the clocks may differ; the publish call may be worked on late. */
function isOfTime(media: Media, job: FindJob): boolean {
  const at = Date.parse(media.timestamp ?? '')
  return at >= job.sentAt.getTime() - 60_000 && at <= job.deadlineAt.getTime() + 600_000
}

/**
 * The caption is documented as readable with the Facebook login only (IG media object, 2026-11-23).
 *
 * With the other login and a post known to be live, a missing caption lets time alone decide; elsewhere a
 * missing caption is an empty one.
 */
function hasCaption(media: Media, caption: string, mayLackCaption: boolean): boolean {
  if (media.caption === undefined && mayLackCaption) return true
  return normal(media.caption ?? '') === caption
}

function normal(text: string): string {
  return text.normalize('NFC').replaceAll('\r\n', '\n').trim()
}
