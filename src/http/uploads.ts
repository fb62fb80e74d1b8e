/**
 * Resumable uploads (tus 1.0) at `/api/v1/uploads`: a lost connection goes on where it stopped.
 *
 * The last bytes are answered with the media file as JSON, and its id in the header `litfass-media-id`. Who
 * lost that answer finds the header on the next HEAD: a finished upload keeps its length, not its bytes.
 */
import { randomBytes } from 'node:crypto'
import { readdir, readFile, rm, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { FileStore } from '@tus/file-store'
import { Server } from '@tus/server'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { addMedia, maxMediaBytes, mediaTooLarge } from '#app/media.ts'
import { requireRole } from '#app/permissions.ts'
import type { Actor, System } from '#app/system.ts'
import { type ErrorCode, LitfassError } from '#domain/errors.ts'

const path = '/api/v1/uploads'
const keepMs = 24 * 3_600_000
const sweepEveryMs = 3_600_000
const idHeader = 'litfass-media-id'

/** What we keep beside an upload's bytes; a client's own metadata cannot set these. */
type Owned = { workspaceId: string; startedAt: string; fileName: string; mediaFileId: string }
type Upload = { id: string; size?: number; offset: number; metadata?: Record<string, string | null> }

export function uploads(
  app: FastifyInstance,
  system: System,
  actorOf: (request: FastifyRequest) => Promise<Actor>,
): void {
  const folder = uploadFolder(system)
  const store = new FileStore({ directory: folder })
  // Sizes must be known before the first byte, so that one too large is refused before it.
  store.extensions = store.extensions.filter((name) => name !== 'creation-defer-length')
  const actors = new WeakMap<object, Actor>()
  const server = new Server({
    path,
    datastore: store,
    maxSize: maxMediaBytes,
    relativeLocation: true,
    exposedHeaders: [idHeader],
    allowedOrigins: () => false,
    namingFunction: () => randomBytes(16).toString('hex'),
    onUploadCreate: async (request, upload) => {
      const actor = actors.get(request)
      if (!actor) throw new Error('an upload without an actor')
      return { metadata: { fileName: fileNameOf(upload.metadata), ...ownedBy(actor, system.now()) } }
    },
  })
  const finish = onceAtATime((actor: Actor, id: string) => finishUpload(system, store, actor, id))

  const handle = async (request: FastifyRequest, reply: FastifyReply) => {
    const actor = await actorOf(request)
    requireRole(actor, 'editor')
    refuseTooLarge(request)
    const { id } = request.params as { id?: string }
    if (id !== undefined) await requireOwn(store, actor, id, system.now())
    const asked = toWebRequest(request)
    actors.set(asked, actor)
    const answer = await server.handleWeb(asked)
    if (answer.status >= 400) throw problemFor(answer.status, await answer.text())
    const uploadId = id ?? answer.headers.get('location')?.split('/').at(-1)
    const media = uploadId !== undefined && request.method !== 'DELETE' ? await finish(actor, uploadId) : null
    for (const [name, value] of answer.headers)
      if (!name.startsWith('content-') && !name.startsWith('access-control-')) reply.header(name, value)
    if (media === null) return reply.code(answer.status).send()
    reply.header(idHeader, media.id)
    if (request.method === 'HEAD') return reply.code(answer.status).send()
    return reply.code(answer.status === 204 ? 200 : answer.status).send(media)
  }
  app.route({ method: ['POST', 'OPTIONS'], url: path, handler: handle })
  app.route({ method: ['HEAD', 'PATCH', 'DELETE'], url: `${path}/:id`, handler: handle })

  const sweep = () => void removeStaleUploads(folder, system.now()).catch(() => undefined)
  sweep()
  const sweeping = setInterval(sweep, sweepEveryMs)
  sweeping.unref()
  app.addHook('onClose', async () => clearInterval(sweeping))
}

export function uploadFolder(system: Pick<System, 'mediaDir'>): string {
  return join(system.mediaDir, 'uploads')
}

function ownedBy(actor: Actor, now: Date) {
  return { workspaceId: actor.workspaceId, startedAt: now.toISOString() }
}

/** `filename` is what tus clients call it. */
function fileNameOf(metadata: Record<string, string | null> | undefined): string {
  return metadata?.['filename'] ?? metadata?.['name'] ?? 'image'
}

function refuseTooLarge(request: FastifyRequest): void {
  const size = Number(request.headers['upload-length'] ?? 0)
  if (size > maxMediaBytes) throw mediaTooLarge('This file', size)
}

/** An upload of another workspace, one too old and one that never was are the same: not there. */
async function requireOwn(store: FileStore, actor: Actor, id: string, now: Date): Promise<void> {
  const upload = /^[0-9a-f]{32}$/.test(id) ? await store.configstore.get(id) : undefined
  const owned = (upload?.metadata ?? {}) as Partial<Owned>
  const isOld = now.getTime() - Date.parse(owned.startedAt ?? '') > keepMs
  if (owned.workspaceId === actor.workspaceId && !isOld) return
  throw new LitfassError('not_found', 'There is no such upload', {
    remedy: 'Start it again; unfinished uploads are kept for 24 hours.',
  })
}

function toWebRequest(request: FastifyRequest): Request {
  const headers = new Headers()
  for (const [name, value] of Object.entries(request.headers))
    if (value !== undefined) headers.set(name, String(value))
  const hasBody = ['POST', 'PATCH'].includes(request.method)
  return new Request(new URL(request.url, 'http://uploads.invalid'), {
    method: request.method,
    headers,
    ...(hasBody ? { body: Readable.toWeb(request.raw) as ReadableStream, duplex: 'half' } : {}),
  })
}

function problemFor(status: number, text: string): LitfassError {
  const codes: Readonly<Record<number, ErrorCode>> = {
    404: 'not_found',
    409: 'conflict',
    410: 'not_found',
    413: 'media_too_large',
  }
  const message = text.trim() || 'The upload was not understood'
  if (status >= 500 && status !== 501) throw new Error(`upload failed: ${message}`)
  return new LitfassError(codes[status] ?? 'invalid_input', message, {
    remedy: 'Ask with HEAD how much has arrived and go on from there, or start again (tus 1.0).',
  })
}

type Finished = { id: string } & Record<string, unknown>

/** The media file of a complete upload, or null while bytes are missing. What is no image leaves nothing behind. */
async function finishUpload(
  system: System,
  store: FileStore,
  actor: Actor,
  id: string,
): Promise<Finished | null> {
  const upload = (await store.getUpload(id)) as Upload
  if (upload.size === undefined || upload.offset < upload.size) return null
  const owned = (upload.metadata ?? {}) as Partial<Owned>
  if (owned.mediaFileId) return { id: owned.mediaFileId }
  const file = join(uploadFolder(system), id)
  try {
    const media = await addMedia(system, actor, owned.fileName ?? 'image', await readFile(file))
    await store.configstore.set(id, {
      ...upload,
      offset: 0,
      metadata: { ...upload.metadata, mediaFileId: media.id },
    } as never)
    await truncate(file, 0)
    await truncate(file, upload.size)
    return media
  } catch (cause) {
    await store.remove(id)
    throw cause
  }
}

/** The same upload is finished once, also when a client asks again meanwhile. */
function onceAtATime<T>(run: (actor: Actor, id: string) => Promise<T>) {
  const running = new Map<string, Promise<T>>()
  return (actor: Actor, id: string): Promise<T> => {
    const current = running.get(id)
    if (current) return current
    const started = run(actor, id).finally(() => running.delete(id))
    running.set(id, started)
    return started
  }
}

/** Removes uploads that were begun more than 24 hours ago, finished or not. Returns how many. */
export async function removeStaleUploads(folder: string, now: Date): Promise<number> {
  const names = await readdir(folder).catch(() => [])
  let removed = 0
  for (const name of names.filter((candidate) => candidate.endsWith('.json'))) {
    const startedAt = await startOf(join(folder, name))
    if (startedAt === null || now.getTime() - startedAt <= keepMs) continue
    await rm(join(folder, name), { force: true })
    await rm(join(folder, name.slice(0, -'.json'.length)), { force: true })
    removed += 1
  }
  return removed
}

/** Milliseconds; null where it cannot be told, for example while it is being written. */
async function startOf(file: string): Promise<number | null> {
  try {
    const upload = JSON.parse(await readFile(file, 'utf8')) as Upload
    const at = Date.parse(upload.metadata?.['startedAt'] ?? '')
    return Number.isNaN(at) ? null : at
  } catch {
    return null
  }
}
