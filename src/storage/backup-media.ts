/**
 * Media files beside a backup: `<name>.media` next to `<name>.backup`.
 *
 * A media file never changes under its id, so a second name for the same bytes (a hard link) is as good as a
 * copy and costs neither time nor room; it is copied where the file system cannot link.
 */
import { constants } from 'node:fs'
import { copyFile, link, mkdir, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import type { Handle } from './deliveries.ts'

export function mediaFolderOf(backupFile: string): string {
  return `${backupFile.replace(/\.backup$/, '')}.media`
}

/** Brings what `to` lacks from `from`; returns how many files `to` has in the end. */
export async function carryMedia(from: string, to: string): Promise<number> {
  const names = await filesIn(from)
  if (names.length === 0) return 0
  await mkdir(to, { recursive: true, mode: 0o700 })
  const known = new Set(await filesIn(to))
  for (const name of names) if (!known.has(name)) await carry(join(from, name), join(to, name))
  return (await filesIn(to)).length
}

/** Nothing where there is no folder; half-written files are left out. */
async function filesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return []
    throw cause
  })
  return names.filter((name) => name.startsWith('med_') && !name.endsWith('.part'))
}

async function carry(from: string, to: string): Promise<void> {
  try {
    await link(from, to)
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : null
    // Deleted meanwhile by a person: then its row goes too.
    if (code === 'ENOENT' || code === 'EEXIST') return
    await copyFile(from, to, constants.COPYFILE_EXCL)
  }
}

/** Ids of the media files whose bytes are not in `folder`, or not all of them. */
export async function missingMedia(db: Handle, folder: string): Promise<string[]> {
  const missing: string[] = []
  let after = ''
  for (;;) {
    const { rows } = await sql<{ id: string; bytes: number }>`
      select id, bytes::float8 as bytes from media_file where id > ${after} order by id limit 500`.execute(db)
    for (const { id, bytes } of rows) {
      const size = await stat(join(folder, id)).then(
        (found) => found.size,
        () => -1,
      )
      if (size !== bytes) missing.push(id)
    }
    const last = rows.at(-1)
    if (!last) return missing
    after = last.id
  }
}
