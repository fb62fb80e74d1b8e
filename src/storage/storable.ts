/**
 * What others send us as PostgreSQL can keep it: it refuses NUL and half of a surrogate pair, and one such
 * character in a network's answer must not keep a delivery from being settled.
 */

export function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd')
}

/** Like `JSON.stringify`, for a `jsonb` parameter. */
export function jsonbText(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === 'string' ? storable(part) : part))
}
