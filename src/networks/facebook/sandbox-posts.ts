/** Photos and posts of Facebook's simulator, with its duplicate guard. */
import { randomBytes } from 'node:crypto'
import { imageType, jsonResponse, type SandboxResponse } from '../sandbox-kit.ts'
import {
  type Call,
  failure,
  type Fields,
  guardKey,
  metaTime,
  type Post,
  type State,
  text,
  type Wish,
} from './sandbox-state.ts'

const duplicateSeconds = 3_600

export function newId(): string {
  return `1220${randomBytes(6).readUIntBE(0, 6)}`
}

export function uploadPhoto(state: State, call: Call, pageId: string): SandboxResponse {
  const source = call.fields.get('source')
  if (!(source instanceof Uint8Array) || source.length === 0)
    return failure(324, '(#324) Requires upload file')
  const type = imageType(source)
  if (type === null || source.length > 4_000_000)
    return failure(100, 'Invalid image', { subcode: 1366046, user: 'The photo is too large or no photo.' })
  const id = newId()
  state.photos.set(id, {
    pageId,
    altText: text(call.fields, 'alt_text_custom') ?? '',
    posted: false,
    file: state.files.put(source),
  })
  call.request.made?.(id)
  if (text(call.fields, 'published') === 'false') return jsonResponse(200, { id })
  const message = text(call.fields, 'message') ?? ''
  const postId = storePost(state, call, {
    pageId,
    message,
    photoIds: [id],
    createdAt: state.now(),
    deleted: false,
  })
  return jsonResponse(200, { id, post_id: postId })
}

export function createPost(state: State, call: Call, pageId: string): SandboxResponse {
  if (!call.token.scopes.includes('pages_manage_posts'))
    return failure(200, '(#200) Requires pages_manage_posts permission')
  const message = (text(call.fields, 'message') ?? '').replace(/\r\n?/g, '\n').trim()
  const link = text(call.fields, 'link')
  const photoIds = attachedPhotos(call.fields)
  if (message === '' && link === undefined && photoIds.length === 0)
    return failure(100, 'The status you are trying to publish is empty.')
  if ([...message.normalize('NFC')].length > 63_206)
    return failure(100, '(#100) Param message must be at most 63206 characters long.')
  if (link !== undefined && !URL.canParse(link))
    return failure(1609005, '(#1609005) The link could not be read')
  if (photoIds.some((id) => state.photos.get(id)?.pageId !== pageId))
    return failure(100, '(#100) One of the attached photos does not exist')
  const post: Omit<Post, 'url'> = {
    pageId,
    message,
    photoIds,
    createdAt: state.now(),
    deleted: false,
    ...(link ? { link } : {}),
  }
  if (photoIds.some((id) => state.photos.get(id)?.posted))
    return failure(100, 'Photos were already posted.', { subcode: 1366051 })
  if (isDuplicate(state, post)) return failure(506, '(#506) Duplicate status message')
  for (const id of photoIds) {
    const photo = state.photos.get(id)
    if (photo) state.photos.set(id, { ...photo, posted: true })
  }
  return jsonResponse(200, { id: storePost(state, call, post) })
}

function attachedPhotos(fields: Fields): string[] {
  return listIn(text(fields, 'attached_media') ?? '[]').map((item) =>
    String((item as { media_fbid?: unknown } | null)?.media_fbid),
  )
}

/** A list written as JSON; empty where it is none. */
function listIn(json: string): unknown[] {
  try {
    const value: unknown = JSON.parse(json)
    return Array.isArray(value) ? value : []
  } catch {
    return []
  }
}

/** The same text on the same page within the hour is refused, as the real guard does. */
function isDuplicate(state: State, post: Wish): boolean {
  if (post.photoIds.length > 0) return false
  const other = state.posts.get(state.newest.get(guardKey(post)) ?? '')
  return other !== undefined && !other.deleted && post.createdAt - other.createdAt < duplicateSeconds * 1_000
}

function storePost(state: State, { request }: Call, post: Wish): string {
  const number = newId()
  const id = `${post.pageId}_${number}`
  state.posts.set(id, { ...post, url: `${request.baseUrl}/${post.pageId}/posts/${number}` })
  state.newest.set(guardKey(post), id)
  request.made?.(id, post.photoIds)
  return id
}

export function describePost(state: State, id: string, post: Post) {
  const photos = post.photoIds.filter((photoId) => state.photos.get(photoId))
  const targets = photos.map((photoId) => ({ target: { id: photoId } }))
  const attachments =
    targets.length > 1
      ? { data: [{ target: { id: post.pageId }, subattachments: { data: targets } }] }
      : { data: targets }
  return {
    id,
    created_time: metaTime(post.createdAt),
    permalink_url: post.url,
    is_published: true,
    ...(post.message === '' ? {} : { message: post.message }),
    ...(targets.length > 0 ? { attachments } : {}),
  }
}

export function listFeed(state: State, { query }: Call, pageId: string): SandboxResponse {
  const since = Number(query.get('since') ?? 0) * 1_000
  const limit = Math.min(100, Number(query.get('limit') ?? 25))
  const start = Number(query.get('after') ?? 0)
  const all = state.posts
    .entries()
    .filter(([, post]) => post.pageId === pageId && !post.deleted && post.createdAt >= since)
    .toSorted(([, a], [, b]) => b.createdAt - a.createdAt)
  const data = all.slice(start, start + limit).map(([id, post]) => describePost(state, id, post))
  const after = String(start + limit)
  const next = start + limit < all.length ? { next: `https://graph.facebook.com/?after=${after}` } : {}
  return jsonResponse(200, { data, paging: { cursors: { before: String(start), after }, ...next } })
}
