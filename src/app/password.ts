/**
 * Passwords at rest: argon2id with the parameters OWASP names as the least (19 MiB, 2 passes, 1 lane), in PHC
 * form, so that the parameters can rise later and old hashes still verify.
 */
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'

type Parameters = { memory: number; passes: number; parallelism: number }

/** `memory` in KiB. */
const current: Parameters = { memory: 19_456, passes: 2, parallelism: 1 }
const form = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/

export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  const hash = await derive(password, salt, current, 32)
  return `$argon2id$v=19$m=${current.memory},t=${current.passes},p=${current.parallelism}$${base64(salt)}$${base64(hash)}`
}

/** False also for a hash of another form. */
export async function verifyPassword(hash: string, password: string): Promise<boolean> {
  const [, memory, passes, parallelism, salt, wanted] = form.exec(hash) ?? []
  if (salt === undefined || wanted === undefined) return false
  const parameters = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) }
  const expected = Buffer.from(wanted, 'base64')
  const actual = await derive(password, Buffer.from(salt, 'base64'), parameters, expected.length)
  return timingSafeEqual(actual, expected)
}

/** One person may type `é` as one code point and another device as two: NFKC makes them the same. */
function derive(
  password: string,
  salt: Uint8Array,
  parameters: Parameters,
  tagLength: number,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    argon2(
      'argon2id',
      { ...parameters, message: password.normalize('NFKC'), nonce: salt, tagLength },
      (error, key) => (error ? reject(error) : resolve(key)),
    )
  })
}

/** PHC strings carry no padding. */
function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replaceAll('=', '')
}
