/** Calls beside each other at one host, which answers an upload when it is told to; and what is read of answers. */
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Call,
  createMeteredFetch,
  parseKeepingDigits,
  type Settlement,
  unmetered,
} from './metered-fetch.ts'

describe('a call', () => {
  const uploading: ServerResponse[] = []
  let announce = (_count: number) => {}
  let announced = 0
  let server: Server
  let url = ''
  beforeAll(async () => {
    server = createServer((request, response) => {
      announced += 1
      if (request.url !== '/upload') return void response.end('{}')
      uploading.push(response)
      announce(uploading.length)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })

  const callOf = (path: string): Call => ({
    method: 'POST',
    url: `${url}${path}`,
    endpointClass: 'test',
    dataClass: 'none',
    purpose: 'publish',
  })

  it('is answered while as many uploads as a worker may have under way are not', async () => {
    const fetch = createMeteredFetch(unmetered)
    const count = 256
    const allUploading = new Promise<void>((resolve) => {
      announce = (now) => {
        if (now === count) resolve()
      }
    })
    const uploads = Array.from({ length: count }, () => fetch(callOf('/upload')))
    await allUploading
    expect((await fetch(callOf('/post'))).status).toBe(200)
    for (const response of uploading) response.end('{}')
    await Promise.all(uploads)
  })

  it('stays where its time has passed once it is written down, and is settled as not sent', async () => {
    let isLate = false
    const settled: Settlement[] = []
    const fetch = createMeteredFetch({
      open: async () => {
        isLate = true
      },
      settle: async (_call, _opened, settlement) => void settled.push(settlement),
    })
    const asked = announced
    const call = {
      ...callOf('/post'),
      mayLeave: async () => {
        if (isLate) throw new Error('too late')
      },
    }
    await expect(fetch(call)).rejects.toThrow('too late')
    expect(announced).toBe(asked)
    expect(settled).toMatchObject([{ outcome: 'no-answer', wasSent: false, items: 0 }])
  })
})

describe('an answer', () => {
  it.each([
    ['{"id": 17841405309211844}', { id: '17841405309211844' }],
    ['{"id":17841405309211844,"count":3}', { id: '17841405309211844', count: 3 }],
    ['[\n  17841405309211844,-17841405309211844]', ['17841405309211844', '-17841405309211844']],
    ['17841405309211844', '17841405309211844'],
    [
      '{"count": 9007199254740991, "id": "17841405309211844"}',
      { count: 9007199254740991, id: '17841405309211844' },
    ],
    ['{"share": 0.1234567890123456}', { share: 0.1234567890123456 }],
  ])('keeps every digit of large ids and leaves the rest: %s', (text, read) => {
    expect(parseKeepingDigits(text)).toEqual(read)
  })
})
