/** Containers of Instagram's simulator, their states and their publication. */
import { textProblems } from '#domain/text.ts'
import { hash, jsonResponse, type SandboxResponse } from '../sandbox-kit.ts'
import type { Refusal } from '../graph-sandbox.ts'
import { definition } from './definition.ts'
import {
  type Account,
  accountById,
  type Call,
  type Container,
  day,
  mayUse,
  missing,
  nextId,
  refuse,
  scopeMissing,
  type State,
} from './sandbox-state.ts'

const processingMs = 1_000
export const publishLimit = 50
export const containerLimit = 400

export async function createContainer(call: Call, account: Account): Promise<SandboxResponse> {
  const refused = scopeMissing(call, 'content_publish')
  if (refused) return refused
  const { state, login, params } = call
  const lately = state.containers
    .entries()
    .filter(([, one]) => one.accountId === account.id && one.createdAt > state.now() - day).length
  const headers = usageHeaders(account, lately)
  if (lately >= containerLimit) {
    return refuse(login, { code: 80002, message: 'Too many calls to this account', transient: true }, headers)
  }
  const caption = params.get('caption') ?? ''
  const problem = captionProblem(caption)
  if (problem) return refuse(login, problem, headers)
  const isCarousel = params.get('media_type') === 'CAROUSEL'
  const images = isCarousel ? carouselImages(call, account) : await fetchImage(call)
  if ('code' in images) return refuse(login, images, headers)
  const id = nextId(state, '1790')
  state.containers.set(id, {
    accountId: account.id,
    kind: isCarousel ? 'carousel' : params.get('is_carousel_item') === 'true' ? 'item' : 'image',
    caption,
    images,
    createdAt: state.now(),
    publishedAt: null,
  })
  call.request.made?.(id, isCarousel ? (params.get('children') ?? '').split(',') : [])
  return jsonResponse(200, { id }, headers)
}

/** Percentages show up only after some use, as on the real network. */
export function usageHeaders(account: Account, lately: number): Record<string, string> {
  if (lately < 20) return {}
  const used = Math.round((lately / containerLimit) * 100)
  const row = {
    type: 'instagram',
    call_count: used,
    total_cputime: 1,
    total_time: 1,
    estimated_time_to_regain_access: used >= 100 ? 30 : 0,
  }
  return { 'x-business-use-case-usage': JSON.stringify({ [account.id]: [row] }) }
}

function captionProblem(caption: string): Refusal | null {
  const problem = textProblems(caption, definition.text.value)[0]
  if (!problem) return null
  if (problem.code === 'too_many_mentions') {
    return { code: 100, subcode: 2207040, message: 'Cannot use more than 20 tags' }
  }
  return { code: 36004, subcode: 2207010, message: 'The caption was too long' }
}

/** The network fetches the picture itself, at creation. */
async function fetchImage(call: Call): Promise<Container['images'] | Refusal> {
  const url = call.params.get('image_url')
  if (url === null) return { code: 100, subcode: 2207023, message: 'The media type is unknown' }
  const altText = call.params.get('alt_text') ?? ''
  if (Array.from(altText).length > 1_000) return { code: 100, message: 'Param alt_text is too long' }
  const fetched = await call.state.fetchMedia(url).catch(() => null)
  if (!fetched || fetched.status !== 200) {
    return { code: 9004, subcode: 2207052, message: 'The media could not be fetched from this URI' }
  }
  const { bytes } = fetched
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8 || bytes[2] !== 0xff) {
    return { code: 36001, subcode: 2207005, message: 'The image format is not supported' }
  }
  if (bytes.length > definition.images.value.maxBytes) {
    return { code: 36000, subcode: 2207004, message: 'The image is too large to download' }
  }
  return [{ altText, file: call.state.files.put(bytes) }]
}

function carouselImages(call: Call, account: Account): Container['images'] | Refusal {
  const ids = (call.params.get('children') ?? '').split(',').filter((id) => id !== '')
  if (ids.length < 2 || ids.length > 10) {
    return { code: 100, subcode: 2207028, message: 'A carousel needs between 2 and 10 items' }
  }
  const images: Container['images'] = []
  for (const id of ids) {
    const child = call.state.containers.get(id)
    if (!child || child.kind !== 'item' || child.accountId !== account.id) {
      return { code: 24, subcode: 2207006, message: 'The requested resource does not exist' }
    }
    if (statusOf(call.state, child) !== 'FINISHED') {
      return { code: 9007, subcode: 2207027, message: 'Media ID is not available' }
    }
    images.push(...child.images)
  }
  return images
}

function statusOf(state: State, container: Container): string {
  if (container.publishedAt !== null) return 'PUBLISHED'
  const age = state.now() - container.createdAt
  if (age >= day) return 'EXPIRED'
  return age < processingMs ? 'IN_PROGRESS' : 'FINISHED'
}

const statusTexts: Record<string, string> = {
  PUBLISHED: 'Published: Media has been already published',
  EXPIRED: 'Expired: Media expired before it was published',
  IN_PROGRESS: 'In Progress: Media is still being processed',
  FINISHED: 'Finished: Media has been uploaded and it is ready to be published',
}

export function containerStatus(call: Call, id: string, container: Container): SandboxResponse {
  const account = accountById(container.accountId)
  if (!account || !mayUse(call, account)) return missing(call.login)
  const code = statusOf(call.state, container)
  return jsonResponse(200, { id, status_code: code, status: statusTexts[code] ?? '' })
}

export function leftToPublish(state: State, account: Account): number {
  const ordered = state.quota.get('publish')
  if (ordered !== undefined) return ordered
  const since = state.now() - day
  let used = 0
  for (const one of state.media.values())
    if (one.accountId === account.id && one.publishedAt > since) used += 1
  return Math.max(0, publishLimit - used)
}

export function publishContainer(call: Call, account: Account): SandboxResponse {
  const refused = scopeMissing(call, 'content_publish')
  if (refused) return refused
  const { state, login, params, request } = call
  const id = params.get('creation_id') ?? ''
  const container = state.containers.get(id)
  if (!container || container.accountId !== account.id) {
    return refuse(login, { code: 24, subcode: 2207008, message: 'The container does not exist' })
  }
  const status = statusOf(state, container)
  if (status === 'EXPIRED') {
    return refuse(login, { code: -2, subcode: 2207020, message: 'The media has expired' })
  }
  if (status === 'IN_PROGRESS') {
    return refuse(login, { code: 9007, subcode: 2207027, message: 'Media ID is not available' })
  }
  if (status === 'PUBLISHED' || container.kind === 'item') {
    return refuse(login, { code: 24, subcode: 2207006, message: 'The media cannot be found' })
  }
  if (leftToPublish(state, account) <= 0) {
    return refuse(login, { code: 9, subcode: 2207042, message: 'The daily number of posts is reached' })
  }
  const ordered = state.quota.get('publish')
  if (ordered !== undefined) state.quota.set('publish', ordered - 1)
  const mediaId = nextId(state, '1800')
  const shortcode = `C${hash(mediaId).toString(36)}${mediaId.slice(-4)}`
  state.media.set(mediaId, {
    accountId: account.id,
    caption: container.caption,
    images: container.images,
    publishedAt: state.now(),
    shortcode,
    permalink: `${request.baseUrl}/p/${shortcode}/`,
    deleted: false,
  })
  state.byShortcode.set(shortcode, mediaId)
  state.containers.set(id, { ...container, publishedAt: state.now() })
  request.made?.(mediaId, [id])
  return jsonResponse(200, { id: mediaId })
}
