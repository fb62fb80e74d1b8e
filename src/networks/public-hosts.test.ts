import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMeteredFetch, unmetered } from './metered-fetch.ts'
import { isPublicAddress, requirePublicHost } from './public-hosts.ts'

describe('a public address', () => {
  it.each(['1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '64:ff9b::101:101', '[2a00::1]'])(
    'is %s',
    (address) => {
      expect(isPublicAddress(address)).toBe(true)
    },
  )

  it.each([
    ['this machine', '127.0.0.1'],
    ['this machine', '127.8.9.1'],
    ['this machine', '::1'],
    ['nothing', '0.0.0.0'],
    ['nothing', '::'],
    ['a private network', '10.1.2.3'],
    ['a private network', '172.16.0.1'],
    ['a private network', '192.168.1.1'],
    ['a carrier', '100.64.0.1'],
    ['a link', '169.254.169.254'],
    ['a link', 'fe80::1%eth0'],
    ['a private network', 'fd00::1'],
    ['everybody at once', '255.255.255.255'],
    ['a group', 'ff02::1'],
    ['IPv4 in IPv6', '::ffff:10.0.0.1'],
    ['IPv4 in IPv6', '::ffff:a9fe:a9fe'],
    ['translated IPv4', '64:ff9b::7f00:1'],
    ['6to4', '2002:7f00:1::'],
    ['a name', 'localhost'],
  ])('is not one of %s: %s', (_what, address) => {
    expect(isPublicAddress(address)).toBe(false)
  })
})

describe('a server that somebody typed', () => {
  it.each([
    'https://localhost',
    'https://127.0.0.1',
    'https://127.1',
    'https://2130706433',
    'https://0x7f.0.0.1',
    'https://[::1]:8080',
    'https://[::ffff:127.0.0.1]',
  ])('is refused where it is %s', async (url) => {
    await expect(requirePublicHost(url)).rejects.toMatchObject({ code: 'HOST_NOT_PUBLIC' })
  })
})

describe('the door', () => {
  let url = ''
  let visits = 0
  const server = createServer((_request, response) => {
    visits += 1
    response.end('{}')
  })
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => void server.close())

  const hosts = { apiUrl: 'https://api.example', uploadUrl: '', authorizeUrl: '', tokenUrl: '' }
  const call = (to: string) =>
    ({ method: 'GET', url: to, endpointClass: 'a', dataClass: 'none', purpose: 'connect' }) as const

  it('lets nothing through to a private place, by its address or by a name for it', async () => {
    const fetch = createMeteredFetch(unmetered, hosts)
    for (const to of [url, url.replace('127.0.0.1', 'localhost')])
      await expect(fetch(call(to))).rejects.toMatchObject({ name: 'NoAnswer', sent: false })
    expect(visits).toBe(0)
  })

  it('lets through to a place the operator chose, and nowhere near it', async () => {
    const fetch = createMeteredFetch(unmetered, { ...hosts, apiUrl: `${url}/base` })
    expect((await fetch(call(`${url}/base/a`))).status).toBe(200)
    await expect(fetch(call(`${url.replace(/\d+$/, '1')}/a`))).rejects.toMatchObject({ sent: false })
    expect(visits).toBe(1)
  })
})
