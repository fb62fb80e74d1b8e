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
export function newId(prefix: IdPrefix, now: Date = new Date(), random = tenRandomBytes()): string {
  return `${prefix}_${base32(now.getTime(), 10)}${base32(fiveBytes(random, 0), 8)}${base32(fiveBytes(random, 5), 8)}`
}

/** Asked for many at once: each request of the system for random bytes costs more than the whole id. */
const pool = new Uint8Array(1_000)
let used = pool.length

function tenRandomBytes(): Uint8Array {
  if (used === pool.length) {
    crypto.getRandomValues(pool)
    used = 0
  }
  used += 10
  return pool.subarray(used - 10, used)
}

/** 40 bits, which a number holds exactly. */
function fiveBytes(bytes: Uint8Array, from: number): number {
  return bytes.subarray(from, from + 5).reduce((value, byte) => value * 256 + byte, 0)
}

function base32(value: number, length: number): string {
  let text = ''
  for (let rest = value; text.length < length; rest = Math.floor(rest / 32)) {
    text = `${alphabet[rest % 32]}${text}`
  }
  return text
}
