/** The documents by which networks without a register of apps know Litfass. Open to everybody, as the networks read them. */
import type { FastifyInstance } from 'fastify'
import { clientDocument } from '#app/own-client.ts'
import type { System } from '#app/system.ts'
import type { Limits } from './limits.ts'

export function clientDocuments(app: FastifyInstance, system: System, limits: Limits): void {
  app.get('/oauth/:login/:workspace/client-metadata.json', async (request, reply) => {
    await limits.lookUp(request)
    const { login, workspace } = request.params as { login: string; workspace: string }
    const document = await clientDocument(system, workspace, login)
    return reply.type('application/json').header('cache-control', 'public, max-age=300').send(document)
  })
}
