/**
 * A server in the place of a real network that takes a post and never answers, and shows the post in the
 * account's timeline afterwards. Speaks as much of X's API as a text post needs.
 */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export type StallingNetwork = {
  url: string
  /** Bodies of the requests that make a post, in order. */
  created: string[]
  /** Resolves when the next one is in. */
  nextCreate: () => Promise<void>
  close: () => Promise<void>
}

export async function startStallingNetwork(): Promise<StallingNetwork> {
  const created: string[] = []
  const live: Array<{ id: string; text: string; created_at: string }> = []
  let announce = () => {}
  const server = createServer((request, response) => {
    const answer = (body: unknown) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    void bodyOf(request).then((body) => {
      if (request.method === 'POST' && request.url === '/2/tweets') {
        created.push(body)
        const { text } = JSON.parse(body) as { text: string }
        live.push({ id: `90${created.length}`, text, created_at: new Date().toISOString() })
        announce()
        return // The answer never comes.
      }
      if (request.url?.startsWith('/2/users/me'))
        return answer({ data: { id: '42', name: 'Lemonade', username: 'lemonade' } })
      if (request.url?.startsWith('/2/users/42/tweets')) return answer({ data: live, meta: {} })
      return answer({ data: [] })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    created,
    nextCreate: () =>
      new Promise((resolve) => {
        announce = resolve
      }),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
