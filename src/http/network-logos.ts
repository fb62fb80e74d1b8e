/** Logos of networks, public and the same for everybody. */
import type { FastifyInstance } from 'fastify'
import { networkLogo } from '#app/network-files.ts'
import type { System } from '#app/system.ts'

export function networkLogos(app: FastifyInstance, system: System): void {
  app.get('/api/v1/networks/:id/logo.svg', async (request, reply) => {
    const { id } = request.params as { id: string }
    return (
      reply
        .type('image/svg+xml; charset=utf-8')
        .header('cache-control', 'public, max-age=86400')
        // Opened on its own, an SVG is a document; nothing in this one may run or load.
        .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; sandbox")
        .header('x-content-type-options', 'nosniff')
        .send(await networkLogo(system, id))
    )
  })
}
