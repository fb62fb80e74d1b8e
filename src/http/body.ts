/** Reading bodies. */
import { LitfassError } from '#domain/errors.ts'

/** All of a body, which has a length that was checked before. Throws `invalid_input` where it ends early. */
export async function bytesOf(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  try {
    for await (const chunk of body) chunks.push(chunk)
  } catch (cause) {
    throw new LitfassError('invalid_input', 'The request ended before its body was complete', {
      remedy: 'Send it again; nothing was changed.',
      cause,
    })
  }
  return Buffer.concat(chunks)
}

/** The media types the API reads. Throws `unsupported_media_type` for another, and `invalid_input` for broken JSON. */
export function requireReadable(type: string, body: Uint8Array): void {
  if (body.length === 0) return
  const name = (type.split(';')[0] ?? '').trim().toLowerCase()
  if (name === 'multipart/form-data') return
  if (name !== 'application/json') {
    throw new LitfassError(
      'unsupported_media_type',
      name === '' ? 'The request does not say what its body is' : `Bodies of type ${name} are not read`,
      { remedy: 'Send application/json, or multipart/form-data for files.' },
    )
  }
  try {
    JSON.parse(Buffer.from(body).toString('utf8'))
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new LitfassError('invalid_input', `The body is no JSON: ${why}`, {
      remedy: 'Send one valid JSON object.',
      cause,
    })
  }
}
