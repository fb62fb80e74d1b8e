import { createServer, type Server } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '#test/support/free-port.ts'
import { fetchMediaFor } from './media.ts'

describe('a picture that a simulator is told to fetch', () => {
  let server: Server
  let url: string
  let asked = 0
  beforeAll(async () => {
    const port = await freePort()
    url = `http://127.0.0.1:${port}/picture`
    server = createServer((_request, response) => {
      asked += 1
      response.setHeader('content-type', 'image/png').end('picture')
    })
    await new Promise<void>((resolve) => {
      server.listen(port, '127.0.0.1', resolve)
    })
  })
  afterAll(() => server.close())

  it('comes from nowhere but its own server, once others can reach that', async () => {
    for (const origin of ['https://litfass.example', 'http://192.168.0.7:3000', 'http://localhost.example'])
      await expect(fetchMediaFor(() => origin)(url)).rejects.toThrow('its own server only')
    expect(asked).toBe(0)
  })

  it('may come from anywhere on the machine of somebody who tries Litfass', async () => {
    for (const origin of ['http://127.0.0.1:3000', 'http://localhost:3000', url])
      expect(await fetchMediaFor(() => origin)(url)).toMatchObject({ status: 200, contentType: 'image/png' })
  })
})
