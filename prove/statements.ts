/** Reads which statements a client of PostgreSQL runs, out of the bytes it sends. */

/**
 * Of one connection: gives the texts of the statements that these bytes begin to run. Prepared ones are named by
 * their text only once (PostgreSQL 18, 54.7 Message Formats).
 */
export function createStatements(): (bytes: Buffer) => string[] {
  const prepared = new Map<string, string>()
  let rest = Buffer.alloc(0)
  let isStarted = false

  const textOf = (type: string, body: Buffer): string[] => {
    if (type === 'Q') return [wordAt(body, 0)]
    if (type === 'P') {
      const name = wordAt(body, 0)
      const text = wordAt(body, Buffer.byteLength(name) + 1)
      prepared.set(name, text)
      return []
    }
    if (type !== 'B') return []
    const portal = wordAt(body, 0)
    return [prepared.get(wordAt(body, Buffer.byteLength(portal) + 1)) ?? '']
  }

  return (bytes) => {
    rest = Buffer.concat([rest, bytes])
    const texts: string[] = []
    for (;;) {
      // The first message has no type.
      const header = isStarted ? 1 : 0
      if (rest.length < header + 4) return texts
      const end = header + rest.readInt32BE(header)
      if (rest.length < end) return texts
      if (isStarted) texts.push(...textOf(String.fromCharCode(rest[0] ?? 0), rest.subarray(5, end)))
      isStarted = true
      rest = rest.subarray(end)
    }
  }
}

function wordAt(body: Buffer, from: number): string {
  return body.toString('utf8', from, body.indexOf(0, from))
}
