/**
 * A real personal data server of the AT protocol with a directory of its own, both on loopback only.
 *
 * Started as a child process by `test/support/pds.ts`. Settings come as one JSON argument; a line of JSON on
 * standard output says when both answer. Everything it keeps lies in the folder it is given, and it ends when its
 * standard input does.
 */
import { Server } from 'node:net'
import { join } from 'node:path'

// Both servers listen on every interface otherwise.
const listen = Server.prototype.listen
Server.prototype.listen = function listenOnLoopback(port, ...rest) {
  return typeof port === 'number'
    ? listen.call(this, port, '127.0.0.1', ...rest)
    : listen.call(this, port, ...rest)
}

const { folder, port, plcPort, jwtSecret, adminPassword, column } = JSON.parse(process.argv[2])
process.env.LOG_ENABLED = 'false'

// The server takes none of the names that are kept for examples, so tests use an ending that nobody has.
// It leads to where the test says, as a directory of names would.
if (column !== undefined) {
  const fetch = globalThis.fetch
  globalThis.fetch = async (input, init) => {
    const asked = new Request(input, init)
    const { protocol, hostname, pathname } = new URL(asked.url)
    if (protocol !== 'https:' || !hostname.endsWith('.column')) return fetch(input, init)
    const answer = await fetch(`${column}${pathname}`, { headers: asked.headers })
    return new Response(answer.body, { status: answer.status, headers: answer.headers })
  }
}

const { Database, PlcServer } = await import('@did-plc/server')
const { PDS } = await import('@atproto/pds')

const plc = PlcServer.create({ db: Database.mock(), port: plcPort })
await plc.start()
const pds = await PDS.fromEnv({
  port,
  hostname: 'localhost',
  devMode: true,
  dataDirectory: folder,
  blobstoreDiskLocation: join(folder, 'blobs'),
  didPlcUrl: `http://127.0.0.1:${plcPort}`,
  serviceHandleDomains: ['.test'],
  inviteRequired: false,
  jwtSecret,
  adminPassword,
  plcRotationKeyK256PrivateKeyHex: '1'.repeat(64),
  rateLimitsEnabled: true,
})
await pds.start()
console.log(JSON.stringify({ ready: true }))

process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
