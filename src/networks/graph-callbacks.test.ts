import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { graphCallbacks } from './graph-callbacks.ts'

const app = { clientId: 'app', clientSecret: 'a secret of the app' }
const word = { algorithm: 'HMAC-SHA256', issued_at: 1_795_000_000, user_id: '17841400000000017' }

function signed(
  said: unknown,
  encoding: 'base64' | 'base64url' = 'base64url',
  secret = app.clientSecret,
): string {
  const payload = Buffer.from(typeof said === 'string' ? said : JSON.stringify(said)).toString(encoding)
  const signature = createHmac('sha256', secret).update(payload).digest().toString(encoding)
  return new URLSearchParams({ signed_request: `${signature}.${payload}` }).toString()
}

describe('what Meta tells of a person who leaves', () => {
  it('says who and when, in either alphabet', () => {
    for (const encoding of ['base64', 'base64url'] as const)
      expect(graphCallbacks.read(signed(word, encoding), app)).toEqual({
        remoteAccountId: '17841400000000017',
        saidAt: new Date(1_795_000_000_000),
      })
  })

  it('keeps every digit of an id that comes as a number', () => {
    const text = '{"algorithm":"HMAC-SHA256","issued_at":1795000000,"user_id":17841400000000017}'
    expect(graphCallbacks.read(signed(text), app)?.remoteAccountId).toBe('17841400000000017')
  })

  it.each([
    ['signed with another secret', signed(word, 'base64url', 'another secret')],
    ['changed after it was signed', signed(word).replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))],
    ['by another algorithm', signed({ ...word, algorithm: 'none' })],
    ['without a person', signed({ algorithm: 'HMAC-SHA256', issued_at: 1 })],
    ['no JSON', signed('nothing')],
    ['without a signature', new URLSearchParams({ signed_request: 'e30' }).toString()],
    ['empty', ''],
  ])('is not believed when it is %s', (_name, body) => {
    expect(graphCallbacks.read(body, app)).toBeNull()
  })

  it('is never believed for an app without a secret', () => {
    expect(graphCallbacks.read(signed(word, 'base64url', ''), { ...app, clientSecret: '' })).toBeNull()
  })
})
