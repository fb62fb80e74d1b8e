/**
 * What others send us as PostgreSQL can keep it: it refuses NUL and half of a surrogate pair, and one such
 * character in a network's answer must not keep a delivery from being settled.
 */

export function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd')
}

/** What `JSON.stringify` makes of NUL and of half a surrogate pair; a backslash before it is one of the text's own. */
const unstorable = /\\u(?:0000|d[89a-f])/

/** Like `JSON.stringify`, for a `jsonb` parameter. */
export function jsonbText(value: unknown): string {
  const text = JSON.stringify(value)
  // Going through every string takes ten times as long, and next to no text needs it.
  if (!unstorable.test(text)) return text
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === 'string' ? storable(part) : part))
}
