/** Small pictures of media files for people to look at: made once, kept on disk, readable by the workspace only. */
import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import sharp from 'sharp'
import { LitfassError } from '#domain/errors.ts'
import { maxPixels, noSuchMedia, previewFolder, readMedia } from './media.ts'
import type { Actor, System } from './system.ts'

export const previewWidths = [320, 640, 1280] as const
export type PreviewWidth = (typeof previewWidths)[number]

/** `tag` changes exactly when the picture does. */
export type Preview = { tag: string; read: () => Promise<Uint8Array> }

/** The preview of a media file. Throws `not_found`, and `media_unreadable` where the file is gone from disk. */
export async function previewOf(
  system: System,
  actor: Actor,
  id: string,
  width: PreviewWidth,
): Promise<Preview> {
  const { rows } = await sql<{ sha256: string }>`
    select sha256 from media_file where workspace_id = ${actor.workspaceId} and id = ${id}`.execute(system.db)
  const row = rows[0]
  if (!row) throw noSuchMedia(id)
  return { tag: `${row.sha256.slice(0, 32)}-${width}`, read: () => readPreview(system, id, width) }
}

async function readPreview(system: System, id: string, width: PreviewWidth): Promise<Uint8Array> {
  const path = join(previewFolder(system), `${id}-${width}.webp`)
  const kept = await readFile(path).catch(() => null)
  if (kept) return kept
  const source = await readMedia(system, id).catch((cause: unknown) => {
    throw new LitfassError('media_unreadable', 'The file of this image is not in the data folder', {
      remedy: 'Restore the media folder from a backup, or upload the image again.',
      cause,
    })
  })
  const made = await sharp(source, { limitInputPixels: maxPixels })
    .autoOrient()
    .resize({ width, withoutEnlargement: true })
    .webp({ quality: 80 })
    .toBuffer()
  // Two requests may make it at once; each renames a whole file into place.
  const part = `${path}.${randomUUID()}`
  await mkdir(previewFolder(system), { recursive: true })
  await writeFile(part, made)
  await rename(part, path)
  return made
}
