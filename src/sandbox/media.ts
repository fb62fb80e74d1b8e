/** How a simulator fetches a picture that the product offers by address, as the real network would. */
import { request } from 'undici'
import type { SandboxContext } from '#networks/sandbox-kit.ts'

const maxBytes = 45_000_000
const timeoutMs = 20_000

export const fetchMedia: SandboxContext['fetchMedia'] = async (url) => {
  if (!/^https?:$/.test(new URL(url).protocol)) throw new Error('a picture is fetched by HTTP only')
  const answer = await request(url, { signal: AbortSignal.timeout(timeoutMs) })
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of answer.body as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBytes) throw new Error('the picture is too large')
    chunks.push(chunk)
  }
  return {
    status: answer.statusCode,
    contentType: String(answer.headers['content-type'] ?? ''),
    bytes: new Uint8Array(Buffer.concat(chunks)),
  }
}
