/** The media library: images are checked when they come in, kept by id, and offered by signed URLs. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import sharp from 'sharp'
import { LitfassError } from '#domain/errors.ts'
import { newId } from '#domain/id.ts'
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
const maxPixels = 100_000_000
const mimeTypes: Readonly<Record<string, string>> = {
  jpeg: 'image/jpeg',
  png: 'image/png',
  gif: 'image/gif',
  webp: 'image/webp',
}

/** Keeps an image. Throws `media_too_large`, `media_not_image` or `media_unreadable`; then nothing is kept. */
export async function addMedia(
  system: System,
  actor: Actor,
  fileName: string,
  data: Uint8Array,
): Promise<MediaFile> {
  requireRole(actor, 'editor')
  if (data.length > maxMediaBytes) {
    throw new LitfassError(
      'media_too_large',
      `${fileName} has ${Math.ceil(data.length / 1e6)} MB; at most ${maxMediaBytes / 1e6} MB are taken`,
      { remedy: 'Save it smaller or as JPEG and upload it again.' },
    )
  }
  const { mimeType, width, height } = await inspect(fileName, data)
  const now = system.now()
  const id = newId('med', now)
  await mkdir(system.mediaDir, { recursive: true })
  const path = join(system.mediaDir, id)
  await writeFile(`${path}.part`, data)
  await rename(`${path}.part`, path)
  await sql`insert into media_file (id, workspace_id, file_name, mime_type, bytes, width, height, sha256, created_at) values
    (${id}, ${actor.workspaceId}, ${fileName}, ${mimeType}, ${data.length}, ${width}, ${height}, ${createHash('sha256').update(data).digest('hex')}, ${now})`.execute(
    system.db,
  )
  return { id, fileName, mimeType, bytes: data.length, width, height }
}

async function inspect(
  fileName: string,
  data: Uint8Array,
): Promise<{ mimeType: string; width: number; height: number }> {
  let metadata: Awaited<ReturnType<ReturnType<typeof sharp>['metadata']>>
  try {
    metadata = await sharp(data, { limitInputPixels: maxPixels }).metadata()
  } catch (cause) {
    throw new LitfassError('media_not_image', `${fileName} is no image that can be read`, {
      remedy: 'Upload a JPEG, PNG, GIF or WebP file.',
      cause,
    })
  }
  const mimeType = mimeTypes[metadata.format]
  if (!mimeType)
    throw new LitfassError('media_not_image', `${fileName} is ${metadata.format}, which no network takes`, {
      remedy: 'Upload a JPEG, PNG, GIF or WebP file.',
    })
  // A file may have a good head and a broken body; decoding once tells.
  await sharp(data, { limitInputPixels: maxPixels })
    .resize(8, 8)
    .raw()
    .toBuffer()
    .catch((cause: unknown) => {
      throw new LitfassError('media_unreadable', `${fileName} is damaged`, {
        remedy: 'Export the image again and upload it.',
        cause,
      })
    })
  return { mimeType, width: metadata.autoOrient.width, height: metadata.autoOrient.height }
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
