/**
 * The public view of the AT protocol's network, as Bluesky runs it: it reads a server's stream of changes into
 * PostgreSQL and answers with posts, accounts and their counts. On loopback only.
 *
 * Started as a child process by `test/support/pds.ts`. Settings come as one JSON argument; a line of JSON on
 * standard output says when it answers. It ends when its standard input does.
 */
import { Server } from 'node:net'

// Its servers listen on every interface otherwise.
const listen = Server.prototype.listen
Server.prototype.listen = function listenOnLoopback(port, ...rest) {
  return typeof port === 'number'
    ? listen.call(this, port, '127.0.0.1', ...rest)
    : listen.call(this, port, ...rest)
}

const { port, dataPort, plcUrl, pdsUrl, databaseUrl } = JSON.parse(process.argv[2])
process.env.LOG_ENABLED = 'false'

const { BskyAppView, Database, DataPlaneServer, RepoSubscription, ServerConfig } =
  await import('@atproto/bsky')
const { Secp256k1Keypair } = await import('@atproto/crypto')
const { Client: PlcClient } = await import('@did-plc/lib')

const key = await Secp256k1Keypair.create()
const serverDid = await new PlcClient(plcUrl).createDid({
  signingKey: key.did(),
  rotationKeys: [key.did()],
  handle: 'view.test',
  pds: `http://localhost:${port}`,
  signer: key,
})

// Migrations change their connection, so they have one of their own. Digits are refused in the schema's name.
const storage = { url: databaseUrl, schema: 'view', poolSize: 5 }
const migrating = new Database(storage)
await migrating.migrateToLatestOrThrow()
await migrating.close()
const db = new Database(storage)
const data = await DataPlaneServer.create(db, dataPort, plcUrl, globalThis.fetch)

const view = BskyAppView.create({
  signingKey: key,
  config: new ServerConfig({
    version: 'test',
    port,
    serverDid,
    didPlcUrl: plcUrl,
    publicUrl: 'https://view.example',
    alternateAudienceDids: [],
    dataplaneUrls: [`http://localhost:${dataPort}`],
    dataplaneHttpVersion: '1.1',
    // Nobody mutes anybody here, so nothing is asked of it.
    bsyncUrl: 'http://127.0.0.1:9',
    bsyncHttpVersion: '1.1',
    bsyncApiKey: 'none',
    modServiceDid: 'did:example:none',
    labelsFromIssuerDids: [],
    adminPasswords: ['admin'],
    etcdHosts: [],
    bigThreadUris: new Set(),
    maxThreadParents: 50,
    searchTagsHide: new Set(),
    searchTagsHideAll: new Set(),
    threadTagsBumpDown: new Set(),
    threadTagsHide: new Set(),
    visibilityTagHide: '',
    visibilityTagRankPrefix: '',
    debugFieldAllowedDids: new Set(),
    draftsLimit: 500,
    feedGenSkeletonTimeout: 5_000,
    disableSsrfProtection: true,
  }),
})
const changes = new RepoSubscription({
  service: pdsUrl.replace(/^http/, 'ws'),
  db,
  idResolver: data.idResolver,
})
await view.start()
void changes.start()
console.log(JSON.stringify({ ready: true }))

process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
