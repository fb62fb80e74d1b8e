/** Uploads of X's simulator, in one piece or in several. */
import {
  imageType,
  jsonOf,
  jsonResponse,
  multipartOf,
  type SandboxRequest,
  type SandboxResponse,
} from '../sandbox-kit.ts'
import { type Account, badRequest, type Media, nextId, type State } from './sandbox-state.ts'

function newMedia(state: State, account: Account, type: string, total: number): Media {
  const item = {
    id: nextId(state),
    owner: account.id,
    type,
    total,
    segments: {},
    done: false,
    expiresAt: state.now() + 86_400_000,
    alt: '',
  }
  state.media.set(item.id, item)
  return item
}

function mediaAnswer(state: State, item: Media): SandboxResponse {
  const seconds = Math.round((item.expiresAt - state.now()) / 1_000)
  return jsonResponse(200, {
    data: { id: item.id, media_key: `3_${item.id}`, expires_after_secs: seconds, size: item.total },
  })
}

export async function oneShot(
  state: State,
  request: SandboxRequest,
  account: Account,
): Promise<SandboxResponse> {
  const parts = await multipartOf(request)
  const bytes = parts.get('media')
  if (!(bytes instanceof Uint8Array)) return badRequest(state, 'media is missing')
  const type = imageType(bytes)
  if (!type || bytes.length > 5_242_880) return badRequest(state, 'media is no image of at most 5 MB')
  const item = newMedia(state, account, type, bytes.length)
  state.media.set(item.id, { ...item, segments: { 0: state.files.put(bytes) }, done: true })
  request.made?.(item.id)
  return mediaAnswer(state, item)
}

export function initialize(state: State, request: SandboxRequest, account: Account): SandboxResponse {
  const body = jsonOf(request)
  const { media_type: type, total_bytes: total } = body
  if (typeof type !== 'string' || typeof total !== 'number')
    return badRequest(state, 'media_type or total_bytes is missing')
  if (total > 15_728_640) return badRequest(state, 'media is too large')
  const item = newMedia(state, account, type, total)
  request.made?.(item.id)
  return mediaAnswer(state, item)
}

export async function append(
  state: State,
  request: SandboxRequest,
  account: Account,
  id: string,
): Promise<SandboxResponse> {
  const item = state.media.get(id)
  if (!item || item.owner !== account.id) return badRequest(state, 'media id is unknown')
  const parts = await multipartOf(request)
  const bytes = parts.get('media')
  const segment = parts.get('segment_index')
  if (!(bytes instanceof Uint8Array) || typeof segment !== 'string' || !/^\d{1,3}$/.test(segment))
    return badRequest(state, 'media or segment_index is missing')
  state.media.set(id, { ...item, segments: { ...item.segments, [segment]: state.files.put(bytes) } })
  request.made?.(id)
  return jsonResponse(200, { data: { expires_at: Math.floor(item.expiresAt / 1_000) } })
}

export function finalize(
  state: State,
  request: SandboxRequest,
  account: Account,
  id: string,
): SandboxResponse {
  const item = state.media.get(id)
  if (!item || item.owner !== account.id) return badRequest(state, 'media id is unknown')
  const bytes = bytesOf(state, item)
  if (bytes.length !== item.total) return badRequest(state, 'segments do not add up to total_bytes')
  const done = {
    ...item,
    segments: { 0: state.files.put(bytes) },
    done: true,
    expiresAt: state.now() + 86_400_000,
  }
  state.media.set(id, done)
  request.made?.(id)
  return mediaAnswer(state, done)
}

function bytesOf(state: State, { segments }: Media): Buffer {
  const indexes = Object.keys(segments).sort((a, b) => Number(a) - Number(b))
  return Buffer.concat(indexes.map((index) => state.files.get(segments[index] ?? '') ?? new Uint8Array()))
}

export function mediaStatus(state: State, request: SandboxRequest, account: Account): SandboxResponse {
  const item = state.media.get(request.query.get('media_id') ?? '')
  if (!item || item.owner !== account.id) return badRequest(state, 'media id is unknown')
  const progress = item.done
    ? { state: 'succeeded', progress_percent: 100 }
    : { state: 'pending', check_after_secs: 1 }
  return jsonResponse(200, {
    data: { id: item.id, media_key: `3_${item.id}`, processing_info: progress },
  })
}

export function metadata(state: State, request: SandboxRequest, account: Account): SandboxResponse {
  const body = jsonOf(request) as {
    id?: unknown
    metadata?: { alt_text?: { text?: unknown } }
  }
  const item = typeof body.id === 'string' ? state.media.get(body.id) : undefined
  const alt = body.metadata?.alt_text?.text
  if (!item || item.owner !== account.id) return badRequest(state, 'media id is unknown')
  if (typeof alt !== 'string' || alt.length > 1_000) return badRequest(state, 'alt_text is invalid')
  state.media.set(item.id, { ...item, alt })
  request.made?.(item.id)
  return jsonResponse(200, { data: { id: item.id, associated_metadata: { alt_text: { text: alt } } } })
}
