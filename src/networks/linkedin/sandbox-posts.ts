/** Images and posts of LinkedIn's simulator, with its duplicate guard. */
import { randomBytes } from 'node:crypto'
import { imageType, jsonOf, jsonResponse, type SandboxRequest, type SandboxResponse } from '../sandbox-kit.ts'
import {
  type Asset,
  day,
  failure,
  forbidden,
  has,
  mayActAs,
  type Post,
  type State,
  type Token,
} from './sandbox-state.ts'
import { plainText } from './text.ts'

const duplicateWindowMs = 600_000

export function initialise(state: State, token: Token, request: SandboxRequest): SandboxResponse {
  const wish = jsonOf(request)['initializeUploadRequest'] as { owner?: unknown } | undefined
  if (request.query.get('action') !== 'initializeUpload' || typeof wish?.owner !== 'string')
    return failure(400, 'owner is required', { code: 'MISSING_FIELD' })
  if (!mayActAs(token, wish.owner)) return failure(403, 'The requested resource is forbidden')
  const image = `urn:li:image:D4E10AQ${randomBytes(9).toString('hex')}`
  const expiresAt = state.context.now().getTime() + day * 1_000
  state.assets.set(image, { owner: wish.owner, uploadedAt: null, expiresAt, file: null })
  request.made?.(image)
  return jsonResponse(200, {
    value: {
      uploadUrlExpiresAt: expiresAt,
      uploadUrl: `${request.baseUrl}/dms-uploads/${image.split(':')[3]}/uploaded-image/0?ca=vector_feedshare`,
      image,
    },
  })
}

export function upload(state: State, request: SandboxRequest): SandboxResponse {
  const image = `urn:li:image:${request.path.split('/')[2]}`
  const asset = state.assets.get(image)
  if (!asset || request.method !== 'PUT') return { status: 404 }
  if (asset.expiresAt < state.context.now().getTime())
    return failure(400, 'The upload URL expired', { code: 'EXPIRED_UPLOAD_URL' })
  const file = imageType(request.body) === null ? null : state.context.files.put(request.body)
  state.assets.set(image, { ...asset, uploadedAt: state.now(), file })
  request.made?.(image)
  return { status: 201 }
}

function assetStatus(state: State, asset: Asset): string {
  if (asset.uploadedAt === null) return 'WAITING_UPLOAD'
  if (asset.file === null) return 'PROCESSING_FAILED'
  return state.context.now().getTime() - asset.uploadedAt < 2_000 ? 'PROCESSING' : 'AVAILABLE'
}

export function imageStatus(state: State, token: Token, key: string): SandboxResponse {
  if (!has(token, 'w_organization_social')) return forbidden('images.GET')
  const asset = state.assets.get(key)
  if (!asset) return failure(404, 'Image not found', { code: 'NOT_FOUND' })
  return jsonResponse(200, { id: key, owner: asset.owner, status: assetStatus(state, asset) })
}

type Content = {
  media?: { id: string; altText?: string }
  multiImage?: { images: Array<{ id: string; altText?: string }> }
  article?: { source: string; title?: string }
}

export function createPost(state: State, token: Token, request: SandboxRequest): SandboxResponse {
  const body = jsonOf(request)
  const { author, commentary } = body
  if (typeof author !== 'string' || typeof commentary !== 'string')
    return failure(400, 'commentary is required', { code: 'MISSING_FIELD' })
  if (!mayActAs(token, author)) return failure(403, 'The requested resource is forbidden')
  if (body['lifecycleState'] !== 'PUBLISHED' || typeof body['visibility'] !== 'string')
    return failure(400, 'lifecycleState must be PUBLISHED', { code: 'INVALID_VALUE_FOR_FIELD' })
  const text = plainText(commentary)
  if ([...text].length > 3_000)
    return failure(400, 'Commentary is too long', { code: 'FIELD_LENGTH_TOO_LONG' })
  const content = (body['content'] ?? {}) as Content
  const images = content.multiImage?.images ?? (content.media ? [content.media] : [])
  const problem = contentProblem(state, author, content, images)
  if (problem) return problem
  const now = state.context.now().getTime()
  const wire = JSON.stringify(body)
  const twin = state.posts.get(state.twins.get(wire) ?? '')
  if (twin && now - twin.createdAt < duplicateWindowMs) return duplicateOf(twin.urn)
  const urn = `urn:li:share:${(BigInt(now) << 22n) | BigInt(state.posts.size() & 0x3f_ffff)}`
  state.posts.set(urn, {
    urn,
    author,
    commentary,
    images: images.map(({ id, altText = '' }) => ({ id, altText })),
    link: content.article?.source ?? null,
    content: body['content'] ?? null,
    body: wire,
    createdAt: now,
    deleted: false,
    url: `${request.baseUrl}/feed/update/${urn}/`,
  })
  state.twins.set(wire, urn)
  request.made?.(
    urn,
    images.map(({ id }) => id),
  )
  return { status: 201, headers: { 'x-restli-id': urn, 'x-linkedin-id': urn } }
}

export function duplicateOf(urn: string): SandboxResponse {
  return failure(422, `Content is a duplicate of ${urn}`, { code: 'DUPLICATE_POST', serviceErrorCode: 0 })
}

function contentProblem(
  state: State,
  author: string,
  content: Content,
  images: ReadonlyArray<{ id: string; altText?: string }>,
): SandboxResponse | null {
  if (content.multiImage && (images.length < 2 || images.length > 20))
    return failure(400, 'multiImage takes 2 to 20 images', { code: 'INVALID_VALUE_FOR_FIELD' })
  if ((content.article?.title ?? '').length > 400)
    return failure(400, 'title is too long', { code: 'FIELD_LENGTH_TOO_LONG' })
  for (const image of images) {
    const asset = state.assets.get(image.id)
    if (!asset || asset.owner !== author)
      return failure(400, 'Not a usable image', { code: 'INVALID_URN_ID' })
    if ((image.altText ?? '').length > 4_086)
      return failure(400, 'altText is too long', { code: 'FIELD_LENGTH_TOO_LONG' })
    const status = assetStatus(state, asset)
    if (status === 'PROCESSING_FAILED')
      return failure(400, 'Processing failed', { code: 'MEDIA_ASSET_PROCESSING_FAILED' })
    if (status !== 'AVAILABLE')
      return failure(400, 'Upload is awaited', { code: 'MEDIA_ASSET_WAITING_UPLOAD' })
  }
  return null
}

/** A new post shows in the listing after two seconds, which a reconciler has to bear. */
export function listPosts(state: State, token: Token, request: SandboxRequest): SandboxResponse {
  const author = request.query.get('author') ?? ''
  if (request.query.get('q') !== 'author') return failure(400, 'Unknown finder', { code: 'ILLEGAL_ARGUMENT' })
  if (author.startsWith('urn:li:person:'))
    return failure(400, 'Member permissions must be used when using member as author')
  if (!has(token, 'r_organization_social')) return forbidden('posts.FINDER-author')
  const now = state.context.now().getTime()
  const elements = state.posts
    .entries()
    .map(([, post]) => post)
    .filter((post) => post.author === author && !post.deleted && now - post.createdAt >= 2_000)
    .toSorted((one, other) => other.createdAt - one.createdAt)
    .slice(0, Number(request.query.get('count') ?? '10'))
    .map(postView)
  return jsonResponse(200, { elements, paging: { start: 0, count: 10, links: [] } })
}

function postView(post: Post): Record<string, unknown> {
  return {
    id: post.urn,
    author: post.author,
    commentary: post.commentary,
    createdAt: post.createdAt + 150,
    publishedAt: post.createdAt + 150,
    lifecycleState: 'PUBLISHED',
    visibility: 'PUBLIC',
    ...(post.content === null ? {} : { content: post.content }),
  }
}

export function livePost(state: State, key: string): Post | undefined {
  const post = state.posts.get(key)
  return post && !post.deleted ? post : undefined
}

export function readPost(state: State, token: Token, key: string): SandboxResponse {
  const post = livePost(state, key)
  if (!has(token, 'r_organization_social') || post?.author.startsWith('urn:li:person:'))
    return forbidden('posts.GET')
  return post ? jsonResponse(200, postView(post)) : failure(404, 'Post not found', { code: 'NOT_FOUND' })
}

export function deletePost(
  state: State,
  token: Token,
  key: string,
  request: SandboxRequest,
): SandboxResponse {
  const post = state.posts.get(key)
  if (!post) return { status: 204 }
  if (!mayActAs(token, post.author)) return failure(403, 'The requested resource is forbidden')
  state.posts.set(key, { ...post, deleted: true })
  request.made?.(key)
  return { status: 204 }
}
