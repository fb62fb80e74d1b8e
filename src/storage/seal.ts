/**
 * Secrets at rest: AES-256-GCM, one random data key per secret wrapped by the master key, and the row's
 * identity bound in, so that a sealed value moved to another row does not open.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createSecretKey,
  type KeyObject,
  randomBytes,
} from 'node:crypto'
import { LitfassError } from '#domain/errors.ts'

export type Sealer = {
  /** `identity` names row and field, for example `connection/con_…/grant`. */
  seal: (identity: string, secret: string) => string
  /** Throws `secret_unreadable` where key or identity differ or a byte was changed. */
  open: (identity: string, sealed: string) => string
}

/** `masterKey` is 32 bytes. */
export function createSealer(masterKey: Uint8Array): Sealer {
  if (masterKey.length !== 32) throw new Error('a master key has 32 bytes')
  // Node takes a key object five times faster than bare bytes, and every delivery opens two of them.
  const master = createSecretKey(masterKey)
  const keyId = createHash('sha256').update(masterKey).digest('hex').slice(0, 8)
  return {
    seal: (identity, secret) => {
      const dataKey = randomBytes(32)
      const wrapped = encrypt(master, dataKey, `${keyId}/${identity}`)
      const body = encrypt(createSecretKey(dataKey), Buffer.from(secret, 'utf8'), identity)
      return ['v1', keyId, wrapped.toString('base64url'), body.toString('base64url')].join('.')
    },
    open: (identity, sealed) => {
      const [version, sealedBy, wrapped, body] = sealed.split('.')
      if (version !== 'v1' || sealedBy !== keyId || !wrapped || !body) throw unreadable(sealedBy, keyId)
      try {
        const dataKey = decrypt(master, Buffer.from(wrapped, 'base64url'), `${keyId}/${identity}`)
        return decrypt(createSecretKey(dataKey), Buffer.from(body, 'base64url'), identity).toString('utf8')
      } catch (cause) {
        throw unreadable(sealedBy, keyId, cause)
      }
    },
  }
}

function encrypt(key: KeyObject, plain: Uint8Array, identity: string): Buffer {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(identity))
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

function decrypt(key: KeyObject, sealed: Buffer, identity: string): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12)).setAAD(Buffer.from(identity))
  decipher.setAuthTag(sealed.subarray(-16))
  return Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()])
}

function unreadable(sealedBy: string | undefined, keyId: string, cause?: unknown): LitfassError {
  return new LitfassError(
    'secret_unreadable',
    `A stored secret does not open with master key ${keyId} (sealed by ${sealedBy ?? 'an unknown key'})`,
    {
      remedy: 'Start Litfass with the master key file this data was made with, or reconnect the account.',
      cause,
    },
  )
}
