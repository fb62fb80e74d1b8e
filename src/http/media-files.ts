/** Media files by signed URL, for networks that fetch them. */
import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import { isMediaUrlValid, readMedia } from '#app/media.ts'
import type { System } from '#app/system.ts'
import { LitfassError } from '#domain/errors.ts'

export function mediaFiles(app: FastifyInstance, system: System): void {
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
}
