/** What workers stand on, and what can be done to it: a database server and the lines to it, or a folder. */
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { freshServerDatabase } from '#test/support/databases.ts'
import { startPostgres } from '#test/support/postgres.ts'
import { type Line, openLine } from './line.ts'
import { mountPowered } from '#test/support/powered-folder.ts'

export type Backend = 'embedded' | 'server'

export type Ground = {
  dataDir: string
  /** Null where the machine does not let it be tried. */
  cutPower: (() => void) | null
  /** Null with the embedded database. */
  server: DatabaseServer | null
  close: () => void
}

export type DatabaseServer = {
  /** One for each worker. */
  newLine: () => Promise<Line>
  /** Ends every connection to the database, as an administrator can. */
  endConnections: () => Promise<void>
  crash: () => Promise<void>
  start: () => Promise<void>
}

export async function openGround(backend: Backend, place: string): Promise<Ground> {
  const dataDir = join(place, 'data')
  if (backend === 'server') {
    mkdirSync(dataDir)
    const remove = () => rmSync(place, { recursive: true, force: true })
    return { dataDir, cutPower: null, server: await openServer(), close: remove }
  }
  const powered = mountPowered(place)
  const folder = powered === null ? dataDir : join(powered.folder, 'data')
  mkdirSync(folder)
  return {
    dataDir: folder,
    cutPower: powered?.cutPower ?? null,
    server: null,
    close: () => {
      powered?.close()
      rmSync(place, { recursive: true, force: true })
    },
  }
}

async function openServer(): Promise<DatabaseServer> {
  const { url: serverUrl, crash, start } = await startPostgres()
  const url = await freshServerDatabase(serverUrl)
  return {
    newLine: () => openLine(url),
    endConnections: async () => {
      const admin = new pg.Client({ connectionString: serverUrl })
      await admin.connect()
      await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [
        new URL(url).pathname.slice(1),
      ])
      await admin.end()
    },
    crash,
    start,
  }
}
