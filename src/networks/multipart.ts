/** Multipart bodies as bytes, so that they pass the door unchanged, with their length known. */

export type FilePart = { field: string; fileName: string; type: string; bytes: Uint8Array }

/** Text fields, then one file. Field and file names are never a person’s; values may be. */
export function multipart(
  fields: Readonly<Record<string, string>>,
  file: FilePart,
): { body: Uint8Array; headers: Record<string, string> } {
  const boundary = `litfass-${crypto.randomUUID()}`
  const parts = Object.entries(fields).map(
    ([name, value]) => `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  )
  const head = `--${boundary}\r\ncontent-disposition: form-data; name="${file.field}"; filename="${file.fileName}"\r\ncontent-type: ${file.type}\r\n\r\n`
  return {
    body: Buffer.concat([
      Buffer.from(parts.join('') + head),
      file.bytes,
      Buffer.from(`\r\n--${boundary}--\r\n`),
    ]),
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
  }
}
