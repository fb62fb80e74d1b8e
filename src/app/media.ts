/** The media library: images are checked and cleaned when they come in, kept by id, and offered by signed URLs. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import sharp, { type FormatEnum, type Metadata } from 'sharp'
import { LitfassError } from '#domain/errors.ts'
import { newId } from '#domain/id.ts'
import { cursorOf, readCursor } from './cursor.ts'
import { withoutMetadata } from './image-metadata.ts'
import { requireRole } from './permissions.ts'
import type { Actor, System } from './system.ts'

export type MediaFile = {
  id: string
  fileName: string
  mimeType: string
  bytes: number
  width: number
  height: number
}

/** 40 MB: above every network's image limit, below what would hurt a small server. */
export const maxMediaBytes = 40_000_000
/** 100 megapixels; a small file may unpack to far more. */
export const maxPixels = 100_000_000
const maxNameLength = 200
const mimeTypes: Readonly<Record<string, string>> = {
  jpeg: 'image/jpeg',
  png: 'image/png',
  gif: 'image/gif',
  webp: 'image/webp',
}

export function mediaTooLarge(fileName: string, bytes: number): LitfassError {
  const size = Math.ceil(bytes / 1e6)
  const most = maxMediaBytes / 1e6
  return new LitfassError('media_too_large', `${fileName} has ${size} MB; at most ${most} MB are taken`, {
    remedy: 'Save it smaller or as JPEG and upload it again.',
  })
}

/**
 * Keeps an image without its metadata; size and digest are of what is kept.
 *
 * Throws `media_too_large`, `media_not_image` or `media_unreadable`; then nothing is kept. The row is written
 * after the file is on disk, so that no row ever lacks its file.
 */
export async function addMedia(
  system: System,
  actor: Actor,
  givenName: string,
  data: Uint8Array,
): Promise<MediaFile> {
  requireRole(actor, 'editor')
  const fileName = cleanName(givenName)
  if (data.length > maxMediaBytes) throw mediaTooLarge(fileName, data.length)
  const { mimeType, width, height, bytes } = await inspect(fileName, data)
  const now = system.now()
  const id = newId('med', now)
  await writeDurably(system.mediaDir, id, bytes)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  try {
    await sql`insert into media_file (id, workspace_id, file_name, mime_type, bytes, width, height, sha256, created_at)
      values (${id}, ${actor.workspaceId}, ${fileName}, ${mimeType}, ${bytes.length}, ${width}, ${height}, ${sha256}, ${now})`.execute(
      system.db,
    )
  } catch (cause) {
    await rm(join(system.mediaDir, id), { force: true })
    throw cause
  }
  return { id, fileName, mimeType, bytes: bytes.length, width, height }
}

/** Names come from other people's machines: no control characters, no broken characters, not without end. */
function cleanName(name: string): string {
  const clean = name
    .toWellFormed()
    .replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069/\\]/gu, ' ')
    .trim()
  return clean === '' ? 'image' : [...clean].slice(-maxNameLength).join('')
}

type Inspected = { mimeType: string; width: number; height: number; bytes: Buffer }

async function inspect(fileName: string, data: Uint8Array): Promise<Inspected> {
  const metadata = await headOf(fileName, data)
  const mimeType = mimeTypes[metadata.format]
  if (!mimeType)
    throw new LitfassError('media_not_image', `${fileName} is ${metadata.format}, which no network takes`, {
      remedy: 'Upload a JPEG, PNG, GIF or WebP file.',
    })
  const { width, height } = metadata.autoOrient
  if (width * height > maxPixels) {
    throw new LitfassError(
      'media_too_large',
      `${fileName} unpacks to ${width}×${height} pixels; at most ${maxPixels / 1e6} megapixels are taken`,
      { remedy: 'Save it with fewer pixels and upload it again.' },
    )
  }
  try {
    const bytes = await cleaned(data, metadata.format, metadata.orientation ?? 1)
    // A file may have a good head and a broken body; decoding what is kept tells.
    await decoder(bytes).resize(8, 8).raw().toBuffer()
    return { mimeType, width, height, bytes }
  } catch (cause) {
    throw new LitfassError('media_unreadable', `${fileName} is damaged`, {
      remedy: 'Export the image again and upload it.',
      cause,
    })
  }
}

function decoder(data: Uint8Array) {
  return sharp(data, { limitInputPixels: maxPixels })
}

/** Reads the head alone, so no limit is needed here: nothing is unpacked. */
async function headOf(fileName: string, data: Uint8Array): Promise<Metadata> {
  try {
    return await sharp(data, { limitInputPixels: false }).metadata()
  } catch (cause) {
    throw new LitfassError('media_not_image', `${fileName} is no image that can be read`, {
      remedy: 'Upload a JPEG, PNG, GIF or WebP file.',
      cause,
    })
  }
}

/** Lossless where the file's structure is understood; else coded anew, upright, which drops all metadata. */
async function cleaned(data: Uint8Array, format: keyof FormatEnum, orientation: number): Promise<Buffer> {
  const stripped = withoutMetadata(Buffer.from(data), format, orientation)
  if (stripped) return stripped
  const image = decoder(data).autoOrient().keepIccProfile()
  return format === 'jpeg' ? image.jpeg({ quality: 95 }).toBuffer() : image.toFormat(format).toBuffer()
}

async function writeDurably(folder: string, name: string, data: Uint8Array): Promise<void> {
  await mkdir(folder, { recursive: true })
  const path = join(folder, name)
  const file = await open(`${path}.part`, 'w')
  try {
    await file.writeFile(data)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(`${path}.part`, path)
  // Without this the name may be lost in a power cut although the bytes are not.
  const directory = await open(folder, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

export type ListedMedia = MediaFile & { createdAt: Date; uses: number }

/** Newest first, with the number of posts that use each. */
export async function listMedia(
  system: System,
  actor: Actor,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<{ items: ListedMedia[]; next: string | null }> {
  const before = cursor === undefined ? null : readCursor(cursor).id
  const { rows } = await sql<ListedMedia>`
    select m.id, m.file_name as "fileName", m.mime_type as "mimeType", m.bytes::int as bytes, m.width, m.height,
      m.created_at as "createdAt", (select count(distinct a.post_id)::int from attachment a
        where a.workspace_id = m.workspace_id and a.media_file_id = m.id) as uses
    from media_file m where m.workspace_id = ${actor.workspaceId} and (${before}::text is null or m.id < ${before})
    order by m.id desc limit ${limit + 1}`.execute(system.db)
  const items = rows.slice(0, limit)
  const last = rows.length > limit ? items.at(-1) : undefined
  return { items, next: last === undefined ? null : cursorOf(last.id) }
}

/** Deletes a file and its previews. Throws `media_in_use` while a post has it, also a published one. */
export async function removeMedia(system: System, actor: Actor, id: string): Promise<void> {
  requireRole(actor, 'editor')
  await system.db.transaction().execute(async (transaction) => {
    const { rows } = await sql<{ fileName: string }>`select file_name as "fileName" from media_file
      where workspace_id = ${actor.workspaceId} and id = ${id} for update`.execute(transaction)
    if (!rows[0]) throw noSuchMedia(id)
    const { rows: uses } = await sql<{
      count: number
    }>`select count(distinct post_id)::int as count from attachment
      where workspace_id = ${actor.workspaceId} and media_file_id = ${id}`.execute(transaction)
    const count = uses[0]?.count ?? 0
    if (count > 0) {
      const posts = count === 1 ? 'A post uses' : `${count} posts use`
      throw new LitfassError('media_in_use', `${posts} ${rows[0].fileName}`, {
        remedy: 'Take it out of drafts first; what was published keeps its images.',
      })
    }
    await sql`delete from media_file where workspace_id = ${actor.workspaceId} and id = ${id}`.execute(
      transaction,
    )
  })
  await rm(join(system.mediaDir, id), { force: true })
  const previews = await readdir(previewFolder(system)).catch(() => [])
  for (const name of previews.filter((candidate) => candidate.startsWith(`${id}-`)))
    await rm(join(previewFolder(system), name), { force: true })
}

export function noSuchMedia(id: string): LitfassError {
  return new LitfassError('not_found', `There is no media file ${id}`, {
    remedy: 'List them to see which there are.',
  })
}

export function previewFolder(system: Pick<System, 'mediaDir'>): string {
  return join(system.mediaDir, 'previews')
}

export function readMedia(system: Pick<System, 'mediaDir'>, id: string): Promise<Uint8Array> {
  return readFile(join(system.mediaDir, id))
}

/** A URL a network may fetch for one hour: signed over id and expiry, so it cannot be guessed or prolonged. */
export function signedMediaUrl(system: Pick<System, 'origin' | 'mediaKey'>, id: string, now: Date): string {
  const expires = Math.floor(now.getTime() / 1_000) + 3_600
  return `${system.origin}/media/${id}/${expires}/${signature(system.mediaKey, id, expires)}`
}

export function isMediaUrlValid(
  key: Uint8Array,
  id: string,
  expires: number,
  given: string,
  now: Date,
): boolean {
  if (!Number.isSafeInteger(expires) || expires * 1_000 < now.getTime()) return false
  const wanted = Buffer.from(signature(key, id, expires))
  const actual = Buffer.from(given)
  return wanted.length === actual.length && timingSafeEqual(wanted, actual)
}

function signature(key: Uint8Array, id: string, expires: number): string {
  return createHmac('sha256', key).update(`${id}/${expires}`).digest('base64url')
}
