/** Prefixed ids such as `dlv_01j9…`: sortable by time, unguessable, and readable in a log. */

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz' // Crockford base 32: no i, l, o, u.

export type IdPrefix =
  | 'wsp'
  | 'usr'
  | 'mbr'
  | 'inv'
  | 'key'
  | 'con'
  | 'chn'
  | 'pst'
  | 'var'
  | 'dlv'
  | 'att'
  | 'med'
  | 'rdg'
  | 'acc'
  | 'chg'
  | 'bud'
  | 'lch'
  | 'ntc'
  | 'prc'
  | 'wrk'
  | 'sta'
  | 'app'
  | 'del'
  | 'crt'
  | 'trm'

/** A new id: 48 bits of time in milliseconds, then 80 random bits. */
export function newId(
  prefix: IdPrefix,
  now: Date = new Date(),
  random = crypto.getRandomValues(new Uint8Array(10)),
): string {
  return `${prefix}_${base32(BigInt(now.getTime()), 10)}${base32(bytesToBigInt(random), 16)}`
}

function bytesToBigInt(bytes: Uint8Array): bigint {
  let value = 0n
  for (const byte of bytes) value = (value << 8n) | BigInt(byte)
  return value
}

function base32(value: bigint, length: number): string {
  let text = ''
  for (let rest = value, index = 0; index < length; index += 1, rest >>= 5n) {
    text = alphabet[Number(rest & 31n)] + text
  }
  return text
}
