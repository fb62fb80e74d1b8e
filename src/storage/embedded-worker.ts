/**
 * The embedded database's thread: PGlite with fsync wired in, behind a socket server.
 *
 * PGlite's start parameters switch fsync off and its file system lacks the call. Both are mended, here and in
 * `synced-folder.ts`, and `embedded.ts` refuses to run when a commit does not reach the disk.
 */
import { existsSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'
import pg from 'pg'
import { syncFiles } from './sync-files.ts'
import { SyncedFolder } from './synced-folder.ts'

type Start = { folder: string; socketPath: string; maintenanceMs: number }

/**
 * PostgreSQL's own cache lies in this process and is never given back. The operating system caches the same
 * files, so a quarter of the usual 128 MB does (idle memory 440 → 326 MB; 2026-11-24).
 */
const sharedBuffers = '32MB'

const { folder, socketPath, maintenanceMs } = workerData as Start
const files = new SyncedFolder(folder)
/** Parse, bind, describe, execute, close and flush: more follows, up to a sync. */
const sequenceTypes: ReadonlySet<number> = new Set([...'PBDECH'].map((type) => type.charCodeAt(0)))

const startParams = PGlite.defaultStartParams.filter((parameter) => parameter !== '-F')
// It names the process that has the database open, so it is there after a crash only, and refuses a start where a
// power cut left it empty. Who holds the folder's lock knows better.
const processFile = join(folder, 'postmaster.pid')
if (existsSync(processFile)) {
  await syncFiles(folder)
  files.allAreSynced()
  rmSync(processFile)
}
const db = await PGlite.create({
  fs: files,
  startParams: [
    ...startParams,
    ...['fsync=on', 'wal_sync_method=fsync', `shared_buffers=${sharedBuffers}`].flatMap((one) => ['-c', one]),
  ],
})
files.startIsOver()

// A commit that does not reach fsync is no commit; `embedded.ts` refuses a count of zero.
const before = files.fsyncs
await db.exec(
  'create table if not exists litfass_self_test (at timestamptz); delete from litfass_self_test; insert into litfass_self_test values (now())',
)
const selfTest = files.fsyncs - before

keepSequencesWhole(db)
const server = new PGLiteSocketServer({ db, path: socketPath, maxConnections: 8 })
await server.start()

// PGlite has no autovacuum although the setting says so (299,706 dead rows, none removed; 2026-11-23).
let maintaining: Promise<void> | undefined
const maintenance = setInterval(() => {
  maintaining ??= maintain()
    .catch((cause: unknown) =>
      parentPort?.postMessage({ kind: 'maintenance-failed', message: String(cause) }),
    )
    .finally(() => {
      maintaining = undefined
    })
}, maintenanceMs)

/**
 * A client's statement comes as a sequence of messages (parse, bind, execute, sync), and the socket server
 * takes turns between clients after each message. Outside of a transaction two clients therefore ran each
 * other's statements: whoever bound last got the other's rows (pglite-socket 0.2.17, 2026-11-24). The server
 * leaves a client its turn while there is a transaction, so an open sequence counts as one.
 */
function keepSequencesWhole(database: PGlite): void {
  let isSequenceOpen = false
  const execute = database.execProtocolRawStream.bind(database)
  const isInTransaction = database.isInTransaction.bind(database)
  database.execProtocolRawStream = async (message, options) => {
    await execute(message, options)
    isSequenceOpen = sequenceTypes.has(message[0] ?? 0)
  }
  database.isInTransaction = () => isSequenceOpen || isInTransaction()
}

/**
 * Over the socket like every other client, because only its queue keeps statements out of another
 * client's open transaction: `db.exec` would run inside it, and a refused VACUUM abort it. Table by table,
 * so that others get their turn.
 */
async function maintain(): Promise<void> {
  const client = new pg.Client({ host: dirname(socketPath), user: 'postgres', database: 'postgres' })
  await client.connect()
  try {
    const { rows } = await client.query<{ name: string }>(
      'select relid::regclass::text as name from pg_stat_user_tables',
    )
    for (const { name } of rows) await client.query(`vacuum (analyze) ${name}`)
    await client.query('checkpoint')
  } finally {
    await client.end()
  }
}

parentPort?.on('message', (message: { kind: string }) => {
  if (message.kind === 'count') parentPort?.postMessage({ kind: 'count', fsyncs: files.fsyncs })
  if (message.kind === 'close') void close()
})

async function close(): Promise<void> {
  clearInterval(maintenance)
  await maintaining
  await server.stop()
  await db.close()
  parentPort?.postMessage({ kind: 'closed' })
  parentPort?.close()
}

parentPort?.postMessage({ kind: 'ready', selfTest })
