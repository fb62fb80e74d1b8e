/** Uploads of Mastodon's simulator: images are ready at once, animations after some seconds, as since 4.0. */
import {
  imageType,
  jsonResponse,
  multipartOf,
  type SandboxRequest,
  type SandboxResponse,
} from '../sandbox-kit.ts'
import { definition } from './definition.ts'
import { type Account, invalid, newId, notFound, type State, type Upload } from './sandbox-state.ts'

const processingMs = 3_000

export async function uploadMedia(
  state: State,
  request: SandboxRequest,
  account: Account,
): Promise<SandboxResponse> {
  const parts = await multipartOf(request)
  const file = parts.get('file')
  if (!(file instanceof Uint8Array)) return invalid("File can't be blank")
  const type = imageType(file)
  if (type === null) return invalid('File content type is invalid, File is invalid')
  const { maxBytes, maxAltLength = 0 } = definition.images.value
  if (file.length > maxBytes) return invalid(`File file size must be less than ${maxBytes} bytes`)
  const description = String(parts.get('description') ?? '')
  if ([...description].length > maxAltLength)
    return invalid(`Description is too long (maximum is ${maxAltLength} characters)`)
  const upload: Upload = {
    id: newId(state),
    owner: account.id,
    file: state.files.put(file),
    type: type === 'image/gif' ? 'gifv' : 'image',
    description,
    readyAt: state.now() + (type === 'image/gif' ? processingMs : 0),
  }
  state.uploads.set(upload.id, upload)
  request.made?.(upload.id)
  return mediaAnswer(state, upload, request.baseUrl, 202)
}

export function getMedia(
  state: State,
  request: SandboxRequest,
  account: Account,
  id: string,
): SandboxResponse {
  const upload = state.uploads.get(id)
  return upload?.owner === account.id ? mediaAnswer(state, upload, request.baseUrl, 206) : notFound()
}

function mediaAnswer(
  state: State,
  upload: Upload,
  baseUrl: string,
  whileProcessing: number,
): SandboxResponse {
  const isReady = upload.readyAt <= state.now()
  return jsonResponse(isReady ? 200 : whileProcessing, described(upload, baseUrl, isReady))
}

export function described({ id, type, description }: Upload, baseUrl: string, isReady: boolean): object {
  const url = `${baseUrl}/media_attachments/${id}`
  return {
    id,
    type,
    url: isReady ? url : null,
    preview_url: url,
    remote_url: null,
    meta: {},
    description: description === '' ? null : description,
    blurhash: null,
  }
}
