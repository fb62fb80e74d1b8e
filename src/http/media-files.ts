/** Media files: by signed URL for networks that fetch them, and as small previews for people. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { sql } from 'kysely'
import { type PreviewWidth, previewOf, previewWidths } from '#app/media-preview.ts'
import { isMediaUrlValid, readMedia } from '#app/media.ts'
import type { Actor, System } from '#app/system.ts'
import { LitfassError } from '#domain/errors.ts'

export function mediaFiles(
  app: FastifyInstance,
  system: System,
  actorOf: (request: FastifyRequest, workspace?: string) => Promise<Actor>,
): void {
  app.get('/media/:id/:expires/:signature', async (request, reply) => {
    const { id, expires, signature } = request.params as { id: string; expires: string; signature: string }
    if (!isMediaUrlValid(system.mediaKey, id, Number(expires), signature, system.now())) {
      throw new LitfassError('not_found', 'This media link is wrong or has expired', {
        remedy: 'Media links are made anew for each delivery.',
      })
    }
    const { rows } = await sql<{
      mimeType: string
    }>`select mime_type as "mimeType" from media_file where id = ${id}`.execute(system.db)
    return reply
      .type(rows[0]?.mimeType ?? 'application/octet-stream')
      .header('cross-origin-resource-policy', 'cross-origin')
      .send(await readMedia(system, id))
  })

  app.get('/api/v1/media/:id/preview', async (request, reply) => {
    const { id } = request.params as { id: string }
    const query = request.query as { width?: unknown; workspace?: unknown }
    const width = widthOf(query.width ?? '640')
    // An `<img>` sends no header, so its address names the workspace.
    const workspace = typeof query.workspace === 'string' ? query.workspace : undefined
    const { tag, read } = await previewOf(system, await actorOf(request, workspace), id, width)
    const etag = `"${tag}"`
    reply
      .header('etag', etag)
      .header('cache-control', 'private, max-age=86400')
      .header('vary', 'authorization, cookie')
    if (request.headers['if-none-match']?.includes(etag)) return reply.code(304).send()
    return reply.type('image/webp').send(await read())
  })
}

function widthOf(given: unknown): PreviewWidth {
  const width = previewWidths.find((candidate) => String(candidate) === given)
  if (width) return width
  throw new LitfassError('invalid_input', 'There is no preview of this width', {
    remedy: `Ask for one of ${previewWidths.join(', ')}.`,
  })
}
