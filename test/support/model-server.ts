/** A server with an OpenAI-compatible API on this machine: it remembers what it was asked, and answers as it is told. */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Asked = {
  path: string
  authorization: string | undefined
  body: { model: string; stream: boolean; messages: Array<{ role: string; content: string }> }
}

/** What it answers: suggestions as a model gives them, anything else as it is, or nothing at all. */
export type Answering =
  | { suggestions: string[] }
  | { content: string }
  | { status: number; raw: string }
  | { redirectTo: string }
  | 'silence'

export type ModelServer = {
  /** Base address, as a person types it. */
  endpoint: string
  asked: Asked[]
  /** Questions whose asker went away before they were answered. */
  left: () => number
  answer: (answering: Answering) => void
  close: () => Promise<void>
}

export async function startModelServer(): Promise<ModelServer> {
  const asked: Asked[] = []
  let answering: Answering = { suggestions: ['Fresh lemonade today.'] }
  let left = 0
  const server = createServer((request, response) => {
    response.on('close', () => {
      if (!response.writableFinished) left += 1
    })
    void bodyOf(request).then((body) => {
      asked.push({ path: request.url ?? '', authorization: request.headers.authorization, body })
      if (answering === 'silence') return
      if ('redirectTo' in answering) return response.writeHead(307, { location: answering.redirectTo }).end()
      if ('raw' in answering) return response.writeHead(answering.status).end(answering.raw)
      const content = 'content' in answering ? answering.content : JSON.stringify(answering)
      return response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ id: 'c1', choices: [{ index: 0, message: { role: 'assistant', content } }] }))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    endpoint: `http://127.0.0.1:${port}/v1`,
    asked,
    left: () => left,
    answer: (next) => {
      answering = next
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function bodyOf(request: IncomingMessage): Promise<Asked['body']> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return JSON.parse(Buffer.concat(parts).toString()) as Asked['body']
}
