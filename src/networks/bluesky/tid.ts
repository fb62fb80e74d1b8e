/**
 * Record keys: 13 characters that sort by time, as posts must have them.
 *
 * A key is 64 bits: a zero, 53 bits of microseconds since 1970, 10 bits that tell clocks apart.
 */
const alphabet = '234567abcdefghijklmnopqrstuvwxyz'

/** `clock` is 0 to 1023. Two keys of one instant differ by it, and by the microseconds it lends. */
export function tid(now: Date, microsecond: number, clock: number): string {
  let value = ((BigInt(now.getTime()) * 1_000n + BigInt(microsecond % 1_000)) << 10n) | BigInt(clock & 1_023)
  let key = ''
  for (let index = 0; index < 13; index += 1) {
    key = alphabet.charAt(Number(value & 31n)) + key
    value >>= 5n
  }
  return key
}

export const isTid = (key: string) => /^[2-7a-j][2-7a-z]{12}$/.test(key)
