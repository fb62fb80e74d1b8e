/**
 * The backup's file: gzip'd lines of JSON. A header, for each table a line that opens it and one array of
 * texts per row, and a trailer with every table's row count and SHA-256, so that a part is never taken
 * for the whole.
 */
import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { LitfassError } from '#domain/errors.ts'
import type { AppliedMigration } from './catalog.ts'

export const formatVersion = 1

export type BackupHeader = { format: number; createdAt: string; migrations: AppliedMigration[] }

/** One row: each column as PostgreSQL's own text, which loses nothing of any type. */
export type RowTexts = Array<string | null>

export type TableSum = { table: string; rows: number; sha256: string }

export type BackupLine = { kind: 'table'; table: string; columns: string[] } | { kind: 'row'; row: RowTexts }

/** Ends a file; `header` is the SHA-256 of the header's line. */
export type BackupTrailer = { header: string; tables: TableSum[] }

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** Reads a whole file and checks every sum. Throws `backup_invalid`. */
export async function checkBackup(file: string): Promise<{ header: BackupHeader; tables: TableSum[] }> {
  const state: { header?: BackupHeader; headerSum?: string; trailer?: BackupTrailer } = {}
  const sums: TableSum[] = []
  let hash: Hash | undefined
  const closeTable = () => {
    const last = sums.at(-1)
    if (last && hash) last.sha256 = hash.digest('hex')
    hash = undefined
  }
  try {
    for await (const line of lines(file)) {
      if (state.trailer) throw new Error('something follows the trailer')
      if (!state.header) {
        state.header = JSON.parse(line) as BackupHeader
        state.headerSum = sha256(line)
        if (state.header.format !== formatVersion) throw new Error('another format')
      } else if (line.startsWith('{"end"')) {
        closeTable()
        state.trailer = (JSON.parse(line) as { end: BackupTrailer }).end
      } else if (line.startsWith('{')) {
        closeTable()
        hash = createHash('sha256').update(`${line}\n`)
        sums.push({ table: (JSON.parse(line) as { table: string }).table, rows: 0, sha256: '' })
      } else {
        const last = sums.at(-1)
        if (!last || !hash) throw new Error('a row without a table')
        hash.update(`${line}\n`)
        last.rows += 1
      }
    }
  } catch (cause) {
    throw invalid(file, cause)
  }
  const { header, headerSum, trailer } = state
  if (!header || trailer?.header !== headerSum || JSON.stringify(trailer?.tables) !== JSON.stringify(sums)) {
    throw invalid(file)
  }
  return { header, tables: sums }
}

/** The tables and rows of a file that `checkBackup` has passed. */
export async function* readBackup(file: string): AsyncGenerator<BackupLine> {
  let isHeader = true
  for await (const line of lines(file)) {
    if (line.startsWith('[')) yield { kind: 'row', row: JSON.parse(line) as RowTexts }
    else if (!isHeader && !line.startsWith('{"end"')) {
      const { table, columns } = JSON.parse(line) as { table: string; columns: string[] }
      yield { kind: 'table', table, columns }
    }
    isHeader = false
  }
}

/** Own splitting, because `readline` loses the error of a broken gzip stream. */
async function* lines(file: string): AsyncGenerator<string> {
  const source = createReadStream(file)
  const unzipped = createGunzip()
  source.on('error', (cause) => unzipped.destroy(cause))
  source.pipe(unzipped)
  let rest = ''
  unzipped.setEncoding('utf8')
  for await (const chunk of unzipped as AsyncIterable<string>) {
    const parts = (rest + chunk).split('\n')
    rest = parts.pop() ?? ''
    yield* parts
  }
  if (rest !== '') throw new Error('the last line has no end')
}

function invalid(file: string, cause?: unknown): LitfassError {
  return new LitfassError(
    'backup_invalid',
    `The backup ${file} is damaged, incomplete or of another format`,
    {
      remedy: 'Nothing was changed. Copy the file again from where it was made, or use another backup.',
      cause,
    },
  )
}
