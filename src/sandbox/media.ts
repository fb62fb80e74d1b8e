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

/**
 * For simulators inside the product, which strangers may reach: pictures come from this server only, so that nobody
 * has it ask around in its network. Where it is reachable from its own machine only, they come from anywhere.
 */
export function fetchMediaFor(origin: () => string): SandboxContext['fetchMedia'] {
  return async (url) => {
    const own = new URL(origin())
    if (new URL(url).origin !== own.origin && !/^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(own.hostname))
      throw new Error('the sandbox fetches pictures from its own server only')
    return fetchMedia(url)
  }
}
