/** A person at a browser, as far as cookies and origins go. */
import type { TestProduct } from './product.ts'

export function visitor(product: TestProduct) {
  let cookie = ''
  const ask = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const answer = await fetch(product.url + path, {
      method,
      redirect: 'manual',
      headers: {
        origin: product.url,
        'sec-fetch-site': 'same-origin',
        ...(cookie ? { cookie } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    for (const set of answer.headers.getSetCookie()) cookie = set.split(';')[0] ?? ''
    const text = await answer.text()
    return {
      status: answer.status,
      headers: answer.headers,
      body: text === '' ? null : JSON.parse(text),
    }
  }
  return {
    get: (path: string, headers?: Record<string, string>) => ask('GET', path, undefined, headers),
    send: ask,
    cookie: () => cookie,
    forget: () => {
      cookie = ''
    },
    signIn: (email: string, secret: string) =>
      ask('POST', '/api/auth/sign-in/email', { email, password: secret }),
  }
}
