/** Did it happen? The container knows whether it was published; the listing knows as which post. */
import { z } from 'zod'
import type { FindOutcome } from '#domain/delivery.ts'
import type { FindJob, VerbContext } from './contract.ts'
import { graphId } from './graph-call.ts'
import type { Container, ContainerNetwork, ContainerStatus } from './graph-containers.ts'
import { NoAnswer } from './metered-fetch.ts'

export type Listing = {
  /** Whose list it is; the channel's where absent. */
  of?: string
  /** Names the list, newest first. */
  edge: string
  /** What the call is counted as, and what it reads, where it is no list of the channel's own posts. */
  endpointClass?: string
  dataClass?: string
  fields: string
  /** Whether a listed post is the one we sent. `isLive`: the container says that it was published. */
  isOurPost: (row: ListedPost, job: FindJob, isLive: boolean) => boolean
}

const post = z.looseObject({
  id: graphId,
  caption: z.string().optional(),
  text: z.string().optional(),
  timestamp: z.string().optional(),
  permalink: z.string().optional(),
})
export type ListedPost = z.infer<typeof post>
const posts = z.looseObject({ data: z.array(post) })

export async function findByContainer(
  network: ContainerNetwork,
  listing: Listing,
  context: VerbContext,
  job: FindJob,
): Promise<FindOutcome> {
  try {
    return await look(network, listing, context, job)
  } catch (cause) {
    if (cause instanceof NoAnswer)
      return unknown('no_answer', `${network.name} did not answer: ${cause.message}.`)
    throw cause
  }
}

async function look(
  network: ContainerNetwork,
  listing: Listing,
  context: VerbContext,
  job: FindJob,
): Promise<FindOutcome> {
  const container = job.steps.recall<Container>('container')
  const status = container ? await network.readStatus(context, job.channel, container.id, 'reconcile') : null
  if (status?.kind === 'finished') return { kind: 'absent' }
  if (status?.kind === 'processing')
    return unknown('still_processing', `${network.name} is still processing the post.`)
  const isLive = status?.kind === 'published'
  const listed = await locate(network, listing, context, job, isLive)
  if (listed.kind === 'one') {
    const { id, permalink } = listed.row
    return { kind: 'found', remoteId: id, ...(permalink === undefined ? {} : { url: permalink }) }
  }
  // Live for certain; which post it is may show later, and a guess has bound the wrong one elsewhere.
  if (isLive) return { kind: 'found' }
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

type Listed = { kind: 'one'; row: ListedPost } | { kind: 'none' | 'several' | 'unreadable' }

/** A post of the attempt's time with our text that no other delivery owns. Never simply the newest. */
async function locate(
  network: ContainerNetwork,
  { of, edge, fields, isOurPost, endpointClass = 'media.list', dataClass = 'own-post' }: Listing,
  context: VerbContext,
  job: FindJob,
  isLive: boolean,
): Promise<Listed> {
  const answer = await network.graph(context, 'GET', job.channel.accessToken, {
    path: `/${of ?? job.channel.remoteId}/${edge}`,
    params: { fields, limit: '100' },
    endpointClass,
    dataClass,
    purpose: 'reconcile',
    countItems: (body) => posts.safeParse(body).data?.data.length ?? 0,
  })
  const body = posts.safeParse(answer.json)
  if (answer.status >= 400 || !body.success) return { kind: 'unreadable' }
  const candidates: ListedPost[] = []
  for (const row of body.data.data) {
    if (!isOfTime(row, job) || !isOurPost(row, job, isLive)) continue
    if (!(await job.isOurs(row.id))) candidates.push(row)
  }
  const [first] = candidates
  if (!first) return { kind: 'none' }
  return candidates.length === 1 ? { kind: 'one', row: first } : { kind: 'several' }
}

/** Timestamps have whole seconds and the clocks may differ; the publish call may be worked on late. */
function isOfTime({ timestamp }: ListedPost, job: FindJob): boolean {
  const at = Date.parse(timestamp ?? '')
  return at >= job.sentAt.getTime() - 60_000 && at <= job.deadlineAt.getTime() + 600_000
}

/** Text as it is compared: composed, with plain line ends, without space around it. */
export function comparable(text: string): string {
  return text.normalize('NFC').replaceAll('\r\n', '\n').trim()
}
