/** Uploads and records of Bluesky's simulator, and the public view of posts and accounts. */
import { z } from 'zod'
import { textProblems } from '#domain/text.ts'
import {
  hash,
  imageType,
  jsonOf,
  jsonResponse,
  type SandboxRequest,
  type SandboxResponse,
} from '../sandbox-kit.ts'
import { collection, permalink, uriOf } from './api.ts'
import { definition } from './definition.ts'
import type { PostRecord } from './publish.ts'
import { type Account, cidOf, findAccount, invalid, type Post, problem, type State } from './sandbox-state.ts'
import { isTid } from './tid.ts'

const serverLimit = 5_242_880

export function uploadBlob(state: State, request: SandboxRequest, account: Account): SandboxResponse {
  if (request.body.length > serverLimit) return problem(413, 'PayloadTooLarge', 'request entity too large')
  // What the bytes are counts more than what they are called, as on the real server.
  const mimeType = imageType(request.body) ?? request.headers['content-type'] ?? 'application/octet-stream'
  const cid = cidOf(request.body, 'raw')
  const known = state.uploads.get(`${account.did}|${cid}`)
  const upload = known ?? {
    cid,
    owner: account.did,
    file: state.files.put(request.body),
    mimeType,
    size: request.body.length,
  }
  state.uploads.set(`${account.did}|${cid}`, upload)
  request.made?.(cid)
  return jsonResponse(200, { blob: { $type: 'blob', ref: { $link: cid }, mimeType, size: upload.size } })
}

const putSchema = z.object({
  repo: z.string(),
  collection: z.string(),
  rkey: z.string(),
  record: z.looseObject({}),
  swapRecord: z.string().nullish(),
})

export function putRecord(state: State, request: SandboxRequest, account: Account): SandboxResponse {
  const input = putSchema.safeParse(jsonOf(request))
  if (!input.success) return invalid(`Invalid input: ${input.error.issues[0]?.path.join('.')}`)
  const { repo, rkey, record, swapRecord } = input.data
  if (repo !== account.did && repo !== account.handle)
    return problem(403, 'AccountNotFound', 'Account not found')
  if (input.data.collection !== collection) return invalid('Only posts are simulated')
  if (!isTid(rkey))
    return invalid(`Invalid record key for ${collection}: Invalid TID string (got "${rkey}") at $`)
  const refused = refusedRecord(state, account, record)
  if (refused) return refused
  const cid = cidOf(Buffer.from(canonical(record)), 'record')
  const uri = uriOf(account.did, rkey)
  const known = state.posts.get(uri)
  const current = known && !known.deleted ? known : undefined
  if (current?.cid === cid) return jsonResponse(200, { uri, cid, validationStatus: 'valid' })
  if (swapRecord !== undefined && swapRecord !== (current?.cid ?? null))
    return problem(400, 'InvalidSwap', `Record was at ${current?.cid ?? 'null'}`)
  state.posts.set(uri, postOf(state, request, { account, key: rkey, cid, uri }, record as PostRecord))
  request.made?.(
    uri,
    imagesOf(record as PostRecord).map((image) => image.cid),
  )
  const commit = { cid: cidOf(Buffer.from(`${uri}${state.now()}`), 'record'), rev: rkey }
  return jsonResponse(200, { uri, cid, commit, validationStatus: 'valid' })
}

/** The same for the same content, in whatever order it came. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join()}}`
}

function postOf(
  state: State,
  request: SandboxRequest,
  made: { account: Account; key: string; cid: string; uri: string },
  record: PostRecord,
): Post {
  const { account, key, cid, uri } = made
  const hosts = { apiUrl: '', uploadUrl: '', authorizeUrl: '', tokenUrl: '', siteUrl: request.baseUrl }
  const url = permalink({ hosts }, account.did, key)
  return { uri, cid, did: account.did, key, record, createdAt: state.now(), url, deleted: false }
}

const postSchema = z.looseObject({
  $type: z.literal(collection),
  text: z.string(),
  createdAt: z.iso.datetime({ offset: true }),
  reply: z
    .object({ root: z.looseObject({ uri: z.string() }), parent: z.looseObject({ uri: z.string() }) })
    .optional(),
  embed: z.looseObject({ $type: z.string(), images: z.array(z.unknown()).optional() }).optional(),
  facets: z
    .array(z.looseObject({ index: z.object({ byteStart: z.int().min(0), byteEnd: z.int().min(0) }) }))
    .optional(),
})

function refusedRecord(state: State, account: Account, record: object): SandboxResponse | null {
  const wrong = (message: string, at: string) =>
    invalid(`Invalid ${collection} record: ${message} at $.record.${at}`)
  const parsed = postSchema.safeParse(record)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return wrong(issue?.message ?? 'Invalid', issue?.path.join('.') ?? '')
  }
  for (const { code, actual, allowed } of textProblems(parsed.data.text, definition.text.value))
    return wrong(
      `${code === 'text_too_long' ? 'grapheme' : 'string'} too big (maximum ${allowed}, got ${actual})`,
      'text',
    )
  const images = parsed.data.embed?.images ?? []
  if (images.length > 4) return wrong(`array too big (maximum 4, got ${images.length})`, 'embed.images')
  return refusedImages(state, account, record as PostRecord, wrong)
}

function refusedImages(
  state: State,
  account: Account,
  record: PostRecord,
  wrong: (message: string, at: string) => SandboxResponse,
): SandboxResponse | null {
  for (const [index, { cid, mimeType, size }] of imagesOf(record).entries()) {
    const upload = state.uploads.get(`${account.did}|${cid}`)
    const at = `embed.images[${index}].image`
    if (!upload) return problem(400, 'BlobNotFound', `Could not find blob: ${cid}`)
    if (!mimeType.startsWith('image/'))
      return wrong(`Expected "image/*" (got "${mimeType}")`, `${at}.mimeType`)
    if (size > 2_000_000) return wrong(`blob too big (maximum 2000000, got ${size})`, at)
  }
  return null
}

const imagesSchema = z.looseObject({
  embed: z.looseObject({
    images: z.array(
      z.looseObject({
        alt: z.string(),
        image: z.looseObject({
          ref: z.looseObject({ $link: z.string() }),
          mimeType: z.string(),
          size: z.number(),
        }),
      }),
    ),
  }),
})

function imagesOf(record: PostRecord): Array<{ cid: string; alt: string; mimeType: string; size: number }> {
  const parsed = imagesSchema.safeParse(record)
  if (!parsed.success) return []
  return parsed.data.embed.images.map(({ alt, image }) => ({
    cid: image.ref.$link,
    alt,
    mimeType: image.mimeType,
    size: image.size,
  }))
}

export function picturesOf(state: State, post: Post): Array<{ altText: string; file?: string }> {
  return imagesOf(post.record).map(({ cid, alt }) => {
    const file = state.uploads.get(`${post.did}|${cid}`)?.file
    return { altText: alt, ...(file === undefined ? {} : { file }) }
  })
}

const cardSchema = z.looseObject({
  embed: z.looseObject({ external: z.looseObject({ uri: z.string() }) }),
})

/** The card, or the first link that works in the text. */
export function linkOf({ record }: Post): string | undefined {
  const card = cardSchema.safeParse(record)
  if (card.success) return card.data.embed.external.uri
  for (const { features } of record.facets ?? [])
    for (const feature of features) if ('uri' in feature) return feature.uri
  return undefined
}

export function deleteRecord(state: State, request: SandboxRequest, account: Account): SandboxResponse {
  const { repo, rkey } = jsonOf(request)
  if (repo !== account.did && repo !== account.handle)
    return problem(403, 'AccountNotFound', 'Account not found')
  const uri = uriOf(account.did, String(rkey))
  const post = state.posts.get(uri)
  if (!post || post.deleted) return jsonResponse(200, {})
  state.posts.set(uri, { ...post, deleted: true })
  request.made?.(uri)
  const commit = { cid: cidOf(Buffer.from(`-${uri}${state.now()}`), 'record'), rev: post.key }
  return jsonResponse(200, { commit })
}

export function getRecord(state: State, request: SandboxRequest): SandboxResponse {
  const account = findAccount(state, request.query.get('repo') ?? '')
  if (!account) return invalid('Could not locate record')
  const uri = uriOf(account.did, request.query.get('rkey') ?? '')
  const post = state.posts.get(uri)
  if (!post || post.deleted) return problem(400, 'RecordNotFound', `Could not locate record: ${uri}`)
  return jsonResponse(200, { uri, cid: post.cid, value: post.record })
}

export function listRecords(state: State, request: SandboxRequest): SandboxResponse {
  const account = findAccount(state, request.query.get('repo') ?? '')
  if (!account) return invalid(`Could not find repo: ${request.query.get('repo')}`)
  const limit = Number(request.query.get('limit') ?? '50')
  const before = request.query.get('cursor')
  const own = [...state.posts.values()]
    .filter((post) => post.did === account.did && !post.deleted && (before === null || post.key < before))
    .toSorted((a, b) => (a.key < b.key ? 1 : -1))
    .slice(0, limit)
  const last = own.at(-1)
  return jsonResponse(200, {
    records: own.map(({ uri, cid, record }) => ({ uri, cid, value: record })),
    ...(last ? { cursor: last.key } : {}),
  })
}

export function getPosts(state: State, request: SandboxRequest): SandboxResponse {
  const uris = request.query.getAll('uris')
  if (uris.length === 0 || uris.length > 25) return invalid('uris must have 1 to 25 items')
  const found = uris.flatMap((uri) => state.posts.get(uri) ?? []).filter((post) => !post.deleted)
  return jsonResponse(200, { posts: found.map((post) => view(state, post)) })
}

export function getAuthorFeed(state: State, request: SandboxRequest): SandboxResponse {
  const account = findAccount(state, request.query.get('actor') ?? '')
  if (!account) return invalid('Profile not found')
  const own = [...state.posts.values()].filter((post) => post.did === account.did && !post.deleted)
  const newest = own.toSorted((a, b) => b.createdAt - a.createdAt).slice(0, 50)
  return jsonResponse(200, { feed: newest.map((post) => ({ post: view(state, post) })) })
}

export function getProfile(state: State, request: SandboxRequest): SandboxResponse {
  const account = findAccount(state, request.query.get('actor') ?? '')
  if (!account) return invalid('Profile not found')
  const { did, handle, name: displayName } = account
  const own = [...state.posts.values()].filter((post) => post.did === did && !post.deleted)
  const followersCount = 1_100 + (hash(did) % 9_000)
  return jsonResponse(200, {
    did,
    handle,
    displayName,
    followersCount,
    followsCount: 120,
    postsCount: own.length,
  })
}

export function figuresOf(state: State, post: Post) {
  const { share } = state.audience(`${post.did}|${post.record.text}`, post.createdAt)
  return {
    likes: share('likes', 0.01, 0.08),
    comments: share('comments', 0.001, 0.01),
    shares: share('shares', 0.002, 0.02),
    quotes: share('quotes', 0, 0.005),
    bookmarks: share('bookmarks', 0, 0.005),
  }
}

function view(state: State, post: Post): object {
  const {
    did,
    handle,
    name: displayName,
  } = state.accounts.get(post.did) ?? { did: post.did, handle: '', name: '' }
  const figures = figuresOf(state, post)
  return {
    uri: post.uri,
    cid: post.cid,
    author: { did, handle, displayName },
    record: post.record,
    bookmarkCount: figures.bookmarks,
    replyCount: figures.comments,
    repostCount: figures.shares,
    likeCount: figures.likes,
    quoteCount: figures.quotes,
    indexedAt: new Date(post.createdAt).toISOString(),
    labels: [],
  }
}
