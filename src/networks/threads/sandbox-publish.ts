/** Containers of Threads' simulator, their states, their publication, and what is left of the day's quotas. */
import { linksIn, textProblems } from '#domain/text.ts'
import type { Refusal } from '../graph-sandbox.ts'
import { hash, imageType, jsonResponse, type SandboxResponse } from '../sandbox-kit.ts'
import { definition } from './definition.ts'
import {
  type Call,
  type Container,
  day,
  missing,
  nextId,
  type Profile,
  refuse,
  scopeMissing,
  type State,
} from './sandbox-state.ts'

const processingMs = 1_000
export const postLimit = 250
export const deletionLimit = 100
const replyLimit = 1_000

type Content = Pick<Container, 'kind' | 'text' | 'link' | 'images' | 'failed'>

export async function createContainer(call: Call, profile: Profile): Promise<SandboxResponse> {
  const refused = scopeMissing(call, 'threads_content_publish')
  if (refused) return refused
  const { state, params } = call
  const replyTo = params.get('reply_to_id')
  const notAnswered = replyTo === null ? null : replyProblem(call, replyTo)
  if (notAnswered) return notAnswered
  const content = textProblem(params) ?? (await contentOf(call, profile))
  if ('code' in content) return refuse(content)
  const id = nextId(state, '1790')
  const now = state.now()
  const isPublished = params.get('auto_publish_text') === 'true' && params.get('media_type') === 'TEXT'
  const container = {
    ...content,
    ...(replyTo === null ? {} : { replyTo }),
    profileId: profile.id,
    createdAt: now,
    publishedAt: null,
  }
  state.containers.set(id, container)
  call.request.made?.(id, (params.get('children') ?? '').split(',').filter(Boolean))
  if (isPublished) goLive(call, id, container)
  return jsonResponse(200, { id })
}

function replyProblem(call: Call, postId: string): SandboxResponse | null {
  const refused = scopeMissing(call, 'threads_manage_replies')
  if (refused) return refused
  const post = call.state.posts.get(postId)
  return post?.deletedAt === null ? null : missing()
}

function textProblem(params: URLSearchParams): Refusal | null {
  const text = params.get('text') ?? ''
  const card = params.get('link_attachment') ?? undefined
  const [problem] = textProblems(text, definition.text.value, card)
  if (problem?.code === 'too_many_links') return { code: 100, message: 'THREADS_API__LINK_LIMIT_EXCEEDED' }
  if (problem) return { code: 100, message: 'Param text must be at most 500 characters long.' }
  if (Array.from(params.get('alt_text') ?? '').length > 1_000)
    return { code: 100, message: 'Param alt_text must be at most 1000 characters long.' }
  return null
}

async function contentOf(call: Call, profile: Profile): Promise<Content | Refusal> {
  const { params } = call
  const text = params.get('text') ?? ''
  const type = params.get('media_type')
  const card = params.get('link_attachment')
  if (card !== null && type !== 'TEXT')
    return { code: 100, message: 'link_attachment can only be used for text-only posts' }
  if (type === 'CAROUSEL') return carousel(call, profile, text)
  if (type === 'IMAGE') return image(call, text)
  if (type !== 'TEXT')
    return { code: 100, message: 'Param media_type must be one of {TEXT, IMAGE, CAROUSEL}' }
  if (text === '') return { code: 100, message: 'The parameter text is required' }
  // Without a card of its own, the first link of the text becomes it.
  const link = card ?? linksIn(text)[0]
  return { kind: 'post', text, ...(link === undefined ? {} : { link }), images: [], failed: false }
}

/** The network fetches the picture itself. What is no picture shows later only, as a failed container. */
async function image({ state, params }: Call, text: string): Promise<Content | Refusal> {
  const url = params.get('image_url')
  if (url === null) return { code: 100, message: 'The parameter image_url is required' }
  const fetched = await state.fetchMedia(url).catch(() => null)
  if (!fetched || fetched.status !== 200)
    return { code: 1, subcode: 2207052, message: 'The media could not be fetched from this URI' }
  const { types, maxBytes } = definition.images.value
  const failed = !types.includes(imageType(fetched.bytes) ?? '') || fetched.bytes.length > maxBytes
  const kind = params.get('is_carousel_item') === 'true' ? 'item' : 'post'
  const images = [{ altText: params.get('alt_text') ?? '', file: state.files.put(fetched.bytes) }]
  return { kind, text, images, failed }
}

function carousel({ state, params }: Call, profile: Profile, text: string): Content | Refusal {
  const ids = (params.get('children') ?? '').split(',').filter(Boolean)
  if (ids.length < 2 || ids.length > 20)
    return { code: 100, message: 'A carousel must have at least 2 and at most 20 children' }
  const items = ids.map((id) => state.containers.get(id))
  for (const item of items) {
    if (item?.kind !== 'item' || item.profileId !== profile.id || statusOf(state, item) !== 'FINISHED')
      return { code: 24, subcode: 4279009, message: 'The requested resource does not exist' }
  }
  return { kind: 'post', text, images: items.flatMap((item) => item?.images ?? []), failed: false }
}

function statusOf(state: State, container: Container): string {
  if (container.publishedAt !== null) return 'PUBLISHED'
  const age = state.now() - container.createdAt
  if (age >= day) return 'EXPIRED'
  if (age < processingMs) return 'IN_PROGRESS'
  return container.failed ? 'ERROR' : 'FINISHED'
}

export function containerStatus({ state, token }: Call, id: string, container: Container): SandboxResponse {
  if (container.profileId !== token.profileId) return missing()
  const status = statusOf(state, container)
  return jsonResponse(200, { id, status, ...(status === 'ERROR' ? { error_message: 'UNKNOWN' } : {}) })
}

function postsLeft(state: State, profileId: string): number {
  return state.quota.get('publish') ?? Math.max(0, postLimit - published(state, profileId, 'post'))
}

/** Replies are counted apart. */
function published(state: State, profileId: string, kind: 'post' | 'reply'): number {
  const since = state.now() - day
  let used = 0
  for (const post of state.posts.values())
    if (
      post.profileId === profileId &&
      post.publishedAt > since &&
      (post.replyTo === undefined) === (kind === 'post')
    )
      used += 1
  return used
}

export function deleted(state: State, profileId: string): number {
  const since = state.now() - day
  let used = 0
  for (const post of state.posts.values())
    if (post.profileId === profileId && post.deletedAt !== null && post.deletedAt > since) used += 1
  return used
}

export function publishContainer(call: Call, profile: Profile): SandboxResponse {
  const refused = scopeMissing(call, 'threads_content_publish')
  if (refused) return refused
  const { state, params } = call
  const id = params.get('creation_id') ?? ''
  const container = state.containers.get(id)
  const isReady =
    container?.kind === 'post' &&
    container.profileId === profile.id &&
    statusOf(state, container) === 'FINISHED'
  if (!isReady)
    return refuse({ code: 24, subcode: 4279009, message: 'The requested resource does not exist' })
  const left =
    container.replyTo === undefined || state.quota.get('publish') !== undefined
      ? postsLeft(state, profile.id)
      : replyLimit - published(state, profile.id, 'reply')
  if (left <= 0) return refuse({ code: 9, subcode: 2207042, message: 'The daily number of posts is reached' })
  return jsonResponse(200, { id: goLive(call, id, container) })
}

function goLive({ state, request }: Call, containerId: string, container: Container): string {
  const ordered = state.quota.get('publish')
  if (ordered !== undefined) state.quota.set('publish', ordered - 1)
  const { profileId, text, link, images, replyTo } = container
  const id = nextId(state, '1800')
  const shortcode = `D${hash(id).toString(36)}${id.slice(-4)}`
  state.posts.set(id, {
    profileId,
    text,
    ...(link === undefined ? {} : { link }),
    ...(replyTo === undefined ? {} : { replyTo }),
    images,
    publishedAt: state.now(),
    deletedAt: null,
    shortcode,
    permalink: `${request.baseUrl}/post/${shortcode}`,
  })
  state.byShortcode.set(shortcode, id)
  state.containers.set(containerId, { ...container, publishedAt: state.now() })
  request.made?.(id, [containerId])
  return id
}

/** How much of each daily number is used. Searches of places are not simulated. */
export function publishingLimit({ state, params }: Call, profile: Profile): SandboxResponse {
  const of = (total: number) => ({ quota_total: total, quota_duration: 86_400 })
  const all: Record<string, unknown> = {
    quota_usage: postLimit - postsLeft(state, profile.id),
    config: of(postLimit),
    reply_quota_usage: published(state, profile.id, 'reply'),
    reply_config: of(replyLimit),
    delete_quota_usage: deleted(state, profile.id),
    delete_config: of(deletionLimit),
    location_search_quota_usage: 0,
    location_search_config: of(500),
  }
  const fields = (params.get('fields') ?? 'quota_usage').split(',')
  return jsonResponse(200, { data: [Object.fromEntries(fields.map((name) => [name, all[name]]))] })
}
