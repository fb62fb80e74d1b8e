/** Sends a picture to the server, resuming where a lost connection broke it off. */
import { Upload } from 'tus-js-client'
import { workspaceHeader } from '../../api.ts'
import { offline, Problem, problemFrom } from '../../problems.ts'

export type Uploaded = { id: string; fileName: string; width: number; height: number }
export type UploadHandlers = {
  onShare: (share: number) => void
  onDone: (file: Uploaded) => void
  onFailed: (problem: Problem) => void
}

/** What the server takes at most; asking it first would only cost the time of sending. */
const maxBytes = 40_000_000

/** Returns what stops it. */
export function uploadFile(file: File, { onShare, onDone, onFailed }: UploadHandlers): () => void {
  if (file.size > maxBytes) {
    const details = { status: 413, remedy: 'Take a smaller one.' }
    onFailed(new Problem('media_too_large', 'This picture is too large', details))
    return () => undefined
  }
  const upload = new Upload(file, {
    endpoint: '/api/v1/uploads',
    headers: workspaceHeader(),
    metadata: { filename: file.name, filetype: file.type },
    retryDelays: [0, 1_000, 3_000, 8_000],
    // A file that was refused once is refused again; only what never arrived is worth another try.
    onShouldRetry: (error) => {
      const status = error.originalResponse?.getStatus() ?? 0
      return status === 0 || status === 423 || status >= 502
    },
    storeFingerprintForResuming: false,
    onProgress: (sent, total) => onShare(total === 0 ? 1 : sent / total),
    onError: (error) => {
      const answer = 'originalResponse' in error ? error.originalResponse : null
      onFailed(answer ? problemFrom(read(answer.getBody()), answer.getStatus()) : offline())
    },
    onSuccess: ({ lastResponse }) => {
      const body = read(lastResponse.getBody())
      if (isUploaded(body)) onDone(body)
      else onFailed(problemFrom(body, lastResponse.getStatus()))
    },
  })
  upload.start()
  return () => void upload.abort(true).catch(() => undefined)
}

function read(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return null
  }
}

function isUploaded(body: unknown): body is Uploaded {
  return typeof body === 'object' && body !== null && 'id' in body && 'fileName' in body
}
